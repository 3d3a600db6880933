"""The evaluation suites: which rows of which source judge the model, and on what.

Thresholds are the model's own defaults, never chosen here.
"""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from labels.taxonomy import ABUSE_LABELS, LABEL_NAMES, LabelName
from training.disguise import OBFUSCATIONS
from training.evaluate.exam import Case, EvaluationError, Exam, Published
from training.evaluate.identity_terms import names_a_group
from training.sources import get_source
from training.sources.base import Row, Source, Split

NAMING = ("names a group", "names none")
"""The groups of harmless messages by whether they say the plain name of a group of people."""

HATE_LABELS: tuple[LabelName, ...] = ("hate", "racism", "sexism")

Gold = Callable[[Row], bool | None]
GroupOf = Callable[[Row], str]


@dataclass(frozen=True)
class Question:
    """Asks whether a message is flagged for any of ``flagged``; ``gold`` None: not asked of this row."""

    flagged: tuple[LabelName, ...]
    gold: Gold


@dataclass(frozen=True)
class Suite:
    """One evaluation set. ``split`` and ``languages`` None mean all; ``per_language`` draws at most as many.

    ``with_context`` False puts the same messages without their context; ``disguised`` puts each message as it
    is, and once in every way of hiding words, grouped by ``spelling``.
    """

    name: str
    title: str
    source: str
    questions: Mapping[str, Question]
    split: Split | None = None
    languages: tuple[str, ...] | None = None
    per_language: int | None = None
    with_context: bool = True
    disguised: bool = False
    group_by: Mapping[str, GroupOf] = field(default_factory=dict)
    mean_over: str | None = None
    published: tuple[Published, ...] = ()

    def exam(self) -> Exam:
        """The suite's messages, gold and questions.

        Raises SourceError where its source cannot be had, EvaluationError where no row of it fits.
        """
        source = get_source(self.source)
        rows = [row for row in source.rows() if self._judges(source, row)]
        plain = [self._case(source, row) for row in self._draw(rows)]
        cases = [spelt for case in plain for spelt in _spellings(case)] if self.disguised else plain
        if not cases:
            raise EvaluationError(f"{self.name}: {self.source} has no row for this suite")
        return Exam(
            name=self.name,
            title=self.title,
            source=self.source,
            cases=cases,
            questions={name: question.flagged for name, question in self.questions.items()},
            published=self.published,
            mean_over=self.mean_over,
        )

    def _judges(self, source: Source, row: Row) -> bool:
        return (
            bool(row["text"].strip())
            and (self.split is None or source.split(row) == self.split)
            and (self.languages is None or row["lang"] in self.languages)
            and bool(self._gold(row))
        )

    def _gold(self, row: Row) -> dict[str, float]:
        answers = {name: question.gold(row) for name, question in self.questions.items()}
        return {name: float(answer) for name, answer in answers.items() if answer is not None}

    def _draw(self, rows: Iterable[Row]) -> Iterator[Row]:
        """All rows in their order, or those of lowest hash in each language."""
        if self.per_language is None:
            yield from rows
            return
        taken: Counter[str] = Counter()
        for row in sorted(rows, key=lambda row: hashlib.sha256(str(row["id"]).encode()).digest()):
            if taken[row["lang"]] < self.per_language:
                taken[row["lang"]] += 1
                yield row

    def _case(self, source: Source, row: Row) -> Case:
        mapped = source.mapping(row)
        return Case(
            text=row["text"],
            context=tuple(row["context"] or ()) if self.with_context else (),
            language=row["lang"],
            gold=self._gold(row),
            intent=mapped.intent if mapped else None,
            groups={name: group_of(row) for name, group_of in self.group_by.items()},
        )


def _spellings(case: Case) -> Iterator[Case]:
    """The case as it is, and disguised in every way; the same each time."""
    yield replace(case, groups={**case.groups, "spelling": "plain"})
    for kind, disguise in OBFUSCATIONS.items():
        text = disguise(case.text, random.Random(f"{kind}/{case.text}"))
        yield replace(case, text=text, groups={**case.groups, "spelling": kind})


def _native(key: str, positive: object) -> Gold:
    return lambda row: row["labels"][key] == positive


def _unclear_left_out(row: Row) -> bool | None:
    meaning = row["labels"]["meaning"]
    return None if meaning == "unclear" else meaning == "misogynous"


def _neutral_is_harmless(row: Row) -> bool | None:
    return False if row["labels"]["sentiment"] == "neutral" else None


def _authored(label: LabelName) -> Gold:
    return lambda row: None if label in row["labels"]["unknown"] else label in row["labels"]["carried"]


