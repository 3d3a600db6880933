"""Whatever is sent to a dialect, the answer is its own, or an error in its form, and never a 500."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings

from labels.store.store import Store
from serving.app import create_app
from serving.settings import Settings
from tests.serving.api.test_bad_input import ANY_JSON, ANY_TEXT, JSON
from tests.serving.conftest import WeightlessEngine

MODERATIONS, ANALYZE, INFER = "/v1/moderations", "/v1alpha1/comments:analyze", "/v2/models/vigie/infer"


def comment(text: Any, other: Any) -> dict[str, Any]:
    entries = {"entries": [{"text": other}]}
    return {
        "comment": {"text": text},
        "context": entries,
        "requestedAttributes": {"TOXICITY": {}},
        "spanAnnotations": True,
    }


def tensors(text: Any, other: Any) -> dict[str, Any]:
    shape = {"datatype": "BYTES", "shape": [1]}
    return {
        "inputs": [{"name": "text", "data": [text], **shape}, {"name": "context", "data": [other], **shape}]
    }


BODIES: dict[str, tuple[Callable[[Any, Any], Any], ...]] = {
    MODERATIONS: (
        lambda text, other: {"input": [text, other]},
        lambda text, other: {"input": [{"type": "text", "text": text}], "model": other},
        lambda text, other: {"input": text},
    ),
    ANALYZE: (
        comment,
        lambda text, other: {**comment("a", "b"), "languages": [text], "clientToken": other},
        lambda text, other: {**comment("a", "b"), "requestedAttributes": text, "context": other},
    ),
    INFER: (
        tensors,
        lambda text, other: {"inputs": [text], "outputs": [other]},
        lambda text, other: {**tensors("a", ""), "id": text, "parameters": other},
    ),
}


@pytest.fixture(scope="module")
def long_lived() -> Iterator[TestClient]:
    with (
        Store.open("sqlite://") as store,
        TestClient(create_app(Settings(database="sqlite://"), WeightlessEngine(), store)) as client,
    ):
        yield client


def answered(client: TestClient, path: str, body: Any) -> None:
    response = client.post(path, content=json.dumps(body), headers=JSON)
    assert response.status_code in (200, 400)
    assert response.headers["content-type"] == "application/json"
    assert ("error" in response.json()) == (response.status_code == 400)


@pytest.mark.parametrize("path", BODIES)
@hypothesis_settings(deadline=None, max_examples=60)
@given(text=ANY_TEXT, other=ANY_TEXT)
def test_no_text_gives_a_server_error(long_lived: TestClient, path: str, text: str, other: str) -> None:
    assume("boom" not in text + other)  # At which the fake engine falls.
    for body in BODIES[path]:
        answered(long_lived, path, body(text, other))


@pytest.mark.parametrize("path", BODIES)
@hypothesis_settings(deadline=None, max_examples=60)
@given(ANY_JSON, ANY_JSON)
def test_no_json_gives_a_server_error(long_lived: TestClient, path: str, one: Any, other: Any) -> None:
    answered(long_lived, path, one)
    for body in BODIES[path]:
        answered(long_lived, path, body(one, other))
