"""How fast a caller may go: a token bucket for each."""

import time
from collections.abc import Callable


class RateLimits:
    """Token buckets by caller's name, full at first, in this process's memory.

    For one thread at a time: the event loop's.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def take(self, name: str, messages: int, rate: float, burst: float) -> float:
        """Take ``messages`` from a bucket of size ``burst`` that fills by ``rate`` a second.

        Answers 0.0 when they were taken, else the seconds until they can be. More than ``burst`` wait for a
        full bucket and leave it in debt, so that no request is too large for ever.
        """
        now = self._clock()
        left, then = self._buckets.get(name, (burst, now))
        left = min(burst, left + (now - then) * rate)
        missing = min(messages, burst) - left
        if missing > 0:
            return missing / rate
        self._buckets[name] = (left - messages, now)
        return 0.0
