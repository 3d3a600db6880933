"""From an engine's answers to figures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from labels.taxonomy import IntentName, LabelName
from serving.engine.classifier import Classifier
from training.evaluate.exam import EvaluationError
from training.evaluate.run import (
    Evaluation,
    evaluate,
    evaluate_file,
    label_scores,
    read_metrics,
    write_metrics,
)
from training.evaluate.suites import Question, Suite
from training.sources.base import Example, Row, Source

SUITE = Suite(
    name="invented",
    title="Invented",
    source="hatecheck_en",
    questions={"any": Question(("hate", "racism"), lambda row: row["labels"]["label_gold"] == "hateful")},
    group_by={"language": lambda row: str(row["lang"])},
    mean_over="language",
)


def _row(text: str, gold: str, lang: str = "fr") -> Row:
    return {
        "id": text,
        "text": text,
        "lang": lang,
        "context": None,
        "labels": {"label_gold": gold},
        "split": None,
    }


def _example(text: str, lang: str = "fr", intent: IntentName | None = None, /, **labels: float) -> Example:
    known: dict[LabelName, float] = {**labels}  # type: ignore[dict-item]
    return Example(text, "invented", text, (), lang, known, intent, "validation", text)


def _file(path: Path, *entries: Any) -> Path:
    path.write_text("\n".join(json.dumps(entry) for entry in entries), encoding="utf-8")
    return path


@pytest.fixture
def evaluation(engine: Classifier, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    rows = [
        _row("hate ici", "hateful"),
        _row("racism là", "hateful"),
        _row("toxicity seule", "hateful"),
        _row("bonjour", "no"),
        _row("hate là-bas", "no", "de"),
        _row("漢字", "hateful", "de"),
    ]
    monkeypatch.setattr(Source, "rows", lambda _: iter(rows))
    return evaluate(engine, [SUITE], [_example("sav payment", "fr", "payment", sav=1.0, toxicity=0.2)])


def test_flagged_for_any_label_of_the_question(evaluation: Evaluation) -> None:
    result = evaluation.results[0]
    figures = result.questions[0].figures

    assert (result.name, result.rows, result.unreadable) == ("invented", 6, 1)
    assert figures.positive.recall == pytest.approx(2 / 4)  # an unreadable message is never flagged
    assert figures.positive.precision == pytest.approx(2 / 3)
    assert figures.clean_flagged == pytest.approx(1 / 2)


def test_groups_have_their_own_figures(evaluation: Evaluation) -> None:
    languages = evaluation.results[0].questions[0].groups["language"]

    assert languages["de"].accuracy == 0
    assert languages["fr"].accuracy == pytest.approx(3 / 4)


def test_validation_asks_each_known_label(evaluation: Evaluation) -> None:
    validation = evaluation.results[1]

    assert [question.name for question in validation.questions] == ["toxicity", "sav"]
    assert validation.intents is not None
    assert validation.intents.accuracy == 1
    assert validation.questions[0].figures.calibration_error == pytest.approx(0.1)


def test_evaluation_names_the_model_and_the_machine(evaluation: Evaluation) -> None:
    assert evaluation.model == "invented-0.1"
    assert evaluation.checksums == {"model.onnx": "ab" * 32}
    assert evaluation.thresholds["hate"] == 0.6
    assert evaluation.machine.cpu
    assert {"python", "numpy", "onnxruntime", "tokenizers"} == set(evaluation.libraries)


def test_metrics_file_is_read_back_as_it_was(evaluation: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "metrics.json"
    write_metrics(evaluation, path)

    assert read_metrics(path) == evaluation
    assert "NaN" not in path.read_text()


def test_label_scores_leave_out_unknown_labels(engine: Classifier) -> None:
    found = label_scores(
        engine, [_example("hate", hate=1.0), _example("rien", hate=0.0), _example("x", sav=0.0)]
    )

    assert set(found) == {"hate", "sav"}
    assert np.array_equal(found["hate"].scores, [0.9, 0.1])
    assert np.array_equal(found["hate"].gold, [1.0, 0.0])


def test_file_is_judged_label_by_label_with_context(engine: Classifier, tmp_path: Path) -> None:
    path = _file(
        tmp_path / "mine.jsonl",
        {"text": "retourne en cuisine", "context": ["sexism"], "labels": {"sexism": 1, "hate": 0}},
        {"text": "bravo", "labels": {"sexism": 0}},
    )
    result = evaluate_file(engine, path).results[0]

    assert (result.name, result.rows) == ("mine.jsonl", 2)
    by_name = {question.name: question.figures for question in result.questions}
    assert by_name["sexism"].macro_f1 == 1
    assert by_name["hate"].rows == 1


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ([], "not an object"),
        ({"text": " ", "labels": {"hate": 1}}, "text must be"),
        ({"text": "a", "context": "b", "labels": {"hate": 1}}, "context must be"),
        ({"text": "a"}, "labels must be"),
        ({"text": "a", "labels": {"rude": 1}}, "label rude is not one of"),
        ({"text": "a", "labels": {"hate": 0.5}}, "label hate must be 0 or 1"),
        ({"text": "a", "labels": {"hate": []}}, "label hate must be 0 or 1"),
    ],
)
def test_wrong_line_is_named(engine: Classifier, tmp_path: Path, entry: Any, reason: str) -> None:
    good = {"text": "a", "labels": {"hate": 0}}
    with pytest.raises(EvaluationError, match=rf"mine.jsonl:2: {reason}"):
        evaluate_file(engine, _file(tmp_path / "mine.jsonl", good, entry))


def test_file_that_is_missing_empty_or_not_json(engine: Classifier, tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    with pytest.raises(EvaluationError, match="cannot be read"):
        evaluate_file(engine, path)
    path.write_text("\n")
    with pytest.raises(EvaluationError, match="holds no messages"):
        evaluate_file(engine, path)
    path.write_text("{")
    with pytest.raises(EvaluationError, match=r"mine.jsonl:1: not JSON"):
        evaluate_file(engine, path)
