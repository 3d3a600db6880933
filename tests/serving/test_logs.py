import json
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from serving.logs import CurrentRequest, LogFormat, current_request, note, set_up_logging

LOGGER = logging.getLogger("serving.tests")


@pytest.fixture
def in_a_request() -> Iterator[CurrentRequest]:
    request = CurrentRequest("r1")
    token = current_request.set(request)
    yield request
    current_request.reset(token)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def fall(text: str) -> None:
    raise ValueError(text)


@pytest.mark.usefixtures("own_logging")
def test_a_request_is_one_json_line(
    client: TestClient, store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    store.add_client("acme")
    set_up_logging("json", "info")
    messages = [{"id": str(number), "text": "sav"} for number in range(3)]
    client.post(
        "/v1/classify?key=k", json={"client": "acme", "messages": messages}, headers={"x-request-id": "r-1"}
    )
    (line,) = lines(capsys)
    assert datetime.fromisoformat(line.pop("time")).tzinfo is not None
    assert line.pop("duration_ms") >= 0
    assert line == {
        "level": "info",
        "logger": "serving.api.observed",
        "message": "answered",
        "request_id": "r-1",
        "method": "POST",
        "route": "/v1/classify",
        "status": 200,
        "messages": 3,
        "client": "acme",
    }


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_nothing_that_was_written_or_secret_is_logged(
    client: TestClient, capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logging(log_format, "debug")
    for text in ("hush", "boom hush"):
        client.post(
            "/v1/classify?key=hush",
            json={"messages": [{"id": "hush", "text": text, "context": ["hush"], "author": "hush"}]},
            headers={"authorization": "Bearer hush"},
        )
    client.post("/v1/classify", json={"client": "hush", "messages": [{"id": "1", "text": "a"}]})
    client.post("/v1/classify", json={"hush": 1})
    client.post("/hush", content="hush")
    logged = capsys.readouterr().err
    assert logged.count("answered") == 5
    assert "RuntimeError" in logged
    assert "hush" not in logged


@pytest.mark.usefixtures("own_logging")
def test_any_line_tells_its_request(in_a_request: CurrentRequest, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("json", "info")
    LOGGER.info("inside")
    token = current_request.set(None)
    LOGGER.info("outside")
    current_request.reset(token)
    inside, outside = lines(capsys)
    assert (inside["message"], inside["request_id"]) == ("inside", in_a_request.id)
    assert (outside["message"], "request_id" in outside) == ("outside", False)


@pytest.mark.usefixtures("own_logging")
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_an_exception_is_told_without_its_message(
    capsys: pytest.CaptureFixture[str], log_format: LogFormat
) -> None:
    set_up_logging(log_format, "info")
    text = "hush"  # apart, since the lines of code are told
    try:
        fall(text)
    except ValueError:
        LOGGER.exception("fell")
    logged = capsys.readouterr().err
    assert "ValueError" in logged
    assert "in fall" in logged
    assert "hush" not in logged


@pytest.mark.usefixtures("own_logging")
def test_a_line_of_text(in_a_request: CurrentRequest, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text", "info")
    LOGGER.info("answered", extra={"facts": {"status": 200, "client": "two\nlines"}})
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith('+00:00 INFO r1 answered status=200 client="two\\nlines"')


@pytest.mark.usefixtures("own_logging")
def test_levels(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging("text", "debug")
    LOGGER.debug("own debug")
    logging.getLogger("another.library").info("another's info")
    logging.getLogger("another.library").warning("another's warning")
    set_up_logging("text", "error")
    LOGGER.warning("own warning")
    logging.getLogger("another.library").warning("another's later warning")
    logged = capsys.readouterr().err
    assert [line.partition(" - ")[2] for line in logged.splitlines()] == ["own debug", "another's warning"]


def test_a_note_outside_of_a_request_goes_nowhere() -> None:
    note(client="acme")
    assert current_request.get() is None
