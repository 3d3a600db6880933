"""Davidson et al.: tweets with words of a hate lexicon, judged hateful, offensive or neither by a crowd."""

from typing import Any

from labels.taxonomy import LabelName
from training.sources.base import HubOrigin, Mapped, Row, Source
from training.sources.splits import hashed_split

_CLASSES = ("hate", "offensive", "neither")  # in the order of the Hub's class labels


def mapping(row: Row) -> Mapped:
    """Hate is the share of its votes; a tweet without one attacks no group, so it is not racist either.

    "Offensive" is mostly casual swearing, often African American English, and says nothing of toxicity; its
    gendered slurs leave sexism open. Where "neither" wins, toxicity is the share of the others' votes.
    Unanimous hate is contempt, hence toxic.
    """
    native = row["labels"]
    hate = native["hate_speech"] / native["count"]
    labels: dict[LabelName, float] = {"hate": hate, "sav": 0.0}
    if hate == 0:
        labels["racism"] = 0.0
    if hate == 1:
        labels["toxicity"] = 1.0
    if native["class"] == "neither":
        labels["toxicity"] = 1 - native["neither"] / native["count"]
        if hate == 0:
            labels["sexism"] = 0.0
    return Mapped(labels)


def convert(row: Row) -> dict[str, Any]:
    """The Hub has the same votes under longer names, and numbers the classes."""
    labels = {
        "count": row["count"],
        "hate_speech": row["hate_speech_count"],
        "offensive_language": row["offensive_language_count"],
        "neither": row["neither_count"],
        "class": _CLASSES[row["class"]],
    }
    return {"text": row["tweet"], "lang": "en", "context": None, "labels": labels}


SOURCE = Source(
    name="davidson_en",
    title="Hate Speech and Offensive Language",
    origin="github.com/t-davidson/hate-speech-and-offensive-language at cb50f7e9eb85",
    licence="MIT",
    citation="Davidson et al. 2017, Automated Hate Speech Detection and the Problem of Offensive Language, "
    "arXiv:1703.04009",
    languages=("en",),
    mapping=mapping,
    hub=HubOrigin("tdavidson/hate_speech_offensive", convert),
    split=hashed_split,
)
