from typing import Any

import pytest
from fastapi.testclient import TestClient

from labels.store.store import Store
from labels.taxonomy import LABEL_NAMES
from serving.api.classify import REQUEST_EXAMPLE, RESPONSE_EXAMPLE
from serving.api.results import ClassifyResponse
from tests.serving.conftest import WeightlessEngine

ODD_TEXTS = (
    *(
        "\u202eno\u202c",
        "a\u200bb",
        "👩\u200d👩\u200d👧",
        "ﷺ",
        "<s>",
        "a" * 20_000,
        "\u0301a",
        "🙂",
        "?",
        "٣",
    ),
    *("مرحبا، أين طلبي؟", "</s><pad><unk><mask>", "😂" * 200, "x\u0301\u200b\u0327", "@lea", "www.a"),
)


def classify(http: TestClient, *messages: dict[str, Any], **fields: Any) -> Any:
    response = http.post("/v1/classify", json={"messages": list(messages), **fields})
    assert response.status_code == 200, response.text
    return response.json()


def test_the_contract(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    request = {**REQUEST_EXAMPLE, "messages": [{**REQUEST_EXAMPLE["messages"][0], "text": "sav, en 36 ?"}]}
    response = client.post("/v1/classify", json=request)
    other = {"score": 0.02, "threshold": 0.6, "flagged": False}
    assert response.json() == {
        "model": "weightless-1.0.0",
        "results": [
            {
                "id": "m1",
                "language": "fr",
                "labels": {
                    **dict.fromkeys(LABEL_NAMES[:-1], other),
                    "sav": {"score": 0.9, "threshold": 0.5, "flagged": True},
                },
                "intent": {"name": "availability", "score": 0.82},
                "action": "route",
                "priority": 0.68,
                "reasons": ["sav>=0.50"],
                "review": False,
            }
        ],
    }


def test_the_documented_response_is_one() -> None:
    assert ClassifyResponse.model_validate(RESPONSE_EXAMPLE).model_dump(mode="json") == RESPONSE_EXAMPLE


def test_no_intent_without_sav(client: TestClient) -> None:
    result = classify(client, {"id": "1", "text": "toxicity"})["results"][0]
    assert result["intent"] is None
    assert result["action"] == "hide"


def test_a_script_that_the_model_does_not_read(client: TestClient) -> None:
    results = classify(client, {"id": "1", "text": "你好"}, {"id": "2", "text": "sav"})["results"]
    assert [label["score"] for label in results[0]["labels"].values()] == [None] * len(LABEL_NAMES)
    assert results[0] | {"labels": None} == {
        "id": "1",
        "language": "zh",
        "labels": None,
        "intent": None,
        "action": "none",
        "priority": 0.0,
        "reasons": ["unsupported_script"],
        "review": True,
    }
    assert results[1]["labels"]["sav"]["flagged"]


def test_context_is_rendered(client: TestClient, engine: WeightlessEngine) -> None:
    context = ["post", {"author": "u1", "text": "bonjour"}, {"text": "oui"}, {"author": None, "text": "non"}]
    classify(client, {"id": "1", "text": "et en 36 ?", "context": context, "language": "en"})
    assert engine.seen[0].context == ("post", "u1: bonjour", "oui", "non")
    assert engine.seen[0].language == "en"


def test_results_keep_the_order(client: TestClient) -> None:
    messages = [{"id": str(number), "text": "sav" if number % 3 else "hate"} for number in range(50)]
    results = classify(client, *messages)["results"]
    assert [result["id"] for result in results] == [message["id"] for message in messages]
    assert [result["action"] for result in results] == ["route" if n % 3 else "hide" for n in range(50)]


def test_a_clients_charter_rules(client: TestClient, store: Store) -> None:
    store.add_client("strict", {"thresholds": {"sav": 0.95}})
    result = classify(client, {"id": "1", "text": "sav"}, client="strict")["results"][0]
    assert result["labels"]["sav"] == {"score": 0.9, "threshold": 0.95, "flagged": False}


def test_a_broken_charter_says_so(client: TestClient, store: Store) -> None:
    store.add_client("broken", {"thresholds": "low"})
    body = {"client": "broken", "messages": [{"id": "1", "text": "sav"}]}
    response = client.post("/v1/classify", json=body)
    assert response.status_code == 500
    assert "thresholds" in response.json()["detail"]


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_odd_texts_are_answered(client: TestClient, text: str) -> None:
    assert classify(client, {"id": "1", "text": text})["results"][0]["id"] == "1"


@pytest.mark.parametrize("sent_at", [None, "2026-11-27T20:03:11Z", "2026-11-27T20:03:11.25+02:00"])
def test_timestamps(client: TestClient, sent_at: str | None) -> None:
    classify(client, {"id": "1", "text": "sav", "sent_at": sent_at})


def test_the_most_messages_are_answered(client: TestClient) -> None:
    assert len(classify(client, *({"id": str(n), "text": "x"} for n in range(256)))["results"]) == 256


def test_openapi_is_complete(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"]["/v1/classify"]["post"]
    assert (
        operation["requestBody"]["content"]["application/json"]["examples"]["sav"]["value"] == REQUEST_EXAMPLE
    )
    answered = operation["responses"]["200"]["content"]["application/json"]
    assert answered["example"] == RESPONSE_EXAMPLE
    assert answered["schema"]["$ref"].endswith("ClassifyResponse")
    assert {"400", "401", "404", "413", "415", "422"} <= set(operation["responses"])
    assert "application/json" not in operation["responses"]["422"]["content"]
    assert operation["security"] == [{"HTTPBearer": []}]
