import json

import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import GatedEngine, WeightlessEngine

NDJSON = {"content-type": "application/x-ndjson; charset=utf-8"}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def test_every_line_is_answered_in_order_and_bad_ones_say_why(client: TestClient) -> None:
    messages = [{"id": f"m{number}", "text": "sexism" if number % 2 else "bonjour"} for number in range(150)]
    body = lines(*messages[:100], {"id": "bad", "text": " "}) + b"not json\n" + lines(*messages[100:])
    response = client.post("/v1/classify", content=body, headers=NDJSON)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
    answers = [json.loads(line) for line in response.text.splitlines()]
    assert [a.get("id", a.get("line")) for a in answers] == [
        *(m["id"] for m in messages[:100]), 101, 102, *(m["id"] for m in messages[100:])
    ]  # fmt: skip
    assert answers[100]["error"] == "text: must hold at least one visible character"
    assert answers[101]["error"] == "is not JSON"
    assert answers[1]["labels"]["sexism"]["flagged"]
    assert answers[1]["model"] == WeightlessEngine.config.version


def test_the_clients_charter_rules_and_an_unknown_client_is_refused(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    body = lines({"id": "1", "text": "sav"})
    assert client.post("/v1/classify?client=acme", content=body, headers=NDJSON).status_code == 200
    refused = client.post("/v1/classify?client=nobody", content=body, headers=NDJSON)
    assert (refused.status_code, refused.headers["content-type"]) == (404, MEDIA_TYPE)


def test_a_body_beyond_the_limit_is_refused(
    settings: Settings, engine: WeightlessEngine, store: Store
) -> None:
    small = settings.model_copy(update={"max_ndjson_bytes": 100})
    with TestClient(create_app(small, engine, store)) as client:
        response = client.post("/v1/classify", content=b" " * 101, headers=NDJSON)
    assert response.status_code == 413
    assert "100 bytes" in response.json()["detail"]


@pytest.mark.parametrize("body", [b"", b"\n\n"])
def test_nothing_is_answered_with_nothing(client: TestClient, body: bytes) -> None:
    response = client.post("/v1/classify", content=body, headers=NDJSON)
    assert (response.status_code, response.content) == (200, b"")


def test_a_full_queue_only_makes_it_wait(settings: Settings, store: Store) -> None:
    """A first batch beyond the limit is taken as nothing waits; each later one finds room in the end."""
    engine = GatedEngine()
    engine.gate.set()
    tight = settings.model_copy(update={"max_queued_tokens": 1})
    with TestClient(create_app(tight, engine, store)) as client:
        body = lines(*({"text": f"message {number}"} for number in range(200)))
        response = client.post("/v1/classify", content=body, headers=NDJSON)
    assert len(response.text.splitlines()) == 200
