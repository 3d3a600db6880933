"""OpenAI's ``POST /v1/moderations``."""

import re
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import Depends, Response
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from labels.taxonomy import LabelName
from serving.api.dialects.dialect import Dialect, classify_readable, scores_of
from serving.api.problems import Problem, error_response
from serving.api.results import MessageResult
from serving.api.route import api_router
from serving.api.service import Service, get_service

_CODES: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "invalid_api_key",
    HTTPStatus.TOO_MANY_REQUESTS: "rate_limit_exceeded",
}

Category = Literal["hate", "harassment", "sexism", "racism"]

CATEGORIES: Mapping[Category, LabelName] = MappingProxyType(
    {"hate": "hate", "harassment": "toxicity", "sexism": "sexism", "racism": "racism"}
)
"""The categories that Vigie measures: OpenAI's two that mean what a label means, and our own two.

`sav` is no harm, so it is none of them. OpenAI's other categories are left out of the answer: a false or a
0.0 would claim that somebody looked.
"""

router = api_router()


class TextPart(BaseModel):
    """A part of an input, as chats have them."""

    type: Literal["text"]
    text: str


def _texts(value: Any) -> Any:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and value and all(isinstance(part, dict) for part in value):
        return ["\n".join(_part_text(number, part) for number, part in enumerate(value))]
    return value


def _part_text(number: int, part: dict[Any, Any]) -> str:
    if part.get("type") == "image_url":
        raise PydanticCustomError(
            "image", "part {number} is an image: Vigie reads text alone", {"number": number}
        )
    if part.get("type") != "text" or not isinstance(part.get("text"), str):
        raise PydanticCustomError(
            "part", 'part {number} must be {{"type": "text", "text": "…"}}', {"number": number}
        )
    return str(part["text"])


class ModerationRequest(BaseModel):
    """What to moderate: a text, a list of texts, or the parts of one text."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    input: Annotated[
        list[str],
        Field(min_length=1),
        BeforeValidator(_texts, json_schema_input_type=str | list[str] | list[TextPart]),
    ]
    model: str | None = Field(default=None, description="Any name: the model of this service answers.")


class Moderation(BaseModel):
    """What an input is: ``categories`` flagged under the default charter, and their probabilities."""

    flagged: bool
    categories: dict[Category, bool]
    category_scores: dict[Category, float]
    category_applied_input_types: dict[Category, list[Literal["text"]]]


class ModerationResponse(BaseModel):
    """A moderation for each input, in order; ``model`` is the version that answered."""

    id: str
    model: str
    results: list[Moderation]


@router.post("/v1/moderations", tags=["dialects"])
async def moderate(
    request: ModerationRequest, service: Annotated[Service, Depends(get_service)]
) -> ModerationResponse:
    """Moderate texts as OpenAI's clients ask for it."""
    response = await classify_readable(service, [{"text": text} for text in request.input], _place)
    return ModerationResponse(
        id=f"modr-{uuid.uuid4().hex}",
        model=response.model,
        results=[_moderation(result) for result in response.results],
    )


def _moderation(result: MessageResult) -> Moderation:
    scores = scores_of(result)
    flags = {category: result.labels[label].flagged for category, label in CATEGORIES.items()}
    return Moderation(
        flagged=any(flags.values()),
        categories=flags,
        category_scores={category: scores[label] for category, label in CATEGORIES.items()},
        category_applied_input_types={category: ["text"] for category in CATEGORIES},
    )


def _place(field: str) -> str:
    return re.sub(r"^messages(\.\d+)?(\.text)?$", r"input\1", field)


def _error_form(problem: Problem) -> Response:
    # OpenAI knows no 422: its clients look for 400.
    wrong = problem.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.BAD_REQUEST if wrong else problem.status_code
    error = {
        "message": problem.detail,
        "type": "server_error" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "invalid_request_error",
        "param": problem.errors[0].field if problem.errors else None,
        "code": _CODES.get(status),
    }
    return error_response({"error": error}, status, problem.headers)


OPENAI = Dialect((router,), ("/v1/moderations",), _error_form)
