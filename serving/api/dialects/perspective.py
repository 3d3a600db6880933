"""Perspective's ``POST /v1alpha1/comments:analyze``, and the discovery document for Google's clients."""

import re
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from http import HTTPStatus
from types import MappingProxyType
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from labels.taxonomy import LABEL_NAMES, LabelName
from serving.api.dialects.dialect import classify, scores_of
from serving.api.dialects.perspective_discovery import VERSION, discovery_document
from serving.api.dialects.sentences import Span, sentences_of, utf16_places
from serving.api.messages import Text, is_visible
from serving.api.problems import Problem, error_response
from serving.api.results import MessageResult
from serving.api.route import ApiRoute, api_router, with_header
from serving.api.service import Service, get_service

ATTRIBUTES: Mapping[str, LabelName] = MappingProxyType(
    {
        "TOXICITY": "toxicity",
        "IDENTITY_ATTACK": "hate",
        **{f"VIGIE_{label.upper()}": label for label in LABEL_NAMES},
    }
)
"""The attributes that Vigie measures: Perspective's two that mean what a label means, and our labels.

INSULT and THREAT are parts of what `toxicity` measures as a whole, and SEVERE_TOXICITY a degree of it: a
score of the whole is not theirs.
"""

_ERROR = "type.googleapis.com/google.commentanalyzer.v1alpha1.Error"
_STATUSES = {
    HTTPStatus.BAD_REQUEST: "INVALID_ARGUMENT",
    HTTPStatus.UNAUTHORIZED: "UNAUTHENTICATED",
    HTTPStatus.FORBIDDEN: "PERMISSION_DENIED",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "UNIMPLEMENTED",
    HTTPStatus.TOO_MANY_REQUESTS: "RESOURCE_EXHAUSTED",
    HTTPStatus.INTERNAL_SERVER_ERROR: "INTERNAL",
    HTTPStatus.SERVICE_UNAVAILABLE: "UNAVAILABLE",
    HTTPStatus.GATEWAY_TIMEOUT: "DEADLINE_EXCEEDED",
}


class KeyRoute(ApiRoute):
    """A route that takes the API key as Google's clients give it, too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler; the key goes where the other routes look for it."""
        handle = super().get_route_handler()

        async def with_key(request: Request) -> Response:
            # Starlette reads headers as Latin-1: this gives back the bytes that were sent.
            in_header = request.headers.get("x-goog-api-key", "").encode("latin-1")
            key = in_header or request.query_params.get("key", "").encode()
            if key and "authorization" not in request.headers:
                request = with_header(request, b"authorization", b"Bearer " + key)
            return await handle(request)

        return with_key


def perspective_router() -> APIRouter:
    """A router for calls as Google's clients make them."""
    return api_router(KeyRoute)


router = perspective_router()
discovery_router = APIRouter()


class AnalyzeProblem(Problem):
    """A refusal with Perspective's own kind of error; ``more`` are that kind's fields."""

    def __init__(self, message: str, kind: str = "INVALID_REQUEST", **more: Any) -> None:
        super().__init__(HTTPStatus.BAD_REQUEST, message)
        self.kind = kind
        self.more = more


