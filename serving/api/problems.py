"""Every error as a problem, told as RFC 9457 has it (application/problem+json) or as a dialect does."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.types import Scope

from serving.logs import request_id

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
        "request_id": {"type": "string"},
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


def invalid(errors: Sequence[FieldError], status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY) -> Problem:
    """The problem of one wrong field or more; its detail names the first."""
    detail = f"{errors[0].field}: {errors[0].detail}"
    return Problem(status, detail, errors=errors[:MAX_FIELD_ERRORS])


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


ErrorForm = Callable[[Problem], Response]
"""How a protocol tells a problem."""


def problem_content(problem: Problem) -> dict[str, Any]:
    """A problem's members as RFC 9457 has them."""
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status_code).phrase,
        "status": problem.status_code,
        "detail": problem.detail,
    }
    if (request := request_id()) is not None:
        content["request_id"] = request
    if problem.errors:
        content["errors"] = [error._asdict() for error in problem.errors]
    return content


def problem_response(problem: Problem) -> Response:
    """The response that tells a problem as RFC 9457 has it."""
    return error_response(problem_content(problem), problem.status_code, problem.headers, MEDIA_TYPE)


def error_response(
    content: Any, status: int, headers: Mapping[str, str] | None, media_type: str = "application/json"
) -> Response:
    """A JSON response that may repeat a field's name, whatever it holds."""
    # A field's name may hold a lone surrogate, which UTF-8 cannot carry.
    body = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, status, headers=headers, media_type=media_type)


def tell(problem: Problem, scope: Scope) -> Response:
    """The response that tells a problem, in the form of the protocol that the path belongs to."""
    forms: Mapping[str, ErrorForm] = scope["app"].state.error_forms
    for prefix, form in forms.items():
        if f"{scope['path']}/".startswith(f"{prefix}/"):
            return form(problem)
    return problem_response(problem)


def documented(*statuses: HTTPStatus) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses for these problems."""
    return {
        int(status): {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": SCHEMA}}}
        for status in statuses
    }


async def _on_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, StarletteHTTPException)
    if isinstance(error, Problem):
        return tell(error, request.scope)
    status = HTTPStatus(error.status_code)
    details = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {request.url.path}: /docs lists what there is",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.url.path} does not answer to {request.method}",
    }
    problem = Problem(status, details.get(status, str(error.detail)), headers=error.headers)
    return tell(problem, request.scope)


async def _on_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return tell(invalid(field_errors(error.errors(), skip=1)), request.scope)


def add_problem_handlers(app: FastAPI, forms: Mapping[str, ErrorForm]) -> None:
    """Make ``app`` answer every expected error as a problem; ``forms``: other forms, by where paths begin."""
    app.state.error_forms = forms
    app.add_exception_handler(StarletteHTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_validation_error)
