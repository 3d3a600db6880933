"""The service on a real port of loopback, for the protocols' own clients."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pydantic import SecretStr

from labels.store.store import Store
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

KEY = "clé-secrète"


@contextmanager
def _running(app: FastAPI) -> Iterator[str]:
    """The app's host and port; it listens at once, and answers when it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def address(settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[str]:
    """Host and port of an open service."""
    with _running(create_app(settings, engine, store)) as address:
        yield address


@pytest.fixture
def locked_settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"api_key": SecretStr(KEY)})


@pytest.fixture
def locked_address(locked_settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[str]:
    """Host and port of a service that wants ``KEY``."""
    with _running(create_app(locked_settings, engine, store)) as address:
        yield address


@pytest.fixture
def locked(locked_settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[TestClient]:
    with TestClient(create_app(locked_settings, engine, store)) as client:
        yield client
