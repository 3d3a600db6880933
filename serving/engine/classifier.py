"""What the service asks of whatever scores messages; ``Engine`` is the real one."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from serving.engine.artefact import ModelConfig
from serving.engine.engine import Message, Prepared, Scores
from serving.engine.session import RawOutputs
from serving.engine.tokens import TokenRow


class Classifier(Protocol):
    """Scores messages with one released model."""

    @property
    def config(self) -> ModelConfig:
        """The model's configuration."""

    @property
    def checksums(self) -> Mapping[str, str]:
        """SHA-256 in hexadecimal of each of the model's files, by file name."""

    def classify(self, messages: Sequence[Message]) -> list[Scores]:
        """Score every message, in order."""


class StepwiseClassifier(Classifier, Protocol):
    """A classifier whose steps can be taken one by one, so that batches hold rows of many callers."""

    def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Everything but the model: languages and rows of tokens, in order."""

    def run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        """The model, on one batch of rows, in order."""

    def scores(self, prepared: Prepared, raw: RawOutputs) -> Scores:
        """What the outputs of a message's rows say."""
