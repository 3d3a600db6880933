"""What a caller gets, and the one way from messages to results."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field

from labels.taxonomy import LABEL_NAMES, IntentName, LabelName
from serving.api.messages import IncomingMessage
from serving.charter.charter import Action, Charter, judge
from serving.engine.classifier import Classifier
from serving.engine.engine import Scores

SCORE_DECIMALS = 4


class _Result(BaseModel):
    model_config = ConfigDict(frozen=True)


class LabelResult(_Result):
    """A label's calibrated probability, null when the model does not read the message's script."""

    score: float | None = Field(ge=0, le=1)
    threshold: float = Field(ge=0, le=1)
    flagged: bool


class IntentResult(_Result):
    """The likeliest customer-service intent and its probability."""

    name: IntentName
    score: float = Field(ge=0, le=1)


class MessageResult(_Result):
    """What a message is and what the charter does with it."""

    id: str
    language: str | None = Field(description="ISO 639 code, as sent or as found; null when nothing tells.")
    labels: dict[LabelName, LabelResult] = Field(description="Every label, always.")
    intent: IntentResult | None = Field(description="Null when `sav` is not flagged.")
    action: Action
    priority: float = Field(ge=0, le=1, description="The higher, the sooner a person should see it.")
    reasons: list[str] = Field(description="Why: the labels flagged, or `unsupported_script`.")
    review: bool = Field(description="True when the model is not sure enough.")


class ClassifyResponse(_Result):
    """The results, in the order of the messages."""

    model: str = Field(description="Version of the model that answered.")
    results: list[MessageResult]


def answer(
    messages: Sequence[IncomingMessage], classifier: Classifier, charter: Charter
) -> list[MessageResult]:
    """Classify messages at once and apply the charter, in order."""
    scored = classifier.classify([message.to_engine() for message in messages])
    return judge_all(messages, scored, charter, classifier.config.thresholds)


def judge_all(
    messages: Sequence[IncomingMessage],
    scored: Sequence[Scores],
    charter: Charter,
    defaults: Mapping[LabelName, float],
) -> list[MessageResult]:
    """What the charter makes of messages' scores, in order; ``defaults`` are the model's thresholds."""
    thresholds = charter.resolve(defaults)
    results = []
    for message, scores in zip(messages, scored, strict=True):
        # What is judged is what is shown: a score rounded up to its threshold is flagged.
        shown = scores.labels and {
            label: round(scores.labels[label], SCORE_DECIMALS) for label in LABEL_NAMES
        }
        verdict = judge(shown, charter, thresholds)
        results.append(
            MessageResult(
                id=message.id,
                language=scores.language,
                labels={
                    label: LabelResult(
                        score=shown[label] if shown else None,
                        threshold=thresholds[label],
                        flagged=verdict.flags[label],
                    )
                    for label in LABEL_NAMES
                },
                intent=_intent(scores) if verdict.flags["sav"] else None,
                action=verdict.action,
                priority=verdict.priority,
                reasons=list(verdict.reasons),
                review=verdict.review,
            )
        )
    return results


def _intent(scores: Scores) -> IntentResult | None:
    if not scores.intents:
        return None
    name, score = max(scores.intents.items(), key=lambda intent: intent[1])
    return IntentResult(name=name, score=round(score, SCORE_DECIMALS))
