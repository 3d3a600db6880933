import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from labels.errors import VigieError
from training.cli import app


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False, terminal_width=200)


def test_data_list_names_every_source_and_whether_it_is_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VIGIE_DATA_DIR", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    shown = invoke("data", "list").stdout
    lines = {line.split("│")[1].strip(): line for line in shown.splitlines() if line.startswith("│")}
    assert "yes" in lines["vigie_authored"]
    assert "no" in lines["edos_en"]
    assert sum(" open " in line for line in lines.values()) == 28


def test_data_show_counts_labels_by_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    shown = invoke("data", "show", "vigie_authored").stdout
    assert "CC-BY-4.0" in shown
    assert all(f"{language}: " in shown for language in ("fr", "es", "ar"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("data", "show", "nothing"), "no source named nothing; known: .*edos_en"),
        (("data", "show", "edos_en"), r"edos_en: not found\. Get it from github\.com/rewire-online/edos"),
        (("train", "none.toml"), "none.toml: no such recipe"),
    ],
)
def test_what_cannot_be_had_is_told(
    monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.delenv("VIGIE_DATA_DIR", raising=False)
    with pytest.raises(VigieError, match=message):
        invoke(*arguments)


def test_evaluate_a_file_of_ones_own(tiny_artefact: Path, tmp_path: Path) -> None:
    labelled = tmp_path / "mine.jsonl"
    rows = [
        {"text": "bonjour", "labels": {"sav": 0}},
        {"text": "ou est mon colis", "context": ["merci"], "labels": {"sav": 1}},
    ]
    labelled.write_text("".join(json.dumps(row) + "\n" for row in rows))
    out = tmp_path / "figures.json"
    shown = invoke("evaluate", str(labelled), "--model", str(tiny_artefact), "--out", str(out)).stdout
    assert "sav" in shown
    assert json.loads(out.read_text())["model"] == "tiny-0.0.1"


def test_an_unknown_suite_is_told(tiny_artefact: Path) -> None:
    with pytest.raises(VigieError, match="no suite named nothing; known: edos_test"):
        invoke("evaluate", "nothing", "--model", str(tiny_artefact))
