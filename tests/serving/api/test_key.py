from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from labels.store.store import Store
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

KEY = "clé-secrète"
BODY = {"messages": [{"id": "1", "text": "sav"}]}


@pytest.fixture
def locked(settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[TestClient]:
    settings = settings.model_copy(update={"api_key": SecretStr(KEY)})
    with TestClient(create_app(settings, engine, store)) as client:
        yield client


def authorization(value: str) -> dict[bytes, bytes]:
    return {b"authorization": value.encode()}


@pytest.mark.parametrize("value", [f"Bearer {KEY}", f"bearer  {KEY}"])
def test_the_key_opens(locked: TestClient, value: str) -> None:
    assert locked.post("/v1/classify", json=BODY, headers=authorization(value)).status_code == 200
    assert locked.get("/v1/models", headers=authorization(value)).status_code == 200
    assert locked.get("/metrics", headers=authorization(value)).status_code == 200


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", f"Basic {KEY}", KEY, f"Bearer {KEY}x", "Bearer \xff"]
)
def test_anything_else_does_not(locked: TestClient, value: str) -> None:
    for response in (
        locked.post("/v1/classify", json=BODY, headers=authorization(value)),
        locked.post("/v1/classify", content=b"{", headers=authorization(value)),
        locked.get("/v1/models", headers=authorization(value)),
        locked.get("/metrics", headers=authorization(value)),
    ):
        assert (response.status_code, response.headers["content-type"]) == (401, MEDIA_TYPE)
        assert response.headers["www-authenticate"] == "Bearer"
        assert KEY not in response.text


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_probes_need_no_key(locked: TestClient, path: str) -> None:
    assert locked.get(path).status_code == 200
