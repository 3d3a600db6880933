"""What the released model is meant to reach, and what it reaches."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from labels.taxonomy import LABEL_NAMES
from training.disguise import OBFUSCATIONS
from training.evaluate.metrics import Figures
from training.evaluate.report import NOTHING, headline, mean, naming_ratio, number, table
from training.evaluate.run import VALIDATION, Evaluation, ExamResult, QuestionResult

Measure = Callable[[ExamResult], float | None]

MAIN_LANGUAGES = ("fr", "en", "es", "de", "it", "pt")


@dataclass(frozen=True)
class Target:
    """A figure of one exam that is to be at least, or ``at_most``, the goal."""

    what: str
    exam: str
    goal: float
    measure: Measure
    at_most: bool = False

    def is_met(self, value: float) -> bool:
        """Whether a measured value reaches the goal."""
        return value <= self.goal if self.at_most else value >= self.goal


def _headline(result: ExamResult) -> float | None:
    return headline(result, result.questions[0])[1]


def _left_alone(result: ExamResult) -> float | None:
    question = result.questions[0]
    if result.mean_over:
        return mean([figures.clean.recall for figures in question.groups[result.mean_over].values()])
    return question.figures.clean.recall


def _intents(result: ExamResult) -> float | None:
    return result.intents.accuracy if result.intents else None


def _accuracy_on(name: str) -> Measure:
    return lambda result: result.questions[0].groups["functionality"][name].accuracy


def _question(result: ExamResult, name: str) -> QuestionResult:
    return next(question for question in result.questions if question.name == name)


def _flagged(name: str, language: str | None = None) -> Measure:
    def measure(result: ExamResult) -> float | None:
        question = _question(result, name)
        return (question.groups["language"][language] if language else question.figures).clean_flagged

    return measure


def _naming_ratio(result: ExamResult) -> float | None:
    return naming_ratio(result.questions[0])


def _worst_recall_loss(result: ExamResult) -> float | None:
    spellings: Mapping[str, Figures] = result.questions[0].groups["spelling"]
    plain = spellings["plain"].positive.recall
    recalls = [spellings[kind].positive.recall for kind in OBFUSCATIONS]
    if plain is None:
        return None
    return max(plain - recall for recall in recalls if recall is not None)


def _calibration_error(label: str) -> Measure:
    return lambda result: _question(result, label).figures.calibration_error


def _worst_language(label: str) -> Measure:
    def measure(result: ExamResult) -> float | None:
        languages = _question(result, label).groups["language"]
        errors = [
            languages[language].calibration_error for language in MAIN_LANGUAGES if language in languages
        ]
        return max(error for error in errors if error is not None)

    return measure


TARGETS: tuple[Target, ...] = (
    Target("Multilingual HateCheck, de es it pt: macro-F1", "multilingual_hatecheck", 0.82, _headline),
    Target("the same: non-hateful left alone", "multilingual_hatecheck", 0.75, _left_alone),
    Target("HateCheck en: macro-F1", "hatecheck_en", 0.82, _headline),
    Target("HateCheck en: non-hateful left alone", "hatecheck_en", 0.75, _left_alone),
    Target("HateCheck en: quoting to counter", "hatecheck_en", 0.6, _accuracy_on("counter_quote_nh")),
    Target("HateCheck en: referring to counter", "hatecheck_en", 0.6, _accuracy_on("counter_ref_nh")),
    Target("EDOS task A, test: macro-F1", "edos_test", 0.84, _headline),
    Target("GermEval 2018 coarse, test: macro-F1", "germeval2018_test", 0.77, _headline),
    Target("GAHD, test: macro-F1", "gahd_test", 0.75, _headline),
    # The first model (1.0.0) reached .578, .568, .636 and .655: five points more.
    Target("MLMA fr, held-out: macro-F1", "mlma_fr_heldout", 0.628, _headline),
    Target("FTR fr, held-out: macro-F1", "ftr_fr_heldout", 0.618, _headline),
    Target("tweets on women politicians, fr: macro-F1", "sexism_politicians_fr", 0.686, _headline),
    Target("CyberAgressionAdo, with context, fr: macro-F1", "cyberagression_v1_fr", 0.705, _headline),
    Target("SAV, perfume shop chat with context: F1", "perfume_chat_fr_test", 0.9, _headline),
    Target("SAV, perfume shop chat with context: specificity", "perfume_chat_fr_test", 0.75, _left_alone),
    Target("SAV, perfume shop chat with context: intents", "perfume_chat_fr_test", 0.7, _intents),
    Target("SAV, telecom tweets: F1", "telecom_fr_test", 0.93, _headline),
    Target("SAV, telecom tweets: specificity", "telecom_fr_test", 0.75, _left_alone),
    Target("SAV, telecom tweets: intents", "telecom_fr_test", 0.7, _intents),
    Target("comments under a French video flagged for abuse", "everyday_fr", 0.015, _flagged("abuse"), True),
    Target("the same flagged for sav", "everyday_fr", 0.03, _flagged("sav"), True),
    Target("neutral French tweets flagged for abuse", "neutral_tweets", 0.015, _flagged("abuse", "fr"), True),
    Target("the same flagged for sav", "neutral_tweets", 0.03, _flagged("sav", "fr"), True),
    Target("harmless: flagged when naming a group, ratio", "authored_harmless", 1.5, _naming_ratio, True),
    Target("disguised abuse, fr: worst loss of recall", "obfuscation_fr", 0.1, _worst_recall_loss, True),
    Target("disguised hate, en: worst loss of recall", "obfuscation_en", 0.1, _worst_recall_loss, True),
    *(
        Target(f"calibration error, {label}, validation", VALIDATION, 0.03, _calibration_error(label), True)
        for label in LABEL_NAMES
    ),
    *(
        Target(f"the same, worst main language: {label}", VALIDATION, 0.05, _worst_language(label), True)
        for label in LABEL_NAMES
    ),
)


def targets_table(full: Evaluation, fast: Evaluation) -> str:
    """Every target whose exam was put, with what both tiers reach."""
    return table(["what", "target", "full", "met", "fast", "met"], list(_rows(full, fast)))


def _rows(full: Evaluation, fast: Evaluation) -> Iterator[list[str]]:
    exams = [{result.name: result for result in each.results} for each in (full, fast)]
    for target in TARGETS:
        if all(target.exam in each for each in exams):
            values = [target.measure(each[target.exam]) for each in exams]
            shown = [part for value in values for part in (number(value), _verdict(target, value))]
            yield [target.what, f"{'≤' if target.at_most else '≥'} {target.goal:g}", *shown]


def _verdict(target: Target, value: float | None) -> str:
    if value is None:
        return NOTHING
    return "yes" if target.is_met(value) else "no"
