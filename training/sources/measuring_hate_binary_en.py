"""Measuring Hate Speech: comments scored by annotators; the score was cut into a binary label."""

from training.sources.base import Mapped, Row, Source

_TOXIC_SHARE = 0.8  # of the rows with label 1 that were read for this mapping


def mapping(row: Row) -> Mapped:
    """Label 1 is the upper part of a scale that also counts insults and violence.

    Of 75 such rows read, under half attack a group while four in five insult or threaten somebody: hate stays
    unknown, toxicity is that share. Label 0 is not hateful on any ground, hence not racist, but crude talk
    about women is found there, and insults too: sexism and toxicity stay unknown.
    """
    if row["labels"]["hate"]:
        return Mapped({"toxicity": _TOXIC_SHARE, "sav": 0.0})
    return Mapped({"hate": 0.0, "racism": 0.0, "sav": 0.0})


SOURCE = Source(
    name="measuring_hate_binary_en",
    title="Measuring Hate Speech (binary)",
    origin="github.com/TimItsara/efficient-low-resource-hate-detection at cca3ba8bcf26",
    licence="CC-BY-4.0",
    citation="Kennedy et al. 2020, Constructing interval variables via faceted Rasch measurement and "
    "multitask deep learning: a hate speech application, arXiv:2009.10277",
    languages=("en",),
    mapping=mapping,
)
