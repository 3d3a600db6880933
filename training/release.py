"""A run's artefact becomes a released model: evaluated as it is served, with its plots and its card."""

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from labels.errors import VigieError
from serving.engine.artefact import CHECKSUM_FILE, SERVED_FILES, Tier
from serving.engine.engine import Engine
from training.artefact import CHECKS_FILE
from training.card import Card, write_card
from training.corpus import Corpus
from training.evaluate.plots import calibration_curves, functionality_bars, precision_recall_curves
from training.evaluate.run import METRICS_FILES, Evaluation, evaluate, label_scores, write_metrics
from training.evaluate.suites import SUITES
from training.recipe import read_recipe
from training.run import FACTS_FILE, RECIPE_FILE, load_or_build_corpus

WEAKNESSES_FILE = "weaknesses.md"

_KEPT = (*SERVED_FILES, CHECKSUM_FILE, CHECKS_FILE, RECIPE_FILE)


class ReleaseError(VigieError):
    """A release cannot be made; the message says why."""


def release(run: Path, folder: Path) -> Mapping[Tier, Evaluation]:
    """Copy the run's artefact into ``folder``, evaluate both tiers there, and write metrics, plots and card.

    Evaluation sets that are not at hand are left out, and named in the card. A ``weaknesses.md`` in
    ``folder`` is what people found when they read the model's errors; it goes into the card.

    Raises ReleaseError when ``folder`` holds another model, for a released version never changes, and when
    an evaluation suite is not the pinned one.
    """
    recipe = read_recipe(run / RECIPE_FILE)
    corpus = load_or_build_corpus(recipe, run)
    folder.mkdir(parents=True, exist_ok=True)
    _refuse_another_model(run / "artefact" / CHECKSUM_FILE, folder / CHECKSUM_FILE)
    for name in _KEPT:
        shutil.copyfile(run / "artefact" / name, folder / name)
    evaluations: dict[Tier, Evaluation] = {}
    for tier, name in METRICS_FILES.items():
        engine = Engine(folder, tier=tier)
        evaluations[tier] = evaluate(engine, SUITES, corpus.validation, skip_missing=True)
        _refuse_changed(evaluations[tier].changed)
        write_metrics(evaluations[tier], folder / name)
    engine = Engine(folder)
    plots = _draw(engine, evaluations["full"], corpus, folder)
    _write_card(run, corpus, evaluations, engine, plots, folder)
    return evaluations


def _write_card(
    run: Path,
    corpus: Corpus,
    evaluations: Mapping[Tier, Evaluation],
    engine: Engine,
    plots: Mapping[str, str],
    folder: Path,
) -> None:
    weaknesses = folder / WEAKNESSES_FILE
    write_card(
        Card(
            config=engine.config,
            recipe=folder / RECIPE_FILE,
            sources=corpus.sources,
            labels=corpus.labels,
            evaluation=evaluations["full"],
            fast=evaluations["fast"],
            facts=_facts(run, corpus),
            weaknesses=weaknesses.read_text(encoding="utf-8") if weaknesses.exists() else "",
            plots=plots,
        ),
        folder,
    )


def _refuse_another_model(fresh: Path, released: Path) -> None:
    if released.exists() and released.read_text() != fresh.read_text():
        raise ReleaseError(
            f"{released.parent} holds another model, and a released version never changes: give the recipe "
            "another version, or remove that folder if it was never published"
        )


def _refuse_changed(suites: Sequence[str]) -> None:
    if suites:
        raise ReleaseError(
            f"these suites are not the pinned ones: {', '.join(suites)}. Figures on other messages cannot be "
            "compared: restore the data, or pin the suites anew with `vigie data pin` and say so in the card"
        )


def _facts(run: Path, corpus: Corpus) -> Mapping[str, str]:
    facts = json.loads((run / FACTS_FILE).read_text())
    checks = json.loads((run / "artefact" / CHECKS_FILE).read_text())
    return {
        **facts,
        "rows an epoch, repeats included": f"{len(corpus.train):,}",
        "validation rows": f"{len(corpus.validation):,}",
        "judging sources that were not at hand": ", ".join(corpus.missing_judges) or "none",
        "torch to ONNX fp32, largest difference of a probability": (
            f"{checks['max_probability_difference']:.1e}"
        ),
        **{
            f"validation macro-F1, mean over labels, {tier} tier, {precision}": f"{macro_f1:.4f}"
            for precision in ("fp32", "int8")
            for tier, macro_f1 in checks[f"macro_f1_{precision}"].items()
        },
        "model file": f"{checks['model_bytes'] / 1e6:.1f} MB",
    }


def _draw(engine: Engine, evaluation: Evaluation, corpus: Corpus, folder: Path) -> dict[str, str]:
    """Draw the plots; returns their captions by file name."""
    plots = {
        "calibration.png": "Validation: share of messages that carry a label, by score",
        "precision_recall.png": "Validation: precision and recall by label",
    }
    scores = {
        str(label): (each.scores, each.gold)
        for label, each in label_scores(engine, corpus.validation).items()
    }
    calibration_curves(scores, folder / "calibration.png")
    precision_recall_curves(scores, folder / "precision_recall.png")
    for result in evaluation.results:
        if result.name == "hatecheck_en":
            groups = result.questions[0].groups["functionality"]
            bars = {name: each.accuracy or 0.0 for name, each in groups.items()}
            functionality_bars(bars, folder / "functionalities.png")
            plots["functionalities.png"] = "HateCheck, English: accuracy by functionality"
    return plots
