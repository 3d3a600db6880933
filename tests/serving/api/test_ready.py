import signal
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.server import Server
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine


def unready(http: TestClient) -> Any:
    response = http.get("/ready")
    assert (response.status_code, response.headers["content-type"]) == (503, MEDIA_TYPE)
    return response.json()


def test_ready(client: TestClient) -> None:
    response = client.get("/ready")
    assert (response.status_code, response.json()) == (200, {"status": "ready", "model": "weightless-1.0.0"})


def test_not_ready_without_a_model(settings: Settings) -> None:
    assert "the model is not ready" in unready(TestClient(create_app(settings)))["detail"]


def test_not_ready_without_a_database(
    client: TestClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = sqlite3.connect(tmp_path / "vigie.db")
    database.execute("DROP TABLE clients")
    database.close()
    problem = unready(client)
    assert [error["field"] for error in problem["errors"]] == ["database"]
    assert "vigie.db" not in str(problem)
    assert "no such table" in caplog.text
    assert client.get("/health").status_code == 200


def test_at_sigterm_ready_is_over_and_requests_are_still_answered(
    settings: Settings, engine: WeightlessEngine, store: Store
) -> None:
    app = create_app(settings, engine, store)
    server = Server(app, settings)
    with TestClient(app) as client:
        server.handle_exit(signal.SIGTERM, None)
        assert server.should_exit
        assert [error["field"] for error in unready(client)["errors"]] == ["server"]
        body = {"messages": [{"id": "1", "text": "sav"}]}
        assert client.post("/v1/classify", json=body).status_code == 200
        assert client.get("/health").status_code == 200
