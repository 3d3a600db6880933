import numpy as np
import pytest

from training.calibrate import (
    CalibrationError,
    LabelledScores,
    choose_threshold,
    fit_calibration,
    known_scores,
)


def test_overconfident_logits_are_calibrated() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(size=20_000)
    targets = (rng.random(20_000) < 1 / (1 + np.exp(-truth))).astype(float)
    fitted = fit_calibration(LabelledScores(3 * truth + 1, targets))
    assert fitted.scale == pytest.approx(1 / 3, abs=0.03)
    assert fitted.offset == pytest.approx(-1 / 3, abs=0.05)


def test_soft_labels_count_on_both_sides() -> None:
    scores = np.array([-2.0, -1.0, 1.0, 2.0] * 50)
    hard = fit_calibration(LabelledScores(scores, np.array([0.0, 0.0, 1.0, 1.0] * 50)))
    soft = fit_calibration(LabelledScores(scores, np.array([0.2, 0.2, 0.8, 0.8] * 50)))
    assert soft.scale < hard.scale


def test_one_class_cannot_be_calibrated() -> None:
    with pytest.raises(CalibrationError, match="with the label and without it"):
        fit_calibration(LabelledScores(np.array([0.1, 0.2]), np.array([0.0, 0.0])))


def test_the_threshold_keeps_to_the_false_alarm_rate() -> None:
    clean = np.linspace(0.0, 0.99, 100)
    carrying = np.full(10, 0.4)
    scores = LabelledScores(np.concatenate([clean, carrying]), np.repeat([0.0, 1.0], [100, 10]))
    free = choose_threshold(scores, 0.9)
    strict = choose_threshold(scores, 0.05)
    assert free <= 0.4
    assert (clean >= strict).mean() <= 0.05


def test_unknown_labels_are_left_out() -> None:
    scores = np.arange(10.0).reshape(2, 5)
    by_label = known_scores(scores, [{"sexism": 1.0}, {"sexism": 0.0, "sav": 1.0}])
    assert by_label["sexism"].scores.tolist() == [0.0, 5.0]
    assert by_label["sav"].scores.tolist() == [9.0]
    assert by_label["hate"].scores.size == 0
