import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text

from labels.pseudonyms import Pseudonyms
from labels.store.scopes import Scope
from labels.store.store import Store
from serving.api.decide import REQUEST_EXAMPLE
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

EXAMPLE = REQUEST_EXAMPLE["decisions"][0]
LEAST = {
    "key": "d2",
    "message": {"id": "m2", "text": "Bravo !"},
    "labels": {"hate": False},
    "decided_at": "2026-11-27T20:06:10Z",
}
SECRET = "a secret of the tests"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings(database=settings.database, pseudonym_secret=SECRET)  # type: ignore[arg-type]


@pytest.fixture
def acme(store: Store, client: TestClient) -> TestClient:
    """The service, called with a key of the client acme; there is another client too."""
    store.add_client("acme")
    store.add_client("other")
    client.headers["authorization"] = bearer(store, "acme")
    return client


def bearer(store: Store, client: str | None, scope: Scope = Scope.DECIDE) -> str:
    return f"Bearer {store.keys.add(client, [scope])[0]}"


def decide(http: TestClient, *decisions: dict[str, Any], status: int = 200, **fields: Any) -> Any:
    response = http.post("/v1/decisions", json={"decisions": list(decisions), **fields})
    assert response.status_code == status, response.text
    if status != 200:
        assert response.headers["content-type"] == MEDIA_TYPE
    return response.json()


def test_decisions_are_stored_once(acme: TestClient, store: Store) -> None:
    assert decide(acme, EXAMPLE, LEAST, client="acme") == {
        "results": [{"key": EXAMPLE["key"], "status": "stored"}, {"key": "d2", "status": "stored"}]
    }
    again = {**LEAST, "decided_at": "2026-11-27T22:06:10+02:00", "tool": None}
    assert decide(acme, again) == {"results": [{"key": "d2", "status": "duplicate"}]}
    first, second = store.decisions.of_client("acme")
    assert first.labels == EXAMPLE["labels"]
    assert (first.intent, first.tool, first.seconds) == ("availability", "desk", 4.2)
    assert (first.model, first.shown) == ("vigie-base-1.1.0", {"sav": 0.97})
    assert (second.message.text, second.labels, second.moderator) == ("Bravo !", {"hate": False}, None)


def test_a_key_used_before_is_named_and_nothing_is_stored(acme: TestClient, store: Store) -> None:
    decide(acme, LEAST)
    content = decide(acme, EXAMPLE, {**LEAST, "labels": {"hate": True}}, status=409)
    assert [error["field"] for error in content["errors"]] == ["decisions.1.key"]
    assert "'d2'" in content["detail"]
    assert [decision.labels for decision in store.decisions.of_client("acme")] == [{"hate": False}]


def test_people_are_kept_as_pseudonyms(acme: TestClient, store: Store, settings: Settings) -> None:
    people = ("léa-author", "tom-before", "zoé-moderator")
    message = {
        "id": "m1",
        "text": "Oui",
        "author": people[0],
        "context": [{"author": people[1], "text": "Non"}, "Un billet"],
    }
    decide(acme, {**LEAST, "message": message, "moderator": people[2]})
    kept = store.decisions.of_client("acme")[0]
    pseudonyms = Pseudonyms(SECRET)
    assert kept.message.author == pseudonyms.of("acme", "author", people[0])
    assert kept.moderator == pseudonyms.of("acme", "moderator", people[2])
    assert kept.message.context == [
        {"author": pseudonyms.of("acme", "author", people[1]), "text": "Non"},
        {"author": None, "text": "Un billet"},
    ]
    engine = create_engine(settings.database)
    with engine.connect() as connection:
        rows = [connection.execute(text(f"SELECT * FROM {t}")).all() for t in ("messages", "decisions")]
    engine.dispose()
    assert not any(person in json.dumps(str(rows), ensure_ascii=False) for person in people)


