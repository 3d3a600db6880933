import json
import socket
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
import uvicorn
from typer.testing import CliRunner

import serving.cli
from tests.serving.conftest import WeightlessEngine


class Cli:
    """The command, with a model without weights."""

    def __init__(self) -> None:
        self._runner = CliRunner()

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        result = self._runner.invoke(serving.cli.build_app(), arguments)
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result


@pytest.fixture
def real_cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own_logging: None) -> Cli:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serving.cli, "entry_points", lambda group: [])
    return Cli()


@pytest.fixture
def cli(real_cli: Cli, engine: WeightlessEngine, monkeypatch: pytest.MonkeyPatch) -> Cli:
    monkeypatch.setattr(serving.cli, "_engine", lambda settings: engine)
    monkeypatch.setattr(serving.cli, "_served_engine", lambda settings: (engine, 1))
    return real_cli


def test_classify_for_reading(cli: Cli) -> None:
    shown = cli("classify", "sav ?", "--context", "post").stdout
    assert "sav       0.90  (threshold 0.50)  flagged" in shown
    assert "intent    availability (0.82)" in shown
    assert "weightless-1.0.0" in shown


def test_classify_as_json(cli: Cli, engine: WeightlessEngine) -> None:
    row = json.loads(cli("classify", "sav", "--json", "--context", "a", "--context", "b").stdout)
    assert row["labels"]["sav"]["flagged"]
    assert engine.seen[0].context == ("a", "b")


def test_an_unread_script_for_reading(cli: Cli) -> None:
    assert "unsupported_script" in cli("classify", "你好").stdout


@pytest.mark.parametrize(
    "arguments",
    [[], ["a", "--file", "in.jsonl"], ["--file", "in.jsonl"], ["a", "--out", "o.jsonl"], [" "], ["\0"]],
)
def test_classify_wants_one_thing(cli: Cli, tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "in.jsonl").touch()
    cli("classify", *arguments, code=2)


