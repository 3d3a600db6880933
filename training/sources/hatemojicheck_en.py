"""HatemojiCheck: functional tests for hate expressed with emoji."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped:
    """The suite's gold label is hate on any protected ground."""
    return Mapped({"hate": float(row["labels"]["hate"])})


SOURCE = Source(
    name="hatemojicheck_en",
    title="HatemojiCheck",
    origin="github.com/HannahKirk/Hatemoji at a626f6321615",
    licence="CC-BY-4.0",
    citation="Kirk et al. 2022, Hatemoji: A Test Suite and Adversarially-Generated Dataset, NAACL",
    languages=("en",),
    mapping=mapping,
    folder="eval",
)