def test_without_a_secret_one_is_made_and_kept(
    settings: Settings, engine: WeightlessEngine, store: Store
) -> None:
    settings = settings.model_copy(update={"pseudonym_secret": None})
    store.add_client("acme")
    body = {"client": "acme", "decisions": [{**LEAST, "moderator": "mod-7"}]}
    for status in ("stored", "duplicate"):
        with TestClient(create_app(settings, engine, store)) as client:
            assert client.post("/v1/decisions", json=body).json()["results"][0]["status"] == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"labels": {}}, "labels"),
        ({"labels": {"spam": True}}, "labels.spam"),
        ({"labels": {"hate": 1}}, "labels.hate"),
        ({"labels": {"hate": None}}, "labels.hate"),
        ({"intent": "payment"}, "intent"),
        ({"labels": {"sav": False}, "intent": "payment"}, "intent"),
        ({"labels": {"sav": True}, "intent": "weather"}, "intent"),
        ({"decided_at": "2026-11-27T20:05:40"}, "decided_at"),
        ({"decided_at": "0001-01-01T00:00:00+02:00"}, "decided_at"),
        ({"decided_at": None}, "decided_at"),
        ({"seconds": -1}, "seconds"),
        ({"seconds": "1"}, "seconds"),
        ({"shown": {"hate": 1.5}}, "shown.hate"),
        ({"key": ""}, "key"),
        ({"key": "a\0"}, "key"),
        ({"moderator": "\ud800"}, "moderator"),
        ({"message": {"id": "1", "text": " "}}, "message.text"),
        ({"message": {"id": "1", "text": "a" * 20_001}}, "message.text"),
        ({"message": {"id": "1", "text": "a", "sent_at": "9999-12-31T23:59:59-01:00"}}, "message.sent_at"),
        ({"verdict": "bad"}, "verdict"),
    ],
)
def test_wrong_decisions_are_named_and_nothing_is_stored(
    acme: TestClient, store: Store, change: dict[str, Any], field: str
) -> None:
    body = json.dumps({"decisions": [{**LEAST, "key": "d1"}, {**LEAST, **change}]})
    response = acme.post("/v1/decisions", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422, response.text
    assert f"decisions.1.{field}" in [error["field"] for error in response.json()["errors"]]
    assert store.decisions.of_client("acme") == []


def test_too_many_or_too_long(acme: TestClient) -> None:
    decide(acme, *({**LEAST, "key": str(number)} for number in range(257)), status=422)
    long = {"id": "1", "text": "a" * 20_000}
    decide(acme, *({**LEAST, "key": str(number), "message": long} for number in range(11)), status=422)
    decide(acme, status=422)


def test_one_client_neither_reads_nor_changes_anothers(acme: TestClient, store: Store) -> None:
    decide(acme, LEAST)
    kept = store.decisions.of_client("acme")
    headers = {"authorization": bearer(store, "other")}
    stolen = {"client": "acme", "decisions": [{**LEAST, "labels": {"hate": True}}]}
    assert acme.post("/v1/decisions", json=stolen, headers=headers).status_code == 403
    # The same key and message, in one's own name: nothing tells that another has them too.
    own = {"decisions": [{**LEAST, "labels": {"hate": True}}]}
    answer = acme.post("/v1/decisions", json=own, headers=headers).json()
    assert answer["results"] == [{"key": "d2", "status": "stored"}]
    assert store.decisions.of_client("acme") == kept
    assert len(store.decisions.of_client("other")) == 1


def test_a_key_that_only_classifies_decides_nothing(acme: TestClient, store: Store) -> None:
    acme.headers["authorization"] = bearer(store, "acme", Scope.CLASSIFY)
    assert "--scope decide" in decide(acme, LEAST, status=403)["detail"]
    assert store.decisions.of_client("acme") == []


def test_whoever_may_name_any_client_must(acme: TestClient, store: Store) -> None:
    acme.headers["authorization"] = bearer(store, None, Scope.ADMIN)
    assert decide(acme, LEAST, status=422)["errors"][0]["field"] == "client"
    assert "vigie clients add third" in decide(acme, LEAST, client="third", status=404)["detail"]
    decide(acme, LEAST, client="other")
    assert len(store.decisions.of_client("other")) == 1


@pytest.fixture
def limited(settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[TestClient]:
    settings = settings.model_copy(update={"rate_messages_per_second": 0.01, "rate_burst": 1})
    store.add_client("acme")
    with TestClient(create_app(settings, engine, store)) as client:
        yield client


def test_decisions_count_too(limited: TestClient, store: Store) -> None:
    decide(limited, LEAST, client="acme")
    decide(limited, {**LEAST, "key": "d3"}, client="acme", status=429)
    assert len(store.decisions.of_client("acme")) == 1
