"""The suites are the pinned ones, and none of their messages can be trained on."""

import json
from pathlib import Path

import pytest

from training.corpus import TRAINABLE_FOLDERS
from training.evaluate import pins as pins_module
from training.evaluate.pins import is_pinned, pin_suites, read_pins
from training.evaluate.suites import SUITES, Suite
from training.recipe import read_recipe
from training.sources import get_source
from training.sources.base import SourceError

RECIPES = Path(__file__).parents[3] / "training" / "recipes"


def test_every_suite_is_pinned() -> None:
    assert set(read_pins()) == {suite.name for suite in SUITES}


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_suite_at_hand_is_the_pinned_one(suite: Suite) -> None:
    if not get_source(suite.source).is_local():
        pytest.skip(f"{suite.source} is not at hand")
    assert is_pinned(suite.exam(), read_pins())


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
@pytest.mark.parametrize("recipe", list(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_no_suite_is_drawn_from_what_a_recipe_trains_on(suite: Suite, recipe: Path) -> None:
    """A trainable source judges by its test split alone, which a corpus never draws from."""
    if suite.source in read_recipe(recipe).corpus.rows:
        assert get_source(suite.source).folder in TRAINABLE_FOLDERS
        assert suite.split == "test"


def test_pinning_tells_what_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = next(suite for suite in SUITES if suite.source == "vigie_authored")
    gone = next(suite for suite in SUITES if suite.source == "gahd_de")
    path = tmp_path / "pins.json"
    path.write_text(json.dumps({suite.name: "0" * 64, gone.name: "1" * 64, "forgotten": "2" * 64}))
    monkeypatch.setattr(pins_module, "PINS_FILE", path)
    monkeypatch.setattr(pins_module, "SUITES", (suite, gone))

    def not_at_hand(_: Suite) -> None:
        raise SourceError("not at hand")

    monkeypatch.setattr(type(get_source("gahd_de")), "rows", not_at_hand)
    assert pin_suites() == [suite.name]
    assert read_pins() == {suite.name: suite.exam().sha256(), gone.name: "1" * 64}
