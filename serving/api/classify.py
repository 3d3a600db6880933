"""``POST /v1/classify``."""

import re
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Body, Depends, Header, Request

from serving.api.connection import while_connected
from serving.api.messages import ClassifyRequest
from serving.api.ndjson import NdjsonRoute
from serving.api.problems import documented
from serving.api.results import ClassifyResponse
from serving.api.route import api_router
from serving.api.service import Service, get_service

router = api_router(NdjsonRoute)

_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,4})(?=[\",;\s]|$)", re.IGNORECASE)

MESSAGE_EXAMPLE: dict[str, Any] = {
    "id": "m1",
    "text": "Et en 36 ?",
    "context": ["Les bottines Capucine sont de retour"],
    "channel": "instagram",
    "author": "u42",
    "sent_at": "2026-11-27T20:03:11Z",
    "language": "fr",
}

REQUEST_EXAMPLE: dict[str, Any] = {"client": "acme", "messages": [MESSAGE_EXAMPLE]}

RESPONSE_EXAMPLE: dict[str, Any] = {
    "model": "vigie-base-1.1.0",
    "results": [
        {
            "id": "m1",
            "language": "fr",
            "labels": {
                "sexism": {"score": 0.01, "threshold": 0.6, "flagged": False},
                "racism": {"score": 0.01, "threshold": 0.6, "flagged": False},
                "hate": {"score": 0.02, "threshold": 0.6, "flagged": False},
                "toxicity": {"score": 0.03, "threshold": 0.6, "flagged": False},
                "sav": {"score": 0.97, "threshold": 0.5, "flagged": True},
            },
            "intent": {"name": "availability", "score": 0.88},
            "action": "route",
            "priority": 0.73,
            "reasons": ["sav>=0.50"],
            "review": False,
        }
    ],
}

_RESPONSES = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.GATEWAY_TIMEOUT,
) | {200: {"content": {"application/json": {"example": RESPONSE_EXAMPLE}}}}


Wait = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="`wait=5`: answer within so many seconds, or with a 504 (RFC 7240).",
        examples=["wait=5"],
    ),
]


@router.post("/v1/classify", tags=["classify"], responses=_RESPONSES)
async def classify(
    request: Annotated[ClassifyRequest, Body(openapi_examples={"sav": {"value": REQUEST_EXAMPLE}})],
    service: Annotated[Service, Depends(get_service)],
    connection: Request,
    prefer: Wait = None,
) -> ClassifyResponse:
    """Say what each message is, and what the client's charter does with it."""
    return await while_connected(connection, service.classify(request, wait=_seconds(prefer)))


def _seconds(prefer: str | None) -> float | None:
    """The time that a caller would wait; other preferences are ignored, as RFC 7240 wants."""
    wait = _WAIT.search(prefer or "")
    return float(wait[1]) if wait else None
