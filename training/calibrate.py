"""Calibrated probabilities and default thresholds, both from validation data alone."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from labels.errors import VigieError
from labels.taxonomy import LABEL_NAMES, LabelName
from serving.engine.artefact import Calibration
from training.recipe import ThresholdRecipe
from training.sources.base import CARRIED, Example

_GRID = np.round(np.arange(0.05, 0.951, 0.01), 2)


class CalibrationError(VigieError):
    """The validation data cannot calibrate a label."""


@dataclass(frozen=True)
class LabelledScores:
    """One label's scores on the messages for which the label is known.

    ``scores`` and ``targets`` are float arrays of shape [messages]; targets are soft labels in [0, 1].
    ``sources`` names where each message comes from.
    """

    scores: NDArray[np.float64]
    targets: NDArray[np.float64]
    sources: NDArray[np.str_]

    @property
    def positives(self) -> NDArray[np.bool_]:
        """Which messages carry the label, a soft label counting from one half."""
        return np.asarray(self.targets >= CARRIED)


def fit_calibration(logits: LabelledScores) -> Calibration:
    """Platt scaling (Platt 1999) of one label's logits; a soft label counts on both sides with its weight.

    Raises CalibrationError when the messages are all of one class.
    """
    if logits.positives.all() or not logits.positives.any():
        raise CalibrationError("calibration needs validation messages with the label and without it")
    inputs = np.concatenate([logits.scores, logits.scores])[:, None]
    classes = np.repeat([1, 0], len(logits.scores))
    weights = np.concatenate([logits.targets, 1 - logits.targets])
    fitted = LogisticRegression(C=1e6).fit(inputs, classes, sample_weight=weights)
    return Calibration(scale=float(fitted.coef_[0, 0]), offset=float(fitted.intercept_[0]))


def choose_threshold(probabilities: LabelledScores, rule: ThresholdRecipe) -> float:
    """The threshold of best F1 among those that keep to both of the rule's false-alarm rates.

    When every threshold up to 0.95 flags more, 0.95.
    """
    clean = ~probabilities.positives
    everyday = clean & np.isin(probabilities.sources, rule.everyday_sources)

    def keeps_to(threshold: float) -> bool:
        flagged = probabilities.scores >= threshold
        return bool(
            flagged[clean].sum() <= rule.false_alarm_rate * clean.sum()
            and flagged[everyday].sum() <= rule.everyday_false_alarm_rate * everyday.sum()
        )

    allowed = [threshold for threshold in _GRID if keeps_to(threshold)]
    return float(max(allowed, key=lambda threshold: _f1(probabilities, threshold), default=_GRID[-1]))


def _f1(probabilities: LabelledScores, threshold: float) -> float:
    flagged = probabilities.scores >= threshold
    hits = (flagged & probabilities.positives).sum()
    return float(2 * hits / max(flagged.sum() + probabilities.positives.sum(), 1))


def known_scores(scores: NDArray[np.float64], examples: Sequence[Example]) -> dict[LabelName, LabelledScores]:
    """Split scores [messages, labels] by label, leaving out the messages where the label is unknown."""
    by_label: dict[LabelName, LabelledScores] = {}
    for column, name in enumerate(LABEL_NAMES):
        known = [index for index, example in enumerate(examples) if name in example.labels]
        targets = np.array([examples[index].labels[name] for index in known])
        sources = np.array([examples[index].source for index in known])
        by_label[name] = LabelledScores(scores[known, column], targets, sources)
    return by_label
