"""Markdown tables from an evaluation, for model cards and for the README."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from training.disguise import OBFUSCATIONS
from training.evaluate.exam import EvaluationError, Published
from training.evaluate.metrics import Figures, ratio
from training.evaluate.run import VALIDATION, Evaluation, ExamResult, QuestionResult
from training.evaluate.suites import NAMING

NOTHING = "–"

_HATECHECKS = ("hatecheck_en", "multilingual_hatecheck")
_QUALITY_HEADER = ("set", "messages", "macro-F1", "precision", "recall", "clean flagged", "others' macro-F1")


def insert_between(path: Path, marker: str, markdown: str) -> None:
    """Replace what lies between ``<!-- vigie:MARKER -->`` and ``<!-- /vigie:MARKER -->`` in a file.

    Raises EvaluationError unless the file holds both, once each and in this order.
    """
    text = path.read_text(encoding="utf-8")
    start, end = f"<!-- vigie:{marker} -->", f"<!-- /vigie:{marker} -->"
    if text.count(start) != 1 or text.count(end) != 1 or text.index(end) < text.index(start):
        raise EvaluationError(f"{path} must hold {start} and, after it, {end}, once each")
    before, _, rest = text.partition(start)
    after = rest.partition(end)[2]
    path.write_text(f"{before}{start}\n{markdown.strip()}\n{end}{after}", encoding="utf-8")


def readme_section(evaluation: Evaluation) -> str:
    """The model section of the README: quality, everyday text, customers' cases."""
    return "\n\n".join([_measured(evaluation), *_main_tables(evaluation)]) + "\n"


