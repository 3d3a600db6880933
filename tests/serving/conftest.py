"""A service without weights: scores come from the words of the text."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.app import create_app
from serving.engine.artefact import Calibration, ModelConfig, SpecialPieces, TokenLimits
from serving.engine.engine import Message, Prepared, Scores
from serving.engine.session import RawOutputs
from serving.engine.tokens import TokenRow
from serving.metrics import Metrics
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
        return [self.scores(each, self.run(each.rows)) for each in self.prepare(messages)]

    def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """One row a message, whose ids are the characters of its text."""
        self.seen.extend(messages)
        return [self._prepared(message) for message in messages]

    def run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        """A high logit for each label that a row's text names, and for one intent."""
        texts = ["".join(map(chr, row.ids)) for row in rows]
        if any("boom" in text for text in texts):
            raise RuntimeError(str(texts))
        labels = np.array([[2.197 if label in text else -3.892 for label in LABEL_NAMES] for text in texts])
        intents = np.tile(
            [3.7136 if intent == "availability" else 0.0 for intent in INTENT_NAMES], (len(rows), 1)
        )
        return RawOutputs(
            labels.astype(np.float32), intents.astype(np.float32), np.zeros((len(rows), 1), np.float32)
        )

    def scores(self, prepared: Prepared, raw: RawOutputs) -> Scores:
        """Probabilities rounded to two digits."""
        if not prepared.rows:
            return Scores(prepared.language, None, None)
        labels = (1 / (1 + np.exp(-raw.label_logits[0]))).round(2)
        intents = np.exp(raw.intent_logits[0]) / np.exp(raw.intent_logits[0]).sum()
        return Scores(
            prepared.language,
            dict(zip(LABEL_NAMES, map(float, labels), strict=True)),
            dict(zip(INTENT_NAMES, map(float, intents), strict=True)),
        )

    def _prepared(self, message: Message) -> Prepared:
        if any("\u4e00" <= character <= "\u9fff" for character in message.text):
            return Prepared("zh", ())
        ids = tuple(map(ord, message.text))
        return Prepared(message.language or "fr", (TokenRow(ids, (0,) * len(ids)),))


class GatedEngine(WeightlessEngine):
    """Notes the texts of every batch, and holds each one back while its gate is shut."""

    def __init__(self) -> None:
        super().__init__()
        self.metrics = Metrics()
        self.batches: list[list[str]] = []
        self.gate = threading.Event()
        self.entered = threading.Event()

    def run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        self.batches.append(["".join(map(chr, row.ids)) for row in rows])
        self.entered.set()
        assert self.gate.wait(timeout=30)
        return super().run(rows)


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