class PerspectiveMessage(BaseModel):
    """A message in the JSON of protocol buffers: camel case or the fields' own names, null for unset."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class TextEntry(PerspectiveMessage):
    """A text; HTML is refused."""

    text: Text = ""
    type: Literal["TEXT_TYPE_UNSPECIFIED", "PLAIN_TEXT", "HTML"] | None = None


class ArticleAndParentComment(PerspectiveMessage):
    """What a comment is about, and what it replies to."""

    article: TextEntry | None = None
    parent_comment: TextEntry | None = None


class Context(PerspectiveMessage):
    """What was written before, oldest first, in one of two forms."""

    entries: list[TextEntry] | None = None
    article_and_parent_comment: ArticleAndParentComment | None = None

    def texts(self) -> list[TextEntry]:
        """The entries of either form."""
        both = self.article_and_parent_comment
        pair = [both.article, both.parent_comment] if both else []
        return [*(self.entries or []), *(entry for entry in pair if entry)]


class AttributeParameters(PerspectiveMessage):
    """How an attribute is wanted."""

    score_type: (
        Literal["SCORE_TYPE_UNSPECIFIED", "PROBABILITY", "STD_DEV_SCORE", "PERCENTILE", "RAW"] | None
    ) = None
    score_threshold: Annotated[float, Field(allow_inf_nan=False)] | None = None


class AnalyzeCommentRequest(PerspectiveMessage):
    """A comment, and the attributes wanted of it."""

    comment: TextEntry
    requested_attributes: dict[str, AttributeParameters] | None = None
    context: Context | None = None
    languages: list[Text] | None = None
    span_annotations: bool | None = None
    client_token: Text | None = None
    do_not_store: bool | None = Field(default=None, description="Nothing is ever stored.")
    session_id: Text | None = Field(default=None, description="Not used.")
    community_id: Text | None = Field(default=None, description="Not used.")


class Score(PerspectiveMessage):
    """A calibrated probability."""

    value: float
    type: Literal["PROBABILITY"] = "PROBABILITY"


class SpanScore(PerspectiveMessage):
    """The score of a part of the comment, in UTF-16 units, ``end`` excluded."""

    begin: int
    end: int
    score: Score


class AttributeScores(PerspectiveMessage):
    """The score of the whole comment, and those of its parts."""

    span_scores: list[SpanScore]
    summary_score: Score


class AnalyzeCommentResponse(PerspectiveMessage):
    """The attributes' scores, and the comment's languages."""

    attribute_scores: dict[str, AttributeScores]
    languages: list[str]
    detected_languages: list[str]
    client_token: str | None = None


@router.post(f"/{VERSION}/comments:analyze", tags=["dialects"], response_model_exclude_none=True)
async def analyze(
    request: AnalyzeCommentRequest, service: Annotated[Service, Depends(get_service)]
) -> AnalyzeCommentResponse:
    """Score a comment as Perspective's clients ask for it."""
    attributes = _check_attributes(request)
    check_texts(request.comment, request.context or Context(), service)
    _check_languages(request, attributes, service)
    text = request.comment.text
    sentences = _sentences(text, service) if request.span_annotations else []
    parts = [text, *(text[span.begin : span.end] for span in sentences)]
    context = [entry.text for entry in request.context.texts()] if request.context else []
    messages = [{"text": part, "context": context} for part in parts]
    whole, *each = (await classify(service, messages, _place)).results
    detected = [whole.language] if whole.language else []
    if not scores_of(whole):
        raise _unsupported(attributes, "detectedLanguages", detected)
    scored = list(zip(sentences, each, strict=True)) or [(Span(0, len(text)), whole)]
    return AnalyzeCommentResponse(
        attribute_scores=_attribute_scores(
            attributes, whole, scored, utf16_places(text, [span for span, _ in scored])
        ),
        languages=request.languages or detected,
        detected_languages=detected,
        client_token=request.client_token,
    )


@discovery_router.get("/$discovery/rest", tags=["dialects"])
async def discovery(request: Request, version: Annotated[str, Query()] = VERSION) -> dict[str, Any]:
    """The API's description for Google's clients; wants no key."""
    if version != VERSION:
        raise Problem(HTTPStatus.NOT_FOUND, f"version: {VERSION} is the only one")
    return discovery_document(str(request.base_url))


def _check_attributes(request: AnalyzeCommentRequest) -> Mapping[str, AttributeParameters]:
    attributes = request.requested_attributes
    if not attributes:
        raise AnalyzeProblem("Missing requested_attributes", "NO_REQUESTED_ATTRIBUTES")
    for name, parameters in attributes.items():
        if name not in ATTRIBUTES:
            known = ", ".join(ATTRIBUTES)
            raise AnalyzeProblem(f"Unknown requested attribute: {name[:64]} (Vigie measures {known})")
        if parameters.score_type not in (None, "SCORE_TYPE_UNSPECIFIED", "PROBABILITY"):
            raise AnalyzeProblem(
                f"Requested score type {parameters.score_type} is not supported by attribute {name}"
            )
    return attributes


