"""ToLD-Br: Brazilian Portuguese tweets with three annotators' votes on kinds of offence."""

import re

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_ANNOTATORS = 3
_GROUND = ("homophobia", "racism", "misogyny", "xenophobia")
_MOJIBAKE = re.compile("[\u4e00-\u9fff]")  # "n\u8305o" for "não": UTF-8 once read as GBK


def mapping(row: Row) -> Mapped | None:
    """Votes become shares; xenophobia is racism. Unreadable rows (broken encoding) are dropped.

    Obscenity without insult is swearing: softly not toxic, for some of it is aimed at people. A vote on a
    ground alone is often a friendly "viado", so hate is known only when two annotators see insult as well, or
    when nobody sees any ground touched. Tweets may address a brand: SAV stays unknown.
    """
    if _MOJIBAKE.search(row["text"]):
        return None
    native = row["labels"]
    share = {kind: native[kind] / _ANNOTATORS for kind in ("insult", "obscene", *_GROUND)}
    ground = max(share[kind] for kind in _GROUND)
    toxicity = max(share["insult"], ground)
    labels: dict[LabelName, float] = {
        "sexism": share["misogyny"],
        "racism": max(share["racism"], share["xenophobia"]),
        "toxicity": toxicity if toxicity or not share["obscene"] else 0.2,
    }
    if ground == 0 or (ground > 0.5 and share["insult"] > 0.5):
        labels["hate"] = ground
    return Mapped(labels)


SOURCE = Source(
    name="toldbr_pt",
    title="ToLD-Br: Toxic Language Dataset for Brazilian Portuguese",
    origin="github.com/JAugusto97/ToLD-Br at 7804082d06a4",
    licence="CC-BY-SA-4.0",
    citation="Leite et al. 2020, Toxic Language Detection in Social Media for Brazilian Portuguese, AACL",
    languages=("pt",),
    mapping=mapping,
    split=hashed_split,
)
