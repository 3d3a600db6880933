"""From a message and its context to the encoder's input rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from serving.engine.artefact import SpecialPieces, TokenLimits
from serving.engine.normalise import normalise

MESSAGE_SEGMENT = 0
CONTEXT_SEGMENT = 1


@dataclass(frozen=True)
class TokenRow:
    """One encoder input: ``ids`` and ``segments`` (0 the message, 1 its context), of equal length."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class TokenBatch:
    """Rows padded to the longest: three int64 arrays of shape [rows, tokens]."""

    input_ids: NDArray[np.int64]
    attention_mask: NDArray[np.int64]
    token_type_ids: NDArray[np.int64]


class MessageTokenizer:
    """Tokenises as the model was trained: ``<s> message </s>`` then ``context </s>`` as a second segment."""

    def __init__(self, path: Path, limits: TokenLimits, special: SpecialPieces) -> None:
        self._tokenizer = Tokenizer.from_file(str(path))
        self._limits = limits
        self._start, self._end, self._pad = map(self._id, (special.start, special.end, special.pad))

    def _id(self, piece: str) -> int:
        piece_id = self._tokenizer.token_to_id(piece)
        if piece_id is None:
            raise ValueError(f"the tokenizer has no {piece} piece")
        return int(piece_id)

    def rows(self, messages: Sequence[tuple[str, Sequence[str]]]) -> list[list[TokenRow]]:
        """Rows of each (text, context) message, in order.

        A message longer than one row is read in overlapping windows, each with the context: one row or more.
        """
        texts = [normalise(text) for text, _ in messages]
        contexts = [[normalise(entry) for entry in context] for _, context in messages]
        ids = self._encode(texts)
        context_ids = self._encode([entry for context in contexts for entry in context])
        rows: list[list[TokenRow]] = []
        start = 0
        for message_ids, context in zip(ids, contexts, strict=True):
            context_entries = context_ids[start : start + len(context)]
            start += len(context)
            second = self._fit_context(context_entries)
            rows.append([self._row(window, second) for window in self._windows(message_ids)])
        return rows

    def _encode(self, texts: Sequence[str]) -> list[list[int]]:
        return [encoding.ids for encoding in self._tokenizer.encode_batch(texts, add_special_tokens=False)]

    def _windows(self, ids: list[int]) -> list[list[int]]:
        step = self._limits.message - self._limits.overlap
        last_start = max(len(ids) - self._limits.overlap, 1)
        return [ids[start : start + self._limits.message] for start in range(0, last_start, step)]

    def _fit_context(self, entries: Sequence[list[int]]) -> list[int]:
        """The start of each entry; in short room, the latest entry, then the post, then later ones first."""
        order = list(range(len(entries)))[::-1]
        if len(order) > 2:
            order.insert(1, order.pop())
        room = self._limits.context
        kept: dict[int, list[int]] = {}
        for index in order:
            kept[index] = entries[index][: min(self._limits.context_entry, room)]
            room -= len(kept[index])
        return [piece for index in sorted(kept) if kept[index] for piece in (*kept[index], self._end)]

    def _row(self, message: list[int], context: list[int]) -> TokenRow:
        first = (self._start, *message, self._end)
        return TokenRow(
            ids=(*first, *context),
            segments=(MESSAGE_SEGMENT,) * len(first) + (CONTEXT_SEGMENT,) * len(context),
        )

    def batch(self, rows: Sequence[TokenRow]) -> TokenBatch:
        """Pad rows to one length."""
        shape = (len(rows), max(len(row) for row in rows))
        input_ids = np.full(shape, self._pad, dtype=np.int64)
        attention_mask = np.zeros(shape, dtype=np.int64)
        token_type_ids = np.zeros(shape, dtype=np.int64)
        for number, row in enumerate(rows):
            input_ids[number, : len(row)] = row.ids
            attention_mask[number, : len(row)] = 1
            token_type_ids[number, : len(row)] = row.segments
        return TokenBatch(input_ids, attention_mask, token_type_ids)
