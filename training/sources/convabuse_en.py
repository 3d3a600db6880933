"""ConvAbuse: what people say to two chatbots, with experts' votes, in conversation."""

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source

_LEVELS = ("1", "0", "-1", "-2", "-3")  # not abusive, ambiguous, then abusive ever more strongly
_HATE = ("racist", "homophobic", "transphobic")


def mapping(row: Row) -> Mapped:
    """Shares of votes: negative levels are toxicity, ``sexist`` and ``racist`` are themselves.

    Sexual harassment of a bot is sexism to some readers: where more annotators saw it than saw sexism, sexism
    is unknown. Sexist or harassing words may be hate or not; other grounds' votes are hate. Talk with
    E.L.I.Z.A. addresses no brand; CarbonBot takes flight details, which could be a customer's.
    """
    native = row["labels"]
    annotators = native["n_annotators"]
    levels = [native[f"is_abuse.{level}"] for level in _LEVELS]
    hate_votes = max(native.get(kind, 0) for kind in _HATE)
    labels: dict[LabelName, float] = {
        "racism": native["racist"] / annotators,
        "toxicity": sum(levels[2:]) / sum(levels),  # a few annotators voted twice: levels can exceed them
    }
    if native["sex_harassment"] <= native["sexist"]:
        labels["sexism"] = native["sexist"] / annotators
    if hate_votes or not (native["sexist"] or native["sex_harassment"]):
        labels["hate"] = hate_votes / annotators
    if native["bot"] == "E.L.I.Z.A.":
        labels["sav"] = 0.0
    return Mapped(labels)


SOURCE = Source(
    name="convabuse_en",
    title="ConvAbuse",
    origin="github.com/amandacurry/convabuse at c0a9469f4895",
    licence="CC-BY-4.0",
    citation="Cercas Curry et al. 2021, ConvAbuse: Data, Analysis, and Benchmarks for Nuanced Abuse "
    "Detection in Conversational AI, EMNLP",
    languages=("en",),
    mapping=mapping,
)
