"""What callers see of a busy service: 429, 504, and nothing done for those who have gone."""

import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from labels.store.store import Store
from serving.api.connection import while_connected
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import GatedEngine


def classify(client: TestClient, text: str, **headers: str) -> Response:
    body = {"messages": [{"id": "m1", "text": text}]}
    return client.post("/v1/classify", json=body, headers=headers)


def test_a_full_queue_is_a_429_and_all_that_was_accepted_is_answered(
    settings: Settings, store: Store
) -> None:
    engine = GatedEngine()
    app = create_app(settings.model_copy(update={"max_queued_tokens": 8}), engine, store)
    with TestClient(app) as client, ThreadPoolExecutor() as pool:
        running: Future[Response] = pool.submit(classify, client, "running")
        engine.entered.wait(30)
        waiting = pool.submit(classify, client, "waiting")
        batcher = app.state.service.batcher
        deadline = time.monotonic() + 30
        while batcher.queued_tokens == 0 and time.monotonic() < deadline:
            time.sleep(0.001)
        refused = classify(client, "refused")
        engine.gate.set()
        assert [each.result().status_code for each in (running, waiting)] == [200, 200]
    assert (refused.status_code, refused.headers["content-type"]) == (429, MEDIA_TYPE)
    assert int(refused.headers["retry-after"]) >= 1


def test_a_caller_in_a_hurry_gets_a_504(settings: Settings, store: Store) -> None:
    engine = GatedEngine()
    with TestClient(create_app(settings, engine, store)) as client:
        late = classify(client, "late", Prefer="respond-async, wait=0")
        engine.gate.set()
        in_time = classify(client, "in time", Prefer="wait=20")
    assert (late.status_code, late.headers["content-type"]) == (504, MEDIA_TYPE)
    assert in_time.status_code == 200


async def _never() -> None:
    await asyncio.Event().wait()


def test_work_for_a_caller_who_has_hung_up_is_cancelled() -> None:
    cancelled = False

    async def work() -> None:
        nonlocal cancelled
        try:
            await _never()
        finally:
            cancelled = True

    async def hung_up() -> Message:
        return {"type": "http.disconnect"}

    async def main() -> None:
        with pytest.raises(ClientDisconnect):
            await while_connected(Request({"type": "http"}, hung_up), work())

    asyncio.run(main())
    assert cancelled


def test_work_for_a_caller_who_waits_gives_its_answer_or_its_error() -> None:
    async def still_there() -> Message:
        await _never()
        raise AssertionError

    async def answer() -> int:
        return 42

    async def fail() -> int:
        raise LookupError

    async def main() -> None:
        request = Request({"type": "http"}, still_there)
        assert await while_connected(request, answer()) == 42
        with pytest.raises(LookupError):
            await while_connected(request, fail())

    asyncio.run(main())