def _authored_abuse(row: Row) -> bool | None:
    """Whether a line carries any abuse; None where two readers could dispute it."""
    if set(row["labels"]["carried"]) & set(ABUSE_LABELS):
        return True
    return None if set(row["labels"]["unknown"]) & set(ABUSE_LABELS) else False


def _only(gold: Gold, wanted: bool) -> Gold:
    """Asked only of rows with this gold."""
    return lambda row: wanted if gold(row) is wanted else None


def _names(row: Row) -> str:
    return NAMING[0] if names_a_group(row["text"], row["lang"]) else NAMING[1]


def _language(row: Row) -> str:
    return str(row["lang"])


def _functionality(row: Row) -> str:
    return str(row["labels"]["functionality"])


def _harmless(gold: Gold) -> dict[str, Question]:
    return {"abuse": Question(ABUSE_LABELS, gold), "sav": Question(("sav",), gold)}


_HATEFUL = {"hate": Question(HATE_LABELS, _native("label_gold", "hateful"))}
_SAV = {"sav": Question(("sav",), _native("sav", 1))}
_BULLYING = {"toxicity": Question(("toxicity",), lambda row: row["labels"]["verbal_abuse"] != "none")}

_HATECHECK_PAPER = "Röttger et al. 2021, HateCheck, ACL"
_EXPANDING_PAPER = "Röttger et al. 2022, Data-Efficient Strategies for Expanding Hate Speech Detection, EMNLP"
_EDOS_PAPER = "Kirk et al. 2023, SemEval-2023 task 10"
_GERMEVAL_PAPER = "Wiegand et al. 2018, GermEval"
_CARDS = "model cards and repositories as read in November 2026"
_SPECIALIST = "160 M specialist"
_FEW_SHOT = "XLM-T, 20k English + 20 target rows"

