"""The calls, and when they are tried again."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Literal, Self

import httpx2

from vigie_client.models import Decision, Message, Result, VigieError

Priority = Literal["high", "normal", "low"]

Outcome = httpx2.Response | httpx2.TransportError

_FOR_NOW = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


def _pauses(retries: int) -> Iterator[float]:
    """The seconds to wait before each new try."""
    yield from (min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt) for attempt in range(retries))


def _pause(outcome: Outcome, pauses: Iterator[float]) -> float | None:
    """The seconds until the next try; None when the outcome stands."""
    named = ""
    if isinstance(outcome, httpx2.Response):
        if outcome.status_code not in _FOR_NOW:
            return None
        named = outcome.headers.get("retry-after", "")
    pause = next(pauses, None)
    return float(named) if pause is not None and named.isdigit() else pause


def _content(outcome: Outcome) -> Any:
    """What was answered.

    Raises VigieError for anything but a success.
    """
    if not isinstance(outcome, httpx2.Response):
        raise VigieError(f"{outcome.request.url} cannot be reached: {outcome}") from outcome
    try:
        content = outcome.json()
        if outcome.is_success:
            return content
        refusal = VigieError(content["detail"], outcome.status_code, content.get("errors", ()))
    except (ValueError, KeyError, TypeError) as error:
        detail = "the answer is not Vigie's: is this its address?"
        raise VigieError(detail, outcome.status_code) from error
    raise refusal


def _classify_body(messages: Sequence[Message], client: str | None, priority: Priority) -> dict[str, Any]:
    listed = [message.as_json(number) for number, message in enumerate(messages)]
    return {"client": client, "messages": listed, "priority": priority}


def _decide_body(decisions: Sequence[Decision], client: str | None) -> dict[str, Any]:
    return {"client": client, "decisions": [decision.as_json() for decision in decisions]}


def _results(content: Any) -> list[Result]:
    return [Result.from_json(content["model"], result) for result in content["results"]]


def _outcomes(content: Any) -> dict[str, str]:
    return {result["key"]: result["status"] for result in content["results"]}


def _headers(key: str | None) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"} if key else {}


class Vigie:
    """A service at ``url``; a context manager. ``timeout`` is in seconds for each try.

    Every call raises VigieError for what is refused, or refused still after ``retries`` more tries.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        transport: httpx2.BaseTransport | None = None,
    ) -> None:
        self._http = httpx2.Client(base_url=url, headers=_headers(key), timeout=timeout, transport=transport)
        self._retries = retries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def classify(
        self, messages: Sequence[Message], *, client: str | None = None, priority: Priority = "normal"
    ) -> list[Result]:
        """What each message is, in order."""
        return _results(self._post("/v1/classify", _classify_body(messages, client, priority)))

    def decide(self, decisions: Sequence[Decision], *, client: str | None = None) -> dict[str, str]:
        """Keep moderators' decisions; ``stored`` or ``duplicate`` by key."""
        return _outcomes(self._post("/v1/decisions", _decide_body(decisions, client)))

    def _post(self, path: str, body: Any) -> Any:
        pauses = _pauses(self._retries)
        while (pause := _pause(outcome := self._try(path, body), pauses)) is not None:
            time.sleep(pause)
        return _content(outcome)

    def _try(self, path: str, body: Any) -> Outcome:
        try:
            return self._http.post(path, json=body)
        except httpx2.TransportError as error:
            return error


class AsyncVigie:
    """The same with ``await``; an async context manager."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:8080",
        key: str | None = None,
        *,
        timeout: float = 30.0,
        retries: int = 4,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._http = httpx2.AsyncClient(
            base_url=url, headers=_headers(key), timeout=timeout, transport=transport
        )
        self._retries = retries

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def classify(
        self, messages: Sequence[Message], *, client: str | None = None, priority: Priority = "normal"
    ) -> list[Result]:
        """What each message is, in order."""
        return _results(await self._post("/v1/classify", _classify_body(messages, client, priority)))

    async def decide(self, decisions: Sequence[Decision], *, client: str | None = None) -> dict[str, str]:
        """Keep moderators' decisions; ``stored`` or ``duplicate`` by key."""
        return _outcomes(await self._post("/v1/decisions", _decide_body(decisions, client)))

    async def _post(self, path: str, body: Any) -> Any:
        pauses = _pauses(self._retries)
        while (pause := _pause(outcome := await self._try(path, body), pauses)) is not None:
            await asyncio.sleep(pause)
        return _content(outcome)

    async def _try(self, path: str, body: Any) -> Outcome:
        try:
            return await self._http.post(path, json=body)
        except httpx2.TransportError as error:
            return error
