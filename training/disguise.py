"""Ways in which people hide a word from a filter, and slips of the keyboard: noise for training and tests.

Each takes a text and a random generator, and leaves a text that people still read.
"""

import random
import unicodedata
from collections.abc import Callable

import regex

Disguise = Callable[[str, random.Random], str]

_LEET = {"a": "4@", "e": "3€", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8", "g": "9"}
_LOOK_ALIKES = str.maketrans("aceopxyi", "асеорхуі")
_EMOJI = "😂🤡🔥💀😡🙄👀🐒🍆💩✨❤️😅🤮👏"
_LONG_WORD = regex.compile(r"\p{L}{4,}")
_SHARE_OF_WORDS = 0.5


def _in_words(text: str, rng: random.Random, change: Callable[[str], str]) -> str:
    """Change about half of the long words, at least one where there is one."""
    words = list(_LONG_WORD.finditer(text))
    if not words:
        return text
    sure = rng.choice(words).start()

    def maybe(word: regex.Match[str]) -> str:
        chosen = word.start() == sure or rng.random() < _SHARE_OF_WORDS
        return change(word[0]) if chosen else word[0]

    return _LONG_WORD.sub(maybe, text)


def leet(text: str, rng: random.Random) -> str:
    """Digits and signs for letters: ``c0nn4rd``."""

    def change(word: str) -> str:
        return "".join(
            rng.choice(_LEET[letter.lower()]) if letter.lower() in _LEET and rng.random() < 0.6 else letter
            for letter in word
        )

    return _in_words(text, rng, change)


def spacing(text: str, rng: random.Random) -> str:
    """A gap or a sign between letters, all through a word or once: ``c.o.n``, ``con nard``."""

    def change(word: str) -> str:
        gap = rng.choice(" .-_*")
        if rng.random() < 0.5:
            return gap.join(word)
        cut = rng.randrange(1, len(word))
        return f"{word[:cut]}{gap}{word[cut:]}"

    return _in_words(text, rng, change)


def stretching(text: str, rng: random.Random) -> str:
    """Letters repeated: ``connnaaard``."""

    def change(word: str) -> str:
        drawn = {rng.randrange(len(word)) for _ in range(rng.randint(1, 2))}
        return "".join(c * rng.randint(2, 6) if i in drawn else c for i, c in enumerate(word))

    return _in_words(text, rng, change)


def homoglyphs(text: str, rng: random.Random) -> str:
    """Cyrillic letters that look Latin."""
    return _in_words(text, rng, lambda word: word.translate(_LOOK_ALIKES))


def emoji(text: str, rng: random.Random) -> str:
    """Emoji between words, and at times inside one."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 3)):
        words.insert(rng.randrange(len(words) + 1), rng.choice(_EMOJI))
    if rng.random() < 0.3:
        at = max(range(len(words)), key=lambda index: len(words[index]))
        cut = len(words[at]) // 2
        words[at] = f"{words[at][:cut]}{rng.choice(_EMOJI)}{words[at][cut:]}"
    return " ".join(words)


def starred(text: str, rng: random.Random) -> str:
    """A letter hidden by a star: ``c*nnard``."""

    def change(word: str) -> str:
        at = rng.randrange(1, len(word) - 1)
        return f"{word[:at]}*{word[at + 1 :]}"

    return _in_words(text, rng, change)


def slip(text: str, rng: random.Random) -> str:
    """Two letters swapped, or one left out."""

    def change(word: str) -> str:
        at = rng.randrange(1, len(word) - 2)
        if rng.random() < 0.5:
            return word[:at] + word[at + 1 :]
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return _in_words(text, rng, change)


def without_accents(text: str, rng: random.Random) -> str:
    """Letters without their marks."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def case(text: str, rng: random.Random) -> str:
    """All capitals, or none."""
    return text.upper() if rng.random() < 0.4 else text.lower()


OBFUSCATIONS: dict[str, Disguise] = {
    "leet": leet,
    "spacing": spacing,
    "stretching": stretching,
    "homoglyphs": homoglyphs,
    "emoji": emoji,
}
"""What is done on purpose: how much recall each costs is measured."""

_ALL: tuple[Disguise, ...] = (*OBFUSCATIONS.values(), starred, slip, without_accents, case)


def disguise(text: str, rng: random.Random) -> str:
    """One of all the ways, at random."""
    return rng.choice(_ALL)(text, rng)
