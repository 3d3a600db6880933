"""HatemojiBuild: short messages with emoji, written to fool a classifier, in pairs that differ in little."""

from ast import literal_eval

from labels.taxonomy import LabelName
from training.sources.base import Mapped, Row, Source

_OTHER_GROUNDS = {"dis", "gay", "gayman", "gaywom", "bis", "lgbtqa", "trans", "wc"}
_WOMEN = "wom"
_GENDER_OPEN = ("wom", "trans")  # ends of the codes where sex may or may not be the ground


def mapping(row: Row) -> Mapped:
    """The target is the ground: women, other grounds (disability, orientation, class), else race or origin.

    Hate is contempt, hence toxic. Where women of a group are meant (Black, Muslim, lesbian) or trans people,
    careful readers disagree whether sex is the ground, so sexism is unknown. A message that is not hateful
    attacks no sex and no origin, but one in ten of those read insults somebody: softly not toxic.
    """
    native = row["labels"]
    if not native["hate"]:
        return Mapped({"hate": 0.0, "racism": 0.0, "sexism": 0.0, "toxicity": 0.1, "sav": 0.0})
    targets = set(literal_eval(native["target"]))
    labels: dict[LabelName, float] = {"hate": 1.0, "toxicity": 1.0, "sav": 0.0}
    labels["racism"] = float(not targets <= _OTHER_GROUNDS | {_WOMEN})
    if _WOMEN in targets:
        labels["sexism"] = 1.0
    elif not any(target.endswith(_GENDER_OPEN) for target in targets):
        labels["sexism"] = 0.0
    return Mapped(labels)


SOURCE = Source(
    name="hatemojibuild_en",
    title="HatemojiBuild",
    origin="github.com/HannahKirk/Hatemoji at a626f6321615",
    licence="CC-BY-4.0",
    citation="Kirk et al. 2022, Hatemoji: A Test Suite and Adversarially-Generated Dataset for "
    "Benchmarking and Detecting Emoji-based Hate, arXiv:2108.05921",
    languages=("en",),
    mapping=mapping,
)
