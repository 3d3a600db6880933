"""Where the sentences of a text are."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import regex

from serving.api.messages import is_visible

# A run of terminals is looked at from its beginning alone, so that the time stays linear in the text.
_SENTENCE = regex.compile(
    r"""\S[^\r\n]*?(?:(?<![\p{STerm}…])[\p{STerm}…]++(?:\s?[\p{Pe}\p{Pf}])*+["']*+(?=\s|\Z)|(?=[\r\n])|\Z)"""
)


class Span(NamedTuple):
    """A part of a text, in characters, ``end`` excluded."""

    begin: int
    end: int


def sentences_of(text: str) -> list[Span]:
    """The sentences, without the blanks around them; what cannot be seen is none.

    A sentence ends at terminal punctuation before a blank, and at the end of a line.
    """
    found = [(match.start(), match[0].rstrip()) for match in _SENTENCE.finditer(text)]
    return [Span(begin, begin + len(sentence)) for begin, sentence in found if is_visible(sentence)]


def utf16_places(text: str, spans: Sequence[Span]) -> dict[int, int]:
    """Places in UTF-16 units, by the same in characters, wherever a span begins or ends."""
    places = sorted({0, *(place for span in spans for place in span)})
    units = {0: 0}
    for before, place in pairwise(places):
        units[place] = units[before] + len(text[before:place].encode("utf-16-le")) // 2
    return units
