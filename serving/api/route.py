"""The checks that every API call passes before its body is read, and while it is."""

import json
from collections.abc import AsyncGenerator, Callable, Coroutine
from email.message import Message
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer

from serving.api.callers import recognise
from serving.api.problems import Problem
from serving.api.service import get_service

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class JsonRequest(Request):
    """A request whose body is JSON of a limited size."""

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body, chunk by chunk; raises Problem (413) once it is too large."""
        limit = get_service(self).settings.max_body_bytes
        size = 0
        async for chunk in super().stream():
            size += len(chunk)
            if size > limit:
                raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body holds more than {limit} bytes")
            yield chunk

    async def json(self) -> Any:
        """The body's value; raises Problem (400) when it is not JSON."""
        body = await self.body()
        try:
            return json.loads(body.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise Problem(HTTPStatus.BAD_REQUEST, "the body is not UTF-8") from error
        except json.JSONDecodeError as error:
            detail = f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
            raise Problem(HTTPStatus.BAD_REQUEST, detail) from error
        except (ValueError, RecursionError) as error:
            detail = "the body is not JSON that can be read: a number too long, or nested too deep"
            raise Problem(HTTPStatus.BAD_REQUEST, detail) from error


class ApiRoute(APIRoute):
    """A route that wants an API key, where there are any, and JSON where it takes a body."""

    def get_route_handler(self) -> Handler:
        """The route's handler, after the checks."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            service = get_service(request)
            authorization = request.headers.get("authorization", "")
            caller = await recognise(authorization, service.settings.api_key, service.store.keys)
            request.state.caller = caller
            if (other := self.other_handler(request)) is not None:
                return await other(request)
            if self.body_field is not None:
                _check_media_type(request)
            return await handle(JsonRequest(request.scope, request.receive))

        return checked

    def other_handler(self, request: Request) -> Handler | None:
        """What answers this request instead, where a route also takes other bodies than JSON."""
        return None


def with_header(request: Request, name: bytes, value: bytes) -> Request:
    """The request with a header that its caller gave in another way, or did not need to give."""
    headers = [*request.scope["headers"], (name, value)]
    return Request({**request.scope, "headers": headers}, request.receive)


def api_router(route_class: type[ApiRoute] = ApiRoute) -> APIRouter:
    """A router for API calls; their OpenAPI tells of the key."""
    told = "Wanted once VIGIE_API_KEY is set, or a key was made with `vigie keys add`."
    key = HTTPBearer(auto_error=False, description=told)
    return APIRouter(route_class=route_class, dependencies=[Depends(key)])


def media_type(request: Request) -> str:
    """The media type of a request's body, without its parameters."""
    header = Message()
    header["content-type"] = request.headers.get("content-type", "none/none")
    return header.get_content_type()


def _check_media_type(request: Request) -> None:
    if media_type(request) != "application/json":
        detail = "send JSON, with the header `Content-Type: application/json`"
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "send the body without a Content-Encoding")
