"""Undoes the commonest ways of hiding a word from a filter: look-alike letters, digits, gaps."""

import regex

_CYRILLIC_AND_GREEK = str.maketrans(
    "авекмнорстухіјѕԁһӏүԝАВЕКМНОРСТУХІЈЅҮαεικνορτυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "abekmhopctyxijsdhlywABEKMHOPCTYXIJSYaeiknoptuxwABEZHIKMNOPTYX",
)
_SMALL_CAPITALS = str.maketrans("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz")
_BADGES = str.maketrans(
    {chr(first + letter): chr(ord("A") + letter) for first in (0x1F150, 0x1F170) for letter in range(26)}
)
_DIGITS = str.maketrans("013457$", "oieasts")

_MIXED_WORD = regex.compile(r"(?=\w*\p{Latin})(?=\w*[\p{Cyrillic}\p{Greek}])\w+")
_GAPPED_WORD = regex.compile(r"(?<![\p{L}\p{N}'’])\p{L}([ .\-_*])(?:\p{L}\1){2,}\p{L}(?![\p{L}\p{N}])")
_DIGIT_INSIDE = regex.compile(r"(?<=\p{Latin})[013457$](?=\p{Latin})")


def unmask(text: str) -> str:
    """Fold look-alike letters to Latin ones, close gaps between single letters, read digits as letters.

    Only inside words that are disguised beyond doubt: letters of another alphabet beside Latin ones, four or
    more single letters with the same gap, one digit between two letters (``c0nn4rd``).
    """
    text = text.translate(_SMALL_CAPITALS).translate(_BADGES)
    text = _MIXED_WORD.sub(lambda word: word[0].translate(_CYRILLIC_AND_GREEK), text)
    text = _GAPPED_WORD.sub(lambda word: word[0].replace(word[1], ""), text)
    return _DIGIT_INSIDE.sub(lambda digit: digit[0].translate(_DIGITS), text)
