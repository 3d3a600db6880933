"""How many batches to run at the same time, with how many threads each: measured on this machine at start."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from serving.engine.engine import Engine, Message
from serving.engine.tokens import TokenRow
from serving.settings import Settings

_TRIAL_ROWS = 8
_TRIAL_BATCHES = 8
_SHORT = "Vous livrez aussi en Belgique ?"
_LONG = "Je trouve que cette émission a beaucoup changé depuis trois ans, et pas seulement en mal. " * 2


@dataclass(frozen=True)
class Lanes:
    """``count`` batches at the same time, with ``threads`` threads each."""

    count: int
    threads: int


def load_engine(settings: Settings) -> tuple[Engine, int]:
    """The engine that settings name, and the number of its lanes: as set by hand, or the fastest here.

    Raises ArtefactError when the model's files are not what was released.
    """

    def load(threads: int) -> Engine:
        return Engine(settings.model, threads, settings.tier)

    cores = usable_cores()
    if not settings.lanes and not settings.threads:
        lanes, engine = fastest(load, cores)
        return engine, lanes.count
    count = settings.lanes or max(1, cores // settings.threads)
    return load(settings.threads or max(1, cores // count)), count


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def candidates(cores: int) -> list[Lanes]:
    """All cores on one batch, one core a batch, and half-way where there are four or more."""
    middle = [Lanes(cores // 2, 2)] if cores >= 4 else []
    return list(dict.fromkeys([Lanes(1, cores), *middle, Lanes(cores, 1)]))


def fastest(load: Callable[[int], Engine], cores: int) -> tuple[Lanes, Engine]:
    """The engine, loaded with the threads that answer most messages a second; takes a second or two."""
    best: tuple[float, Lanes, Engine] | None = None
    for lanes in candidates(cores):
        engine = load(lanes.threads)
        seconds = _trial(engine, lanes.count)
        if best is None or seconds < best[0]:
            best = (seconds, lanes, engine)
    assert best is not None
    return best[1], best[2]


def _trial(engine: Engine, lanes: int) -> float:
    """Seconds for a few batches, after one to warm up."""
    batches = [_rows(engine, text) for text in (_SHORT, _LONG)] * (_TRIAL_BATCHES // 2)
    with ThreadPoolExecutor(lanes) as pool:
        list(pool.map(engine.run, batches[:2]))
        start = time.perf_counter()
        list(pool.map(engine.run, batches))
    return time.perf_counter() - start


def _rows(engine: Engine, text: str) -> list[TokenRow]:
    return [row for each in engine.prepare([Message(text)] * _TRIAL_ROWS) for row in each.rows]
