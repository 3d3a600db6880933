"""What moderators decided in other tools: the request's models, their checks, and the answer's."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated

from pydantic import BaseModel, Field, FiniteFloat

from labels.pseudonyms import Pseudonyms
from labels.store.decisions import Decision, Outcome, StoredMessage
from labels.taxonomy import IntentName, LabelName
from serving.api.messages import IncomingMessage, Name, Strict, Timestamp, check_chars, check_message
from serving.api.problems import MAX_FIELD_ERRORS, FieldError
from serving.charter.charter import Probability
from serving.settings import Settings


class IncomingDecision(Strict):
    """What a moderator decided on a message."""

    key: Name = Field(description="The tool's own name for the decision, unique to the client.")
    message: IncomingMessage
    labels: dict[LabelName, bool] = Field(
        min_length=1, description="What the message carries and what it does not; the rest is unknown."
    )
    intent: IntentName | None = Field(default=None, description="Wants `sav` to be true.")
    moderator: Name | None = Field(default=None, description="Who decided; kept as a pseudonym.")
    tool: Name | None = Field(default=None, description="Where it was decided.")
    decided_at: Timestamp = Field(description="When it was decided: RFC 3339, with its offset.")
    model: Name | None = Field(default=None, description="The model whose prediction was shown.")
    shown: dict[LabelName, Probability] | None = Field(
        default=None, description="The scores that the moderator saw; null: none."
    )
    seconds: Annotated[FiniteFloat, Field(ge=0)] | None = Field(
        default=None, description="How long the moderator took."
    )

    def to_store(self, client: str, pseudonyms: Pseudonyms) -> Decision:
        """The decision as it is kept, people's names replaced by pseudonyms."""

        def author(name: str | None) -> str | None:
            return name and pseudonyms.of(client, "author", name)

        message = self.message
        return Decision(
            key=self.key,
            message=StoredMessage(
                id=message.id,
                text=message.text,
                context=[{"text": entry.text, "author": author(entry.author)} for entry in message.context],
                channel=message.channel,
                author=author(message.author),
                sent_at=message.sent_at,
                language=message.language,
            ),
            labels=self.labels,
            intent=self.intent,
            moderator=self.moderator and pseudonyms.of(client, "moderator", self.moderator),
            tool=self.tool,
            decided_at=self.decided_at,
            model=self.model,
            shown=self.shown,
            seconds=self.seconds,
        )


class DecisionsRequest(Strict):
    """Decisions on one client's messages."""

    client: Name | None = Field(default=None, description="Whose messages; null: the API key's client.")
    decisions: list[IncomingDecision] = Field(min_length=1)


class DecisionResult(BaseModel):
    """``duplicate``: the same decision was stored before."""

    key: str
    status: Outcome


class DecisionsResponse(BaseModel):
    """What became of each decision, in order."""

    results: list[DecisionResult]


def check_decisions(decisions: Sequence[IncomingDecision], settings: Settings) -> list[FieldError]:
    """What is wrong with a request's decisions, as far as a problem tells it."""
    if len(decisions) > settings.max_messages:
        return [FieldError("decisions", f"holds more than {settings.max_messages} decisions")]
    errors = list(islice(_check_each(decisions, settings), MAX_FIELD_ERRORS))
    return errors or check_chars("decisions", (decision.message for decision in decisions), settings)


def _check_each(decisions: Sequence[IncomingDecision], settings: Settings) -> Iterator[FieldError]:
    for index, decision in enumerate(decisions):
        place = f"decisions.{index}"
        if decision.intent is not None and not decision.labels.get("sav"):
            yield FieldError(f"{place}.intent", "wants `sav` to be true in `labels`")
        for error in check_message(decision.message, settings):
            yield FieldError(f"{place}.message.{error.field}", error.detail)
