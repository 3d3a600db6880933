"""From messages to calibrated scores: the one way in which a released model answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from labels.taxonomy import IntentName, LabelName
from serving.engine.artefact import MODEL_FILE, TOKENIZER_FILE, ModelConfig, Tier, read_config, verify
from serving.engine.language import ScriptCheck, detect_language, own_words
from serving.engine.session import OnnxSession, RawOutputs
from serving.engine.tokens import MessageTokenizer, TokenRow

MAX_BATCH_ROWS = 32
MAX_BATCH_TOKENS = 2048


@dataclass(frozen=True)
class Message:
    """A message to classify. ``context`` is oldest first; ``language`` None means: find out."""

    text: str
    context: Sequence[str] = ()
    language: str | None = None


@dataclass(frozen=True)
class Scores:
    """Calibrated probabilities of a message, None where its script is not one that the model reads.

    ``intents`` sum to 1 and mean something only when the message is a customer's case.
    """

    language: str | None
    labels: Mapping[LabelName, float] | None
    intents: Mapping[IntentName, float] | None


@dataclass(frozen=True)
class Prepared:
    """A message ready to be run: its language, and a row for each of its windows, none where its script is
    not one that the model reads.
    """

    language: str | None
    rows: tuple[TokenRow, ...]


class Engine:
    """One tier of a released model, checked and loaded.

    Raises ArtefactError at construction when a file is missing, truncated or altered.
    """

    def __init__(self, folder: Path, threads: int = 0, tier: Tier = "full") -> None:
        self.checksums = verify(folder)
        self.config: ModelConfig = read_config(folder, tier)
        self._tokenizer = MessageTokenizer(folder / TOKENIZER_FILE, self.config.tokens, self.config.special)
        self._session = OnnxSession(folder / MODEL_FILE, threads, tier)
        self._scripts = ScriptCheck(self.config.scripts)
        self._scale = np.array([self.config.calibration[name].scale for name in self.config.labels])
        self._offset = np.array([self.config.calibration[name].offset for name in self.config.labels])

    def classify(self, messages: Sequence[Message]) -> list[Scores]:
        """Score every message, in order."""
        prepared = self.prepare(messages)
        raw = self._by_message([each.rows for each in prepared])
        return [self.scores(each, outputs) for each, outputs in zip(prepared, raw, strict=True)]

    def raw(self, messages: Sequence[Message]) -> list[RawOutputs]:
        """The graph's own outputs for every message, whatever its script, one row for each of its windows."""
        return self._by_message(self._tokenise(messages))

    def prepare(self, messages: Sequence[Message]) -> list[Prepared]:
        """Detect languages and tokenise, in order; a message that cannot be read has no rows."""
        words = [own_words(message.text) for message in messages]
        readable = [index for index, text in enumerate(words) if self._scripts.is_supported(text)]
        rows = dict(zip(readable, self._tokenise([messages[index] for index in readable]), strict=True))
        return [
            Prepared(message.language or detect_language(words[index]), tuple(rows.get(index, ())))
            for index, message in enumerate(messages)
        ]

    def run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        """One encoder pass over rows, in order."""
        return self._session.run(self._tokenizer.batch(rows))

    def _tokenise(self, messages: Sequence[Message]) -> list[list[TokenRow]]:
        return self._tokenizer.rows([(message.text, message.context) for message in messages])

    def _by_message(self, windows: Sequence[Sequence[TokenRow]]) -> list[RawOutputs]:
        outputs = self._run([row for message in windows for row in message])
        ends = np.cumsum([len(message) for message in windows])
        return [
            outputs.rows(slice(end - len(message), end)) for message, end in zip(windows, ends, strict=True)
        ]

    def _run(self, rows: Sequence[TokenRow]) -> RawOutputs:
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        parts = [self.run([rows[index] for index in batch]) for batch in _length_batches(order, rows)]
        return RawOutputs.joined(parts).rows(np.argsort(order)) if parts else RawOutputs.empty()

    def scores(self, prepared: Prepared, raw: RawOutputs) -> Scores:
        """What a message's outputs say: one row a window; None where it could not be read."""
        if not prepared.rows:
            return Scores(prepared.language, None, None)
        probabilities = sigmoid(self._scale * raw.label_logits + self._offset)
        # A long message carries a label when one of its windows does; its intent is that of the window
        # which most looks like a customer's case.
        intents = _softmax(raw.intent_logits[probabilities[:, self.config.labels.index("sav")].argmax()])
        return Scores(
            prepared.language,
            dict(zip(self.config.labels, map(float, probabilities.max(axis=0)), strict=True)),
            dict(zip(self.config.intents, map(float, intents), strict=True)),
        )


def _length_batches(order: Sequence[int], rows: Sequence[TokenRow]) -> Iterator[list[int]]:
    """Cut indexes, sorted by length, into batches within both limits."""
    batch: list[int] = []
    for index in order:
        full = len(batch) == MAX_BATCH_ROWS or (len(batch) + 1) * len(rows[index]) > MAX_BATCH_TOKENS
        if batch and full:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def sigmoid(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Logits to probabilities, element by element."""
    return np.asarray(1.0 / (1.0 + np.exp(-logits)))


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    exponents = np.exp(logits.astype(np.float64) - logits.max())
    return np.asarray(exponents / exponents.sum())
