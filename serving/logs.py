"""What the service logs on stderr: lines that tell their request's id, and never what people wrote."""

import json
import logging
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

LogFormat = Literal["text", "json"]
LogLevel = Literal["debug", "info", "warning", "error"]
Fact = str | int | float


@dataclass(frozen=True)
class CurrentRequest:
    """The request that is being answered; ``facts`` end up in the line that tells of it."""

    id: str
    facts: dict[str, Fact] = field(default_factory=dict)


current_request: ContextVar[CurrentRequest | None] = ContextVar("current_request", default=None)


def request_id() -> str | None:
    """The id of the request that is being answered, None outside of one."""
    request = current_request.get()
    return request.id if request else None


def note(**facts: Fact) -> None:
    """Have the line that tells of this request say these facts too; outside of one, nothing happens."""
    if request := current_request.get():
        request.facts.update(facts)


def set_up_logging(log_format: LogFormat, level: LogLevel) -> None:
    """Log to stderr from ``level`` on; other libraries from a warning on, whatever the level."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    own = logging.getLevelNamesMapping()[level.upper()]
    logging.basicConfig(handlers=[handler], level=max(own, logging.WARNING), force=True)
    for room in ("labels", "serving"):
        logging.getLogger(room).setLevel(own)


class TextFormatter(logging.Formatter):
    """``time LEVEL request message name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of text, followed by where an exception arose."""
        head = f"{_time(record)} {record.levelname} {request_id() or '-'} {record.getMessage()}"
        # As JSON, so that no value can look like another line.
        line = " ".join([head, *(f"{name}={json.dumps(value)}" for name, value in _facts(record).items())])
        return "\n".join(filter(None, (line, _exception(record))))


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line of JSON."""
        line = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": request_id(),
            **_facts(record),
            "exception": _exception(record),
        }
        return json.dumps({name: value for name, value in line.items() if value is not None})


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _facts(record: logging.LogRecord) -> Mapping[str, Fact]:
    facts: Mapping[str, Fact] = getattr(record, "facts", {})
    return facts


def _exception(record: logging.LogRecord) -> str | None:
    return told(record.exc_info[1]) if record.exc_info and record.exc_info[1] else None


def told(error: BaseException) -> str:
    """An exception's type and where it arose, without its own message, which may quote what people wrote."""
    return f"{type(error).__name__}\n{_places(error.__traceback__)}"


def _places(trace: TracebackType | None) -> str:
    return "".join(traceback.format_tb(trace)).rstrip()
