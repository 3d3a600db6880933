import json
from pathlib import Path
from typing import Any

import pytest

from serving.api.messages import IncomingMessage
from serving.engine.engine import Message
from serving.files import BATCH_ROWS, MAX_LINE_BYTES, FileError, classify_file
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

FIELDS = {"channel": "instagram", "author": "u42", "sent_at": "2026-11-27T20:03:11Z", "language": "es"}


def run(source: Path, out: Path, engine: WeightlessEngine, **limits: int) -> list[Any]:
    for _ in classify_file(source, out, engine, Settings(**limits)):  # type: ignore[arg-type]
        pass
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"


def jsonl(folder: Path, *rows: Any) -> Path:
    path = folder / "in.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_rows_have_the_shape_of_a_result(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = jsonl(
        tmp_path,
        {"id": "a", "text": "sav", "context": ["post", {"author": "u", "text": "oui"}], "other": 1},
        {"id": 7, "text": "hate"},
        {"text": "rien", "context": None},
    )
    rows = run(source, out, engine)
    assert [row["id"] for row in rows] == ["a", "7", "3"]
    assert [row["action"] for row in rows] == ["route", "hide", "none"]
    assert {row["model"] for row in rows} == {"weightless-1.0.0"}
    assert engine.seen[0].context == ("post", "u: oui")


