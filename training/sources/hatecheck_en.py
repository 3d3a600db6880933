"""HateCheck: functional tests for hate speech detection in English."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped:
    """The suite's gold label is hate on any protected ground."""
    return Mapped({"hate": float(row["labels"]["label_gold"] == "hateful")})


SOURCE = Source(
    name="hatecheck_en",
    title="HateCheck",
    origin="github.com/paul-rottger/hatecheck-data at d84302298cee",
    licence="CC-BY-4.0",
    citation="Röttger et al. 2021, HateCheck: Functional Tests for Hate Speech Detection Models, ACL",
    languages=("en",),
    mapping=mapping,
    folder="eval",
)
