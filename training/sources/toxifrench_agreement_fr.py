"""ToxiFrench, agreement part: French forum messages judged toxic or not, twice."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split


def mapping(row: Row) -> Mapped:
    """The two verdicts (the second graded by quarters) are averaged into toxicity.

    The data set counts every offence, so a message that neither verdict faults is free of all abuse. Its H, S
    and R axes come from a language model and mean hate, *sexual* content and *context needed*: left aside.
    """
    native = row["labels"]
    toxicity = (float(native["conclusion"]) + float(native["2nd_annotation_score"])) / 2
    if toxicity == 0:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})
    return Mapped({"toxicity": toxicity, "sav": 0.0})


SOURCE = Source(
    name="toxifrench_agreement_fr",
    title="ToxiFrench, annotator agreement sample",
    origin="github.com/AxelDlv00/ToxiFrench at b93ad5bcc18a",
    licence="MIT",
    citation="Delaval et al. 2025, ToxiFrench, arXiv:2508.11281",
    languages=("fr",),
    mapping=mapping,
    split=hashed_split,
)
