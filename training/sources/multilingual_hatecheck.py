"""Multilingual HateCheck: functional tests for hate speech detection."""

from training.sources.base import Source
from training.sources.hatecheck_en import mapping

SOURCE = Source(
    name="multilingual_hatecheck",
    title="Multilingual HateCheck",
    origin="github.com/rewire-online/multilingual-hatecheck at a03f2caf2023",
    licence="CC-BY-4.0",
    citation="Röttger et al. 2022, Multilingual HateCheck, WOAH",
    languages=("de", "es", "it", "pt"),
    mapping=mapping,
    folder="eval",
)
