"""What the routes share: the classifier, the store, and one worker thread for the model."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus

import anyio
import anyio.to_thread
from fastapi import Request

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
from serving.api.messages import ClassifyRequest, check_messages
from serving.api.problems import MAX_FIELD_ERRORS, FieldError, Problem, invalid
from serving.api.rates import RateLimits
from serving.api.results import ClassifyResponse, answer
from serving.charter.charter import Charter, CharterError, read_charter
from serving.engine.classifier import Classifier
from serving.settings import Settings


@dataclass(frozen=True)
class Service:
    """A ready service, as ``caller`` may use it; ``limiter`` holds the model to one request at a time."""

    settings: Settings
    classifier: Classifier
    store: Store
    limiter: anyio.CapacityLimiter
    pseudonyms: Pseudonyms
    rates: RateLimits = field(default_factory=RateLimits)
    caller: Caller = NOBODY

    async def classify(self, request: ClassifyRequest) -> ClassifyResponse:
        """Classify a request's messages in a worker thread.

        Raises Problem for a message out of limits, an unknown client, and a charter that cannot be read; for
        what the caller may not, and for a caller that is too fast.
        """
        self.caller.need(Scope.CLASSIFY)
        client = self.caller.client_named(request.client)
        # Here, so that a request that is refused does not wait for those that are being classified.
        if errors := check_messages(request.messages, self.settings):
            raise invalid(errors)
        self._take(len(request.messages))
        return await anyio.to_thread.run_sync(self._classify, request, client, limiter=self.limiter)

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

    def _classify(self, request: ClassifyRequest, client: str | None) -> ClassifyResponse:
        results = answer(request.messages, self.classifier, self._charter(client))
        return ClassifyResponse(model=self.classifier.config.version, results=results)

    def _charter(self, name: str | None) -> Charter:
        if name is None:
            return Charter()
        try:
            return read_charter(self._client(name).charter)
        except CharterError as error:
            detail = f"client: the charter kept for {name!r} cannot be read ({error}); correct it"
            raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail) from error

    def _client(self, name: str) -> Client:
        client = self.store.get_client(name)
        if client is None:
            error = FieldError(
                "client",
                f"there is no client {name!r}; add it with `vigie clients add {name}`, "
                "or leave `client` out for the default charter",
            )
            raise Problem(HTTPStatus.NOT_FOUND, f"{error.field}: {error.detail}", errors=[error])
        return client


def get_service(request: Request) -> Service:
    """The app's service, as the request's caller may use it; before the caller is known, as nobody may.

    Raises Problem (503) while it is not ready.
    """
    service = getattr(request.app.state, "service", None)
    if not isinstance(service, Service):
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the model is not ready: try again in a few seconds")
    return replace(service, caller=getattr(request.state, "caller", NOBODY))
