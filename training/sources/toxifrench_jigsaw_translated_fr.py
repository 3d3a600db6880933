"""ToxiFrench, Jigsaw part: Wikipedia talk-page comments machine-translated into French."""

import re

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_TRANSLATOR_SPEAKS = re.compile(
    r"je ne peux pas (?:vous aider avec ça|accéder à des liens|faire ça)|voici la traduction", re.IGNORECASE
)


def mapping(row: Row) -> Mapped | None:
    """Jigsaw's labels belong to the English text; they hold where the verdict on the French text agrees.

    Disagreement (a translation that softened or lost the insult, a rude comment that Jigsaw let pass) makes
    toxicity a tie and leaves the rest unknown. Toxic comments that neither insult nor threaten are partly
    mere swearing. ``identity_hate`` misses many homophobic insults, so 0 is nearly, not plainly, no hate, and
    says nothing of sexism. Rows in which the translating model answers or refuses are dropped.
    """
    if _TRANSLATOR_SPEAKS.search(row["text"]):
        return None
    native = row["labels"]
    toxic_in_french = native["conclusion"].endswith("1")
    if bool(native["toxic"]) != toxic_in_french:
        return Mapped({"toxicity": 0.5, "sav": 0.0})
    if not toxic_in_french:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})
    toxicity = 1.0 if native["insult"] or native["threat"] else 0.7
    if native["identity_hate"]:
        return Mapped({"hate": 0.8, "toxicity": toxicity, "sav": 0.0})
    return Mapped({"racism": 0.0, "hate": 0.1, "toxicity": toxicity, "sav": 0.0})


SOURCE = Source(
    name="toxifrench_jigsaw_translated_fr",
    title="ToxiFrench, Jigsaw comments translated into French",
    origin="github.com/AxelDlv00/ToxiFrench at b93ad5bcc18a",
    licence="MIT (repository); Jigsaw annotations CC0-1.0, Wikipedia text CC-BY-SA",
    citation="Delaval et al. 2025, ToxiFrench, arXiv:2508.11281; "
    "Jigsaw 2018, Toxic Comment Classification Challenge",
    languages=("fr",),
    mapping=mapping,
    split=hashed_split,
)
