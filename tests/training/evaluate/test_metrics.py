"""Every figure against one worked out by hand."""

import numpy as np
import pytest

from training.evaluate.metrics import (
    auc,
    bootstrap_interval,
    calibration_bins,
    calibration_error,
    confusion,
    figures,
    group_masks,
    macro_f1,
    precision_recall,
)

GOLD = np.array([1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])
FLAGGED = np.array([True, True, False, True, False, False, False, False])
SCORES = np.array([0.9, 0.8, 0.3, 0.7, 0.3, 0.2, 0.1, 0.1])


def test_confusion_counts_the_four_cells() -> None:
    assert confusion(GOLD >= 0.5, FLAGGED) == (2, 1, 1, 4)


def test_figures_of_a_small_set() -> None:
    found = figures(GOLD, FLAGGED, SCORES)

    assert found.rows == 8
    assert (found.positive.rows, found.clean.rows) == (3, 5)
    assert found.positive.precision == pytest.approx(2 / 3)
    assert found.positive.recall == pytest.approx(2 / 3)
    assert found.positive.f1 == pytest.approx(2 / 3)
    assert found.clean.precision == pytest.approx(4 / 5)
    assert found.clean.recall == pytest.approx(4 / 5)  # specificity
    assert found.macro_f1 == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert found.accuracy == pytest.approx(6 / 8)
    assert found.clean_flagged == pytest.approx(1 / 5)
    # 15 pairs: .9 and .8 beat all five, .3 loses to .7, ties with .3, beats three
    assert found.auc == pytest.approx((5 + 5 + 3.5) / 15)


def test_what_a_set_cannot_give_is_none() -> None:
    clean = figures(np.zeros(3), np.array([True, False, False]), np.full(3, 0.2))

    assert clean.clean_flagged == pytest.approx(1 / 3)
    assert (clean.macro_f1, clean.interval, clean.auc) == (None, None, None)
    assert (clean.positive.recall, clean.positive.f1) == (None, None)
    assert figures(np.ones(2), np.array([True, True]), np.ones(2)).clean_flagged is None
    assert macro_f1((3, 0, 0, 0)) is None


def test_nothing_found_scores_zero() -> None:
    found = figures(np.array([1.0, 0.0]), np.array([False, False]), np.array([0.1, 0.1]))

    assert found.positive.precision is None
    assert found.positive.f1 == 0
    assert found.macro_f1 == pytest.approx((0 + 2 / 3) / 2)


def test_soft_gold_counts_from_one_half() -> None:
    found = figures(np.array([0.5, 0.4]), np.array([True, False]), np.array([0.5, 0.4]))

    assert found.positive.rows == 1
    assert found.macro_f1 == 1
    assert found.calibration_error == pytest.approx(0)


def test_bootstrap_interval_is_seeded_and_narrows_with_rows() -> None:
    few, many = bootstrap_interval((20, 10, 10, 40)), bootstrap_interval((2000, 1000, 1000, 4000))

    assert few == bootstrap_interval((20, 10, 10, 40))
    assert few[0] < 0.7333 < few[1]
    assert many[0] < 0.7333 < many[1]
    assert many[1] - many[0] < (few[1] - few[0]) / 5
    assert bootstrap_interval((5, 0, 0, 5)) == (1.0, 1.0)


def test_bootstrap_interval_is_that_of_drawing_rows() -> None:
    cells = (30, 15, 10, 45)
    kinds = np.repeat(np.arange(4), cells)
    generator = np.random.default_rng(1)
    draws = [np.bincount(generator.choice(kinds, len(kinds)), minlength=4) for _ in range(2000)]
    by_rows = [macro_f1((int(d[0]), int(d[1]), int(d[2]), int(d[3]))) or 0.0 for d in draws]

    assert bootstrap_interval(cells) == pytest.approx(np.percentile(by_rows, [2.5, 97.5]), abs=0.01)


def test_auc_of_perfect_reversed_and_equal_scores() -> None:
    carried = np.array([True, False])

    assert auc(carried, np.array([0.9, 0.1])) == 1
    assert auc(carried, np.array([0.1, 0.9])) == 0
    assert auc(carried, np.array([0.5, 0.5])) == 0.5


def test_calibration_error_weighs_the_gaps_of_the_bins() -> None:
    scores = np.array([0.1, 0.1, 0.1, 0.1, 0.9, 0.9])
    gold = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])

    low, high = calibration_bins(gold, scores)
    assert (low.rows, low.mean_score, low.share) == pytest.approx((4, 0.1, 0.25))
    assert (high.rows, high.mean_score, high.share) == pytest.approx((2, 0.9, 1.0))
    assert calibration_error(gold, scores) == pytest.approx(4 / 6 * 0.15 + 2 / 6 * 0.1)
    assert calibration_error(np.empty(0), np.empty(0)) is None


def test_calibration_bins_hold_both_ends() -> None:
    assert [entry.rows for entry in calibration_bins(np.array([0.0, 1.0]), np.array([0.0, 1.0]))] == [1, 1]


def test_precision_recall_takes_each_score_as_threshold() -> None:
    precision, recall = precision_recall(np.array([True, False, True, True]), np.array([0.9, 0.6, 0.6, 0.2]))

    assert precision == pytest.approx([1, 2 / 3, 3 / 4])
    assert recall == pytest.approx([1 / 3, 2 / 3, 1])
    assert precision_recall(np.array([False]), np.array([0.5]))[0].size == 0


def test_group_masks() -> None:
    masks = group_masks(["de", "fr", "de"])

    assert {name: mask.tolist() for name, mask in masks.items()} == {
        "de": [True, False, True],
        "fr": [False, True, False],
    }
