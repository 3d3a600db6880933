"""TuPy: Brazilian Portuguese tweets, aggressive or not, with grounds of hate."""

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_ORIGIN = ("racism", "xenophobia", "religious_intolerance")


def mapping(row: Row) -> Mapped:
    """TuPy's "hate" is mostly about politics, looks and words: not hate as defined, nor surely its absence.

    Rows marked for an origin or a religion are too often a "nega" among friends to say racism either way;
    "aggressive" alone is in part swearing at nobody, hence softer. A row without aggression is free of all
    abuse, and an aggressive one without "hate" touches no ground. Tweets may address a
    brand: SAV stays unknown.
    """
    native = row["labels"]
    if not native["aggressive"]:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0})
    if not native["hate"]:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.6})
    labels: dict[LabelName, float] = {"sexism": 0.7 if native["misogyny"] else 0.0, "toxicity": 0.7}
    if not any(native[ground] for ground in _ORIGIN):
        labels["racism"] = 0.0
    return Mapped(labels)


SOURCE = Source(
    name="tupy_pt",
    title="TuPy",
    origin="github.com/Silly-Machine/TuPy-Dataset at 0414548a06fa",
    licence="MIT",
    citation="Oliveira et al. 2023, TuPy-E: detecting hate speech in Brazilian Portuguese social media",
    languages=("pt",),
    mapping=mapping,
    split=hashed_split,
)
