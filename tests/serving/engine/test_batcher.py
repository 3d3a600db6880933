"""What the callers of one shared batcher get: with a model that waits for the test to let it go on."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from serving.engine.batcher import Batcher, DeadlineError, Priority, QueueFullError, _nearest
from serving.engine.engine import MAX_BATCH_ROWS, MAX_BATCH_TOKENS, Message
from tests.serving.conftest import GatedEngine

Scenario = Callable[[Batcher, GatedEngine], Awaitable[None]]


def play(scenario: Scenario, *, max_queued_tokens: int = 10_000, cache_entries: int = 100) -> GatedEngine:
    """Play a scenario against a running batcher of one lane."""
    engine = GatedEngine()
    batcher = Batcher(
        engine,
        lanes=1,
        max_queued_tokens=max_queued_tokens,
        cache_entries=cache_entries,
        metrics=engine.metrics,
    )

    async def main() -> None:
        async with asyncio.timeout(30), batcher.running():
            try:
                await scenario(batcher, engine)
            finally:
                engine.gate.set()

    asyncio.run(main())
    return engine


async def occupy(batcher: Batcher, engine: GatedEngine) -> asyncio.Task[object]:
    """Keep the model busy with one message until the gate opens."""
    task: asyncio.Task[object] = asyncio.create_task(batcher.classify([Message("first")]))
    await asyncio.to_thread(engine.entered.wait, 30)
    return task


async def queued(batcher: Batcher, tokens: int) -> None:
    """Wait until that many tokens are in the queue."""
    while batcher.queued_tokens < tokens:
        await asyncio.sleep(0)


def test_work_gathers_while_the_model_is_busy_and_every_caller_gets_its_own_answer() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        texts = ["sexism", "racism", "bonjour"]
        others = [asyncio.create_task(batcher.classify([Message(text)])) for text in texts]
        await queued(batcher, sum(map(len, texts)))
        engine.gate.set()
        for text, scored in zip(texts, await asyncio.gather(*others), strict=True):
            assert [label for label, score in (scored[0].labels or {}).items() if score > 0.5] == [
                label for label in ("sexism", "racism") if label == text
            ]
        await first

    engine = play(scenario)
    assert [sorted(batch) for batch in engine.batches] == [["first"], ["bonjour", "racism", "sexism"]]


def test_the_same_message_is_computed_once_in_flight_and_once_seen() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        again = asyncio.create_task(batcher.classify([Message("first"), Message("other")]))
        await queued(batcher, len("other"))
        engine.gate.set()
        await asyncio.gather(first, again)
        await batcher.classify([Message("other"), Message("first")])
        assert engine.metrics.registry.get_sample_value("vigie_cache_hits_total") == 3

    assert play(scenario).batches == [["first"], ["other"]]


def test_what_nobody_waits_for_any_more_is_not_computed_but_a_shared_message_is() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        leaves = asyncio.create_task(batcher.classify([Message("alone"), Message("shared")]))
        await queued(batcher, len("alone" + "shared"))
        stays = asyncio.create_task(batcher.classify([Message("shared"), Message("mine")]))
        await queued(batcher, len("alone" + "shared" + "mine"))
        leaves.cancel()
        with suppress(asyncio.CancelledError):
            await leaves
        engine.gate.set()
        assert len(await stays) == 2
        await first
        assert batcher.queued_tokens == 0

    engine = play(scenario)
    assert [sorted(batch) for batch in engine.batches] == [["first"], ["mine", "shared"]]


def test_a_full_queue_refuses_and_says_when_to_come_back() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        waits = asyncio.create_task(batcher.classify([Message("x" * 10)]))
        await queued(batcher, 10)
        with pytest.raises(QueueFullError, match="try again in") as refused:
            await batcher.classify([Message("y" * 10)])
        assert refused.value.retry_after >= 1
        engine.gate.set()
        await asyncio.gather(first, waits)
        assert (
            len(await batcher.classify([Message("z" * 100)])) == 1
        )  # nothing waits: even a large one has room

    play(scenario, max_queued_tokens=15)


def test_a_deadline_is_kept_and_its_message_dropped() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        with pytest.raises(DeadlineError, match=r"within 0\.05 s"):
            await batcher.classify([Message("late")], wait=0.05)
        engine.gate.set()
        await first
        await batcher.classify([Message("after")])

    assert play(scenario).batches == [["first"], ["after"]]


def test_the_urgent_go_first_and_the_patient_still_go() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        full = MAX_BATCH_TOKENS // 2
        tasks = []
        order: list[tuple[Priority, str]] = [("low", "a"), ("normal", "b"), ("high", "c")]
        for waiting, (priority, letter) in enumerate(order, start=1):
            message = Message(letter * (full + waiting))
            tasks.append(asyncio.create_task(batcher.classify([message], priority=priority)))
            await queued(batcher, waiting * full)
        engine.gate.set()
        await asyncio.gather(first, *tasks)

    assert [batch[0][0] for batch in play(scenario).batches[1:]] == ["c", "b", "a"]


def test_one_bad_message_does_not_take_its_neighbours_along() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        first = await occupy(batcher, engine)
        bad = asyncio.create_task(batcher.classify([Message("boom")]))
        good = asyncio.create_task(batcher.classify([Message("sexism")]))
        await queued(batcher, len("boom" + "sexism"))
        engine.gate.set()
        [scores] = await good
        assert scores.labels is not None
        assert scores.labels["sexism"] > 0.5
        with pytest.raises(RuntimeError):
            await bad
        await first

    play(scenario)


def test_a_message_that_cannot_be_read_is_answered_without_the_model() -> None:
    async def scenario(batcher: Batcher, engine: GatedEngine) -> None:
        [scores] = await batcher.classify([Message("你好")])
        assert scores.labels is None

    assert play(scenario).batches == []


def test_batches_keep_to_rows_and_tokens_and_to_like_lengths() -> None:
    assert _nearest([5] * 100, 50) in ((50 - n, 50 + MAX_BATCH_ROWS - n) for n in range(MAX_BATCH_ROWS))
    assert _nearest([1, 2, 2, 3, 900, 900], 2) == (0, 4)
    assert _nearest([900, 900, 900], 1) in ((0, 2), (1, 3))
    assert _nearest([5], 0) == (0, 1)
