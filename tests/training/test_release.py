"""From a finished run to a released folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from serving.engine.engine import Engine
from tests.training.invented import register, row, source
from training import release as release_module
from training.artefact import build_artefact
from training.card import CARD_FILE
from training.evaluate import run as run_module
from training.evaluate.run import METRICS_FILES, read_metrics
from training.evaluate.suites import Question, Suite
from training.release import WEAKNESSES_FILE, ReleaseError, release
from training.run import start_or_resume


@pytest.fixture
def finished_run(
    write_recipe: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    run = tmp_path / "run"
    build_artefact(start_or_resume(write_recipe(1), run), run, run / "artefact")
    rows = [row(n, f"colis {n}", {"hate": float(n % 2)}) for n in range(12)]
    register(monkeypatch, source("invented", []), source("judge", rows, folder="eval"))
    question = Question(("hate",), lambda row: bool(row["labels"]["hate"]))
    suite = Suite(name="judged", title="Judged", source="judge", questions={"hate": question})
    monkeypatch.setattr(release_module, "SUITES", (suite,))
    monkeypatch.setattr(run_module, "read_pins", lambda: {"judged": suite.exam().sha256()})
    monkeypatch.chdir(tmp_path)
    return run


def test_a_release_holds_model_figures_plots_and_card(finished_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "model_cards" / "tiny-1.0.0"
    folder.mkdir(parents=True)
    (folder / WEAKNESSES_FILE).write_text("It was trained on a few words only.")
    evaluation = release(finished_run, folder)["full"]
    assert Engine(folder).checksums == evaluation.checksums
    assert read_metrics(folder / METRICS_FILES["full"]) == evaluation
    assert read_metrics(folder / METRICS_FILES["fast"]).model == "tiny-1.0.0-fast"
    assert [result.name for result in evaluation.results] == ["judged", "validation"]
    card = (folder / CARD_FILE).read_text(encoding="utf-8")
    assert "It was trained on a few words only." in card
    assert 'version = "tiny-1.0.0"' in card
    assert (folder / "calibration.png").read_bytes().startswith(b"\x89PNG")


def test_figures_on_other_messages_than_the_pinned_ones_are_refused(
    finished_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "read_pins", lambda: {"judged": "0" * 64})
    with pytest.raises(ReleaseError, match="not the pinned ones: judged"):
        release(finished_run, tmp_path / "released")


def test_a_released_version_never_changes(finished_run: Path, tmp_path: Path) -> None:
    folder = tmp_path / "released"
    release(finished_run, folder)
    release(finished_run, folder)
    checksums = finished_run / "artefact" / "SHA256SUMS"
    checksums.write_text(checksums.read_text().replace("0", "1"))
    with pytest.raises(ReleaseError, match="a released version never changes"):
        release(finished_run, folder)
