"""Puts exams to a model as it is served, and keeps the figures."""

import logging
import os
import platform
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import numpy as np
from pydantic import TypeAdapter
from tqdm import tqdm

from labels.taxonomy import LabelName
from serving.engine.artefact import ModelConfig, Tier
from serving.engine.classifier import Classifier
from serving.engine.engine import Message, Scores
from training.evaluate.exam import Case, Exam, Published, exam_of_examples, exam_of_file
from training.evaluate.metrics import Bools, Figures, Floats, figures, group_masks, ratio
from training.evaluate.pins import is_pinned, read_pins
from training.evaluate.suites import Suite
from training.sources.base import Example, SourceError

logger = logging.getLogger(__name__)

METRICS_FILES: dict[Tier, str] = {"full": "metrics.json", "fast": "metrics.fast.json"}
VALIDATION = "validation"

_CHUNK = 512
_LIBRARIES = ("numpy", "onnxruntime", "tokenizers")


@dataclass(frozen=True)
class QuestionResult:
    """Figures of one question, over all and by grouping and group.

    Where several labels count, a message's score is its highest: good for ranking (AUC), not a probability.
    """

    name: str
    flagged: tuple[LabelName, ...]
    figures: Figures
    groups: dict[str, dict[str, Figures]]


@dataclass(frozen=True)
class IntentResult:
    """How often the likeliest intent is the gold one, over customers' cases that have a gold intent."""

    rows: int
    accuracy: float


@dataclass(frozen=True)
class ExamResult:
    """What became of one exam. ``unreadable`` messages are in a script that the model does not read."""

    name: str
    title: str
    source: str | None
    sha256: str
    rows: int
    unreadable: int
    seconds: float
    questions: tuple[QuestionResult, ...]
    intents: IntentResult | None
    published: tuple[Published, ...]
    mean_over: str | None


@dataclass(frozen=True)
class Machine:
    """Where the seconds were measured."""

    cpu: str
    cores: int


@dataclass(frozen=True)
class Evaluation:
    """All results of one model: the content of ``metrics.json``.

    ``missing`` suites were not at hand; ``changed`` ones hold other messages or gold than those pinned.
    """

    model: str
    checksums: dict[str, str]
    thresholds: dict[LabelName, float]
    date: str
    machine: Machine
    libraries: dict[str, str]
    results: tuple[ExamResult, ...]
    missing: tuple[str, ...]
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelScores:
    """Scores and gold, both [rows], of the messages of which a label is known."""

    scores: Floats
    gold: Floats


def evaluate(
    engine: Classifier,
    suites: Sequence[Suite],
    validation: Sequence[Example] = (),
    *,
    skip_missing: bool = False,
) -> Evaluation:
    """Put every suite to the engine, and the validation examples label by label where there are some.

    Raises SourceError where a suite's source cannot be had, unless such suites are to be skipped.
    """
    exams: list[Exam] = []
    missing: list[str] = []
    pins = read_pins()
    for suite in suites:
        try:
            exams.append(suite.exam())
        except SourceError as error:
            if not skip_missing:
                raise
            logger.warning("left out: %s (%s)", suite.name, error)
            missing.append(suite.name)
    changed = [exam.name for exam in exams if not is_pinned(exam, pins)]
    if validation:
        title = "Validation (calibration and thresholds were fitted on it)"
        exams.append(exam_of_examples(VALIDATION, title, validation))
    return replace(_evaluation(engine, exams, missing), changed=tuple(changed))


def evaluate_file(engine: Classifier, path: Path) -> Evaluation:
    """The same figures, label by label, on a file of JSON lines.

    Raises EvaluationError naming the line that cannot be read.
    """
    return _evaluation(engine, [exam_of_file(path)], [])


def label_scores(engine: Classifier, examples: Sequence[Example]) -> dict[LabelName, LabelScores]:
    """What curves are drawn from: scores and gold of each label over the examples that know it."""
    exam = exam_of_examples(VALIDATION, "Validation", examples)
    scores = _score_matrix(engine.config, _classify(engine, exam))
    return {
        label: LabelScores(scores[known, engine.config.labels.index(label)], gold[known])
        for label, gold, known in ((name, *_gold(exam.cases, name)) for name in engine.config.labels)
        if known.any()
    }


