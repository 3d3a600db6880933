"""Whatever is sent, the answer is a problem that names the field, and the service goes on."""

import json
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from labels.pseudonyms import Pseudonyms
from labels.store.store import Store
from serving.api.callers import OPERATOR
from serving.api.messages import ClassifyRequest, is_visible
from serving.api.problems import MEDIA_TYPE, SCHEMA, Problem
from serving.api.service import Service
from serving.app import create_app
from serving.engine.batcher import Batcher
from serving.engine.normalise import normalise
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

JSON = {"content-type": "application/json"}
OK = {"id": "1", "text": "bonjour"}

ANY_TEXT = st.text(st.characters(exclude_categories=()))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


def problem(client: TestClient, status: int, **request: Any) -> Any:
    response = client.post("/v1/classify", **request)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == MEDIA_TYPE
    content = response.json()
    assert content["status"] == status
    assert content["detail"]
    assert set(SCHEMA["required"]) <= set(content) <= set(SCHEMA["properties"])
    assert client.post("/v1/classify", json={"messages": [OK]}).status_code == 200
    return content


def wrong(**fields: Any) -> dict[str, Any]:
    return {"messages": [OK | {"id": "0"}, {**OK, **fields}]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (wrong(text=""), "messages.1.text"),
        (wrong(text=" \n\t\u00a0\u2003"), "messages.1.text"),
        (wrong(text="\u200b\u200d\ufeff\u2060"), "messages.1.text"),
        (wrong(text="\u202e\u202c"), "messages.1.text"),
        (wrong(text="\u3164\u034f\ufe0f"), "messages.1.text"),
        (wrong(text="a" * 20_001), "messages.1.text"),
        (wrong(text="a" * 2**20), "messages.1.text"),
        (wrong(text="bon\0jour"), "messages.1.text"),
        (wrong(text="\ud800"), "messages.1.text"),
        (wrong(text="fin \udfff"), "messages.1.text"),
        (wrong(text=3), "messages.1.text"),
        (wrong(text=None), "messages.1.text"),
        (wrong(text=["a"]), "messages.1.text"),
        (wrong(id=""), "messages.1.id"),
        (wrong(id=1), "messages.1.id"),
        (wrong(id="0"), "messages.1.id"),
        (wrong(id="a\0"), "messages.1.id"),
        (wrong(id="\ud800"), "messages.1.id"),
        (wrong(id="x" * 257), "messages.1.id"),
        (wrong(language="français"), "messages.1.language"),
        (wrong(language="FR"), "messages.1.language"),
        (wrong(language=1), "messages.1.language"),
        (wrong(sent_at="2026-11-27T20:03:11"), "messages.1.sent_at"),
        (wrong(sent_at="1764273791"), "messages.1.sent_at"),
        (wrong(sent_at=1764273791), "messages.1.sent_at"),
        (wrong(sent_at="2026-13-27T20:03:11Z"), "messages.1.sent_at"),
        (wrong(context="post"), "messages.1.context"),
        (wrong(context=[3]), "messages.1.context.0"),
        (wrong(context=["a"] * 51), "messages.1.context"),
        (wrong(context=["a", "b\0"]), "messages.1.context.1.text"),
        (wrong(context=[{"author": "u"}]), "messages.1.context.0.text"),
        (wrong(context=[{"text": "a", "extra": 1}]), "messages.1.context.0.extra"),
        (wrong(context=["\ud800"]), "messages.1.context.0.text"),
        (wrong(context=["a" * 20_001]), "messages.1.context.0.text"),
        (wrong(context=["a" * 20_000] * 10), "messages"),
        ({"messages": [{"id": str(n), "text": "a" * 20_000} for n in range(11)]}, "messages"),
        (wrong(author=4), "messages.1.author"),
        (wrong(channel=True), "messages.1.channel"),
        (wrong(unknown=1), "messages.1.unknown"),
        ({"messages": [{"text": "a"}]}, "messages.0.id"),
        ({"messages": [{"id": "a"}]}, "messages.0.text"),
        ({"messages": []}, "messages"),
        ({"messages": [{"id": str(n), "text": "a"} for n in range(257)]}, "messages"),
        ({"messages": OK}, "messages"),
        ({"messages": ["a"]}, "messages.0"),
        ({}, "messages"),
        ({"messages": [OK], "mesages": []}, "mesages"),
        ({"messages": [OK], "client": 1}, "client"),
        ({"messages": [OK], "client": ""}, "client"),
        ({"messages": [OK], "client": "\ud800"}, "client"),
        ([], "body"),
        ("bonjour", "body"),
        (None, "body"),
    ],
)
def test_a_wrong_field_is_named(client: TestClient, body: Any, field: str) -> None:
    content = problem(client, 422, content=json.dumps(body), headers=JSON)
    assert [error["field"] for error in content["errors"]] == [field]
    assert content["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize("name", ["\ud800", "a\0b", "k" * 100_000])
def test_unknown_fields_with_odd_names(client: TestClient, name: str) -> None:
    content = problem(client, 422, content=json.dumps({"messages": [OK], name: 1}), headers=JSON)
    assert len(content["errors"][0]["field"]) <= 64


def test_too_much_in_all_is_told_by_sum_and_limit(client: TestClient) -> None:
    context = ["a" * 20_000] * 9 + [{"author": "u1", "text": "a" * 20_000}]
    detail = problem(client, 422, json={"messages": [OK | {"context": context}]})["detail"]
    assert detail == "messages: hold 200011 characters, contexts included: 200000 at most"


def test_a_request_of_the_most_characters_is_answered(client: TestClient) -> None:
    messages = [{"id": str(n), "text": "a" * 20_000} for n in range(10)]
    assert client.post("/v1/classify", json={"messages": messages}).status_code == 200


def test_errors_are_told_up_to_a_limit(client: TestClient) -> None:
    body = {"messages": [OK], **{f"field{number}": 1 for number in range(1000)}}
    assert len(problem(client, 422, json=body)["errors"]) == 50


def test_nothing_sent_is_repeated(client: TestClient) -> None:
    content = problem(client, 422, json=wrong(text="secret\0"))
    assert "secret" not in json.dumps(content)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"bonjour",
        b'{"messages": [{"id": "1", "text": "\xff"}]}',
        b'{"messages": [{"id": "1", "text": "\xed\xa0\x80"}]}',
        b'{"messages": [{"id": "1", "text": "a\nb"}]}',
        b"[" * 100_000,
        b"1" * 10_000,
        '{"messages": []}'.encode("utf-16"),
    ],
)
def test_what_is_not_json(client: TestClient, body: bytes) -> None:
    problem(client, 400, content=body, headers=JSON)


