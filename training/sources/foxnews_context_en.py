"""Fox News user comments with the article's title and the comment that they answer."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split


def mapping(row: Row) -> Mapped:
    """Hateful comments are softly so: some only attack a party or a president. Contempt for a group is toxic.

    Comments that are not hateful, on any ground, are neither racist nor sexist, but may insult.
    """
    if row["labels"]["hateful"] == 1:
        return Mapped({"hate": 0.8, "toxicity": 0.8, "sav": 0.0})
    return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "sav": 0.0})


SOURCE = Source(
    name="foxnews_context_en",
    title="Fox News User Comments",
    origin="github.com/sjtuprog/fox-news-comments at 914b6bcdff38",
    licence="MIT",
    citation="Gao & Huang 2017, Detecting Online Hate Speech Using Context Aware Models, RANLP",
    languages=("en",),
    mapping=mapping,
    split=hashed_split,
)
