"""ToxiChat: posts and answers of Reddit threads, judged offensive or safe; machine answers left out."""

from training.sources.base import Mapped, Row, Source

_TOXIC_SHARE = 0.6  # of the offensive rows with a target that were read for this mapping
_PERSONS = {"individual/redditor", "celebrity/personality", "comment author"}


def mapping(row: Row) -> Mapped:
    """Safe posts carry no abuse.

    "Offensive" also marks crude words, criticism and touchy subjects: of those that name a target six in ten
    insult or mock it, of those that name none toxicity is unknown. Naming women or a people as the target is
    not yet contempt for them (under half of those read), so sexism, racism and hate stay unknown, except that
    an attack on nobody but single persons is neither racist nor hateful as a rule.
    """
    native = row["labels"]
    if native["offense_label"] == "Safe":
        return Mapped({"sexism": 0.0, "racism": 0.0, "hate": 0.0, "toxicity": 0.0, "sav": 0.0})
    targets = set(native["offense_targets"])
    if not targets:
        return Mapped({"sav": 0.0})
    if targets <= _PERSONS:
        return Mapped({"racism": 0.0, "hate": 0.0, "toxicity": _TOXIC_SHARE, "sav": 0.0})
    return Mapped({"toxicity": _TOXIC_SHARE, "sav": 0.0})


SOURCE = Source(
    name="toxichat_reddit_en",
    title="ToxiChat",
    origin="github.com/abaheti95/ToxiChat at c1ffebd76596",
    licence="CC-BY-SA-4.0",
    citation="Baheti et al. 2021, Just Say No: Analyzing the Stance of Neural Dialogue Generation in "
    "Offensive Contexts, arXiv:2108.11830",
    languages=("en",),
    mapping=mapping,
)
