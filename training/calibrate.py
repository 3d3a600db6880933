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

MIN_POSITIVES = 30
"""With fewer messages that carry a label, a language's F1 says too little."""

_GRID = np.round(np.arange(0.05, 0.951, 0.01), 2)


class CalibrationError(VigieError):
    """The validation data cannot calibrate a label."""


@dataclass(frozen=True)
class LabelledScores:
    """One label's scores on the messages for which the label is known.

    ``scores`` and ``targets`` are float arrays of shape [messages]; targets are soft labels in [0, 1].
    ``sources`` and ``languages`` say where each message comes from, and in which language it is.
    """

    scores: NDArray[np.float64]
    targets: NDArray[np.float64]
    sources: NDArray[np.str_]
    languages: NDArray[np.str_]

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
    """The threshold of best F1, averaged over languages, that keeps to both of the rule's false-alarm rates.

    A language counts with ``MIN_POSITIVES`` messages or more that carry the label; where none has as many,
    all messages count together. When every threshold up to 0.95 flags too much, 0.95.
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
    groups = _groups(probabilities)
    return float(
        max(
            allowed,
            key=lambda threshold: np.mean([_f1(probabilities, group, threshold) for group in groups]),
            default=_GRID[-1],
        )
    )


def _groups(labelled: LabelledScores) -> list[NDArray[np.bool_]]:
    """The messages of each language with enough positives; all together where there is none."""
    groups = [labelled.languages == language for language in np.unique(labelled.languages)]
    enough = [group for group in groups if labelled.positives[group].sum() >= MIN_POSITIVES]
    return enough or [np.ones(len(labelled.scores), dtype=bool)]


def _f1(labelled: LabelledScores, group: NDArray[np.bool_], threshold: float) -> float:
    flagged = labelled.scores[group] >= threshold
    positives = labelled.positives[group]
    return float(2 * (flagged & positives).sum() / max(flagged.sum() + positives.sum(), 1))


def known_scores(scores: NDArray[np.float64], examples: Sequence[Example]) -> dict[LabelName, LabelledScores]:
    """Split scores [messages, labels] by label, leaving out the messages where the label is unknown."""
    by_label: dict[LabelName, LabelledScores] = {}
    for column, name in enumerate(LABEL_NAMES):
        known = [index for index, example in enumerate(examples) if name in example.labels]
        targets = np.array([examples[index].labels[name] for index in known])
        sources = np.array([examples[index].source for index in known])
        languages = np.array([examples[index].lang for index in known])
        by_label[name] = LabelledScores(scores[known, column], targets, sources, languages)
    return by_label
