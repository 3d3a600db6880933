"""GAHD: adversarially collected German hate speech and its near misses."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped:
    """Hate is contempt for a group, hence toxic; no hate, on any ground, is neither racism nor sexism,
    and of those read none insulted anybody: softly not toxic.

    Sentences come from annotators, news and web pages, some of which address customers: SAV stays unknown.
    """
    if row["labels"]["hate"] == 1:
        return Mapped({"hate": 1.0, "toxicity": 1.0})
    return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.05})


SOURCE = Source(
    name="gahd_de",
    title="GAHD: German Adversarial Hate Speech Dataset",
    origin="github.com/jagol/gahd at 2a4e919d5208",
    licence="CC-BY-4.0",
    citation="Goldzycher et al. 2024, Improving Adversarial Data Collection by Supporting Annotators, NAACL",
    languages=("de",),
    mapping=mapping,
)
