"""Length-grouped training batches, the same for the same seed and epoch."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.engine.tokens import MessageTokenizer, TokenRow
from training.disguise import disguise
from training.sources.base import Example

NO_INTENT = -100
"""The index that cross-entropy ignores."""

_GROUPED_BATCHES = 50


@dataclass(frozen=True)
class TrainingBatch:
    """Inputs int64 [rows, tokens]; ``labels`` and ``known`` float [rows, labels]; ``intents`` [rows]."""

    input_ids: Tensor
    attention_mask: Tensor
    token_type_ids: Tensor
    labels: Tensor
    known: Tensor
    intents: Tensor


class BatchMaker:
    """Cuts examples into batches of about ``batch_tokens`` tokens, padding included.

    ``random_context`` of the messages that have no context of their own get somebody else's message as
    one, so that the model learns that a context, even a hostile one, says nothing of an unrelated message.
    ``disguised`` of all messages are respelt as people do to get past a filter, or by a slip.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        tokenizer: MessageTokenizer,
        *,
        batch_tokens: int,
        random_context: float,
        disguised: float,
        seed: int,
    ) -> None:
        self._examples = examples
        self._tokenizer = tokenizer
        self._batch_tokens = batch_tokens
        self._random_context = random_context
        self._disguised = disguised
        self._seed = seed
        self._texts: dict[str, list[str]] = defaultdict(list)
        for example in examples:
            self._texts[example.lang].append(example.text)

    def epoch(self, epoch: int) -> list[list[tuple[TokenRow, Example]]]:
        """The epoch's batches, shuffled."""
        rng = random.Random(f"{self._seed}/{epoch}")
        windows = self._tokenizer.rows(
            [(self._text(example, rng), self._context(example, rng)) for example in self._examples]
        )
        rows = [(window[0], example) for window, example in zip(windows, self._examples, strict=True)]
        rng.shuffle(rows)
        batches = list(self._cut(rows))
        rng.shuffle(batches)
        return batches

    def _text(self, example: Example, rng: random.Random) -> str:
        return disguise(example.text, rng) if rng.random() < self._disguised else example.text

    def _context(self, example: Example, rng: random.Random) -> Sequence[str]:
        if example.context or rng.random() >= self._random_context:
            return example.context
        return (rng.choice(self._texts[example.lang]),)

    def _cut(self, rows: Sequence[tuple[TokenRow, Example]]) -> Iterator[list[tuple[TokenRow, Example]]]:
        mean_length = sum(len(row) for row, _ in rows) / max(len(rows), 1)
        group = max(1, int(_GROUPED_BATCHES * self._batch_tokens / max(mean_length, 1)))
        for start in range(0, len(rows), group):
            batch: list[tuple[TokenRow, Example]] = []
            for row, example in sorted(rows[start : start + group], key=lambda pair: len(pair[0])):
                if batch and (len(batch) + 1) * len(row) > self._batch_tokens:
                    yield batch
                    batch = []
                batch.append((row, example))
            yield batch

    def tensors(self, batch: Sequence[tuple[TokenRow, Example]]) -> TrainingBatch:
        """A batch as tensors; unknown labels have ``known`` 0."""
        tokens = self._tokenizer.batch([row for row, _ in batch])
        labels = np.zeros((len(batch), len(LABEL_NAMES)), dtype=np.float32)
        known = np.zeros_like(labels)
        intents = np.full(len(batch), NO_INTENT, dtype=np.int64)
        for number, (_, example) in enumerate(batch):
            for name, value in example.labels.items():
                labels[number, LABEL_NAMES.index(name)] = value
                known[number, LABEL_NAMES.index(name)] = 1.0
            if example.intent is not None:
                intents[number] = INTENT_NAMES.index(example.intent)
        return TrainingBatch(
            *map(
                torch.from_numpy,
                (tokens.input_ids, tokens.attention_mask, tokens.token_type_ids, labels, known, intents),
            )
        )
