"""One normal form of a text, the same in training and in serving."""

import unicodedata

import regex

from serving.engine.unmask import unmask

_INVISIBLE = regex.compile(r"[\p{Cf}\p{Cc}\p{Cs}\p{Variation_Selector}--[\s\u200d]]", regex.V1)
_LONE_JOINER = regex.compile(r"(?<!\p{So}|\p{Sk})\u200d|\u200d(?!\p{So})")
_SPACE = regex.compile(r"\s+")
_LINK = regex.compile(r"(?:https?://|www\.)\S+", regex.IGNORECASE)
_HANDLE = regex.compile(r"(?<![\w@.])@\w[\w.\-]*")
_STRETCH = regex.compile(r"(\p{L})\1{3,}", regex.IGNORECASE)
_SPECIAL_PIECE = regex.compile(r"<(/?s|pad|unk|mask)>", regex.IGNORECASE)


def normalise(text: str) -> str:
    """Fold what hides or merely decorates a text, without changing what it says.

    Compatibility forms (NFKC), control, bidirectional and zero-width characters (a joiner inside an emoji
    sequence stays), letters stretched beyond three, links to ``http`` and handles to ``@user`` as the
    training sources have them, disguised letters, and literal special tokens such as ``<s>``, which are
    vocabulary pieces.
    A text in its normal form stays as it is.
    """
    # A fold may make work for another: ㋀ is an emoji no more once it is 1月, and leaves a joiner alone.
    while (folded := _fold(text)) != text:
        text = folded
    return text


def _fold(text: str) -> str:
    # Before NFKC, for an invisible character would keep a letter from its accent.
    text = _LONE_JOINER.sub("", _INVISIBLE.sub("", text))
    text = unicodedata.normalize("NFKC", text)
    text = _LINK.sub("http", text)
    text = _HANDLE.sub("@user", text)
    text = unmask(text)
    text = _STRETCH.sub(r"\1\1\1", text)
    text = _SPECIAL_PIECE.sub(r"< \1 >", text)
    return _SPACE.sub(" ", text).strip()
