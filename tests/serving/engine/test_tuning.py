from pathlib import Path

import pytest

from serving.engine.engine import Engine
from serving.engine.tuning import Lanes, candidates, fastest, load_engine
from serving.settings import Settings


@pytest.mark.parametrize(
    ("cores", "tried"),
    [
        (1, [Lanes(1, 1)]),
        (2, [Lanes(1, 2), Lanes(2, 1)]),
        (8, [Lanes(1, 8), Lanes(4, 2), Lanes(8, 1)]),
    ],
)
def test_what_is_tried_uses_all_cores(cores: int, tried: list[Lanes]) -> None:
    assert candidates(cores) == tried


def test_the_fastest_is_one_of_those_tried_and_its_engine_answers(tiny_artefact: Path) -> None:
    loaded: dict[int, Engine] = {}

    def load(threads: int) -> Engine:
        return loaded.setdefault(threads, Engine(tiny_artefact, threads))

    lanes, engine = fastest(load, 2)
    assert lanes in candidates(2)
    assert engine is loaded[lanes.threads]


def test_what_is_set_by_hand_is_not_measured(tiny_artefact: Path) -> None:
    engine, lanes = load_engine(Settings(model=tiny_artefact, lanes=3, threads=1))
    assert lanes == 3
    assert engine.config.version == "tiny-0.0.1"
