import numpy as np
import pytest

from labels.taxonomy import LabelName
from training.calibrate import (
    CalibrationError,
    LabelledScores,
    choose_threshold,
    fit_calibration,
    known_scores,
)
from training.recipe import ThresholdRecipe
from training.sources.base import Example


def labelled(
    scores: list[float], targets: list[float], source: str = "hard", language: str = "fr"
) -> LabelledScores:
    size = len(scores)
    return LabelledScores(np.array(scores), np.array(targets), np.full(size, source), np.full(size, language))


def joined(*parts: LabelledScores) -> LabelledScores:
    return LabelledScores(*map(np.concatenate, zip(*(vars(part).values() for part in parts), strict=True)))


def rule(rate: float, everyday: float = 0.99) -> ThresholdRecipe:
    return ThresholdRecipe(
        false_alarm_rate=rate, everyday_false_alarm_rate=everyday, everyday_sources=("easy",)
    )


def test_overconfident_logits_are_calibrated() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=20_000)
    targets = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    fitted = fit_calibration(labelled(list(3 * truth + 1), list(targets)))
    assert fitted.scale == pytest.approx(1 / 3, abs=0.03)
    assert fitted.offset == pytest.approx(-1 / 3, abs=0.05)


def test_soft_labels_count_on_both_sides() -> None:
    scores = [-2.0, -1.0, 1.0, 2.0] * 50
    hard = fit_calibration(labelled(scores, [0.0, 0.0, 1.0, 1.0] * 50))
    soft = fit_calibration(labelled(scores, [0.2, 0.2, 0.8, 0.8] * 50))
    assert soft.scale < hard.scale


def test_one_class_cannot_be_calibrated() -> None:
    with pytest.raises(CalibrationError, match="with the label and without it"):
        fit_calibration(labelled([0.1, 0.2], [0.0, 0.0]))


def test_the_threshold_keeps_to_the_false_alarm_rate() -> None:
    clean = np.linspace(0.0, 0.99, 100)
    scores = labelled([*clean, *[0.4] * 10], [0.0] * 100 + [1.0] * 10)
    free = choose_threshold(scores, rule(0.9))
    strict = choose_threshold(scores, rule(0.05))
    assert free <= 0.4
    assert (clean >= strict).mean() <= 0.05


def test_everyday_messages_have_a_rate_of_their_own() -> None:
    hard = labelled([0.1] * 90 + [0.4] * 8 + [0.9] * 2, [0.0] * 90 + [1.0] * 10)
    easy = labelled([0.02] * 98 + [0.6] * 2, [0.0] * 100, "easy")
    both = joined(hard, easy)
    assert choose_threshold(both, rule(0.9, everyday=0.05)) <= 0.4
    assert choose_threshold(both, rule(0.9, everyday=0.01)) > 0.6


def test_a_small_language_weighs_as_much_as_a_large_one() -> None:
    large = labelled([0.2] * 1000 + [0.8] * 1000, [0.0] * 1000 + [1.0] * 1000, language="en")
    small = labelled([0.1] * 60 + [0.15] * 40, [0.0] * 60 + [1.0] * 40, language="it")
    rare = labelled([0.9] * 5, [1.0] * 5, language="nl")
    assert choose_threshold(large, rule(0.99)) > 0.2
    assert choose_threshold(joined(large, small, rare), rule(0.99)) <= 0.15


def test_unknown_labels_are_left_out() -> None:
    scores = np.arange(10.0).reshape(2, 5)
    known: list[dict[LabelName, float]] = [{"sexism": 1.0}, {"sexism": 0.0, "sav": 1.0}]
    examples = [Example("e", "hard", "x", (), "fr", labels, None, "validation", "e") for labels in known]
    by_label = known_scores(scores, examples)
    assert by_label["sexism"].scores.tolist() == [0.0, 5.0]
    assert by_label["sav"].scores.tolist() == [9.0]
    assert by_label["hate"].scores.size == 0
