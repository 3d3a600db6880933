"""Every error as an RFC 9457 problem (application/problem+json)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

MEDIA_TYPE = "application/problem+json"
MAX_FIELD_ERRORS = 50
MAX_NAME_CHARS = 64

_CLEARER = {
    "extra_forbidden": "is not a known field",
    "missing": "is required",
    "string_unicode": "is not valid Unicode text (lone surrogate, or not UTF-8)",
}

SCHEMA: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "detail"],
                "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


class FieldError(NamedTuple):
    """What is wrong with a field; ``field`` is a path such as ``messages.0.text``."""

    field: str
    detail: str


class Problem(HTTPException):
    """An error to answer with; ``errors`` lists the fields at fault."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers=headers)
        self.errors = errors


def invalid(errors: Sequence[FieldError]) -> Problem:
    """The 422 problem of one wrong field or more; its detail names the first."""
    return Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        f"{errors[0].field}: {errors[0].detail}",
        errors=errors[:MAX_FIELD_ERRORS],
    )


def field_errors(errors: Iterable[Mapping[str, Any]], skip: int = 0) -> list[FieldError]:
    """Pydantic's errors by field, without the first ``skip`` parts of each place, and without any input."""
    return [
        FieldError(
            # Pydantic says "[key]" after an object's key that is wrong itself.
            ".".join(str(part)[:MAX_NAME_CHARS] for part in error["loc"][skip:] if part != "[key]") or "body",
            _CLEARER.get(error["type"], error["msg"]),
        )
        for error in errors
    ]


def problem_response(problem: Problem) -> Response:
    """The response that tells a problem."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
    }
    if problem.errors:
        content["errors"] = [error._asdict() for error in problem.errors]
    # A field's name may hold a lone surrogate, which UTF-8 cannot carry.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, problem.status_code, headers=problem.headers, media_type=MEDIA_TYPE)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these problems."""
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    if isinstance(error, Problem):
        return problem_response(error)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}: /docs lists what there is",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not answer to {request.method}",
    }
    return problem_response(Problem(status, details.get(status, str(error.detail)), headers=error.headers))


async def _on_validation_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(invalid(field_errors(error.errors(), skip=1)))


def add_problem_handlers(app: FastAPI) -> None:
    """Make ``app`` answer every expected error as a problem."""
    app.add_exception_handler(StarletteHTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
