"""The Python client against the real service, and against one that refuses for a while."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest
from fastapi.testclient import TestClient
from vigie_client import AsyncVigie, Decision, Message, Vigie, VigieError

from labels.store.scopes import Scope
from labels.store.store import Store
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine

DECISION = Decision(
    key="desk-1",
    message=Message("Et en 36 ?", id="m1", author="u42"),
    labels={"sav": True},
    intent="availability",
    decided_at="2026-11-27T20:05:40Z",
)


@pytest.fixture
def app_client(settings: Settings, engine: WeightlessEngine, store: Store) -> TestClient:
    return TestClient(create_app(settings, engine, store))


def served(app_client: TestClient, key: str | None = None) -> Vigie:
    """A client whose requests the app answers, without a network."""
    return Vigie("http://testserver", key, transport=app_client._transport)


def test_messages_are_classified_in_order(app_client: TestClient) -> None:
    with app_client, served(app_client) as vigie:
        first, second = vigie.classify([Message("sav", context=["un post"]), Message("你好", id="m2")])
    assert (first.id, first.action, first.model) == ("0", "route", "weightless-1.0.0")
    assert first.labels["sav"].flagged
    assert first.intent is not None
    assert first.intent.name == "availability"
    assert (second.id, second.labels["sav"].score) == ("m2", None)


def test_a_decision_is_stored_once_and_needs_its_scope(app_client: TestClient, store: Store) -> None:
    store.add_client("acme")
    key, _ = store.keys.add("acme", [Scope.DECIDE])
    with app_client, served(app_client, key) as vigie:
        assert vigie.decide([DECISION]) == {"desk-1": "stored"}
        assert vigie.decide([DECISION]) == {"desk-1": "duplicate"}
        with pytest.raises(VigieError) as refused:
            vigie.classify([Message("bonjour")])
    assert refused.value.status == 403


def test_what_is_wrong_is_told_with_its_field(app_client: TestClient) -> None:
    with (
        app_client,
        served(app_client) as vigie,
        pytest.raises(VigieError, match=r"422: messages\.0\.text") as told,
    ):
        vigie.classify([Message(" ")])
    assert told.value.errors[0]["field"] == "messages.0.text"


Answer = Callable[[httpx2.Request], httpx2.Response]


def in_turn(*answers: httpx2.Response | Exception) -> Answer:
    """Answers one after the other."""
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        now = left.pop(0)
        if isinstance(now, Exception):
            raise now
        return now

    return answer


def ok() -> httpx2.Response:
    return httpx2.Response(200, json={"model": "m", "results": []})


def busy() -> httpx2.Response:
    problem = {"detail": "too much is waiting", "status": 429}
    return httpx2.Response(429, headers={"retry-after": "0"}, json=problem)


def test_a_refusal_for_now_is_tried_again_when_the_service_says() -> None:
    transport = httpx2.MockTransport(in_turn(busy(), busy(), ok()))
    with Vigie(transport=transport) as vigie:
        assert vigie.classify([Message("x")]) == []


def test_a_refusal_that_lasts_is_told() -> None:
    transport = httpx2.MockTransport(in_turn(busy(), busy()))
    with (
        Vigie(transport=transport, retries=1) as vigie,
        pytest.raises(VigieError, match="429: too much is waiting"),
    ):
        vigie.classify([Message("x")])


def test_a_service_that_cannot_be_reached_is_told() -> None:
    transport = httpx2.MockTransport(in_turn(httpx2.ConnectError("refused")))
    with (
        Vigie(transport=transport, retries=0) as vigie,
        pytest.raises(VigieError, match="cannot be reached") as told,
    ):
        vigie.classify([Message("x")])
    assert told.value.status is None


def test_somebody_elses_answer_is_told_as_such() -> None:
    transport = httpx2.MockTransport(in_turn(httpx2.Response(404, text="<html>")))
    with (
        Vigie(transport=transport) as vigie,
        pytest.raises(VigieError, match="404: the answer is not Vigie's"),
    ):
        vigie.classify([Message("x")])


def test_the_async_client_does_the_same() -> None:
    async def main() -> None:
        transport = httpx2.MockTransport(in_turn(busy(), ok(), busy()))
        async with AsyncVigie(transport=transport, retries=1) as vigie:
            assert await vigie.classify([Message("x")]) == []
        transport = httpx2.MockTransport(in_turn(busy()))
        async with AsyncVigie(transport=transport, retries=0) as vigie:
            with pytest.raises(VigieError, match="429"):
                await vigie.decide([DECISION])

    asyncio.run(main())
