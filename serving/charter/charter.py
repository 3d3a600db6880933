"""A client's charter, and the verdict that it gives on a message's scores."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, ValidationError

from labels.errors import VigieError
from labels.taxonomy import ABUSE_LABELS, LABEL_NAMES, LabelName
from serving.engine.artefact import Frozen

Action = Literal["none", "route", "hide"]
ACTIONS: tuple[Action, ...] = get_args(Action)
"""From the mildest to the strongest: of several, the strongest is taken."""

PRIORITY_WEIGHTS: Mapping[LabelName, float] = MappingProxyType(
    {"hate": 1.0, "racism": 1.0, "sexism": 0.9, "toxicity": 0.8, "sav": 0.75}
)
"""How much a label's score weighs in the order in which people see messages."""

UNSUPPORTED_SCRIPT = "unsupported_script"

Probability = Annotated[float, Field(ge=0, le=1)]


class CharterError(VigieError):
    """A charter cannot be read; the message says which key is wrong."""


def _default_actions() -> dict[LabelName, Action]:
    return {**dict.fromkeys(ABUSE_LABELS, "hide"), "sav": "route"}


class Charter(Frozen):
    """A client's rules.

    ``thresholds``: the score from which a label is flagged; None or absent is the model's default.
    ``actions``: what a flagged label leads to; an absent label leads to nothing.
    ``review_margin``: a score this near its threshold, or nearer, asks for a person's look.
    """

    thresholds: dict[LabelName, Probability | None] = Field(default_factory=dict)
    actions: dict[LabelName, Action] = Field(default_factory=_default_actions)
    review_margin: Probability = 0.10

    def resolve(self, defaults: Mapping[LabelName, float]) -> dict[LabelName, float]:
        """The threshold of every label, to 4 decimals as scores are."""
        own = {label: value for label, value in self.thresholds.items() if value is not None}
        return {label: round(own.get(label, defaults[label]), 4) for label in LABEL_NAMES}


@dataclass(frozen=True)
class Verdict:
    """What the charter says of a message; ``priority`` in [0, 1], ``review``: a person should look."""

    flags: Mapping[LabelName, bool]
    action: Action
    priority: float
    reasons: tuple[str, ...]
    review: bool


def judge(
    scores: Mapping[LabelName, float] | None, charter: Charter, thresholds: Mapping[LabelName, float]
) -> Verdict:
    """Apply ``charter`` to scores, with the thresholds that it resolves to.

    Scores None, of a script that the model does not read, flag nothing and ask for review.
    """
    if scores is None:
        return Verdict(dict.fromkeys(LABEL_NAMES, False), "none", 0.0, (UNSUPPORTED_SCRIPT,), True)
    flags = {label: scores[label] >= thresholds[label] for label in LABEL_NAMES}
    actions = [charter.actions.get(label, "none") for label, flagged in flags.items() if flagged]
    return Verdict(
        flags=flags,
        action=max(actions, key=ACTIONS.index, default="none"),
        priority=round(max(PRIORITY_WEIGHTS[label] * scores[label] for label in LABEL_NAMES), 2),
        reasons=tuple(f"{label}>={thresholds[label]:.2f}" for label, flagged in flags.items() if flagged),
        # Rounded, so that 0.6 is within 0.1 of 0.7 in binary floats too.
        review=any(
            round(abs(scores[label] - thresholds[label]), 4) <= charter.review_margin for label in LABEL_NAMES
        ),
    )


def read_charter(stored: Mapping[str, Any]) -> Charter:
    """The charter kept as plain JSON.

    Raises CharterError naming the wrong keys.
    """
    try:
        return Charter.model_validate(stored)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise CharterError(wrong) from error
