"""An engine that answers from the words of a message."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES, IntentName, LabelName
from serving.engine.artefact import Calibration, ModelConfig, SpecialPieces, TokenLimits
from serving.engine.classifier import Classifier
from serving.engine.engine import Message, Scores

CONFIG = ModelConfig(
    version="invented-0.1",
    labels=LABEL_NAMES,
    intents=INTENT_NAMES,
    calibration={name: Calibration(scale=1, offset=0) for name in LABEL_NAMES},
    thresholds=dict.fromkeys(LABEL_NAMES, 0.6),
    tokens=TokenLimits(message=32, overlap=4, context=16, context_entry=8),
    special=SpecialPieces(start="<s>", end="</s>", pad="<pad>", unknown="<unk>"),
    scripts=("Latin",),
    languages=("fr", "no"),
)


@dataclass
class WordEngine:
    """Scores labels and intents that a message or its context names .9, other labels .1; cannot read 漢."""

    config: ModelConfig = CONFIG
    checksums: dict[str, str] = field(default_factory=lambda: {"model.onnx": "ab" * 32})

    def classify(self, messages: Sequence[Message]) -> list[Scores]:
        return [self._scores(message) for message in messages]

    def _scores(self, message: Message) -> Scores:
        if "漢" in message.text:
            return Scores(message.language, None, None)
        words = " ".join([*message.context, message.text]).split()
        labels: dict[LabelName, float] = {name: 0.9 if name in words else 0.1 for name in LABEL_NAMES}
        intents: dict[IntentName, float] = {name: 0.9 if name in words else 0.0 for name in INTENT_NAMES}
        return Scores(message.language, labels, intents)


@pytest.fixture
def engine() -> Classifier:
    return WordEngine()
