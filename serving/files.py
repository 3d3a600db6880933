"""Classify a file of messages, of any size, into JSON lines; goes on where it was cut off."""

import csv
import io
import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Protocol

from pydantic import ValidationError

from labels.errors import VigieError
from serving.api.messages import IncomingMessage, check_message
from serving.api.problems import FieldError, field_errors
from serving.api.results import MessageResult, answer
from serving.charter.charter import Charter
from serving.engine.classifier import Classifier
from serving.settings import Settings

if TYPE_CHECKING:
    from _csv import Reader

BATCH_ROWS = 64
MAX_LINE_BYTES = 4 * 2**20
_BOM = b"\xef\xbb\xbf"
_FIELDS = tuple(IncomingMessage.model_fields)


class FileError(VigieError):
    """A file cannot be read as messages or written to; the message says why."""


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be classified, by the line of the file on which it ends."""

    line: int
    error: str


@dataclass(frozen=True)
class Batch:
    """Rows done: how many, the bad ones among them, and the input's position in bytes."""

    rows: int
    bad: tuple[BadRow, ...]
    position: int


Row = tuple[int, IncomingMessage] | BadRow


class Lines(Protocol):
    """What JSON lines are read from."""

    def readline(self, limit: int, /) -> bytes:
        """The next line with its end, cut after ``limit`` bytes; nothing at the end."""


class _Kept(NamedTuple):
    """The complete lines that an output holds: how many, how many bytes, and the last one's values."""

    rows: int
    size: int
    last: Mapping[str, Any]


def classify_file(source: Path, out: Path, classifier: Classifier, settings: Settings) -> Iterator[Batch]:
    """Classify the rows of ``source`` (.jsonl or .csv) that ``out`` does not hold yet.

    Every row gives one line of ``out``, in order. Raises FileError.
    """
    if out.exists() and out.samefile(source):
        raise FileError(f"{out} is the input: name another file to write to")
    with source.open("rb") as file, closing(_rows(source, file, settings)) as rows:
        kept = _kept(out, classifier.config.version)
        if kept.rows and not _is_of(kept.last, next(islice(rows, kept.rows - 1, None), None)):
            raise FileError(f"{out} comes from another file than {source}: name another file to write to")
        with out.open("ab") as output:
            output.truncate(kept.size)
            if kept.rows:
                yield Batch(0, (), file.tell())
            while batch := list(islice(rows, BATCH_ROWS)):
                results = answer(messages_of(batch), classifier, Charter())
                output.write(output_lines(batch, classifier.config.version, results))
                output.flush()
                bad = tuple(row for row in batch if isinstance(row, BadRow))
                yield Batch(len(batch), bad, file.tell())


def output_row(model: str, result: MessageResult) -> dict[str, Any]:
    """A line of the output: a result, and the model that gave it."""
    return {"model": model, **result.model_dump(mode="json")}


def messages_of(batch: Sequence[Row]) -> list[IncomingMessage]:
    """The messages of the rows that can be classified."""
    return [row[1] for row in batch if not isinstance(row, BadRow)]


def output_lines(batch: Sequence[Row], model: str, results: Iterable[MessageResult]) -> bytes:
    """A JSON line a row: the result of its message, or its error."""
    answers = iter(results)
    lines = (
        {"line": row.line, "error": row.error}
        if isinstance(row, BadRow)
        else output_row(model, next(answers))
        for row in batch
    )
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")


def _kept(out: Path, model: str) -> _Kept:
    """What ``out`` holds already, without a torn last line."""
    if not out.exists():
        return _Kept(0, 0, {})
    count = size = 0
    last = b"{}"
    with out.open("rb") as file:
        for line in file:
            if not line.startswith(b"{"):
                last = b""  # Neither a result nor the beginning of one.
                break
            if line.endswith(b"\n"):
                count, size, last = count + 1, size + len(line), line
    values = _parse(last)
    if isinstance(values, str):
        raise FileError(f"{out} holds something else than results: name another file to write to")
    # The last row says which model gave it, unless it is an error.
    given_by = values.get("model", model)
    if given_by != model:
        raise FileError(f"{out} was begun by {given_by}, and {model} answers: name another file")
    return _Kept(count, size, values)


