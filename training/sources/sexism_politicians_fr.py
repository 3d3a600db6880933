"""Tweets about French women politicians: misogynous, abusive only, or neither."""

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source

_MEANING: dict[str, dict[LabelName, float]] = {
    "misogynous": {"sexism": 1.0},
    "abusive, not misogynous": {"sexism": 0.0, "toxicity": 1.0},
    "not misogynous, not abusive": {"sexism": 0.0, "toxicity": 0.0},
}


def mapping(row: Row) -> Mapped | None:
    """Unclear tweets are left out."""
    labels = _MEANING.get(row["labels"]["meaning"])
    return Mapped(labels) if labels is not None else None


SOURCE = Source(
    name="sexism_politicians_fr",
    title="Sexism against women politicians in French tweets",
    origin="github.com/aollagnier/Sexism_Twitter_French at 77ae319b5c1b",
    licence="none stated: it judges only",
    citation="Ollagnier, Sexism_Twitter_French (README)",
    languages=("fr",),
    mapping=mapping,
    folder="research",
)
