"""What is sent and what comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


class VigieError(Exception):
    """The service refused; ``status`` is None when it could not be reached."""

    def __init__(
        self, detail: str, status: int | None = None, errors: Sequence[Mapping[str, str]] = ()
    ) -> None:
        super().__init__(detail if status is None else f"{status}: {detail}")
        self.detail = detail
        self.status = status
        self.errors = errors


@dataclass(frozen=True)
class Message:
    """A message to classify; ``context`` is oldest first, ``sent_at`` RFC 3339.

    Without an ``id``, the message's place in the request is its id.
    """

    text: str
    id: str | None = None
    context: Sequence[str | Mapping[str, str]] = ()
    channel: str | None = None
    author: str | None = None
    sent_at: str | None = None
    language: str | None = None

    def as_json(self, number: int) -> dict[str, Any]:
        """The message as the service takes it."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return given | {"id": self.id or str(number), "context": list(self.context)}


@dataclass(frozen=True)
class Label:
    """A label's calibrated probability, None where the model does not read the message's script."""

    score: float | None
    threshold: float
    flagged: bool


@dataclass(frozen=True)
class Intent:
    """What a customer wants."""

    name: str
    score: float


@dataclass(frozen=True)
class Result:
    """What a message is, and what the client's charter does with it."""

    id: str
    model: str
    language: str | None
    labels: Mapping[str, Label]
    intent: Intent | None
    action: str
    priority: float
    reasons: Sequence[str]
    review: bool

    @classmethod
    def from_json(cls, model: str, content: Mapping[str, Any]) -> "Result":
        """A result as the service sends it; what this client does not know is left out."""
        intent = content["intent"]
        return cls(
            id=content["id"],
            model=model,
            language=content["language"],
            labels={
                name: Label(told["score"], told["threshold"], told["flagged"])
                for name, told in content["labels"].items()
            },
            intent=Intent(intent["name"], intent["score"]) if intent else None,
            action=content["action"],
            priority=content["priority"],
            reasons=tuple(content["reasons"]),
            review=content["review"],
        )


@dataclass(frozen=True)
class Decision:
    """What a moderator decided; ``labels`` that are not named are unknown, ``decided_at`` is RFC 3339."""

    key: str
    message: Message
    labels: Mapping[str, bool]
    decided_at: str
    intent: str | None = None
    moderator: str | None = None
    tool: str | None = None
    model: str | None = None
    shown: Mapping[str, float] | None = None
    seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The decision as the service takes it."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return given | {"message": self.message.as_json(0)}
