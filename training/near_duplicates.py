"""Near-duplicate messages: of equal text once folded, or of nearly the same words (MinHash, Broder 1997)."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex
from datasketch import MinHash, MinHashLSH

from serving.engine.normalise import normalise

NEAR = 0.9
"""Texts whose character 5-grams have this Jaccard similarity or more are nearly equal."""

_NOT_WORD = regex.compile(r"[^\p{L}\p{N}\p{So}]+")
_PLACEHOLDER = regex.compile(r"@user|\bhttp\b|\[user\]|\[url\]", regex.IGNORECASE)
_SHINGLE = 5
_LONG = 24
"""Shorter texts, in characters, are compared for equality: in them one word changes everything."""

_BANDS, _ROWS = 8, 8
"""99 % of the pairs at the threshold become candidates; similarity is then computed exactly."""


def fold(text: str) -> str:
    """Lower case, no accents, punctuation, handles or links, single spaces."""
    text = _PLACEHOLDER.sub(" ", normalise(text)).lower()
    text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


@dataclass(frozen=True)
class MessageKey:
    """A message's folded text and folded context."""

    text: str
    context: str

    @property
    def is_long(self) -> bool:
        """Whether the text alone identifies the message."""
        return len(self.text) >= _LONG


def message_key(text: str, context: Sequence[str]) -> MessageKey:
    """What a message is compared by."""
    return MessageKey(fold(text), "\n".join(map(fold, context)))


class NearDuplicateIndex:
    """Messages that can be found again by an equal or nearly equal text."""

    def __init__(self) -> None:
        self._contexts: defaultdict[str, set[str]] = defaultdict(set)
        self._lsh = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))

    def add(self, key: MessageKey) -> None:
        """Keep a message."""
        if key.is_long and key.text not in self._contexts:
            self._lsh.insert(key.text, _signature(key.text))
        self._contexts[key.text].add(key.context)

    def has_message(self, key: MessageKey) -> bool:
        """Whether a message of (nearly) this text was kept under the same context."""
        return any(key.context in self._contexts[text] for text in self._similar(key))

    def has_text(self, key: MessageKey) -> bool:
        """Whether a message of (nearly) this text was kept, whatever its context if the text is long."""
        return any(self._similar(key)) if key.is_long else self.has_message(key)

    def _similar(self, key: MessageKey) -> Iterator[str]:
        if key.text in self._contexts:
            yield key.text
        elif key.is_long:
            shingles = _shingles(key.text)
            for candidate in self._lsh.query(_signature(key.text)):
                others = _shingles(candidate)
                if len(shingles & others) >= NEAR * len(shingles | others):
                    yield candidate


def _shingles(text: str) -> set[str]:
    return {text[start : start + _SHINGLE] for start in range(len(text) - _SHINGLE + 1)}


def _signature(text: str) -> MinHash:
    signature = MinHash(num_perm=_BANDS * _ROWS)
    signature.update_batch([shingle.encode() for shingle in _shingles(text)])
    return signature