def full_report(evaluation: Evaluation) -> str:
    """Every table, for the model card; headings start at the third level."""
    hatechecks = [r for r in evaluation.results if r.name in _HATECHECKS]
    hatemoji = [r for r in evaluation.results if r.name == "hatemojicheck_en"]
    parts = [
        _measured(evaluation),
        *_main_tables(evaluation),
        _section("By language", language_table(evaluation)),
        _section("HateCheck by functionality (accuracy)", functionality_table(hatechecks)),
        _section("HatemojiCheck by functionality (accuracy)", functionality_table(hatemoji)),
        _section("Harmless messages that name a group of people, or none", naming_table(evaluation)),
        _section("Abuse in disguise (recall)", disguise_table(evaluation)),
        _section("Calibration", calibration_table(evaluation)),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _measured(evaluation: Evaluation) -> str:
    messages = sum(result.rows for result in evaluation.results)
    seconds = sum(result.seconds for result in evaluation.results)
    missing = f" Not at hand, so left out: {', '.join(evaluation.missing)}." if evaluation.missing else ""
    if evaluation.changed:
        missing += f" Not the pinned messages, so not comparable: {', '.join(evaluation.changed)}."
    thresholds = ", ".join(f"{name} {value:.2f}" for name, value in evaluation.thresholds.items())
    return (
        f"`{evaluation.model}` as it is served, on {evaluation.date[:10]}: {messages:,} messages in "
        f"{seconds:,.0f} s on {evaluation.machine.cores} cores of {evaluation.machine.cpu}. "
        f"Default thresholds: {thresholds}.{missing}"
    )


def _main_tables(evaluation: Evaluation) -> list[str]:
    parts = [
        _section("Abuse", summary_table(evaluation)),
        _section("Everyday messages, unlabelled, presumed harmless", harmless_table(evaluation)),
        _section("Customers' cases (SAV)", sav_table(evaluation)),
        _sources_of_figures(evaluation),
    ]
    return [part for part in parts if part]


def _section(title: str, markdown: str) -> str:
    return f"### {title}\n\n{markdown}" if markdown else ""


def _sources_of_figures(evaluation: Evaluation) -> str:
    sources = dict.fromkeys(p.source for result in evaluation.results for p in result.published)
    return f"Others' figures are theirs, as published: {'; '.join(sources)}." if sources else ""


def _questions(evaluation: Evaluation) -> Iterator[tuple[ExamResult, QuestionResult]]:
    for result in evaluation.results:
        for question in result.questions:
            yield result, question


def _unseen(evaluation: Evaluation) -> Iterator[tuple[ExamResult, QuestionResult]]:
    """Without validation, on which calibration and thresholds were fitted."""
    return (pair for pair in _questions(evaluation) if pair[0].name != VALIDATION)


def _title(result: ExamResult, question: QuestionResult) -> str:
    return result.title if len(result.questions) == 1 else f"{result.title}: {question.name}"


def summary_table(evaluation: Evaluation) -> str:
    """One row for each question on abuse that has both answers among its gold."""
    rows = [
        _mean_row(result, question) if result.mean_over else _pooled_row(result, question)
        for result, question in _unseen(evaluation)
        if question.figures.macro_f1 is not None and question.flagged != ("sav",)
    ]
    return table(_QUALITY_HEADER, rows)


def _pooled_row(result: ExamResult, question: QuestionResult) -> list[str]:
    return _quality_row(_title(result, question), question.figures, _others(result.published, None))


def _quality_row(title: str, figures: Figures, others: str) -> list[str]:
    return [
        title,
        f"{figures.rows:,}",
        _with_interval(figures),
        number(figures.positive.precision),
        number(figures.positive.recall),
        percent(figures.clean_flagged),
        others,
    ]


def _mean_row(result: ExamResult, question: QuestionResult) -> list[str]:
    groups = question.groups[result.mean_over or ""]
    members = list(groups.values())
    return [
        f"{_title(result, question)}, mean of {', '.join(groups)}",
        f"{question.figures.rows:,}",
        number(mean([figures.macro_f1 for figures in members])),
        number(mean([figures.positive.precision for figures in members])),
        number(mean([figures.positive.recall for figures in members])),
        percent(mean([figures.clean_flagged for figures in members])),
        _others(result.published, None),
    ]


def mean(values: Sequence[float | None]) -> float | None:
    """Plain mean; None where one of them is."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known and len(known) == len(values) else None


def language_table(evaluation: Evaluation) -> str:
    """One row for each language of the questions that are answered by language, save harmless sets."""
    rows = [
        _quality_row(f"{_title(result, question)}, {language}", figures, _others(result.published, language))
        for result, question in _unseen(evaluation)
        if question.figures.macro_f1 is not None
        for language, figures in question.groups.get("language", {}).items()
    ]
    return table(_QUALITY_HEADER, rows)


def functionality_table(results: Sequence[ExamResult]) -> str:
    """Accuracy on each functionality, one column a suite; gold is what the messages of it are."""
    by_suite = [result.questions[0].groups["functionality"] for result in results]
    names = sorted({name for groups in by_suite for name in groups})
    published = [p for result in results for p in result.published if p.group in names]
    rows = [
        [
            f"`{name}`",
            _gold_of(next(groups[name] for groups in by_suite if name in groups)),
            *(_accuracy(groups.get(name)) for groups in by_suite),
            _others(published, name),
        ]
        for name in names
    ]
    header = ["functionality", "gold", *(f"{result.title} (messages)" for result in results), "others"]
    return table(header, rows)


def _gold_of(figures: Figures) -> str:
    if figures.clean.rows and figures.positive.rows:
        return "mixed"
    return "hateful" if figures.positive.rows else "not hateful"


def _accuracy(figures: Figures | None) -> str:
    return f"{number(figures.accuracy)} ({figures.rows:,})" if figures else NOTHING


def harmless_table(evaluation: Evaluation) -> str:
    """Shares flagged where nothing should be, over all and by language."""
    rows = [
        [
            result.title,
            question.name,
            f"{question.figures.rows:,}",
            percent(question.figures.clean_flagged),
            _by_language(question, "clean_flagged"),
        ]
        for result, question in _unseen(evaluation)
        if question.figures.positive.rows == 0
    ]
    return table(["set", "flagged for", "messages", "flagged", "by language"], rows)


def _by_language(question: QuestionResult, figure: str) -> str:
    shown = percent if figure == "clean_flagged" else number
    groups = question.groups.get("language", {})
    return (
        ", ".join(f"{name} {shown(getattr(figures, figure))}" for name, figures in groups.items()) or NOTHING
    )


def sav_table(evaluation: Evaluation) -> str:
    """The questions on SAV that have positives; intents over customers' cases with a gold intent."""
    rows = [
        [
            _title(result, question),
            f"{question.figures.rows:,}",
            number(question.figures.positive.f1),
            number(question.figures.positive.precision),
            number(question.figures.positive.recall),
            number(question.figures.clean.recall),
            f"{number(result.intents.accuracy)} ({result.intents.rows:,})" if result.intents else NOTHING,
        ]
        for result, question in _unseen(evaluation)
        if question.flagged == ("sav",) and question.figures.positive.rows
    ]
    header = ["set", "messages", "F1", "precision", "recall", "specificity", "intent accuracy (messages)"]
    return table(header, rows)


def naming_table(evaluation: Evaluation) -> str:
    """How much more often a harmless message is flagged when it says the plain name of a group."""
    rows = [
        [
            _title(result, question),
            *(f"{percent(naming[kind].clean_flagged)} ({naming[kind].rows:,})" for kind in NAMING),
            number(naming_ratio(question)),
        ]
        for result, question in _unseen(evaluation)
        if (naming := question.groups.get("naming", {})).keys() == set(NAMING)
    ]
    return table(["set", *(f"{kind}: flagged (messages)" for kind in NAMING), "ratio"], rows)


def naming_ratio(question: QuestionResult) -> float | None:
    """False alarms on messages that name a group, as a multiple of those on messages that name none."""
    named, unnamed = (question.groups["naming"][kind].clean_flagged for kind in NAMING)
    return ratio(named, unnamed) if named is not None and unnamed is not None else None


def disguise_table(evaluation: Evaluation) -> str:
    """Recall on the same messages as they are and in every spelling that hides words."""
    rows = [
        [
            _title(result, question),
            f"{spellings['plain'].rows:,}",
            *(number(figures.positive.recall) for figures in spellings.values()),
        ]
        for result, question in _unseen(evaluation)
        if (spellings := _plain_first(question.groups.get("spelling", {})))
    ]
    return table(["set", "messages", "plain", *OBFUSCATIONS], rows)


def _plain_first(spellings: Mapping[str, Figures]) -> dict[str, Figures]:
    return {name: spellings[name] for name in ("plain", *OBFUSCATIONS) if name in spellings}


def tiers_table(full: Evaluation, fast: Evaluation) -> str:
    """The headline figure of every question in both tiers; points are hundredths."""
    rows = []
    for (result, question), (_, faster) in zip(_unseen(full), _unseen(fast), strict=True):
        name, figure = headline(result, question)
        other = headline(result, faster)[1]
        if figure is not None and other is not None:
            shown = [f"{figure:.3f}", f"{other:.3f}", f"{100 * (other - figure):+.1f}"]
            rows.append([_title(result, question), name, *shown])
    return table(["set", "figure", "full", "fast", "points"], rows)


def headline(result: ExamResult, question: QuestionResult) -> tuple[str, float | None]:
    """The figure that a question is known by, and its value."""
    if not question.figures.clean.rows:
        return "recall", question.figures.positive.recall
    if not question.figures.positive.rows:
        return "flagged", question.figures.clean_flagged
    if question.flagged == ("sav",):
        return "F1", question.figures.positive.f1
    if result.mean_over:
        return "macro-F1", mean([f.macro_f1 for f in question.groups[result.mean_over].values()])
    return "macro-F1", question.figures.macro_f1


def calibration_table(evaluation: Evaluation) -> str:
    """Expected calibration error where one label alone is asked, over all and by language."""
    rows = [
        [
            result.title,
            question.flagged[0],
            f"{question.figures.rows:,}",
            number(question.figures.calibration_error),
            number(question.figures.auc),
            _by_language(question, "calibration_error"),
        ]
        for result, question in _questions(evaluation)
        if len(question.flagged) == 1
    ]
    return table(["set", "label", "messages", "calibration error", "AUC", "error by language"], rows)


def _others(published: Sequence[Published], group: str | None) -> str:
    return "; ".join(f"{p.system} {p.figure}" for p in published if p.group == group) or NOTHING


def _with_interval(figures: Figures) -> str:
    if figures.interval is None:
        return number(figures.macro_f1)
    return f"{number(figures.macro_f1)} [{figures.interval[0]:.3f}, {figures.interval[1]:.3f}]"


def number(value: float | None) -> str:
    """Three decimals, or a dash."""
    return NOTHING if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """One decimal, or a dash."""
    return NOTHING if value is None else f"{100 * value:.1f} %"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; nothing without rows."""
    if not rows:
        return ""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)
