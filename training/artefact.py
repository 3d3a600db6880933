"""A finished run becomes an artefact: exported, checked, calibrated, with its default thresholds."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES, LabelName
from serving.engine.artefact import (
    CONFIG_FILES,
    MODEL_FILE,
    TOKENIZER_FILE,
    Calibration,
    ModelConfig,
    Tier,
    write_checksums,
    write_config,
)
from serving.engine.engine import Engine, Message, sigmoid
from training.calibrate import choose_threshold, fit_calibration, known_scores
from training.encoder.vocabulary import SCRIPTS
from training.evaluate.metrics import confusion, macro_f1
from training.export import ExportError, check_same_answers, export_fp32, export_int8
from training.finetune import load_trained
from training.recipe import Recipe
from training.run import RECIPE_FILE, load_or_build_corpus, run_tokenizer, special_pieces
from training.sources.base import Example

MAX_MACRO_F1_LOSS = 0.005
CHECKS_FILE = "checks.json"

_CHECKED_ROWS = 320
_CHECKED_BATCH = 16


@dataclass(frozen=True)
class ExportChecks:
    """What the export's checks measured. Macro-F1 is the mean over labels, on validation, by tier."""

    max_probability_difference: float
    macro_f1_fp32: dict[Tier, float]
    macro_f1_int8: dict[Tier, float]
    model_bytes: int


def build_artefact(recipe: Recipe, run: Path, folder: Path) -> ExportChecks:
    """Export a finished run into ``folder``, ready to serve.

    Raises ExportError when ONNX does not answer as torch does, or int8 loses too much on validation.
    """
    validation = load_or_build_corpus(recipe, run).validation
    with TemporaryDirectory(dir=run) as scratch:
        fp32, int8 = Path(scratch, "fp32"), Path(scratch, "int8")
        fp32.mkdir()
        int8.mkdir()
        model = load_trained(run, recipe.training)
        export_fp32(model, fp32 / MODEL_FILE)
        tokenizer = run_tokenizer(recipe, run)
        checked = validation[:: max(1, len(validation) // _CHECKED_ROWS)]
        rows = [windows[0] for windows in tokenizer.rows([(e.text, e.context) for e in checked])]
        batches = [
            tokenizer.batch(rows[start : start + _CHECKED_BATCH])
            for start in range(0, len(rows), _CHECKED_BATCH)
        ]
        difference = check_same_answers(model, fp32 / MODEL_FILE, batches)
        export_int8(fp32 / MODEL_FILE, int8 / MODEL_FILE, recipe.export)
        for artefact in (fp32, int8):
            _write_uncalibrated(recipe, run, artefact)
        exact, quantised = (
            {tier: _calibrate(recipe, each, validation, tier) for tier in CONFIG_FILES}
            for each in (fp32, int8)
        )
        _refuse_loss(exact, quantised)
        checks = ExportChecks(difference, exact, quantised, (int8 / MODEL_FILE).stat().st_size)
        (int8 / CHECKS_FILE).write_text(json.dumps(asdict(checks), indent=1) + "\n")
        shutil.rmtree(folder, ignore_errors=True)
        int8.rename(folder)
    return checks


def _refuse_loss(exact: Mapping[Tier, float], quantised: Mapping[Tier, float]) -> None:
    for tier, before in exact.items():
        if before - quantised[tier] > MAX_MACRO_F1_LOSS:
            raise ExportError(
                f"int8 loses {before - quantised[tier]:.4f} of the {tier} tier's validation macro-F1 "
                f"({before:.4f} to {quantised[tier]:.4f}); at most {MAX_MACRO_F1_LOSS} is allowed"
            )


def _logits(engine: Engine, examples: Sequence[Example]) -> NDArray[np.float64]:
    raw = engine.raw([Message(example.text, example.context) for example in examples])
    return np.array([outputs.label_logits.max(axis=0) for outputs in raw], dtype=np.float64)


def _write_uncalibrated(recipe: Recipe, run: Path, folder: Path) -> None:
    shutil.copy(run / TOKENIZER_FILE, folder / TOKENIZER_FILE)
    shutil.copy(run / RECIPE_FILE, folder / RECIPE_FILE)
    config = ModelConfig(
        version=recipe.version,
        labels=LABEL_NAMES,
        intents=INTENT_NAMES,
        calibration=dict.fromkeys(LABEL_NAMES, Calibration(scale=1.0, offset=0.0)),
        thresholds=dict.fromkeys(LABEL_NAMES, 0.5),
        tokens=recipe.tokens,
        special=special_pieces(run),
        scripts=SCRIPTS if recipe.vocabulary else (),
        languages=recipe.vocabulary.languages if recipe.vocabulary else (),
    )
    write_config(folder, config, "full")
    write_config(folder, config.model_copy(update={"version": f"{recipe.version}-fast"}), "fast")
    write_checksums(folder)


def _calibrate(recipe: Recipe, folder: Path, validation: Sequence[Example], tier: Tier) -> float:
    """Calibrate a tier and choose its thresholds; returns the mean over labels of the macro-F1."""
    engine = Engine(folder, tier=tier)
    logits = known_scores(_logits(engine, validation), validation)
    calibration = {name: fit_calibration(scores) for name, scores in logits.items()}
    thresholds: dict[LabelName, float] = {}
    macro_f1s: list[float] = []
    for name, scores in logits.items():
        scaled = calibration[name].scale * scores.scores + calibration[name].offset
        probabilities = replace(scores, scores=sigmoid(scaled))
        thresholds[name] = choose_threshold(probabilities, recipe.thresholds)
        flagged = probabilities.scores >= thresholds[name]
        macro_f1s.append(macro_f1(confusion(probabilities.positives, flagged)) or 0.0)
    calibrated = {"calibration": calibration, "thresholds": thresholds}
    write_config(folder, engine.config.model_copy(update=calibrated), tier)
    write_checksums(folder)
    return float(np.mean(macro_f1s))
