"""NLU Evaluation Data: commands to a home assistant."""

from labels.taxonomy import ABUSE_LABELS, LabelName
from training.sources.base import Mapped, Row, Source
from training.sources.splits import hashed_split


def mapping(row: Row) -> Mapped:
    """Commands to an assistant are nobody's customer service, and free of abuse.

    Ordering and following up a takeaway, and dictating posts to brands, read like a customer's case: sav
    is unknown there. Some "stop" commands say "shut up": toxicity is unknown there.
    """
    native = row["labels"]
    labels: dict[LabelName, float] = {**dict.fromkeys(ABUSE_LABELS, 0.0), "sav": 0.0}
    if native["scenario"] == "takeaway" or (native["scenario"], native["intent"]) == ("social", "post"):
        del labels["sav"]
    if native["intent"] == "commandstop":
        del labels["toxicity"]
    return Mapped(labels)


SOURCE = Source(
    name="nlu_evaluation_en",
    title="NLU Evaluation Data",
    origin="github.com/xliuhw/NLU-Evaluation-Data at f6071b496b17",
    licence="CC-BY-4.0",
    citation="Liu et al. 2019, Benchmarking Natural Language Understanding Services for building "
    "Conversational Agents, arXiv:1903.05566",
    languages=("en",),
    mapping=mapping,
    split=hashed_split,
)
