"""What the routes share: the batcher in front of the classifier, and the store."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import anyio
import anyio.to_thread
from fastapi.requests import HTTPConnection
from opentelemetry.trace import NoOpTracer, Tracer

from labels.pseudonyms import Pseudonyms
from labels.store.decisions import ConflictError
from labels.store.scopes import Scope
from labels.store.store import Client, Store
from serving.api.callers import NOBODY, Caller
from serving.api.decisions import (
    DecisionResult,
    DecisionsRequest,
    DecisionsResponse,
    IncomingDecision,
    check_decisions,
)
from serving.api.messages import ClassifyRequest, IncomingMessage, check_messages
from serving.api.problems import MAX_FIELD_ERRORS, FieldError, Problem, invalid
from serving.api.rates import RateLimits
from serving.api.results import ClassifyResponse, MessageResult, judge_all
from serving.charter.charter import Charter, CharterError, read_charter
from serving.engine.batcher import Batcher, DeadlineError, Priority, QueueFullError
from serving.engine.classifier import Classifier
from serving.engine.engine import Scores
from serving.logs import note
from serving.metrics import Metrics
from serving.settings import Settings


@dataclass(frozen=True)
class Service:
    """A ready service, as ``caller`` may use it."""

    settings: Settings
    classifier: Classifier
    store: Store
    batcher: Batcher
    pseudonyms: Pseudonyms
    metrics: Metrics = field(default_factory=Metrics)
    tracer: Tracer = field(default_factory=NoOpTracer)
    rates: RateLimits = field(default_factory=RateLimits)
    caller: Caller = NOBODY

    async def classify(self, request: ClassifyRequest, wait: float | None = None) -> ClassifyResponse:
        """Classify a request's messages, in ``wait`` seconds where given and no longer than settings allow.

        Raises Problem for a message out of limits, an unknown client, a charter that cannot be read, what the
        caller may not, a caller that is too fast or a full queue (429), and a deadline that is over (504).
        """
        charter = await self.charter(request.client)
        note(messages=len(request.messages))
        # Here, so that a request that is refused does not wait for those that are being classified.
        if errors := check_messages(request.messages, self.settings):
            raise invalid(errors)
        results = await self.judge(request.messages, charter, request.priority, wait)
        return ClassifyResponse(model=self.classifier.config.version, results=results)

    async def judge(
        self,
        messages: Sequence[IncomingMessage],
        charter: Charter,
        priority: Priority = "normal",
        wait: float | None = None,
    ) -> list[MessageResult]:
        """What ``charter`` makes of checked messages, in order.

        Raises Problem for a caller that is too fast or a full queue (429) and a deadline that is over (504).
        """
        self._take(len(messages))
        scored = await self._scored(messages, priority, wait)
        results = judge_all(messages, scored, charter, self.classifier.config.thresholds)
        for result in results:
            flagged = (label for label, given in result.labels.items() if given.flagged)
            self.metrics.classified(flagged, result.action)
        return results

    async def judge_in_the_end(
        self, messages: Sequence[IncomingMessage], charter: Charter, priority: Priority = "normal"
    ) -> list[MessageResult]:
        """Judge as above, however long the queue and however fast the caller: all is answered."""
        while True:
            try:
                return await self.judge(messages, charter, priority)
            except Problem as problem:
                if problem.status_code not in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT):
                    raise
                await asyncio.sleep(float((problem.headers or {}).get("retry-after", 0)))

    async def _scored(
        self, messages: Sequence[IncomingMessage], priority: Priority, wait: float | None
    ) -> list[Scores]:
        longest = self.settings.deadline_seconds
        # Without exceptions: their messages may quote what people wrote.
        with self.tracer.start_as_current_span(
            "classify",
            attributes={"vigie.messages": len(messages), "vigie.model": self.classifier.config.version},
            record_exception=False,
            set_status_on_exception=False,
        ):
            try:
                return await self.batcher.classify(
                    [message.to_engine() for message in messages],
                    priority=priority,
                    wait=longest if wait is None else min(wait, longest),
                )
            except QueueFullError as error:
                headers = {"retry-after": str(error.retry_after)}
                raise Problem(HTTPStatus.TOO_MANY_REQUESTS, str(error), headers=headers) from error
            except DeadlineError as error:
                raise Problem(HTTPStatus.GATEWAY_TIMEOUT, str(error)) from error

    async def charter(self, client: str | None) -> Charter:
        """The charter of the client that a request to classify is about; the default one without any.

        Raises Problem for what the caller may not, an unknown client, and a charter that cannot be read.
        """
        self.caller.need(Scope.CLASSIFY)
        name = self.caller.client_named(client)
        return Charter() if name is None else await anyio.to_thread.run_sync(self._charter, name)

    def _charter(self, name: str) -> Charter:
        client = self._client(name)
        note(client=name)
        try:
            return read_charter(client.charter)
        except CharterError as error:
            detail = f"client: the charter kept for {name!r} cannot be read ({error}); correct it"
            raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail) from error

    async def decide(self, request: DecisionsRequest) -> DecisionsResponse:
        """Keep a request's decisions: all of them, or none.

        Raises Problem for a decision out of limits, a key used before for another decision, and an unknown
        client; for what the caller may not, and for a caller that is too fast.
        """
        self.caller.need(Scope.DECIDE)
        client = self.caller.client_named(request.client)
        if client is None:
            raise invalid([FieldError("client", "is required: this caller may name any client")])
        if errors := check_decisions(request.decisions, self.settings):
            raise invalid(errors)
        self._take(len(request.decisions))
        return await anyio.to_thread.run_sync(self._decide, client, request.decisions)

    def _decide(self, client: str, incoming: Sequence[IncomingDecision]) -> DecisionsResponse:
        decisions = [decision.to_store(client, self.pseudonyms) for decision in incoming]
        try:
            outcomes = self.store.decisions.add(self._client(client).name, decisions)
        except ConflictError as conflict:
            errors = [
                FieldError(f"decisions.{index}.key", f"{decision.key!r} was used for another decision")
                for index, decision in enumerate(decisions)
                if decision.key in conflict.keys
            ]
            detail = f"{errors[0].field}: {errors[0].detail}; nothing was stored"
            raise Problem(HTTPStatus.CONFLICT, detail, errors=errors[:MAX_FIELD_ERRORS]) from conflict
        results = [
            DecisionResult(key=decision.key, status=outcome)
            for decision, outcome in zip(decisions, outcomes, strict=True)
        ]
        return DecisionsResponse(results=results)

    def _take(self, messages: int) -> None:
        rate = self.caller.rate
        if rate is None:
            rate = self.settings.rate_messages_per_second
        if rate == 0:
            return
        wait = self.rates.take(self.caller.name, messages, rate, self.settings.rate_burst)
        if wait > 0:
            seconds = math.ceil(wait)
            raise Problem(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"more than {rate:g} messages a second: try again in {seconds} s",
                headers={"retry-after": str(seconds)},
            )

    def _client(self, name: str) -> Client:
        client = self.store.get_client(name)
        if client is None:
            error = FieldError(
                "client",
                f"there is no client {name!r}; add it with `vigie clients add {name}`, "
                "or leave `client` out for the default charter",
            )
            raise invalid([error], HTTPStatus.NOT_FOUND)
        return client


def get_service(request: HTTPConnection) -> Service:
    """The app's service, as the request's caller may use it; before the caller is known, as nobody may.

    Raises Problem (503) while it is not ready.
    """
    service = getattr(request.app.state, "service", None)
    if not isinstance(service, Service):
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the model is not ready: try again in a few seconds")
    return replace(service, caller=getattr(request.state, "caller", NOBODY))
