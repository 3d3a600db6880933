"""Messages with their gold answers, ready to be put to a model."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from labels.errors import VigieError
from labels.taxonomy import LABEL_NAMES, IntentName, LabelName
from training.sources.base import Example


class EvaluationError(VigieError):
    """A suite or a file cannot be evaluated; the message says which, where and why."""


@dataclass(frozen=True)
class Published:
    """What somebody else reports on the same set, or where ``group`` names one, on that group of it."""

    system: str
    figure: str
    source: str
    group: str | None = None


@dataclass(frozen=True)
class Case:
    """One message; ``gold`` answers the exam's questions by name, and one that it leaves out is not asked."""

    text: str
    context: tuple[str, ...]
    language: str | None
    gold: Mapping[str, float]
    intent: IntentName | None = None
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Exam:
    """Cases and questions; a question is whether a message is flagged for any of its labels.

    ``mean_over`` names the grouping whose groups' mean is the headline figure.
    """

    name: str
    title: str
    source: str | None
    cases: Sequence[Case]
    questions: Mapping[str, tuple[LabelName, ...]]
    published: tuple[Published, ...] = ()
    mean_over: str | None = None

    def sha256(self) -> str:
        """Checksum over all cases in order: texts, contexts, gold, intents, groups."""
        digest = hashlib.sha256()
        for case in self.cases:
            digest.update(json.dumps(asdict(case), ensure_ascii=True, sort_keys=True).encode())
        return digest.hexdigest()


_ONE_QUESTION_A_LABEL: dict[str, tuple[LabelName, ...]] = {name: (name,) for name in LABEL_NAMES}


def exam_of_examples(name: str, title: str, examples: Sequence[Example]) -> Exam:
    """One question a label, also by language; labels unknown to an example are not asked of it."""
    cases = [
        Case(
            text=example.text,
            context=example.context,
            language=example.lang,
            gold={str(label): value for label, value in example.labels.items()},
            intent=example.intent,
            groups={"language": example.lang},
        )
        for example in examples
    ]
    return Exam(name, title, None, cases, _asked(cases))


def exam_of_file(path: Path) -> Exam:
    """JSON lines with ``text``, optional ``context`` (oldest first) and ``labels`` such as ``{"hate": 1}``.

    Raises EvaluationError naming the line that is not so.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path} cannot be read: {error}") from error
    cases = [_file_case(line, f"{path}:{number}") for number, line in enumerate(lines, 1) if line.strip()]
    if not cases:
        raise EvaluationError(f"{path} holds no messages")
    return Exam(path.name, path.name, None, cases, _asked(cases))


def _asked(cases: Sequence[Case]) -> dict[str, tuple[LabelName, ...]]:
    known = {name for case in cases for name in case.gold}
    return {name: labels for name, labels in _ONE_QUESTION_A_LABEL.items() if name in known}


def _file_case(line: str, where: str) -> Case:
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise EvaluationError(f"{where}: not JSON: {error}") from error
    problems = list(_problems(entry))
    if problems:
        raise EvaluationError(f"{where}: {'; '.join(problems)}")
    gold = {name: float(value) for name, value in entry["labels"].items()}
    return Case(entry["text"], tuple(entry.get("context") or ()), None, gold)


def _problems(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "not an object"
        return
    text, context, labels = entry.get("text"), entry.get("context") or [], entry.get("labels")
    if not isinstance(text, str) or not text.strip():
        yield "text must be a string that is not blank"
    if not isinstance(context, list) or not all(isinstance(part, str) for part in context):
        yield "context must be a list of strings"
    if not isinstance(labels, dict) or not labels:
        yield 'labels must be an object such as {"hate": 1}'
        return
    for name, value in labels.items():
        if name not in LABEL_NAMES:
            yield f"label {name} is not one of {', '.join(LABEL_NAMES)}"
        elif value not in (0, 1):
            yield f"label {name} must be 0 or 1"
