"""What the service asks of whatever scores messages; ``Engine`` is the real one."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from serving.engine.artefact import ModelConfig
from serving.engine.engine import Message, Scores


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
