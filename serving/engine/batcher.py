"""One dynamic batcher for the messages of all connections.

There is no timer: work gathers while the model is busy, and whoever waits longest is served next, with others
of like length beside it. The same message in flight or lately seen is computed once.
"""

import asyncio
import heapq
import math
import time
from asyncio import Future
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Literal

import anyio
import anyio.to_thread
from cachetools import LRUCache

from labels.errors import VigieError
from serving.engine.classifier import StepwiseClassifier
from serving.engine.engine import MAX_BATCH_ROWS, MAX_BATCH_TOKENS, Message, Scores
from serving.engine.session import RawOutputs
from serving.engine.tokens import TokenRow
from serving.metrics import Metrics

Priority = Literal["high", "normal", "low"]
AGEING_SECONDS: Mapping[Priority, float] = {"high": -2.0, "normal": 0.0, "low": 10.0}
"""How much later than it came a message takes its place in the queue: low ones wait, but never for ever."""

_WINDOW_ROWS = 8 * MAX_BATCH_ROWS
_SPEED_MEMORY = 0.9

Key = tuple[TokenRow, ...]


class QueueFullError(VigieError):
    """More is waiting than may; ``retry_after`` tells in how many whole seconds there is likely room."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too much is waiting: try again in {retry_after} s")
        self.retry_after = retry_after


class DeadlineError(VigieError):
    """The answer was not there in the time that the caller would wait."""


@dataclass(eq=False)
class _Job:
    """One message being computed, for all who asked for it: one output a row, None until it is there."""

    key: Key
    outputs: list[RawOutputs | None]
    waiting: list["Future[RawOutputs]"] = field(default_factory=list)

    @property
    def is_wanted(self) -> bool:
        return not all(future.done() for future in self.waiting)


@dataclass(order=True)
class _Item:
    """One row in the queue; the least ``due`` is served next."""

    due: float
    number: int
    job: _Job = field(compare=False)
    index: int = field(compare=False)

    @property
    def row(self) -> TokenRow:
        return self.job.key[self.index]


class Batcher:
    """Queues rows for ``classifier``, of which ``lanes`` batches run at the same time.

    More than ``max_queued_tokens`` are refused, unless nothing waits; ``cache_entries`` messages are
    remembered.
    """

    def __init__(
        self,
        classifier: StepwiseClassifier,
        *,
        lanes: int,
        max_queued_tokens: int,
        cache_entries: int,
        metrics: Metrics | None = None,
    ) -> None:
        self.queued_tokens = 0
        self._classifier = classifier
        self._metrics = metrics or Metrics()
        self._max_queued_tokens = max_queued_tokens
        self._lanes = lanes
        self._threads = anyio.CapacityLimiter(lanes)
        self._queue: list[_Item] = []
        self._numbers = count()
        self._in_flight: dict[Key, _Job] = {}
        self._seen: LRUCache[Key, RawOutputs] = LRUCache(cache_entries)
        self._has_work = asyncio.Event()
        self._tokens_per_second = 0.0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Run the lanes for as long as the context lasts."""
        lanes = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]
        try:
            yield
        finally:
            for lane in lanes:
                lane.cancel()
            await asyncio.gather(*lanes, return_exceptions=True)

    async def classify(
        self, messages: Sequence[Message], *, priority: Priority = "normal", wait: float | None = None
    ) -> list[Scores]:
        """Score every message, in order, within ``wait`` seconds.

        Raises QueueFullError when there is no room, DeadlineError when the time is over. What a caller who
        has gone (a cancelled task) alone asked for is dropped from the queue.
        """
        try:
            async with asyncio.timeout(wait):
                prepared = await anyio.to_thread.run_sync(self._classifier.prepare, messages)
                raw = await self._outputs([each.rows for each in prepared], priority)
        except TimeoutError as error:
            raise DeadlineError(f"no answer within {wait:g} s") from error
        return [self._classifier.scores(each, outputs) for each, outputs in zip(prepared, raw, strict=True)]

    async def _outputs(self, keys: Sequence[Key], priority: Priority) -> list[RawOutputs]:
        self._refuse_beyond_limit(keys)
        due = time.monotonic() + AGEING_SECONDS[priority]
        asked = [self._ask(key, due) for key in keys]
        self._has_work.set()
        try:
            return list(await asyncio.gather(*asked))
        finally:
            for future in asked:
                future.cancel()

    def _refuse_beyond_limit(self, keys: Sequence[Key]) -> None:
        new = {key for key in keys if key not in self._seen and key not in self._in_flight}
        tokens = sum(len(row) for key in new for row in key)
        waiting = self.queued_tokens
        if waiting and waiting + tokens > self._max_queued_tokens:
            raise QueueFullError(max(1, math.ceil(waiting / max(self._tokens_per_second, 1.0))))

    def _ask(self, key: Key, due: float) -> "Future[RawOutputs]":
        """The outputs to come of a message's rows, from memory or from a job, maybe somebody else's."""
        future: Future[RawOutputs] = asyncio.get_running_loop().create_future()
        if not key:
            future.set_result(RawOutputs.empty())
        elif (seen := self._seen.get(key)) is not None:
            self._metrics.cache_hit()
            future.set_result(seen)
        elif (job := self._in_flight.get(key)) is not None:
            self._metrics.cache_hit()
            job.waiting.append(future)
        else:
            self._enqueue(_Job(key, [None] * len(key), [future]), due)
            self._metrics.queue_depth(len(self._queue))
        return future

    def _enqueue(self, job: _Job, due: float) -> None:
        self._in_flight[job.key] = job
        for index, row in enumerate(job.key):
            heapq.heappush(self._queue, _Item(due, next(self._numbers), job, index))
            self.queued_tokens += len(row)

    async def _lane(self) -> None:
        while True:
            await self._has_work.wait()
            items = self._take()
            self._metrics.queue_depth(len(self._queue))
            if items:
                await self._compute(items)
            else:
                self._has_work.clear()

    def _take(self) -> list[_Item]:
        """The row that has waited longest, and of those next in line the ones nearest to it in length."""
        window = list(islice(self._still_wanted(), _WINDOW_ROWS))
        if not window:
            return []
        first = window[0]
        window.sort(key=lambda item: len(item.row))
        low, high = _nearest([len(item.row) for item in window], window.index(first))
        for item in (*window[:low], *window[high:]):
            heapq.heappush(self._queue, item)
            self.queued_tokens += len(item.row)
        return window[low:high]

    def _still_wanted(self) -> Iterator[_Item]:
        """Take items off the queue, dropping those that nobody waits for any more."""
        while self._queue:
            item = heapq.heappop(self._queue)
            self.queued_tokens -= len(item.row)
            if item.job.is_wanted:
                yield item
            elif self._in_flight.get(item.job.key) is item.job:
                del self._in_flight[item.job.key]

    async def _compute(self, items: Sequence[_Item]) -> None:
        rows = [item.row for item in items]
        start = time.monotonic()
        try:
            outputs = await anyio.to_thread.run_sync(self._classifier.run, rows, limiter=self._threads)
        except (
            Exception
        ) as error:  # whatever the model raises: one bad row must not take its neighbours along
            if len(items) > 1:
                for item in items:
                    await self._compute([item])
            else:
                self._fail(items[0].job, error)
            return
        self._count(rows, time.monotonic() - start)
        for number, item in enumerate(items):
            self._keep(item, outputs.rows(slice(number, number + 1)))

    def _count(self, rows: Sequence[TokenRow], seconds: float) -> None:
        tokens = sum(map(len, rows))
        self._metrics.batch(len(rows), len(rows) * max(map(len, rows)), seconds)
        speed = self._lanes * tokens / max(seconds, 1e-6)
        before = self._tokens_per_second or speed
        self._tokens_per_second = _SPEED_MEMORY * before + (1 - _SPEED_MEMORY) * speed

    def _keep(self, item: _Item, output: RawOutputs) -> None:
        job = item.job
        job.outputs[item.index] = output
        done = [each for each in job.outputs if each is not None]
        if len(done) == len(job.outputs):
            self._in_flight.pop(job.key, None)
            self._seen[job.key] = whole = RawOutputs.joined(done)
            for future in job.waiting:
                if not future.done():
                    future.set_result(whole)

    def _fail(self, job: _Job, error: Exception) -> None:
        self._in_flight.pop(job.key, None)
        for future in job.waiting:
            if not future.done():
                future.set_exception(error)


def _nearest(lengths: Sequence[int], at: int) -> tuple[int, int]:
    """Grow a batch around ``at`` in sorted lengths, where it costs the least padding, within both limits."""
    low, high = at, at + 1
    while high - low < min(MAX_BATCH_ROWS, len(lengths)):
        longest = lengths[high - 1]
        shorter = longest - lengths[low - 1] if low else math.inf
        longer = (lengths[high] - longest) * (high - low) if high < len(lengths) else math.inf
        if (high - low + 1) * (longest if shorter <= longer else lengths[high]) > MAX_BATCH_TOKENS:
            break
        low, high = (low - 1, high) if shorter <= longer else (low, high + 1)
    return low, high
