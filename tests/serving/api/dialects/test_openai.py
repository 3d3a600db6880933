"""OpenAI's moderation, by OpenAI's own client and by hand."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from fastapi.testclient import TestClient
from openai.types import ModerationMultiModalInputParam
from openai.types.moderation import Categories

from serving.api.dialects.openai import CATEGORIES
from tests.serving.api.dialects.conftest import KEY
from tests.serving.conftest import WeightlessEngine
from tests.serving.test_documentation import DOCS

UNMEASURED = (
    *("harassment_threatening", "hate_threatening", "illicit", "illicit_violent", "self_harm"),
    *(
        "self_harm_instructions",
        "self_harm_intent",
        "sexual",
        "sexual_minors",
        "violence",
        "violence_graphic",
    ),
)


def official(address: str, key: str) -> openai.OpenAI:
    http = httpx2.Client(trust_env=False)
    return openai.OpenAI(base_url=f"http://{address}/v1", api_key=key, http_client=http, max_retries=0)


@pytest.fixture
def client_of_openai(address: str) -> Iterator[openai.OpenAI]:
    with official(address, "any") as client:
        yield client


def refused(client: TestClient, status: int = 400, **request: Any) -> Any:
    response = client.post("/v1/moderations", **request)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    error = response.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def test_the_official_client_reads_what_vigie_measures(client_of_openai: openai.OpenAI) -> None:
    answer = client_of_openai.moderations.create(model="omni-moderation-latest", input="toxicity, racism")
    assert answer.model == "weightless-1.0.0"
    assert answer.id.startswith("modr-")
    [result] = answer.results
    assert result.flagged
    assert (result.categories.harassment, result.categories.hate) == (True, False)
    assert (result.category_scores.harassment, result.category_scores.hate) == (0.9, 0.02)
    assert result.category_applied_input_types.harassment == ["text"]
    assert result.categories.model_extra == {"sexism": False, "racism": True}
    assert result.category_scores.model_extra == {"sexism": 0.02, "racism": 0.9}


def test_the_official_client_is_told_nothing_of_the_rest(client_of_openai: openai.OpenAI) -> None:
    [result] = client_of_openai.moderations.create(input="bonjour").results
    for told in (result.categories, result.category_scores, result.category_applied_input_types):
        assert {getattr(told, name) for name in UNMEASURED} == {None}
        assert set(told.to_dict()) == {"hate", "harassment", "sexism", "racism"}


def test_the_official_client_gets_a_result_for_each_text(client_of_openai: openai.OpenAI) -> None:
    results = client_of_openai.moderations.create(input=["bonjour", "hate", "sexism"]).results
    assert [result.flagged for result in results] == [False, True, True]


def test_the_official_client_sends_the_parts_of_one_text(
    client_of_openai: openai.OpenAI, engine: WeightlessEngine
) -> None:
    parts: list[ModerationMultiModalInputParam] = [
        {"type": "text", "text": "bonjour"},
        {"type": "text", "text": "hate"},
    ]
    [result] = client_of_openai.moderations.create(input=parts).results
    assert result.categories.hate
    assert [message.text for message in engine.seen] == ["bonjour\nhate"]


def test_the_official_client_raises_its_own_errors(client_of_openai: openai.OpenAI) -> None:
    text: ModerationMultiModalInputParam = {"type": "text", "text": "a"}
    image: ModerationMultiModalInputParam = {
        "type": "image_url",
        "image_url": {"url": "https://a.test/a.png"},
    }
    with pytest.raises(openai.BadRequestError, match="part 1 is an image: Vigie reads text alone") as caught:
        client_of_openai.moderations.create(input=[text, image])
    assert (caught.value.param, caught.value.type) == ("input", "invalid_request_error")


def test_the_official_client_gives_the_key(locked_address: str) -> None:
    with official(locked_address, "wrong") as client, pytest.raises(openai.AuthenticationError) as caught:
        client.moderations.create(input="a")
    assert caught.value.code == "invalid_api_key"


def test_the_key_opens(locked: TestClient) -> None:
    headers = {b"authorization": f"Bearer {KEY}".encode()}
    assert locked.post("/v1/moderations", json={"input": "a"}, headers=headers).status_code == 200
    assert refused(locked, 401, json={"input": "a"})["code"] == "invalid_api_key"


def test_a_customers_case_is_not_flagged(client: TestClient) -> None:
    [result] = client.post("/v1/moderations", json={"input": "sav"}).json()["results"]
    assert not result["flagged"]
    assert "sav" not in result["categories"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": []}, "input"),
        ({"input": 3}, "input"),
        ({"input": ["a", 3]}, "input.1"),
        ({"input": " "}, "input.0"),
        ({"input": ["a", ""]}, "input.1"),
        ({"input": ["a", "b\0"]}, "input.1"),
        ({"input": ["a", "\ud800"]}, "input.1"),
        ({"input": "a" * 20_001}, "input.0"),
        ({"input": ["a"] * 257}, "input"),
        ({"input": ["a" * 20_000] * 11}, "input"),
        ({"input": ["a", "你好"]}, "input.1"),
        ({"input": [{"type": "text"}]}, "input"),
        ({"input": [{"type": "text", "text": 3}]}, "input"),
        ({"input": [{"type": "audio"}]}, "input"),
        ({"input": ["a", {"type": "text", "text": "a"}]}, "input.1"),
        ({"input": "a", "model": 3}, "model"),
        ({"input": "a", "other": 3}, "other"),
    ],
)
def test_what_is_wrong_is_named(client: TestClient, body: Any, param: str) -> None:
    error = refused(client, content=json.dumps(body), headers={"content-type": "application/json"})
    assert (error["param"], error["type"]) == (param, "invalid_request_error")
    assert error["message"]


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, {"content": b"{", "headers": {"content-type": "application/json"}}),
        (413, {"json": {"input": "a" * 3 * 2**20}}),
        (415, {"content": b"a"}),
    ],
)
def test_limits_of_the_other_routes_hold(client: TestClient, status: int, request_: dict[str, Any]) -> None:
    assert refused(client, status, **request_)["type"] == "invalid_request_error"


def test_another_method(client: TestClient) -> None:
    response = client.get("/v1/moderations")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")
    assert response.json()["error"]["type"] == "invalid_request_error"


def test_an_unexpected_error_tells_nothing(client: TestClient) -> None:
    error = refused(client, 500, json={"input": "boom hush"})
    assert error["type"] == "server_error"
    assert "hush" not in error["message"]


def test_every_category_is_documented() -> None:
    page = (DOCS / "dialects.md").read_text(encoding="utf-8")
    unmeasured = {str(field.alias or name) for name, field in Categories.model_fields.items()} - set(
        CATEGORIES
    )
    assert len(unmeasured) == len(UNMEASURED)
    assert all(f"`{name}`" in page for name in unmeasured | set(CATEGORIES))
