"""What every data source has in common: where it comes from and how its rows become examples.

A source's native labels are mapped onto the taxonomy by its own file. What a source does not say is
*unknown* (``None``, masked in training), never "no".
"""

import gzip
import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from labels.errors import VigieError
from labels.taxonomy import LABEL_NAMES, IntentName, LabelName

Row = Mapping[str, Any]
Split = Literal["train", "validation", "test"]
CARRIED = 0.5
"""A soft label at or above this counts as carried, wherever yes or no is needed."""

Folder = Literal["open", "authored", "research", "eval", "clients"]


class SourceError(VigieError):
    """A source cannot be had or read; the message says which, where and what to do."""


@dataclass(frozen=True)
class Mapped:
    """What one native row says in the taxonomy's terms.

    ``labels`` maps a label to the probability that it holds, in [0, 1]: 0 or 1 for plain labels, a share
    for annotators' votes. A label that is left out is unknown.
    """

    labels: Mapping[LabelName, float]
    intent: IntentName | None = None


@dataclass(frozen=True)
class Example:
    """One message with what is known of it. ``context`` is oldest first."""

    id: str
    source: str
    text: str
    context: tuple[str, ...]
    lang: str
    labels: Mapping[LabelName, float]
    intent: IntentName | None
    split: Split
    group: str


@dataclass(frozen=True)
class HubOrigin:
    """A Hugging Face data set that carries the same rows, and how one of its rows becomes ours.

    ``convert`` returns ``{"text", "lang", "context", "labels"}`` with the source's own labels.
    """

    path: str
    convert: Callable[[Row], dict[str, Any]]
    config: str | None = None


def native_split(row: Row) -> Split:
    """The split that the source itself gives; rows without one are training rows."""
    split = str(row["split"] or "train").lower()
    if split.endswith("test"):
        return "test"
    if split.endswith(("dev", "val", "valid", "validation")):
        return "validation"
    return "train"


@dataclass(frozen=True)
class Source:
    """A labelled data set: origin, licence, citation, and its mapping to the taxonomy.

    ``mapping`` returns None for a row that must not be used at all (unreadable, undecided).
    """

    name: str
    title: str
    origin: str
    licence: str
    citation: str
    languages: tuple[str, ...]
    mapping: Callable[[Row], Mapped | None]
    folder: Folder = "open"
    hub: HubOrigin | None = None
    split: Callable[[Row], Split] = field(default=native_split)

    def _local_path(self) -> Path | None:
        directory = os.environ.get("VIGIE_DATA_DIR")
        return Path(directory, self.folder, f"{self.name}.jsonl.gz") if directory else None

    def is_local(self) -> bool:
        """Whether the rows can be read without a network."""
        path = self._local_path()
        return path is not None and path.exists()

    def rows(self) -> Iterator[Row]:
        """Native rows ``{"id", "text", "lang", "context", "labels", "split"}``.

        Raises SourceError where the source is in neither ``VIGIE_DATA_DIR`` nor its public origin.
        """
        path = self._local_path()
        if path is not None and path.exists():
            with gzip.open(path, "rt", encoding="utf-8") as lines:
                yield from map(json.loads, lines)
        elif self.hub is not None:
            yield from self._hub_rows(self.hub)
        else:
            raise SourceError(
                f"{self.name}: not found{f' at {path}' if path else ''}. Get it from {self.origin}, write it "
                f"as gzipped JSON lines (docs/data.md says how) to {self.folder}/{self.name}.jsonl.gz, and "
                "name the folder above it in VIGIE_DATA_DIR."
            )

    def _hub_rows(self, hub: HubOrigin) -> Iterator[Row]:
        import datasets

        try:
            splits = datasets.load_dataset(hub.path, hub.config)
        except Exception as error:  # the hub client raises dozens of kinds; all mean "cannot be had"
            raise SourceError(
                f"{self.name}: the Hub data set {hub.path} cannot be loaded "
                f"({type(error).__name__}: {error}). Set VIGIE_DATA_DIR to a local copy; its public origin "
                f"is {self.origin}."
            ) from error
        for split, rows in splits.items():
            for number, row in enumerate(rows):
                yield {"id": f"{self.name}-{split}-{number}", "split": split, **hub.convert(row)}

    def examples(self) -> Iterator[Example]:
        """Every usable row as an Example."""
        for row in self.rows():
            mapped = self.mapping(row)
            if mapped is None or not row["text"].strip():
                continue
            unknown = set(mapped.labels) - set(LABEL_NAMES)
            if unknown:
                raise SourceError(f"{self.name}: row {row['id']} maps to unknown labels {sorted(unknown)}")
            yield Example(
                id=f"{self.name}/{row['id']}",
                source=self.name,
                text=row["text"],
                context=tuple(row["context"] or ()),
                lang=row["lang"],
                labels=mapped.labels,
                intent=mapped.intent,
                split=self.split(row),
                group=str(row.get("pair") or row["id"]),
            )