def write_metrics(evaluation: Evaluation, path: Path) -> None:
    """Write an evaluation as JSON."""
    path.write_bytes(TypeAdapter(Evaluation).dump_json(evaluation, indent=1) + b"\n")


def read_metrics(path: Path) -> Evaluation:
    """Read an evaluation back."""
    return TypeAdapter(Evaluation).validate_json(path.read_bytes())


def _evaluation(engine: Classifier, exams: Sequence[Exam], missing: Sequence[str]) -> Evaluation:
    return Evaluation(
        model=engine.config.version,
        checksums=dict(engine.checksums),
        thresholds=dict(engine.config.thresholds),
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        machine=Machine(_cpu_model(), os.cpu_count() or 1),
        libraries={
            "python": platform.python_version(),
            **{name: metadata.version(name) for name in _LIBRARIES},
        },
        results=tuple(_examine(engine, exam) for exam in exams),
        missing=tuple(missing),
    )


def _examine(engine: Classifier, exam: Exam) -> ExamResult:
    start = time.perf_counter()
    answers = _classify(engine, exam)
    seconds = time.perf_counter() - start
    scores = _score_matrix(engine.config, answers)
    return ExamResult(
        name=exam.name,
        title=exam.title,
        source=exam.source,
        sha256=exam.sha256(),
        rows=len(exam.cases),
        unreadable=sum(answer.labels is None for answer in answers),
        seconds=round(seconds, 2),
        questions=tuple(
            _question(engine.config, exam.cases, scores, name, flagged)
            for name, flagged in exam.questions.items()
        ),
        intents=_intents(exam.cases, answers),
        published=exam.published,
        mean_over=exam.mean_over,
    )


def _classify(engine: Classifier, exam: Exam) -> list[Scores]:
    messages = [Message(case.text, case.context, case.language) for case in exam.cases]
    return list(_chunks_classified(engine, messages, exam.name))


def _chunks_classified(engine: Classifier, messages: Sequence[Message], name: str) -> Iterator[Scores]:
    with tqdm(total=len(messages), desc=name, unit=" messages") as progress:
        for start in range(0, len(messages), _CHUNK):
            chunk = messages[start : start + _CHUNK]
            yield from engine.classify(chunk)
            progress.update(len(chunk))


def _score_matrix(config: ModelConfig, answers: Sequence[Scores]) -> Floats:
    """[rows, labels]; 0 for messages that the model does not read, for they are never flagged."""
    return np.array(
        [[answer.labels[name] if answer.labels else 0.0 for name in config.labels] for answer in answers]
    )


def _gold(cases: Sequence[Case], question: str) -> tuple[Floats, Bools]:
    """A question's gold [rows], and of which rows it is known."""
    known = np.array([question in case.gold for case in cases])
    return np.array([case.gold.get(question, 0.0) for case in cases]), known


def _question(
    config: ModelConfig, cases: Sequence[Case], scores: Floats, name: str, labels: tuple[LabelName, ...]
) -> QuestionResult:
    columns = [config.labels.index(label) for label in labels]
    thresholds = np.array([config.thresholds[label] for label in labels])
    gold, known = _gold(cases, name)
    flagged = np.any(scores[:, columns] >= thresholds, axis=1)
    best = scores[:, columns].max(axis=1)
    groups: dict[str, dict[str, Figures]] = {}
    for grouping in cases[0].groups:
        masks = group_masks([case.groups[grouping] for case in cases])
        groups[grouping] = {
            group: figures(gold[mask & known], flagged[mask & known], best[mask & known])
            for group, mask in masks.items()
            if (mask & known).any()
        }
    return QuestionResult(name, labels, figures(gold[known], flagged[known], best[known]), groups)


def _intents(cases: Sequence[Case], answers: Sequence[Scores]) -> IntentResult | None:
    judged = [
        (case.intent, answer.intents) for case, answer in zip(cases, answers, strict=True) if case.intent
    ]
    right = sum(scores is not None and max(scores, key=scores.__getitem__) == gold for gold, scores in judged)
    accuracy = ratio(right, len(judged))
    return IntentResult(len(judged), accuracy) if accuracy is not None else None


def _cpu_model() -> str:
    """As Linux tells it, else what Python knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
