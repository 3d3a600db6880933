"""Perspective's ``POST /v1alpha1/comments:suggestscore``: a suggested score becomes a decision."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field, ValidationError

from labels.taxonomy import LabelName
from serving.api.decisions import DecisionsRequest
from serving.api.dialects.perspective import (
    ATTRIBUTES,
    AnalyzeProblem,
    Context,
    PerspectiveMessage,
    TextEntry,
    check_texts,
    perspective_router,
)
from serving.api.dialects.perspective_discovery import VERSION
from serving.api.messages import Text
from serving.api.problems import Problem, field_errors, invalid
from serving.api.service import Service, get_service

router = perspective_router()
CARRIED = 0.5
"""A suggested score from here on says that the comment carries the label."""


class SuggestedScore(PerspectiveMessage):
    """A score that somebody thinks right."""

    value: Annotated[float, Field(ge=0, le=1)]
    type: Text | None = None


class SuggestedScores(PerspectiveMessage):
    """An attribute's; of parts of the comment, nothing is kept."""

    summary_score: SuggestedScore
    span_scores: list[Any] | None = None


class SuggestCommentScoreRequest(PerspectiveMessage):
    """A comment, and what its scores should be."""

    comment: TextEntry
    attribute_scores: dict[str, SuggestedScores] = Field(min_length=1)
    context: Context | None = None
    languages: list[Text] | None = None
    client_token: Text | None = None
    community_id: Text | None = Field(
        default=None, description="Whose comment it is, where the API key is not a client's own."
    )
    session_id: Text | None = Field(default=None, description="Not used.")


class SuggestCommentScoreResponse(PerspectiveMessage):
    """The suggestion is kept."""

    client_token: str | None = None
    requested_languages: list[str] | None = None


@router.post(f"/{VERSION}/comments:suggestscore", tags=["dialects"], response_model_exclude_none=True)
async def suggest(
    request: SuggestCommentScoreRequest, service: Annotated[Service, Depends(get_service)]
) -> SuggestCommentScoreResponse:
    """Keep what a comment's scores should be; the same suggestion again is kept once."""
    check_texts(request.comment, request.context or Context(), service)
    try:
        decisions = DecisionsRequest.model_validate(_decisions(request, service))
    except ValidationError as error:
        raise invalid(field_errors(error.errors())) from error
    try:
        await service.decide(decisions)
    except Problem as problem:
        # Its key is made of all that it says, but for the time: it is here already.
        if problem.status_code != HTTPStatus.CONFLICT:
            raise
    return SuggestCommentScoreResponse(
        client_token=request.client_token, requested_languages=request.languages
    )


def _decisions(request: SuggestCommentScoreRequest, service: Service) -> dict[str, Any]:
    content = request.model_dump(mode="json", exclude={"client_token", "session_id"})
    key = hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8", "replace")).hexdigest()
    context = [entry.text for entry in request.context.texts()] if request.context else []
    message = {"id": key, "text": request.comment.text, "context": context}
    decision = {
        "key": key,
        "message": message,
        "labels": _labels(request.attribute_scores),
        "tool": "perspective",
        "decided_at": datetime.now(UTC).isoformat(),
    }
    return {"client": service.caller.client or request.community_id, "decisions": [decision]}


def _labels(scores: Mapping[str, SuggestedScores]) -> dict[LabelName, bool]:
    labels: dict[LabelName, bool] = {}
    for name, score in scores.items():
        if name not in ATTRIBUTES:
            known = ", ".join(ATTRIBUTES)
            raise AnalyzeProblem(f"Unknown attribute: {name[:64]} (Vigie measures {known})")
        carried = score.summary_score.value >= CARRIED
        if labels.setdefault(ATTRIBUTES[name], carried) != carried:
            raise AnalyzeProblem(f"{name} and another attribute of the same meaning say opposite things")
    return labels
