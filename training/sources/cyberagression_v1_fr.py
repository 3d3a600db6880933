"""CyberAgressionAdo v1: role-played bullying in teenagers' multi-party chats, in French, with context."""

from training.sources.base import Mapped, Row, Source


def mapping(row: Row) -> Mapped:
    """Verbal abuse of any kind is toxicity; the group-hate flag is hate."""
    native = row["labels"]
    return Mapped(
        {
            "hate": float(native["hate_speech"] == "yes"),
            "toxicity": float(native["verbal_abuse"] != "none"),
        }
    )


SOURCE = Source(
    name="cyberagression_v1_fr",
    title="CyberAgressionAdo v1",
    origin="github.com/aollagnier/CyberAgressionAdo-v1 at 75f90fb0fec1",
    licence="none stated (the later Large version: CC-BY-NC-4.0): it judges only",
    citation="Ollagnier et al. 2022, CyberAgressionAdo-v1, LREC",
    languages=("fr",),
    mapping=mapping,
    folder="research",
)
