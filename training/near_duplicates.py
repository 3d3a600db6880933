"""Near-duplicate messages: equal once folded, or of nearly the same words (MinHash, Broder 1997)."""

import unicodedata
from collections.abc import Sequence

import regex
from datasketch import MinHash, MinHashLSH

from serving.engine.normalise import normalise

_NOT_WORD = regex.compile(r"[^\p{L}\p{N}\p{So}]+")
_PLACEHOLDER = regex.compile(r"@user|\bhttp\b|\[user\]|\[url\]", regex.IGNORECASE)
_MIN_SHINGLES = 20
_SHINGLE = 5


def fold(text: str) -> str:
    """Lower case, no accents, punctuation, handles or links, single spaces."""
    text = _PLACEHOLDER.sub(" ", normalise(text)).lower()
    text = "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))
    return _NOT_WORD.sub(" ", text).strip()


def message_key(text: str, context: Sequence[str]) -> str:
    """What makes two messages the same: their folded text, and their folded context where there is one."""
    return "\n".join(fold(part) for part in (text, *context))


class NearDuplicateIndex:
    """Keys seen so far, findable when equal or when the character 5-grams overlap by at least ``threshold``.

    Keys of fewer than 24 characters are compared for equality alone: in them one word changes everything.
    """

    def __init__(self, threshold: float = 0.9, permutations: int = 64) -> None:
        self._exact: set[str] = set()
        self._permutations = permutations
        self._lsh = MinHashLSH(threshold=threshold, num_perm=permutations)

    def find_or_add(self, key: str) -> bool:
        """True when the key or a near duplicate is already there; else it is added."""
        if key in self._exact:
            return True
        signature = self._signature(key)
        if signature is not None and self._lsh.query(signature):
            return True
        self._exact.add(key)
        if signature is not None:
            self._lsh.insert(key, signature)
        return False

    def __contains__(self, key: str) -> bool:
        signature = self._signature(key)
        return key in self._exact or (signature is not None and bool(self._lsh.query(signature)))

    def _signature(self, key: str) -> MinHash | None:
        shingles = {key[start : start + _SHINGLE] for start in range(len(key) - _SHINGLE + 1)}
        if len(shingles) < _MIN_SHINGLES:
            return None
        signature = MinHash(num_perm=self._permutations)
        signature.update_batch([shingle.encode() for shingle in shingles])
        return signature