def check_texts(comment: TextEntry, context: Context, service: Service) -> None:
    """Raises AnalyzeProblem for a comment or a context that cannot be read."""
    if context.entries and context.article_and_parent_comment:
        raise AnalyzeProblem(
            "Context can have either entries or article_and_parent_comment, but both fields were populated."
        )
    if any(entry.type == "HTML" for entry in (comment, *context.texts())):
        raise AnalyzeProblem("Currently, only 'PLAIN_TEXT' comments are supported")
    if not is_visible(comment.text):
        raise AnalyzeProblem("Comment must be non-empty.", "COMMENT_EMPTY")
    longest = service.settings.max_text_chars
    if len(comment.text) > longest:
        raise AnalyzeProblem(
            f"Comment text too long. It holds more than {longest} characters.", "COMMENT_TOO_LONG"
        )


def _check_languages(
    request: AnalyzeCommentRequest, attributes: Mapping[str, AttributeParameters], service: Service
) -> None:
    known = service.classifier.config.languages
    named = request.languages or []
    if named and not any(name.partition("-")[0].lower() in known for name in named):
        raise _unsupported(attributes, "requestedLanguages", named)


def _unsupported(attributes: Iterable[str], whose: str, languages: Sequence[str]) -> AnalyzeProblem:
    attribute = next(iter(attributes))
    names = ", ".join(name[:64] for name in languages) or "unknown"
    return AnalyzeProblem(
        f"Attribute {attribute} does not support request languages: {names}",
        "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE",
        languageNotSupportedByAttributeError={whose: languages, "attribute": attribute},
    )


def _sentences(text: str, service: Service) -> list[Span]:
    """Where the sentences are, when there are several."""
    spans = sentences_of(text)
    most = service.settings.max_messages - 1
    if len(spans) > most:
        raise AnalyzeProblem(
            f"The comment holds {len(spans)} sentences, {most} at most: leave spanAnnotations out"
        )
    return spans if len(spans) > 1 else []


def _attribute_scores(
    attributes: Mapping[str, AttributeParameters],
    whole: MessageResult,
    scored: Sequence[tuple[Span, MessageResult]],
    units: Mapping[int, int],
) -> dict[str, AttributeScores]:
    answer = {}
    for name, parameters in attributes.items():
        label, least = ATTRIBUTES[name], parameters.score_threshold or 0.0
        summary = scores_of(whole)[label]
        # A sentence in a script that the model does not read has no score.
        spans = [(span, scores_of(result).get(label)) for span, result in scored]
        if summary >= least:
            answer[name] = AttributeScores(
                summary_score=Score(value=summary),
                span_scores=[
                    SpanScore(begin=units[span.begin], end=units[span.end], score=Score(value=score))
                    for span, score in spans
                    if score is not None and score >= least
                ],
            )
    return answer


def _place(field: str) -> str:
    field = re.sub(r"^messages\.\d+\.context\b", "context.entries", field)
    return re.sub(r"^messages(\.\d+\.text)?$", "comment and context, again for each sentence", field)


def perspective_error(problem: Problem) -> Response:
    """A problem as Google's APIs tell it."""
    # Google's APIs know no 422: their clients look for 400.
    wrong = problem.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus(HTTPStatus.BAD_REQUEST if wrong else problem.status_code)
    kind, more = "INVALID_REQUEST", {}
    if isinstance(problem, AnalyzeProblem):
        kind, more = problem.kind, problem.more
    error: dict[str, Any] = {
        "code": int(status),
        "message": problem.detail,
        "status": _STATUSES.get(status, "INVALID_ARGUMENT"),
    }
    if status == HTTPStatus.BAD_REQUEST:
        error["details"] = [{"@type": _ERROR, "errorType": kind, **more}]
    # Google's client for Python cannot read a challenge without a realm.
    challenge = {"www-authenticate": 'Bearer realm="vigie"'} if status == HTTPStatus.UNAUTHORIZED else {}
    return error_response({"error": error}, status, {**(problem.headers or {}), **challenge})
