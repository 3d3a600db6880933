"""Wikipedia talk-page comments judged for toxicity with or without the comment that they answer."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split

_ONLY_IN_CONTEXT = 0.5
_ONLY_OUT_OF_CONTEXT = 0.2


def mapping(row: Row) -> Mapped:
    """Where the parent was in sight, that verdict leads; a row has a context exactly if one was shown.

    Where both verdicts exist (CAT_SMALL) and differ, each is partly chance ("lol thanks", "Spot on"): soft. A
    lone positive of the large sets is right in some seven of ten. Not toxic at all is free of all abuse.
    """
    native = row["labels"]
    in_context = native.get("toxic_in_context")
    alone = native.get("toxic_out_of_context", native.get("toxic_no_context"))
    if not in_context and not alone:
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})
    if in_context is None or alone is None:
        toxicity = 0.7
    elif in_context and alone:
        toxicity = 0.9
    else:
        toxicity = _ONLY_IN_CONTEXT if in_context else _ONLY_OUT_OF_CONTEXT
    return Mapped({"toxicity": toxicity, "sav": 0.0})


SOURCE = Source(
    name="context_toxicity_en",
    title="Context-sensitive toxicity (CAT)",
    origin="github.com/ipavlopoulos/context_toxicity at 5df49c294e6a",
    licence="Apache-2.0",
    citation="Pavlopoulos et al. 2020, Toxicity Detection: Does Context Really Matter?, ACL; "
    "Xenos et al. 2021, WOAH",
    languages=("en",),
    mapping=mapping,
    split=hashed_split,
)
