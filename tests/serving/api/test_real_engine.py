"""Odd texts, from the request through a real model to the answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from labels.store.store import Store
from labels.taxonomy import LABEL_NAMES
from serving.app import create_app
from serving.engine.engine import Engine
from serving.settings import Settings
from tests.serving.api.test_bad_input import ANY_TEXT, JSON
from tests.serving.api.test_classify import ODD_TEXTS

LONG = ("ab " * 7_000)[:20_000]


@pytest.fixture(scope="module")
def real(tiny_artefact: Path) -> Iterator[TestClient]:
    engine = Engine(tiny_artefact, threads=1)
    with (
        Store.open("sqlite://") as store,
        TestClient(create_app(Settings(database="sqlite://", deadline_seconds=600), engine, store)) as client,
    ):
        yield client


@pytest.mark.parametrize("text", [*ODD_TEXTS, LONG])
def test_odd_texts_are_scored(real: TestClient, text: str) -> None:
    messages = [{"id": "1", "text": text}, {"id": "2", "text": "bonjour", "context": [text, text]}]
    response = real.post("/v1/classify", json={"messages": messages})
    assert response.status_code == 200, response.text
    for result in response.json()["results"]:
        assert all(0 <= result["labels"][label]["score"] <= 1 for label in LABEL_NAMES)


@hypothesis_settings(deadline=None, max_examples=100)
@given(text=ANY_TEXT, context=st.lists(ANY_TEXT, max_size=3))
def test_no_text_gives_a_server_error(real: TestClient, text: str, context: list[str]) -> None:
    body = {"messages": [{"id": "1", "text": text, "context": context}]}
    response = real.post("/v1/classify", content=json.dumps(body), headers=JSON)
    assert response.status_code in (200, 422)
    if response.status_code == 200:
        [result] = response.json()["results"]
        unread = result["reasons"] == ["unsupported_script"]
        assert all((label["score"] is None) == unread for label in result["labels"].values())
