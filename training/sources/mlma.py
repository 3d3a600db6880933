"""MLMA: tweets in English, French and Arabic, found by slurs and topics, with joined sentiment labels."""

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_ETHNIC_GROUPS = (
    "african_descent",
    "arabs",
    "asians",
    "hispanics",
    "immigrants",
    "indian/hindu",
    "jews",
    "muslims",
    "refugees",
)
_MISREAD_GROUPS = {"fr": ("indian/hindu", "asians")}  # French rows: "gauchiste" and "mongol" got these


def mapping(row: Row) -> Mapped | None:
    """Annotators' joined labels, read with reserve: about a third of the positives do not hold on reading.

    "normal" joined with anything else is a dispute among annotators: the row is dropped. "abusive",
    "disrespectful" and "fearful" alone sit on many harmless tweets: such rows are dropped too. "hateful" is
    hate only with a protected target, and racism only if the noisy ``group`` agrees with the target;
    offensive words about a religion are nearly all "sale juif" and the like, and count as much. Slurs for
    disability are everyday insults here: toxicity. English "normal" rows are full of insults: there, toxicity
    is unknown. Tweets may address a brand: SAV stays unknown.
    """
    native = row["labels"]
    sentiments = set(native["sentiment"].split("_"))
    target, group = native["target"], native["group"]
    if sentiments == {"normal"}:
        clean: dict[LabelName, float] = {"sexism": 0.0, "racism": 0.0, "hate": 0.0}
        return Mapped(clean if row["lang"] == "en" else {**clean, "toxicity": 0.1})
    if "normal" in sentiments or not sentiments & {"hateful", "offensive"}:
        return None
    labels: dict[LabelName, float] = {"toxicity": 0.7}
    if target == "gender" and group == "women":
        labels["sexism"] = 0.6
    if "hateful" in sentiments or target == "religion":
        ethnic = group in _ETHNIC_GROUPS and group not in _MISREAD_GROUPS.get(row["lang"], ())
        if target in ("origin", "religion") and ethnic:
            labels |= {"racism": 0.7, "hate": 0.7}
        elif target == "sexual_orientation":
            labels["hate"] = 0.7
    return Mapped(labels)


SOURCE = Source(
    name="mlma",
    title="Multilingual and Multi-Aspect Hate Speech Analysis",
    origin="github.com/HKUST-KnowComp/MLMA_hate_speech at 479836984aeb",
    licence="MIT",
    citation="Ousidhoum et al. 2019, Multilingual and Multi-Aspect Hate Speech Analysis, EMNLP-IJCNLP",
    languages=("en", "fr", "ar"),
    mapping=mapping,
    split=hashed_split,
)
