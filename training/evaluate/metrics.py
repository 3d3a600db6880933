"""Figures of binary decisions: numpy in, plain numbers out.

``gold`` may be soft (annotators' votes): a share of at least one half counts as carried. A figure that a set
cannot give (no clean message, no positive) is None, never 0.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.sources.base import CARRIED

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

CALIBRATION_BINS = 15
BOOTSTRAP_SAMPLES = 2000
BOOTSTRAP_SEED = 13


@dataclass(frozen=True)
class ClassFigures:
    """How well one side of a decision (carried, or clean) is found; ``rows`` have it as gold."""

    rows: int
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True)
class Figures:
    """All figures of one binary decision over a set. ``interval`` is macro-F1's 95 % bootstrap interval."""

    rows: int
    positive: ClassFigures
    clean: ClassFigures
    macro_f1: float | None
    interval: tuple[float, float] | None
    accuracy: float | None
    clean_flagged: float | None
    auc: float | None
    calibration_error: float | None


@dataclass(frozen=True)
class CalibrationBin:
    """Messages whose scores lie in one bin: their mean score, and the share that carries the label."""

    mean_score: float
    share: float
    rows: int


def figures(gold: Floats, flagged: Bools, scores: Floats) -> Figures:
    """Every figure; ``gold``, ``flagged`` and ``scores`` have shape [rows]."""
    carried = gold >= CARRIED
    hits, false_alarms, missed, left_alone = cells = confusion(carried, flagged)
    macro = macro_f1(cells)
    return Figures(
        rows=len(gold),
        positive=_class_figures(hits, false_alarms, missed),
        clean=_class_figures(left_alone, missed, false_alarms),
        macro_f1=macro,
        interval=bootstrap_interval(cells) if macro is not None else None,
        accuracy=ratio(hits + left_alone, len(gold)),
        clean_flagged=ratio(false_alarms, false_alarms + left_alone),
        auc=auc(carried, scores),
        calibration_error=calibration_error(gold, scores),
    )


def ratio(part: float, whole: float) -> float | None:
    """``part / whole``, None for nothing of nothing."""
    return float(part / whole) if whole else None


def confusion(carried: Bools, flagged: Bools) -> tuple[int, int, int, int]:
    """(hits, false alarms, missed, left alone) of two [rows] arrays."""
    hits = int(np.sum(carried & flagged))
    false_alarms = int(np.sum(~carried & flagged))
    missed = int(np.sum(carried & ~flagged))
    return hits, false_alarms, missed, len(carried) - hits - false_alarms - missed


def _class_figures(hits: int, wrongly: int, missed: int) -> ClassFigures:
    return ClassFigures(
        rows=hits + missed,
        precision=ratio(hits, hits + wrongly),
        recall=ratio(hits, hits + missed),
        f1=ratio(2 * hits, 2 * hits + wrongly + missed) if hits + missed else None,
    )


def macro_f1(cells: tuple[int, int, int, int]) -> float | None:
    """Mean of the F1 of both sides; None unless the set has both."""
    hits, false_alarms, missed, left_alone = cells
    if not hits + missed or not false_alarms + left_alone:
        return None
    return float(_macro_f1(np.array([cells], dtype=np.float64))[0])


def _macro_f1(cells: Floats) -> Floats:
    """Macro-F1 of each row of ``cells`` [samples, 4]; a side that is neither there nor said counts 0."""
    hits, false_alarms, missed, left_alone = cells.T
    errors = false_alarms + missed
    positive = 2 * hits / np.maximum(2 * hits + errors, 1)
    clean = 2 * left_alone / np.maximum(2 * left_alone + errors, 1)
    return np.asarray((positive + clean) / 2)


def bootstrap_interval(
    cells: tuple[int, int, int, int], samples: int = BOOTSTRAP_SAMPLES, seed: int = BOOTSTRAP_SEED
) -> tuple[float, float]:
    """95 % percentile interval of macro-F1 (Efron 1979).

    Drawing rows with replacement is drawing the four cells from their multinomial distribution.
    """
    total = sum(cells)
    drawn = np.random.default_rng(seed).multinomial(total, np.array(cells) / total, size=samples)
    low, high = np.percentile(_macro_f1(drawn.astype(np.float64)), [2.5, 97.5])
    return float(low), float(high)


def auc(carried: Bools, scores: Floats) -> float | None:
    """Chance that a random positive scores above a random clean message; ties count half."""
    positives = int(carried.sum())
    negatives = len(carried) - positives
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    last_ranks = np.cumsum(counts)
    ranks = (last_ranks - (counts - 1) / 2)[inverse]
    return float((ranks[carried].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def calibration_bins(gold: Floats, scores: Floats, bins: int = CALIBRATION_BINS) -> list[CalibrationBin]:
    """The non-empty ones of equal-width bins over [0, 1], lowest first."""
    index = np.clip(np.ceil(scores * bins) - 1, 0, bins - 1)
    return [
        CalibrationBin(float(scores[inside].mean()), float(gold[inside].mean()), int(inside.sum()))
        for inside in (index == number for number in range(bins))
        if inside.any()
    ]


def calibration_error(gold: Floats, scores: Floats, bins: int = CALIBRATION_BINS) -> float | None:
    """Expected calibration error (Guo et al. 2017) of the probability that a label is carried."""
    gaps = [
        entry.rows * abs(entry.share - entry.mean_score) for entry in calibration_bins(gold, scores, bins)
    ]
    return ratio(sum(gaps), len(gold))


def precision_recall(carried: Bools, scores: Floats) -> tuple[Floats, Floats]:
    """(precision, recall) at every distinct score taken as threshold, highest first.

    Both are empty where nothing is carried.
    """
    if not carried.any():
        return np.empty(0), np.empty(0)
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(carried[order])[ends]
    return hits / (ends + 1), hits / carried.sum()


def group_masks(groups: Sequence[str]) -> dict[str, Bools]:
    """A [rows] mask of the members of each group, by name."""
    names = np.array(groups)
    return {str(name): np.asarray(names == name) for name in np.unique(names)}
