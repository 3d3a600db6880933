"""EDOS: sexism in Reddit and Gab posts, SemEval-2023 task 10."""

from training.sources.base import Mapped, Row, Source

_HATE_CATEGORIES = ("1.", "2.")  # threats, derogation: attacks on the ground of sex


def mapping(row: Row) -> Mapped:
    """Sexist posts that threaten or derogate are hate too; animosity and "prejudiced discussion" may be.

    A post that is not sexist may be hateful or toxic otherwise, so only its sexism is known.
    """
    native = row["labels"]
    if native["label_sexist"] == "not sexist":
        return Mapped({"sexism": 0.0, "sav": 0.0})
    if native["label_category"].startswith(_HATE_CATEGORIES):
        return Mapped({"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0})
    return Mapped({"sexism": 1.0, "sav": 0.0})


SOURCE = Source(
    name="edos_en",
    title="Explainable Detection of Online Sexism",
    origin="github.com/rewire-online/edos at b1f1fbcca9d4",
    licence="CC0-1.0",
    citation="Kirk et al. 2023, SemEval-2023 Task 10: Explainable Detection of Online Sexism, "
    "arXiv:2303.04222",
    languages=("en",),
    mapping=mapping,
)
