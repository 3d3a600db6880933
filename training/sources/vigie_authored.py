"""Messages written for Vigie, kept in ``authored/`` beside this file (its README: how they are labelled)."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from training.sources.base import Mapped, Row, Source, SourceError
from training.sources.splits import hashed_split

FOLDER = Path(__file__).parent / "authored"


def mapping(row: Row) -> Mapped:
    """A label that is not listed is a plain "no", except the ones that two readers could dispute."""
    native = row["labels"]
    labels = {name: float(name in native["carried"]) for name in LABEL_NAMES if name not in native["unknown"]}
    return Mapped(labels, native["intent"])


def parse(line: str, where: str) -> Row:
    """One authored line as a native row.

    Raises SourceError naming ``where`` when the line breaks the format.
    """
    entry = json.loads(line)
    labels, unknown = entry["labels"], entry.get("unknown", [])
    problems = [
        *(f"label {name} is not in the taxonomy" for name in (*labels, *unknown) if name not in LABEL_NAMES),
        *(f"{name} is both carried and unknown" for name in labels if name in unknown),
    ]
    intent = entry.get("intent")
    if ("sav" in labels) != (intent in INTENT_NAMES):
        problems.append(f"intent {intent!r} with labels {labels}: an intent goes with sav, and only with it")
    if problems:
        raise SourceError(f"{where}: {'; '.join(problems)}")
    context = entry.get("context")
    row_id = _digest(entry["lang"], entry["text"], context)
    return {
        "id": row_id,
        "text": entry["text"],
        "lang": entry["lang"],
        "context": context,
        "labels": {"carried": labels, "unknown": unknown, "intent": intent},
        "pair": _group(entry, row_id),
        "split": None,
    }


def _group(entry: Mapping[str, Any], row_id: str) -> str:
    """Messages of one pair, or under one context, are neighbours: they stay in one split."""
    if entry.get("pair"):
        return f"{entry['lang']}-{entry['pair']}"
    return _digest(entry["lang"], entry["context"]) if entry.get("context") else row_id


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class AuthoredSource(Source):
    """The source whose rows lie in this repository."""

    def is_local(self) -> bool:
        return True

    def rows(self) -> Iterator[Row]:
        for path in sorted(FOLDER.glob("*.jsonl")):
            with path.open(encoding="utf-8") as lines:
                for number, line in enumerate(lines, start=1):
                    yield parse(line, f"{path.name}:{number}")


SOURCE = AuthoredSource(
    name="vigie_authored",
    title="Messages written by hand for Vigie",
    origin="this repository, training/sources/authored",
    licence="CC-BY-4.0",
    citation="Vigie contributors, 2026",
    languages=("fr", "en", "es", "de", "it", "pt", "nl", "ar"),
    mapping=mapping,
    folder="authored",
    split=hashed_split,
)