def test_bad_rows_are_told_by_line(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = tmp_path / "in.jsonl"
    lines = [
        b'\xef\xbb\xbf{"text": "sav"}',
        b"",
        b"{nope",
        b'{"text": ""}',
        b'{"text": "\xff"}',
        b'["a"]',
        b'{"text": "\\ud800"}',
        b'{"id": {}, "text": "a"}',
        b'{"text": "' + b"a" * MAX_LINE_BYTES + b'"}',
        b"[" * 100_000,
        b'{"id": "z", "text": "hate"}',
    ]
    source.write_bytes(b"\n".join(lines))
    rows = run(source, out, engine)
    assert [row.get("line") for row in rows] == [None, 3, 4, 5, 6, 7, 8, 9, 10, None]
    assert [row["error"].split()[0] for row in rows[1:-1]] == [
        *("is", "text:", "is", "is", "text:", "id:", "holds", "is"),
    ]
    assert (rows[0]["id"], rows[-1]["id"]) == ("1", "z")


def test_csv(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(
        'id;text;context\r\n1;"sav, ""oui"";\r\nou non";post\r\n2;;\r\n;é;\r\n'.encode("utf-8-sig")
        + b"4;caf\xe9;\r\n"
    )
    rows = run(source, out, engine)
    assert rows[0]["id"] == "1"
    assert engine.seen[0].text == 'sav, "oui";\r\nou non'
    assert engine.seen[0].context == ("post",)
    assert rows[1] == {"line": 4, "error": "text: must hold at least one visible character"}
    assert rows[2]["id"] == "5"
    assert rows[3]["line"] == 6
    assert "not UTF-8" in rows[3]["error"] or "surrogate" in rows[3]["error"]


def test_csv_rows_that_do_not_fit_the_header(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = tmp_path / "in.csv"
    source.write_text("id,text\n1,sav, en 36 ?\n2\n\n4,hate\n")
    rows = run(source, out, engine)
    assert rows[:2] == [
        {"line": 2, "error": "has 3 cells, the header 2"},
        {"line": 3, "error": "has 1 cells, the header 2"},
    ]
    assert rows[2]["id"] == "4"


def test_known_fields_are_passed_on(
    tmp_path: Path, out: Path, engine: WeightlessEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[IncomingMessage] = []
    to_engine = IncomingMessage.to_engine

    def note(message: IncomingMessage) -> Message:
        seen.append(message)
        return to_engine(message)

    monkeypatch.setattr(IncomingMessage, "to_engine", note)
    table = tmp_path / "in.CSV"
    table.write_text(
        "\n".join(
            ("text," + ",".join(FIELDS) + ",other", "sav," + ",".join(FIELDS.values()) + ",x", "sav,,,,,")
        )
    )
    lines = jsonl(tmp_path, {"text": "sav", **FIELDS}, {"text": "sav"}).rename(tmp_path / "in.JSONL")
    for source in (table, lines):
        seen.clear()
        rows = run(source, out, engine)
        assert [row["language"] for row in rows] == ["es", "fr"]
        assert seen[0].model_dump(include=set(FIELDS), mode="json") == FIELDS
        assert not any(seen[1].model_dump(include=set(FIELDS)).values())
        out.unlink()


@pytest.mark.parametrize(
    ("field", "value"),
    [("id", True), ("id", 1.5), ("language", "français"), ("sent_at", "hier"), ("author", 3)],
)
def test_a_wrong_field_is_named(
    tmp_path: Path, out: Path, engine: WeightlessEngine, field: str, value: object
) -> None:
    [row] = run(jsonl(tmp_path, {"text": "sav", field: value}), out, engine)
    assert row["error"].startswith(f"{field}: ")


def test_goes_on_after_the_last_complete_line(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    rows = [{"id": str(n), "text": "" if n == 100 else f"sav {n}"} for n in range(3 * BATCH_ROWS + 5)]
    source = jsonl(tmp_path, *rows)
    whole = tmp_path / "whole.jsonl"
    run(source, whole, engine)
    content = whole.read_bytes()
    for cut in (0, 1, len(content) // 3, len(content) // 2, len(content) - 1, len(content)):
        out.write_bytes(content[:cut])
        again = WeightlessEngine()
        run(source, out, again)
        assert out.read_bytes() == content
        assert len(again.seen) <= len(rows) - content[:cut].count(b"\n")


def test_streams_in_batches(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = jsonl(tmp_path, *({"text": "sav"} for _ in range(BATCH_ROWS + 1)))
    batches = classify_file(source, out, engine, Settings())
    assert next(batches).rows == BATCH_ROWS
    assert len(out.read_text().splitlines()) == BATCH_ROWS
    last = next(batches)
    assert (last.rows, last.position) == (1, source.stat().st_size)


def test_limits_of_settings_rule(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    rows = run(jsonl(tmp_path, {"text": "a" * 11}), out, engine, max_text_chars=10)
    assert rows == [{"line": 1, "error": "text: holds more than 10 characters"}]


@pytest.mark.parametrize(
    ("held", "message"),
    [
        ("my notes", "something else than results"),
        ('{"model": "other-1"}\n', "begun by other-1"),
        ('{"model": "other-1"}\n{"mod', "begun by other-1"),
        ('{"model": "weightless-1.0.0", "id": "1"}\n{nope}\n', "something else than results"),
        ('{"model": "weightless-1.0.0", "id": "1"}\n[]\n', "something else than results"),
        ('{"model": "weightless-1.0.0", "id": "1"}\n' * 2, "comes from another file"),
        ('{"model": "weightless-1.0.0", "id": "2"}\n{"mod', "comes from another file"),
        ('{"line": 1, "error": "is not JSON"}\n', "comes from another file"),
    ],
)
def test_other_files_are_left_alone(
    tmp_path: Path, out: Path, engine: WeightlessEngine, held: str, message: str
) -> None:
    out.write_text(held)
    with pytest.raises(FileError, match=message):
        run(jsonl(tmp_path, {"text": "sav"}), out, engine)
    assert out.read_text() == held


def test_an_error_row_is_known_by_its_line(tmp_path: Path, out: Path, engine: WeightlessEngine) -> None:
    source = tmp_path / "in.csv"
    source.write_text("text\n\n \nsav\n")
    out.write_text('{"line": 2, "error": "text: must hold at least one visible character"}\n')
    with pytest.raises(FileError, match="comes from another file"):
        run(source, out, engine)
    out.write_text('{"line": 3, "error": "text: must hold at least one visible character"}\n')
    assert [row.get("id") for row in run(source, out, engine)] == [None, "4"]


def test_the_input_is_never_the_output(tmp_path: Path, engine: WeightlessEngine) -> None:
    source = jsonl(tmp_path, {"text": "sav"})
    with pytest.raises(FileError, match="is the input"):
        run(source, source, engine)


@pytest.mark.parametrize(
    ("name", "content"), [("a.txt", "text\n"), ("a.csv", "id,message\n1,a\n"), ("b.csv", "")]
)
def test_files_that_cannot_be_read(
    tmp_path: Path, out: Path, engine: WeightlessEngine, name: str, content: str
) -> None:
    source = tmp_path / name
    source.write_text(content)
    with pytest.raises(FileError, match=r"only \.jsonl|no column"):
        run(source, out, engine)