def test_classify_a_file_and_go_on(cli: Cli, tmp_path: Path, engine: WeightlessEngine) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text("".join(json.dumps({"text": f"sav {n}" if n != 3 else ""}) + "\n" for n in range(100)))
    first = cli("classify", "--file", str(source), "--out", str(out))
    assert "line 4: text: must hold" in first.stderr
    assert "100 rows, 1 of them bad" in first.stderr
    whole = out.read_bytes()
    out.write_bytes(whole[: len(whole) // 2])
    seen = len(engine.seen)
    cli("classify", "--file", str(source), "--out", str(out))
    assert out.read_bytes() == whole
    assert 0 < len(engine.seen) - seen < 60


def test_clients(cli: Cli) -> None:
    assert cli("clients", "add", "acme").stdout == "added acme to sqlite:///vigie.db\n"
    assert "already" in cli("clients", "add", "acme", code=1).stderr
    assert cli("clients", "list").stdout.startswith("acme\t20")


@pytest.mark.parametrize("command", [["classify", "sav"], ["serve", "--port", "0"]])
def test_a_missing_model_is_told(
    real_cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("VIGIE_MODEL", str(tmp_path / "none"))
    assert "SHA256SUMS is missing. Restore" in real_cli(*command, code=1).stderr


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_an_open_service_stays_on_loopback(cli: Cli, host: str) -> None:
    assert "VIGIE_API_KEY" in cli("serve", "--host", host, code=2).stderr


def test_a_port_that_is_taken(cli: Cli) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"port {port}" in cli("serve", "--port", port, code=1).stderr


def test_a_setting_that_does_not_fit(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_PORT", "many")
    assert "VIGIE_PORT" in cli("serve", code=2).stderr


def test_serve_tells_where_it_listens(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def run(server: uvicorn.Server, sockets: list[socket.socket]) -> None:
        for listener in sockets:
            listener.close()

    monkeypatch.setattr(uvicorn.Server, "run", run)
    shown = cli("serve", "--port", "0").stdout
    assert "http://127.0.0.1:" in shown
    assert "curl" in shown
    monkeypatch.setenv("VIGIE_API_KEY", "hush")
    shown = cli("serve", "--port", "0", "--host", "0.0.0.0").stdout
    assert "Bearer $VIGIE_API_KEY" in shown
    assert "hush" not in shown


def test_serve_without_the_tracing_extra_names_it(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIGIE_OTLP_ENDPOINT", "http://127.0.0.1:4318")
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert "pip install 'vigie-moderation[tracing]'" in cli("serve", "--port", "0", code=1).stderr


class Entry:
    """An entry point of another room."""

    name = "training"

    def __init__(self, missing: str, at_load: bool = False) -> None:
        self._error = ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        self._at_load = at_load

    def load(self) -> typer.Typer:
        """The room's commands."""
        if self._at_load:
            raise self._error
        app = typer.Typer()

        @app.command()
        def train() -> None:
            raise self._error

        return app


@pytest.mark.parametrize("missing", ["torch", "sklearn.metrics"])
def test_a_missing_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    monkeypatch.setattr(serving.cli, "entry_points", lambda group: [Entry(missing)])
    monkeypatch.setattr("sys.argv", ["vigie", "train"])
    with pytest.raises(SystemExit) as caught:
        serving.cli.main()
    assert caught.value.code == 1
    assert "pip install 'vigie-moderation[training]'" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["serving.nowhere", "tokenizers"])
def test_another_missing_module_is_no_missing_extra(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setattr(serving.cli, "entry_points", lambda group: [Entry(missing)])
    monkeypatch.setattr("sys.argv", ["vigie", "train"])
    with pytest.raises(ModuleNotFoundError, match=missing):
        serving.cli.main()


def test_a_room_that_cannot_be_loaded_stops_no_other(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serving.cli, "entry_points", lambda group: [Entry("torch", at_load=True)])
    cli("clients", "list")
    assert "training" in capsys.readouterr().err


def key_of(cli: Cli, *arguments: str) -> str:
    return str(cli("keys", "add", *arguments).stdout).strip()


def test_a_key_is_shown_once(cli: Cli) -> None:
    cli("clients", "add", "acme")
    key = key_of(cli, "acme", "--scope", "classify", "--scope", "decide", "--expires", "90d", "--rate", "2.5")
    prefix = "_".join(key.split("_")[:2])
    prefix_shown, client, scopes, state, made, expires, used, rate = (
        cli("keys", "list").stdout.rstrip("\n").split("\t")
    )
    assert (prefix_shown, client, scopes, state) == (prefix, "acme", "classify,decide", "live")
    assert datetime.fromisoformat(expires) - datetime.fromisoformat(made) == timedelta(days=90)
    assert (used, rate) == ("-", "2.5/s")
    assert "revoked" in cli("keys", "revoke", prefix).stdout
    assert "\trevoked\t" in cli("keys", "list").stdout


def test_a_key_for_all_clients(cli: Cli) -> None:
    key_of(cli, "--scope", "admin")
    assert "\t*\tadmin\tlive\t" in cli("keys", "list").stdout


def test_a_key_without_scope_classifies(cli: Cli) -> None:
    cli("clients", "add", "acme")
    key_of(cli, "acme")
    assert "\tacme\tclassify\tlive\t" in cli("keys", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["acme", "--expires", "90"],
        ["acme", "--expires", "0d"],
        ["acme", "--expires", "-1d"],
        ["acme", "--expires", "٣d"],
        ["acme", "--expires", "999999w"],
        ["acme", "--rate", "-1"],
        ["acme", "--scope", "everything"],
    ],
)
def test_keys_that_cannot_be_made(cli: Cli, arguments: list[str]) -> None:
    cli("clients", "add", "acme")
    cli("keys", "add", *arguments, code=2)
    assert cli("keys", "list").stdout == ""


def test_a_key_of_a_client_that_is_not_there(cli: Cli) -> None:
    assert "vigie clients add acme" in cli("keys", "add", "acme", code=1).stderr
    assert "for one client" in cli("keys", "add", code=1).stderr


def test_revoking_a_whole_key_does_not_show_it(cli: Cli) -> None:
    key = key_of(cli, "--scope", "admin")
    shown = cli("keys", "revoke", key, code=1)
    assert "vigie keys list" in shown.stderr
    assert key not in shown.output


def test_with_a_key_in_the_store_any_host_may_be_served(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uvicorn.Server, "run", lambda server, sockets: [s.close() for s in sockets])
    cli("serve", "--port", "0", "--host", "0.0.0.0", code=2)
    key = key_of(cli, "--scope", "admin")
    shown = cli("serve", "--port", "0", "--host", "0.0.0.0").stdout
    assert "Bearer <key>" in shown
    assert key not in shown
