"""FTR: French tweets found by racist and other charged words, labelled racist or not."""

import re

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_ETHNIC_SLUR = re.compile(
    r"\bsal(?:e|es|s)?\s+(?:noire?|arabe|jui[fv]|n[eèé]gr|rebeu|reubeu|renoi|noich)|bougn|youp|bamboula",
    re.IGNORECASE,
)


def mapping(row: Row) -> Mapped | None:
    """Racist rows count only where an ethnic slur bears the label out; "not racist" says that and no more.

    Of 927 "racist" rows, some 550 call somebody a Nazi or talk of Hitler, and most others say "negro" among
    friends or have nothing to do with origin. That is not racism as defined here, nor surely free of it: such
    rows are dropped. About seven in ten of those with a slur are attacks, hence the soft labels.
    """
    if row["labels"]["racist"] == 0:
        return Mapped({"racism": 0.0})
    if _ETHNIC_SLUR.search(row["text"]):
        return Mapped({"racism": 0.7, "hate": 0.7, "toxicity": 0.7})
    return None


SOURCE = Source(
    name="ftr_racism_fr",
    title="FTR: French Twitter Racism",
    origin="github.com/NataliaVanetik/FTR-dataset at 324f4e877f9d",
    licence="MIT",
    citation="Vanetik & Mimoun 2022, Detection of Racist Language in French Tweets, Information 13(7):318",
    languages=("fr",),
    mapping=mapping,
    split=hashed_split,
)
