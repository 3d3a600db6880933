"""``POST /v1/decisions``."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Body, Depends

from serving.api.classify import MESSAGE_EXAMPLE
from serving.api.decisions import DecisionsRequest, DecisionsResponse
from serving.api.problems import documented
from serving.api.route import api_router
from serving.api.service import Service, get_service

router = api_router()

REQUEST_EXAMPLE: dict[str, Any] = {
    "client": "acme",
    "decisions": [
        {
            "key": "desk-48151623",
            "message": MESSAGE_EXAMPLE,
            "labels": {"sav": True, "toxicity": False},
            "intent": "availability",
            "moderator": "mod-7",
            "tool": "desk",
            "decided_at": "2026-11-27T20:05:40Z",
            "model": "vigie-base-1.1.0",
            "shown": {"sav": 0.97},
            "seconds": 4.2,
        }
    ],
}

_RESPONSES = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.CONFLICT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
)


@router.post("/v1/decisions", tags=["decisions"], responses=_RESPONSES)
async def decide(
    request: Annotated[DecisionsRequest, Body(openapi_examples={"sav": {"value": REQUEST_EXAMPLE}})],
    service: Annotated[Service, Depends(get_service)],
) -> DecisionsResponse:
    """Keep what moderators decided: all of the request's decisions, or none."""
    return await service.decide(request)
