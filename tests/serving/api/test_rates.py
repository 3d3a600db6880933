from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from labels.store.scopes import Scope
from labels.store.store import Store
from serving.api.problems import MEDIA_TYPE
from serving.api.rates import RateLimits
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine


class Clock:
    """Time that passes when it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_bucket_is_full_at_first_and_fills_again(clock: Clock) -> None:
    limits = RateLimits(clock)
    assert limits.take("a", 10, rate=2, burst=10) == 0
    assert limits.take("a", 4, rate=2, burst=10) == 2
    clock.now += 1.5
    assert limits.take("a", 4, rate=2, burst=10) == 0.5
    clock.now += 0.5
    assert limits.take("a", 4, rate=2, burst=10) == 0
    clock.now += 1_000
    assert limits.take("a", 10, rate=2, burst=10) == 0
    assert limits.take("a", 1, rate=2, burst=10) == 0.5


def test_callers_have_their_own(clock: Clock) -> None:
    limits = RateLimits(clock)
    limits.take("a", 10, rate=1, burst=10)
    assert limits.take("b", 10, rate=1, burst=10) == 0


def test_more_than_the_burst_is_a_debt(clock: Clock) -> None:
    limits = RateLimits(clock)
    assert limits.take("a", 30, rate=10, burst=10) == 0
    assert limits.take("a", 1, rate=10, burst=10) == pytest.approx(2.1)
    assert limits.take("a", 30, rate=10, burst=10) == 3


@pytest.fixture
def limited(settings: Settings, engine: WeightlessEngine, store: Store) -> Iterator[TestClient]:
    settings = settings.model_copy(update={"rate_messages_per_second": 0.01, "rate_burst": 3})
    store.add_client("acme")
    with TestClient(create_app(settings, engine, store)) as client:
        yield client


def body(messages: int) -> dict[str, object]:
    return {"messages": [{"id": str(number), "text": "sav"} for number in range(messages)]}


def key(store: Store, rate: float | None = None) -> dict[str, str]:
    return {"authorization": f"Bearer {store.keys.add('acme', [Scope.CLASSIFY], rate=rate)[0]}"}


def test_too_fast_is_told_when_to_come_back(
    limited: TestClient, store: Store, engine: WeightlessEngine
) -> None:
    headers = key(store)
    assert limited.post("/v1/classify", json=body(3), headers=headers).status_code == 200
    response = limited.post("/v1/classify", json=body(2), headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (429, MEDIA_TYPE)
    assert 0 < int(response.headers["retry-after"]) <= 200
    assert len(engine.seen) == 3
    assert limited.get("/v1/models", headers=headers).status_code == 200
    assert limited.post("/v1/classify", json=body(3), headers=key(store)).status_code == 200


def test_a_refused_request_takes_nothing(limited: TestClient, store: Store) -> None:
    headers = key(store)
    for wrong, status in (
        (body(3) | {"client": "other"}, 403),
        ({"messages": [{"id": "1", "text": ""}]}, 422),
    ):
        assert limited.post("/v1/classify", json=wrong, headers=headers).status_code == status
    assert limited.post("/v1/classify", json=body(3), headers=headers).status_code == 200


def test_a_key_may_have_its_own_rate(limited: TestClient, store: Store) -> None:
    headers = key(store, rate=0)
    for _ in range(5):
        assert limited.post("/v1/classify", json=body(3), headers=headers).status_code == 200


def test_without_keys_there_is_one_bucket(limited: TestClient) -> None:
    assert limited.post("/v1/classify", json=body(3)).status_code == 200
    assert (
        limited.post("/v1/classify", json=body(3), headers={"authorization": "Bearer x"}).status_code == 429
    )
