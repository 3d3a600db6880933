"""Comments under one popular French video: everyday French, nobody labelled them."""

from training.sources.base import Mapped, Row, Source


def mapping(_: Row) -> Mapped:
    """Presumed free of abuse and of customers' cases: what is flagged is nearly all false alarm."""
    return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})


SOURCE = Source(
    name="youtube_comments_squeezie_fr",
    title="Comments under a French YouTube video",
    origin="github.com/Fatimazohrajellali/Analyse-de-sentiment-des-commentaires-YouTube at 26ac73855c31",
    licence="none stated: it judges only",
    citation="Fatimazohrajellali 2025",
    languages=("fr",),
    mapping=mapping,
    folder="research",
)
