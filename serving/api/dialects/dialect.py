"""What every dialect is made of, and its way to the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError

from labels.taxonomy import LabelName
from serving.api.messages import ClassifyRequest
from serving.api.problems import ErrorForm, FieldError, Problem, field_errors, invalid
from serving.api.results import ClassifyResponse, MessageResult
from serving.api.service import Service

Place = Callable[[str], str]
"""From a field of our own request, such as ``messages.0.text``, to its name in the dialect's."""


@dataclass(frozen=True)
class Dialect:
    """Another's protocol: its routes, and the form of the errors at paths that begin with ``prefixes``."""

    routers: tuple[APIRouter, ...]
    prefixes: tuple[str, ...]
    error_form: ErrorForm


async def classify(service: Service, messages: Sequence[dict[str, Any]], place: Place) -> ClassifyResponse:
    """Classify messages that are like those of ``POST /v1/classify``, but for their ids.

    Raises Problem (422) for wrong messages, naming the fields as ``place`` does, and what the service raises.
    """
    numbered = [{"id": str(number), **message} for number, message in enumerate(messages)]
    try:
        request = ClassifyRequest.model_validate({"messages": numbered})
    except ValidationError as error:
        raise _placed(field_errors(error.errors()), place) from error
    try:
        return await service.classify(request)
    except Problem as problem:
        if problem.status_code == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise _placed(problem.errors, place) from problem
        raise


async def classify_readable(
    service: Service, messages: Sequence[dict[str, Any]], place: Place
) -> ClassifyResponse:
    """Classify as above, where the protocol cannot tell that a message was not read.

    Raises Problem (422) naming those in a script that the model does not read.
    """
    response = await classify(service, messages, place)
    scripts = ", ".join(service.classifier.config.scripts)
    unread = [
        FieldError(
            place(f"messages.{number}.text"),
            f"is in a script that the model does not read (it reads {scripts}): a person should look at it",
        )
        for number, result in enumerate(response.results)
        if not scores_of(result)
    ]
    if unread:
        raise invalid(unread)
    return response


def scores_of(result: MessageResult) -> dict[LabelName, float]:
    """The score of every label; of none when the model does not read the message's script."""
    return {label: told.score for label, told in result.labels.items() if told.score is not None}


def _placed(errors: Sequence[FieldError], place: Place) -> Problem:
    return invalid([FieldError(place(error.field), error.detail) for error in errors])