def _is_of(last: Mapping[str, Any], row: Row | None) -> bool:
    """Whether an output's row may have come from this row of the input."""
    if isinstance(row, BadRow):
        return last.get("line") == row.line
    return row is not None and last.get("id") == row[1].id


def _rows(source: Path, file: BinaryIO, settings: Settings) -> Generator[Row, None, None]:
    values: Iterable[tuple[int, dict[str, Any] | str]]
    suffix = source.suffix.lower()
    if suffix in (".jsonl", ".ndjson"):
        values = _jsonl_values(file)
    elif suffix == ".csv":
        values = _csv_values(source, file)
    else:
        raise FileError(f"{source}: only .jsonl and .csv files can be read")
    yield from _read_rows(values, settings)


def json_rows(file: Lines, settings: Settings) -> Iterator[Row]:
    """The rows of JSON lines: a message and its line, or what is wrong with it."""
    return _read_rows(_jsonl_values(file), settings)


def _read_rows(values: Iterable[tuple[int, Mapping[str, Any] | str]], settings: Settings) -> Iterator[Row]:
    for line, row in values:
        yield BadRow(line, row) if isinstance(row, str) else _read_row(line, row, settings)


def _read_row(line: int, values: Mapping[str, Any], settings: Settings) -> Row:
    row = {key: values[key] for key in _FIELDS if values.get(key) is not None}
    # Exports name their rows by number, or not at all.
    if row.get("id", "") == "":
        row["id"] = str(line)
    elif isinstance(row["id"], int) and not isinstance(row["id"], bool):
        row["id"] = str(row["id"])
    try:
        message = IncomingMessage.model_validate(row)
        errors = list(check_message(message, settings))
    except ValidationError as error:
        errors = field_errors(error.errors())
    return BadRow(line, _told(errors)) if errors else (line, message)


def _told(errors: Sequence[FieldError]) -> str:
    return "; ".join(f"{error.field}: {error.detail}" for error in errors)


def _jsonl_values(file: Lines) -> Iterator[tuple[int, dict[str, Any] | str]]:
    line = 0
    while chunk := file.readline(MAX_LINE_BYTES):
        line += 1
        content = chunk
        while len(chunk) == MAX_LINE_BYTES and not chunk.endswith(b"\n"):
            chunk = file.readline(MAX_LINE_BYTES)
            content = b""
        if not content:
            yield line, f"holds more than {MAX_LINE_BYTES} bytes"
        elif content.strip():
            yield line, _parse(content.removeprefix(_BOM))


def _parse(line: bytes) -> dict[str, Any] | str:
    try:
        value = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError:
        return "is not UTF-8"
    except (ValueError, RecursionError):
        return "is not JSON"
    return value if isinstance(value, dict) else "is not a JSON object"


def _csv_values(source: Path, file: BinaryIO) -> Iterator[tuple[int, dict[str, Any] | str]]:
    # Bytes that are not UTF-8 become lone surrogates, which the message's checks refuse row by row.
    text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    first = text.readline()
    delimiter = max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    if "text" not in header:
        raise FileError(f"{source} has no column `text`: its first line names {', '.join(header) or 'none'}")
    reader = csv.reader(text, delimiter=delimiter)
    try:
        while (cells := _next_cells(reader)) is not None:
            line = reader.line_num + 1
            if isinstance(cells, str):
                yield line, cells
            elif cells and len(cells) != len(header):
                yield line, f"has {len(cells)} cells, the header {len(header)}"
            elif cells:
                named = zip(header, cells, strict=True)
                values: dict[str, Any] = {name: cell for name, cell in named if cell or name == "text"}
                if "context" in values:
                    values["context"] = [values["context"]]
                yield line, values
    finally:
        text.detach()  # The file is the caller's: it must not be closed with its wrapper.


def _next_cells(reader: "Reader") -> list[str] | str | None:
    """The next row, what is wrong with it, or None at the end."""
    try:
        return next(reader, None)
    except csv.Error as error:
        return f"is not CSV: {error}"
