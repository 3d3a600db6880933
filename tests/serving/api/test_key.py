from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from labels.store.scopes import Scope
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


@pytest.fixture
def keyed(client: TestClient, store: Store) -> TestClient:
    """A service with two clients and no operator's key; acme flags sav later than the default."""
    store.add_client("acme", {"thresholds": {"sav": 0.95}})
    store.add_client("other", {"thresholds": {"sav": 0.01}})
    return client


def bearer(store: Store, client: str | None, scope: Scope, **given: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {store.keys.add(client, [scope], **given)[0]}"}


def test_a_clients_key_stands_for_the_client(keyed: TestClient, store: Store) -> None:
    headers = bearer(store, "acme", Scope.CLASSIFY)
    for body in (BODY, BODY | {"client": "acme"}, BODY | {"client": None}):
        response = keyed.post("/v1/classify", json=body, headers=headers)
        assert response.json()["results"][0]["labels"]["sav"]["threshold"] == 0.95


@pytest.mark.parametrize("name", ["other", "nowhere", "ACME", "acme "])
def test_anothers_name_is_refused(keyed: TestClient, store: Store, name: str) -> None:
    response = keyed.post(
        "/v1/classify", json=BODY | {"client": name}, headers=bearer(store, "acme", Scope.CLASSIFY)
    )
    assert (response.status_code, response.headers["content-type"]) == (403, MEDIA_TYPE)
    assert response.json()["detail"] == "client: this API key is for the client 'acme' alone"


def test_an_admins_key_names_any_client(keyed: TestClient, store: Store) -> None:
    headers = bearer(store, None, Scope.ADMIN)
    for body, threshold in (
        (BODY, 0.5),
        (BODY | {"client": "acme"}, 0.95),
        (BODY | {"client": "other"}, 0.01),
    ):
        response = keyed.post("/v1/classify", json=body, headers=headers)
        assert response.json()["results"][0]["labels"]["sav"]["threshold"] == threshold


def test_a_key_without_the_scope(keyed: TestClient, store: Store, engine: WeightlessEngine) -> None:
    headers = bearer(store, "acme", Scope.DECIDE)
    response = keyed.post("/v1/classify", json=BODY, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (403, MEDIA_TYPE)
    assert engine.seen == []
    assert keyed.get("/v1/models", headers=headers).status_code == 200


def test_a_service_closes_with_its_first_key(keyed: TestClient, store: Store) -> None:
    assert keyed.post("/v1/classify", json=BODY).status_code == 200
    assert keyed.post("/v1/classify", json=BODY, headers=authorization("Bearer x")).status_code == 200
    key, made = store.keys.add("acme", [Scope.CLASSIFY])
    headers = {"authorization": f"Bearer {key}"}
    assert keyed.post("/v1/classify", json=BODY).status_code == 401
    assert keyed.post("/v1/classify", json=BODY, headers=headers).status_code == 200
    store.keys.revoke(made.prefix)
    assert keyed.post("/v1/classify", json=BODY, headers=headers).status_code == 401
    assert keyed.post("/v1/classify", json=BODY).status_code == 401


def test_an_expired_key_does_not_open(keyed: TestClient, store: Store) -> None:
    headers = bearer(store, "acme", Scope.CLASSIFY, lifetime=timedelta(0))
    response = keyed.post("/v1/classify", json=BODY, headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"


def test_the_operators_key_does_everything_beside_others(locked: TestClient, store: Store) -> None:
    store.add_client("acme")
    headers = bearer(store, "acme", Scope.CLASSIFY)
    assert locked.post("/v1/classify", json=BODY, headers=headers).status_code == 200
    named = BODY | {"client": "acme"}
    assert locked.post("/v1/classify", json=named, headers=authorization(f"Bearer {KEY}")).status_code == 200
    assert locked.post("/v1/classify", json=BODY).status_code == 401


@pytest.mark.parametrize(
    ("origins", "allowed"), [((), None), (("https://desk.example",), "https://desk.example")]
)
def test_web_pages_call_only_where_they_may(
    settings: Settings, engine: WeightlessEngine, store: Store, origins: tuple[str, ...], allowed: str | None
) -> None:
    settings = settings.model_copy(update={"cors_origins": origins, "api_key": SecretStr(KEY)})
    headers = {"origin": "https://desk.example", "access-control-request-method": "POST"}
    with TestClient(create_app(settings, engine, store)) as client:
        asked = client.options(
            "/v1/classify", headers=headers | {"access-control-request-headers": "authorization,content-type"}
        )
        assert (asked.status_code == 200) == (allowed is not None)
        refused = client.post("/v1/classify", json=BODY, headers=headers)
        elsewhere = client.post("/v1/classify", json=BODY, headers={"origin": "https://evil.example"})
    assert refused.status_code == 401
    for response in (asked, refused):
        assert response.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-origin" not in elsewhere.headers
