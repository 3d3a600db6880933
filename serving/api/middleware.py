"""What surrounds every answer: simple security headers, and a plain 500 for what nobody expected."""

import asyncio
import logging
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.api.problems import Problem, tell
from serving.logs import told

logger = logging.getLogger(__name__)

_HEADERS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
)


class SecurityHeaders:
    """Adds the same few headers to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS:
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class UnexpectedErrors:
    """Answers an unexpected error with a 500 problem, and logs where it arose.

    An exception's own message may quote what people wrote: it stays out of the answer and of the log. A
    request that is cancelled, when the time to shut down in has run out, gets a 503 problem.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting_send)
        except ClientDisconnect:
            return  # nobody is there to answer
        except asyncio.CancelledError:
            if started:
                raise
            detail = "the service shut down before it could answer: send the request again"
            await tell(Problem(HTTPStatus.SERVICE_UNAVAILABLE, detail), scope)(scope, receive, send)
        except Exception as error:
            logger.error("unexpected %s", told(error))
            if started:
                raise ConnectionError("the response was cut off by an unexpected error") from None
            problem = Problem(
                HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected error: the service's log says where"
            )
            await tell(problem, scope)(scope, receive, send)
