"""From a recipe to a served artefact."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from serving.engine.engine import Engine, Message
from training import run as run_module
from training.artefact import build_artefact
from training.recipe import RecipeError
from training.run import FACTS_FILE, load_or_build_corpus, start_or_resume


def test_a_recipe_becomes_a_model_that_serves(write_recipe: Callable[[int], Path], tmp_path: Path) -> None:
    run = tmp_path / "run"
    recipe = start_or_resume(write_recipe(1), run)
    checks = build_artefact(recipe, run, tmp_path / "artefact")
    assert checks.max_probability_difference <= 1e-3
    engine = Engine(tmp_path / "artefact")
    assert engine.config.version == "tiny-1.0.0"
    assert all(0.05 <= threshold <= 0.95 for threshold in engine.config.thresholds.values())
    [scores] = engine.classify([Message("colis merci")])
    assert scores.labels is not None
    assert json.loads((run / FACTS_FILE).read_text())["seed"] == "1"


def test_a_finished_run_is_not_trained_again(
    write_recipe: Callable[[int], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_recipe(1)
    recipe = start_or_resume(path, tmp_path / "run")
    corpus = load_or_build_corpus(recipe, tmp_path / "run")

    def never(*_: object) -> None:
        raise AssertionError("trained again")

    monkeypatch.setattr(run_module, "finetune", never)
    monkeypatch.setattr(run_module, "build_corpus", never)
    assert start_or_resume(path, tmp_path / "run") == recipe
    assert load_or_build_corpus(recipe, tmp_path / "run") == corpus


def test_a_run_belongs_to_one_recipe(write_recipe: Callable[[int], Path], tmp_path: Path) -> None:
    start_or_resume(write_recipe(1), tmp_path / "run")
    with pytest.raises(RecipeError, match="run of another recipe"):
        start_or_resume(write_recipe(2), tmp_path / "run")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed = 5", "sead = 5", r"corpus.seed: Field required.*corpus.sead"),
        ("checkpoint_steps = 2", "checkpoint_steps = 0", "training.checkpoint_steps"),
        ("[export]", "[export", "is not TOML"),
    ],
)
def test_a_wrong_recipe_is_named(
    write_recipe: Callable[[int], Path], tmp_path: Path, old: str, new: str, message: str
) -> None:
    path = write_recipe(1)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(RecipeError, match=message):
        start_or_resume(path, tmp_path / "run")


def test_a_missing_recipe_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no such recipe"):
        start_or_resume(tmp_path / "none.toml", tmp_path / "run")
