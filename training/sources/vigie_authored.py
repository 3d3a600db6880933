"""Messages written for Vigie, kept in ``authored/`` beside this file (its README: how they are labelled)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

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
    key = json.dumps([entry["lang"], entry["text"], entry.get("context")], ensure_ascii=False)
    row_id = hashlib.sha256(key.encode()).hexdigest()[:16]
    return {
        "id": row_id,
        "text": entry["text"],
        "lang": entry["lang"],
        "context": entry.get("context"),
        "labels": {"carried": labels, "unknown": unknown, "intent": intent},
        "pair": f"{entry['lang']}-{entry['pair']}" if entry.get("pair") else row_id,
        "split": None,
    }


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
