"""A service without weights: scores come from the words of the text."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.app import create_app
from serving.engine.artefact import Calibration, ModelConfig, SpecialPieces, TokenLimits
from serving.engine.engine import Message, Scores
from serving.settings import Settings


class WeightlessEngine:
    """0.9 for each label that the text names, else 0.02; Chinese is a script that it does not read."""

    config = ModelConfig(
        version="weightless-1.0.0",
        labels=LABEL_NAMES,
        intents=INTENT_NAMES,
        calibration={label: Calibration(scale=1.0, offset=0.0) for label in LABEL_NAMES},
        thresholds={label: 0.5 if label == "sav" else 0.6 for label in LABEL_NAMES},
        tokens=TokenLimits(message=8, overlap=2, context=8, context_entry=4),
        special=SpecialPieces(start="<s>", end="</s>", pad="<pad>", unknown="<unk>"),
        scripts=("Latin",),
        languages=("fr", "en"),
    )
    checksums: Mapping[str, str] = {"model.onnx": "0" * 64}

    def __init__(self) -> None:
        self.seen: list[Message] = []

    def classify(self, messages: Sequence[Message]) -> list[Scores]:
        """Score every message, in order."""
        self.seen.extend(messages)
        return [self._scores(message) for message in messages]

    def _scores(self, message: Message) -> Scores:
        language = message.language or "fr"
        if "boom" in message.text:
            raise RuntimeError(message.text)
        if any("\u4e00" <= character <= "\u9fff" for character in message.text):
            return Scores("zh", None, None)
        labels = {label: 0.9 if label in message.text else 0.02 for label in LABEL_NAMES}
        intents = {intent: 0.82 if intent == "availability" else 0.02 for intent in INTENT_NAMES}
        return Scores(language, labels, intents)


@pytest.fixture
def engine() -> WeightlessEngine:
    return WeightlessEngine()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(database=f"sqlite:///{tmp_path / 'vigie.db'}", max_body_bytes=2 * 2**20)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with Store.open(settings.database) as store:
        yield store


@pytest.fixture
def client(settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(settings, engine, store), raise_server_exceptions=True) as client:
        yield client


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Logging may be set up in the test; afterwards it is as before."""
    loggers = [logging.getLogger(name) for name in ("root", "labels", "serving")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers[:] = handlers