@pytest.mark.parametrize(
    "body", [b"", b'{"messages": NaN}', b'{"messages": [{"id": "1", "text": Infinity}]}']
)
def test_json_without_messages(client: TestClient, body: bytes) -> None:
    problem(client, 422, content=body, headers=JSON)


def test_a_body_with_a_byte_order_mark_is_read(client: TestClient) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"messages": [OK]}).encode()
    assert client.post("/v1/classify", content=body, headers=JSON).status_code == 200


def test_a_body_too_large(client: TestClient) -> None:
    content = problem(client, 413, json=wrong(text="a" * 3 * 2**20))
    assert "2097152 bytes" in content["detail"]


def test_a_body_too_large_without_a_length(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        yield from (b" " * 2**16 for _ in range(64))

    problem(client, 413, content=chunks(), headers=JSON)


def test_a_body_too_large_with_a_lying_length(client: TestClient) -> None:
    problem(client, 413, content=b" " * 3 * 2**20, headers={**JSON, "content-length": "10"})


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
        {"content-type": "\xff"},
        {},
        {**JSON, "content-encoding": "gzip"},
    ],
)
def test_other_media_types(client: TestClient, headers: dict[str, str]) -> None:
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    problem(client, 415, content=json.dumps({"messages": [OK]}).encode(), headers=raw)


def test_an_unknown_client(client: TestClient) -> None:
    content = problem(client, 404, json={"client": "nobody", "messages": [OK]})
    assert "vigie clients add nobody" in content["detail"]
    assert [error["field"] for error in content["errors"]] == ["client"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("POST", "/v1/classify/", 404),
        ("GET", "/%ED%A0%80", 404),
        ("GET", "/v1/classify", 405),
        ("DELETE", "/health", 405),
    ],
)
def test_unknown_routes_and_methods(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert (response.status_code, response.headers["content-type"]) == (status, MEDIA_TYPE)
    assert ("allow" in response.headers) == (status == 405)


def test_a_refusal_does_not_wait_for_the_model(
    settings: Settings, engine: WeightlessEngine, store: Store
) -> None:
    request = ClassifyRequest.model_validate(wrong(text=" "))
    stopped = Batcher(engine, lanes=1, max_queued_tokens=1, cache_entries=1)

    async def refused() -> Problem:
        service = Service(settings, engine, store, stopped, Pseudonyms("hush"), caller=OPERATOR)
        with pytest.raises(Problem) as caught, anyio.fail_after(5):
            await service.classify(request)
        return caught.value

    assert anyio.run(refused).status_code == 422


@given(ANY_TEXT)
def test_what_is_visible_is_what_is_left_of_a_text(text: str) -> None:
    left = normalise(text)
    assert is_visible(text) == is_visible(left)
    assert not is_visible(text) or left


def test_an_unexpected_error_tells_nothing(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    content = problem(client, 500, json=wrong(text="boom hush"))
    assert "hush" not in json.dumps(content) + caplog.text
    assert "Traceback" not in json.dumps(content)
    assert "RuntimeError" in caplog.text


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    settings = Settings(database=f"sqlite:///{tmp_path_factory.mktemp('store') / 'v.db'}")
    with (
        Store.open(settings.database) as store,
        TestClient(create_app(settings, WeightlessEngine(), store)) as client,
    ):
        yield client


@hypothesis_settings(deadline=None, max_examples=200)
@given(text=ANY_TEXT, context=st.lists(ANY_TEXT, max_size=3), client=st.none() | ANY_TEXT)
def test_no_text_gives_a_server_error(
    long_lived: TestClient, text: str, context: list[str], client: str | None
) -> None:
    assume("boom" not in text)  # At which the fake engine falls.
    body = {"client": client, "messages": [{"id": "1", "text": text, "context": context}]}
    response = long_lived.post("/v1/classify", content=json.dumps(body), headers=JSON)
    assert response.status_code in (200, 404, 422)
    response.json()


@hypothesis_settings(deadline=None, max_examples=100)
@given(ANY_JSON, ANY_JSON)
def test_no_json_gives_a_server_error(long_lived: TestClient, message: Any, context: Any) -> None:
    for body in ({"messages": [message]}, message, wrong(context=context), wrong(context=[context])):
        response = long_lived.post("/v1/classify", content=json.dumps(body), headers=JSON)
        assert response.status_code < 500
        response.json()


@hypothesis_settings(deadline=None, max_examples=100)
@given(st.binary())
def test_no_bytes_give_a_server_error(long_lived: TestClient, body: bytes) -> None:
    assert 400 <= long_lived.post("/v1/classify", content=body, headers=JSON).status_code < 500
