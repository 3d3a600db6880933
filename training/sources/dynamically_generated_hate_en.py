"""Dynamically Generated Hate Speech: sentences written to fool a classifier; binary copy of four rounds."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped | None:
    """Hate covers every protected ground and is contempt, hence toxic; this copy has lost the targets.

    A sentence that is not hateful attacks no sex and no origin, but one in five of those read insults
    somebody: softly not toxic, or a model would take every mention of a group for an insult. Rows without a
    label are torn pieces of the file.
    """
    hate = row["labels"]["hate"]
    if hate is None:
        return None
    if hate:
        return Mapped({"hate": 1.0, "toxicity": 1.0, "sav": 0.0})
    return Mapped({"hate": 0.0, "racism": 0.0, "sexism": 0.0, "toxicity": 0.2, "sav": 0.0})


SOURCE = Source(
    name="dynamically_generated_hate_en",
    title="Dynamically Generated Hate Speech Dataset",
    origin="github.com/TimItsara/efficient-low-resource-hate-detection at cca3ba8bcf26",
    licence="CC-BY-4.0",
    citation="Vidgen et al. 2021, Learning from the Worst: Dynamically Generated Datasets to Improve "
    "Online Hate Detection, arXiv:2012.15761",
    languages=("en",),
    mapping=mapping,
)
