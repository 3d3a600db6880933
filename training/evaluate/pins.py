"""Checksums of the evaluation suites: figures are comparable only on the same messages and gold."""

import json
from collections.abc import Mapping
from pathlib import Path

from training.evaluate.exam import Exam
from training.evaluate.suites import SUITES
from training.files import replace_file
from training.sources.base import SourceError

PINS_FILE = Path(__file__).with_name("pins.json")


def read_pins() -> dict[str, str]:
    """The pinned SHA-256 of each suite, by name."""
    pins: dict[str, str] = json.loads(PINS_FILE.read_text(encoding="utf-8"))
    return pins


def is_pinned(exam: Exam, pins: Mapping[str, str]) -> bool:
    """Whether an exam is, to the letter, the suite that was pinned under its name."""
    return pins.get(exam.name) == exam.sha256()


def pin_suites() -> list[str]:
    """Pin every suite whose source is at hand, as it is now; returns the names of those that changed."""
    before = read_pins()
    pins = dict(before)
    for suite in SUITES:
        try:
            pins[suite.name] = suite.exam().sha256()
        except SourceError:
            continue
    known = {suite.name for suite in SUITES}
    kept = {name: digest for name, digest in sorted(pins.items()) if name in known}
    replace_file(PINS_FILE, json.dumps(kept, indent=1) + "\n")
    return [name for name in kept if kept[name] != before.get(name)]
