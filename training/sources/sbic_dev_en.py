"""Social Bias Inference Corpus, dev split: one annotator's view of a post, and of one target, a row."""

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source, Split
from training.sources.splits import hashed_split

_ORIGINS = ("race", "culture")  # culture is religion and nationality
_ORIENTATIONS = ("gay", "lesbian", "bisexual")
_SEXES = {"women", "men", "girls"}


def _gender_labels(minority: str, offensive: float) -> dict[LabelName, float]:
    """The category holds sexes, orientations and trans people; the last leave sexism open."""
    targets = set(minority.lower().split(", "))
    if targets & _SEXES:
        return {"sexism": offensive, "racism": 0.0}
    if "trans" not in minority and any(word in minority for word in _ORIENTATIONS):
        return {"sexism": 0.0, "racism": 0.0}
    return {"racism": 0.0}


def mapping(row: Row) -> Mapped | None:
    """What the annotator answered, 0.5 for "maybe": the rows of one post together are its votes.

    An inoffensive post carries no abuse. Offence to no group is mostly swearing and black humour: no hate, no
    racism, the rest unknown. Offence to a group is contempt for it, hence toxic, and hate as far as it was
    meant (a stereotype said without malice is not). Victims, looks and politics are no protected ground, or
    not surely so.
    """
    native = row["labels"]
    if not native["offensiveYN"]:
        return None
    offensive, meant = float(native["offensiveYN"]), float(native["intentYN"])
    if offensive == 0:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})
    category = native["targetCategory"]
    if native["whoTarget"] != "1.0" or not category:
        return Mapped({"racism": 0.0, "hate": 0.0, "sav": 0.0})
    labels: dict[LabelName, float] = {"toxicity": offensive, "sav": 0.0}
    if category in _ORIGINS:
        labels |= {"racism": offensive, "sexism": 0.0, "hate": min(offensive, meant)}
    elif category == "gender":
        labels |= _gender_labels(native["targetMinority"], offensive)
        labels["hate"] = min(offensive, meant)
    elif category == "disabled":
        labels |= {"racism": 0.0, "sexism": 0.0, "hate": min(offensive, meant)}
    return Mapped(labels)


def split(row: Row) -> Split:
    """By the text, so that the rows of one post stay together."""
    return hashed_split({**row, "pair": row["text"]})


SOURCE = Source(
    name="sbic_dev_en",
    title="Social Bias Inference Corpus (dev split)",
    origin="github.com/abaheti95/ToxiChat at c1ffebd76596",
    licence="CC-BY-4.0",
    citation="Sap et al. 2020, Social Bias Frames: Reasoning about Social and Power Implications of "
    "Language, arXiv:1911.03891",
    languages=("en",),
    mapping=mapping,
    split=split,
)
