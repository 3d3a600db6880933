"""GermEval 2018: offensive language in German tweets."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import native_test_split


def mapping(row: Row) -> Mapped:
    """ABUSE degrades a person as member of a group, INSULT a person as such, PROFANITY nobody in particular.

    The groups of ABUSE are often parties and politicians, so hate stays unknown; INSULT is by definition not
    against a group, but may be coined on sex. PROFANITY holds some real insults: softly not toxic, the rest
    unknown. OTHER is free of all offence. Tweets may address a brand: SAV stays unknown.
    """
    match row["labels"]["fine"]:
        case "ABUSE":
            return Mapped({"toxicity": 1.0})
        case "INSULT":
            return Mapped({"racism": 0.1, "hate": 0.1, "toxicity": 1.0})
        case "PROFANITY":
            return Mapped({"toxicity": 0.2})
        case _:
            return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0})


SOURCE = Source(
    name="germeval2018_de",
    title="GermEval 2018: Identification of Offensive Language",
    origin="github.com/uds-lsv/GermEval-2018-Data at 9877472d3952",
    licence="CC-BY-4.0",
    citation="Wiegand et al. 2018, Overview of the GermEval 2018 Shared Task on the Identification of "
    "Offensive Language",
    languages=("de",),
    mapping=mapping,
    split=native_test_split,
)
