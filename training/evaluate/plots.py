"""Small PNG plots for the model card, drawn from plain arrays."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.evaluate.metrics import Bools, Floats, calibration_bins, precision_recall
from training.sources.base import CARRIED

Curves = Mapping[str, tuple[Floats, Floats]]
"""(scores, gold), both [rows], by label."""


def functionality_bars(accuracies: Mapping[str, float], path: Path) -> None:
    """One bar a functionality, in the given order from the top."""
    with _figure(path, (6, 0.5 + 0.19 * len(accuracies))) as axes:
        colours = ["tab:red" if value < 0.5 else "tab:blue" for value in accuracies.values()]
        axes.barh(list(accuracies), list(accuracies.values()), color=colours)
        axes.invert_yaxis()
        axes.set(xlim=(0, 1), xlabel="accuracy")


def calibration_curves(labels: Curves, path: Path) -> None:
    """Share that carries a label against its mean score, bin by bin; the diagonal is perfect."""
    with _figure(path, (4.5, 4.5)) as axes:
        axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8, linestyle="--")
        for name, (scores, gold) in labels.items():
            bins = calibration_bins(gold, scores)
            axes.plot([b.mean_score for b in bins], [b.share for b in bins], marker=".", label=name)
        axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="score", ylabel="share that carries the label")
        axes.legend(frameon=False)


def precision_recall_curves(labels: Curves, path: Path) -> None:
    """Precision against recall of each label over all thresholds."""
    with _figure(path, (4.5, 4.5)) as axes:
        for name, (scores, gold) in labels.items():
            carried: Bools = gold >= CARRIED
            precision, recall = precision_recall(carried, scores)
            axes.plot(recall, precision, label=name)
        axes.set(xlim=(0, 1), ylim=(0, 1.01), xlabel="recall", ylabel="precision")
        axes.legend(frameon=False)


@contextmanager
def _figure(path: Path, size: tuple[float, float]) -> Iterator[Axes]:
    """Axes to draw on, saved as PNG; never touches a display (matplotlib's Agg canvas)."""
    with rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=size, dpi=110, layout="constrained")
        yield figure.subplots()
        figure.savefig(path, format="png")
