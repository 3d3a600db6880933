"""A run's artefact becomes a released model: evaluated as it is served, with its plots and its card."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from serving.engine.artefact import CHECKSUM_FILE, SERVED_FILES
from serving.engine.engine import Engine
from training.artefact import CHECKS_FILE
from training.card import Card, write_card
from training.corpus import Corpus
from training.evaluate.plots import calibration_curves, functionality_bars, precision_recall_curves
from training.evaluate.run import METRICS_FILE, Evaluation, evaluate, label_scores, write_metrics
from training.evaluate.suites import SUITES
from training.recipe import Recipe, read_recipe
from training.run import FACTS_FILE, RECIPE_FILE, load_or_build_corpus

WEAKNESSES_FILE = "weaknesses.md"

_KEPT = (*SERVED_FILES, CHECKSUM_FILE, CHECKS_FILE, RECIPE_FILE)
_PLOTS = {
    "functionalities.png": "HateCheck, English: accuracy by functionality",
    "calibration.png": "Validation: share of messages that carry a label, by score",
    "precision_recall.png": "Validation: precision and recall by label",
}


def release(run: Path, folder: Path) -> Evaluation:
    """Copy the run's artefact into ``folder``, evaluate it there, and write metrics, plots and card.

    A ``weaknesses.md`` in ``folder`` is what people found when they read its errors; it goes into the card.

    Raises SourceError where an evaluation set cannot be had.
    """
    recipe = read_recipe(run / RECIPE_FILE)
    corpus = load_or_build_corpus(recipe, run)
    folder.mkdir(parents=True, exist_ok=True)
    for name in _KEPT:
        shutil.copyfile(run / "artefact" / name, folder / name)
    engine = Engine(folder)
    evaluation = evaluate(engine, SUITES, corpus.validation)
    write_metrics(evaluation, folder / METRICS_FILE)
    _draw(engine, evaluation, corpus, folder)
    card(recipe, run, corpus, evaluation, engine, folder)
    return evaluation


def card(
    recipe: Recipe, run: Path, corpus: Corpus, evaluation: Evaluation, engine: Engine, folder: Path
) -> Path:
    """Write the card of an evaluated release."""
    weaknesses = folder / WEAKNESSES_FILE
    return write_card(
        Card(
            config=engine.config,
            recipe=Path("training", "recipes", f"{recipe.version}.toml"),
            sources=corpus.sources,
            labels=corpus.labels,
            evaluation=evaluation,
            facts=_facts(run, corpus),
            weaknesses=weaknesses.read_text(encoding="utf-8") if weaknesses.exists() else "",
            plots=_PLOTS,
        ),
        folder,
    )


def _facts(run: Path, corpus: Corpus) -> Mapping[str, str]:
    facts = json.loads((run / FACTS_FILE).read_text())
    checks = json.loads((run / "artefact" / CHECKS_FILE).read_text())
    return {
        **facts,
        "training rows an epoch": f"{len(corpus.train):,}",
        "validation rows": f"{len(corpus.validation):,}",
        "torch to ONNX fp32, largest difference of a probability": (
            f"{checks['max_probability_difference']:.1e}"
        ),
        "validation macro-F1, mean over labels, fp32": f"{checks['macro_f1_fp32']:.4f}",
        "validation macro-F1, mean over labels, int8": f"{checks['macro_f1_int8']:.4f}",
        "model file": f"{checks['model_bytes'] / 1e6:.1f} MB",
    }


def _draw(engine: Engine, evaluation: Evaluation, corpus: Corpus, folder: Path) -> None:
    by_name = {result.name: result for result in evaluation.results}
    functionalities = by_name["hatecheck_en"].questions[0].groups["functionality"]
    bars = {name: each.accuracy for name, each in functionalities.items() if each.accuracy is not None}
    scores = {
        label: (each.scores, each.gold) for label, each in label_scores(engine, corpus.validation).items()
    }
    bars_path, calibration_path, precision_path = (folder / name for name in _PLOTS)
    functionality_bars(bars, bars_path)
    calibration_curves(scores, calibration_path)
    precision_recall_curves(scores, precision_path)
