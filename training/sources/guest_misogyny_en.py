"""Guest: misogyny in Reddit threads, labelled by trained annotators."""

from training.sources.base import Mapped, Row, Source
from training.sources.splits import native_test_split


def mapping(row: Row) -> Mapped:
    """Explicit derogation and threats are hate; implicit derogation and other ill treatment leave it open.

    Pejoratives ("Becky", "slut") also mark posts that discuss or reject them: soft. Personal attacks are
    toxic, on sex or not. Any other post may be hateful or toxic otherwise: only its sexism is known.
    """
    native = row["labels"]
    match native["level_2"]:
        case "Derogation" if native["strength"].endswith("Explicit"):
            return Mapped({"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0})
        case "Derogation":
            return Mapped({"sexism": 1.0, "sav": 0.0})
        case "Treatment" if native["level_3"].startswith("Threatening"):
            return Mapped({"sexism": 1.0, "hate": 1.0, "toxicity": 1.0, "sav": 0.0})
        case "Treatment":
            return Mapped({"sexism": 0.8, "sav": 0.0})
        case "Misogynistic_pejorative":
            return Mapped({"sexism": 0.7, "sav": 0.0})
        case "Misogynistic_personal_attack":
            return Mapped({"sexism": 1.0, "toxicity": 1.0, "sav": 0.0})
        case "Nonmisogynistic_personal_attack":
            return Mapped({"sexism": 0.0, "toxicity": 1.0, "sav": 0.0})
        case _:
            return Mapped({"sexism": 0.0, "sav": 0.0})


SOURCE = Source(
    name="guest_misogyny_en",
    title="An Expert Annotated Dataset for the Detection of Online Misogyny",
    origin="github.com/ellamguest/online-misogyny-eacl2021 at b3c04567452e",
    licence="MIT",
    citation="Guest et al. 2021, An Expert Annotated Dataset for the Detection of Online Misogyny, EACL",
    languages=("en",),
    mapping=mapping,
    split=native_test_split,
)
