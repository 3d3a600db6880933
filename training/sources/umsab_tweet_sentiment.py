"""UMSAB: tweets in eight languages labelled for sentiment; the neutral ones are everyday text."""

from training.sources.base import Mapped, Row, Source
from training.sources.youtube_comments_squeezie_fr import mapping as presumed_harmless


def mapping(row: Row) -> Mapped | None:
    """Only neutral tweets, presumed free of abuse and of customers' cases."""
    return presumed_harmless(row) if row["labels"]["sentiment"] == "neutral" else None


SOURCE = Source(
    name="umsab_tweet_sentiment",
    title="Unified Multilingual Sentiment Analysis Benchmark",
    origin="github.com/cardiffnlp/xlm-t at 874214d64d96",
    licence="Apache-2.0 repository; restrictions of the tweets' own sets may apply: it judges only",
    citation="Barbieri et al. 2022, XLM-T, LREC",
    languages=("ar", "en", "de", "hi", "it", "pt", "es", "fr"),
    mapping=mapping,
    folder="research",
)
