"""Sources with invented rows, for tests of what is made from sources."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

import training.corpus
import training.sources
from labels.taxonomy import IntentName, LabelName
from training.sources.base import Folder, Mapped, Row, Source, Split


@dataclass(frozen=True)
class InventedSource(Source):
    """A source whose rows are given; their labels are already the taxonomy's."""

    invented: Sequence[Row] = ()

    def rows(self) -> Iterator[Row]:
        yield from self.invented


def register(monkeypatch: pytest.MonkeyPatch, *sources: Source) -> None:
    """Make these the only sources there are."""
    known = {each.name: each for each in sources}
    for module in (training.sources, training.corpus):
        monkeypatch.setattr(module, "all_sources", lambda: known)


def mapping(row: Row) -> Mapped:
    return Mapped(row["labels"], row["intent"])


def source(name: str, rows: Sequence[Row], folder: Folder = "open") -> InventedSource:
    return InventedSource(
        name=name,
        title=name,
        origin="invented",
        licence="CC0-1.0",
        citation="none",
        languages=("fr",),
        mapping=mapping,
        folder=folder,
        invented=rows,
    )


def row(
    number: int,
    text: str,
    labels: Mapping[LabelName, float],
    split: Split = "train",
    intent: IntentName | None = None,
    lang: str = "fr",
) -> dict[str, Any]:
    return {
        "id": f"r{number}",
        "text": text,
        "lang": lang,
        "context": None,
        "labels": labels,
        "intent": intent,
        "split": split,
    }