SUITES: tuple[Suite, ...] = (
    Suite(
        name="edos_test",
        title="EDOS task A, test: sexism, en",
        source="edos_en",
        split="test",
        questions={"sexism": Question(("sexism",), _native("label_sexist", "sexist"))},
        published=(
            Published("best of 84 teams", "0.875", _EDOS_PAPER),
            Published("median team", "0.832", _EDOS_PAPER),
            Published("one BERT-base", "0.830", _EDOS_PAPER),
        ),
    ),
    Suite(
        name="germeval2018_test",
        title="GermEval 2018 coarse, test: offence, de",
        source="germeval2018_de",
        split="test",
        questions={"offence": Question(ABUSE_LABELS, _native("coarse", "OFFENSE"))},
        published=(Published("best team", "0.768", _GERMEVAL_PAPER),),
    ),
    Suite(
        name="gahd_test",
        title="GAHD, test: adversarial hate, de",
        source="gahd_de",
        split="test",
        questions={"hate": Question(HATE_LABELS, _native("hate", 1))},
    ),
    Suite(
        name="hatecheck_en",
        title="HateCheck, en",
        source="hatecheck_en",
        questions=_HATEFUL,
        group_by={"functionality": _functionality},
        published=(
            Published("Perspective", "0.702", _HATECHECK_PAPER),
            Published("BERT on Founta", "0.563", _HATECHECK_PAPER),
            Published("Detoxify", "0.642", _CARDS),
            Published("Qwen3Guard-0.6B", "0.770", _CARDS),
            Published(_SPECIALIST, "0.852", _CARDS),
            Published("Gemma-4-12B", "0.958", _CARDS),
            Published("Perspective", "0.156", _HATECHECK_PAPER, "counter_quote_nh"),
            Published("Perspective", "0.184", _HATECHECK_PAPER, "counter_ref_nh"),
        ),
    ),
    Suite(
        name="multilingual_hatecheck",
        title="Multilingual HateCheck",
        source="multilingual_hatecheck",
        languages=("de", "es", "it", "pt"),
        questions=_HATEFUL,
        group_by={"language": _language, "functionality": _functionality},
        mean_over="language",
        published=(
            Published(_SPECIALIST, "0.841 (26-30 % of clean flagged)", _CARDS),
            Published("Shieldstral-3B, 7 languages", "0.786", _CARDS),
            Published("Detoxify, 7 languages", "0.487", _CARDS),
            Published(_SPECIALIST, "0.861", _CARDS, "de"),
            Published(_SPECIALIST, "0.846", _CARDS, "es"),
            Published(_SPECIALIST, "0.823", _CARDS, "it"),
            Published(_SPECIALIST, "0.834", _CARDS, "pt"),
            Published(_FEW_SHOT, "0.830", _EXPANDING_PAPER, "es"),
            Published(_FEW_SHOT, "0.791", _EXPANDING_PAPER, "it"),
            Published(_FEW_SHOT, "0.762", _EXPANDING_PAPER, "pt"),
        ),
    ),
    Suite(
        name="hatemojicheck_en",
        title="HatemojiCheck, en",
        source="hatemojicheck_en",
        questions={"hate": Question(HATE_LABELS, lambda row: float(row["labels"]["hate"]) == 1)},
        group_by={"functionality": _functionality},
    ),
    Suite(
        name="mlma_fr_heldout",
        title="MLMA, held-out: any abuse, fr",
        source="mlma",
        split="test",
        languages=("fr",),
        questions={"abuse": Question(ABUSE_LABELS, lambda row: row["labels"]["sentiment"] != "normal")},
    ),
    Suite(
        name="ftr_fr_heldout",
        title="FTR, held-out: racism, fr",
        source="ftr_racism_fr",
        split="test",
        questions={"racism": Question(("racism", "hate"), _native("racist", 1))},
    ),
    Suite(
        name="toxifrench_heldout",
        title="ToxiFrench forum posts, held-out: toxicity, fr",
        source="toxifrench_agreement_fr",
        split="test",
        questions={"toxicity": Question(("toxicity",), _native("conclusion", 1))},
    ),
    Suite(
        name="toxifrench_jigsaw_heldout",
        title="ToxiFrench translated Jigsaw, held-out: toxicity, fr",
        source="toxifrench_jigsaw_translated_fr",
        split="test",
        questions={
            "toxicity": Question(("toxicity",), lambda row: row["labels"]["conclusion"].endswith("1"))
        },
    ),
    Suite(
        name="authored_fr_heldout",
        title="Written for Vigie, held-out, fr",
        source="vigie_authored",
        split="test",
        languages=("fr",),
        questions={name: Question((name,), _authored(name)) for name in LABEL_NAMES},
    ),
    Suite(
        name="sexism_politicians_fr",
        title="Tweets on women politicians: sexism, fr",
        source="sexism_politicians_fr",
        questions={"sexism": Question(("sexism",), _unclear_left_out)},
    ),
    Suite(
        name="cyberagression_v1_fr",
        title="CyberAgressionAdo v1, with context: toxicity, fr",
        source="cyberagression_v1_fr",
        questions=_BULLYING,
        published=(Published("mBERT + conversation graph", "0.718", _CARDS),),
    ),
    Suite(
        name="cyberagression_v1_fr_no_context",
        title="CyberAgressionAdo v1, context removed: toxicity, fr",
        source="cyberagression_v1_fr",
        with_context=False,
        questions=_BULLYING,
    ),
    Suite(
        name="everyday_fr",
        title="Comments under a French video",
        source="youtube_comments_squeezie_fr",
        per_language=2000,
        questions=_harmless(lambda _: False),
    ),
    Suite(
        name="neutral_tweets",
        title="Neutral tweets",
        source="umsab_tweet_sentiment",
        languages=("fr", "en", "es", "de", "it", "pt", "ar"),
        per_language=300,
        questions=_harmless(_neutral_is_harmless),
        group_by={"language": _language, "naming": _names},
    ),
    Suite(
        name="authored_harmless",
        title="Written for Vigie, held-out: harmless messages",
        source="vigie_authored",
        split="test",
        questions={"abuse": Question(ABUSE_LABELS, _only(_authored_abuse, wanted=False))},
        group_by={"language": _language, "naming": _names},
    ),
    Suite(
        name="obfuscation_fr",
        title="Written for Vigie, held-out: abuse in disguise, fr",
        source="vigie_authored",
        split="test",
        languages=("fr",),
        disguised=True,
        questions={"abuse": Question(ABUSE_LABELS, _only(_authored_abuse, wanted=True))},
    ),
    Suite(
        name="obfuscation_en",
        title="HateCheck: hate in disguise, en",
        source="hatecheck_en",
        per_language=400,
        disguised=True,
        questions={"hate": Question(HATE_LABELS, _only(_native("label_gold", "hateful"), wanted=True))},
    ),
    Suite(
        name="telecom_fr_test",
        title="Telecom brand tweets, test, fr",
        source="telecom_fr",
        split="test",
        questions=_SAV,
    ),
    Suite(
        name="perfume_chat_fr_test",
        title="Perfume shop chat, with context, test, fr",
        source="perfume_chat_fr",
        split="test",
        questions=_SAV,
    ),
    Suite(
        name="perfume_chat_fr_test_no_context",
        title="Perfume shop chat, context removed, test, fr",
        source="perfume_chat_fr",
        split="test",
        with_context=False,
        questions=_SAV,
    ),
)


def get_suite(name: str) -> Suite:
    """One suite.

    Raises EvaluationError naming the known ones.
    """
    for suite in SUITES:
        if suite.name == name:
            return suite
    raise EvaluationError(f"no suite named {name}; known: {', '.join(suite.name for suite in SUITES)}")
