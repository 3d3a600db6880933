"""IWG: German tweets about refugees, judged by two experts."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split


def mapping(row: Row) -> Mapped:
    """Both experts' yes or no and the second's rating from 1 to 6 are averaged: they agree poorly.

    The hate here is against refugees and Muslims, so racism goes with it; below one half the tweet may still
    be toxic to politicians. Nothing was asked about other grounds.
    """
    native = row["labels"]
    votes = [float(native[f"HatespeechOrNot (Expert {expert})"] == "YES") for expert in (1, 2)]
    rating = (float(native["Hatespeech Rating (Expert 2)"]) - 1) / 5
    hate = round((sum(votes) + rating) / 3, 3)
    if hate >= 0.5:
        return Mapped({"racism": hate, "hate": hate, "toxicity": hate})
    return Mapped({"racism": hate, "hate": hate})


SOURCE = Source(
    name="iwg_refugees_de",
    title="IWG hate speech corpus on the refugee crisis",
    origin="github.com/UCSM-DUE/IWG_hatespeech_public at e14501bcada5",
    licence="CC-BY-SA-3.0",
    citation="Ross et al. 2016, Measuring the Reliability of Hate Speech Annotations, NLP4CMC III",
    languages=("de",),
    mapping=mapping,
    split=hashed_split,
)
