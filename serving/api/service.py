"""What the routes share: the batcher in front of the classifier, and the store."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
import anyio.to_thread
from fastapi import Request
from opentelemetry.trace import NoOpTracer, Tracer

from labels.store.store import Store
from serving.api.messages import ClassifyRequest, IncomingMessage, check_messages
from serving.api.problems import FieldError, Problem, invalid
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
    """A ready service."""

    settings: Settings
    classifier: Classifier
    store: Store
    batcher: Batcher
    metrics: Metrics = field(default_factory=Metrics)
    tracer: Tracer = field(default_factory=NoOpTracer)

    async def classify(self, request: ClassifyRequest, wait: float | None = None) -> ClassifyResponse:
        """Classify a request's messages, in ``wait`` seconds where given and no longer than settings allow.

        Raises Problem for a message out of limits, an unknown client, a charter that cannot be read, a full
        queue (429) and a deadline that is over (504).
        """
        note(messages=len(request.messages))
        # Here, so that a request that is refused does not wait for those that are being classified.
        if errors := check_messages(request.messages, self.settings):
            raise invalid(errors)
        charter = await self.charter(request.client)
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

        Raises Problem for a full queue (429) and a deadline that is over (504).
        """
        scored = await self._scored(messages, priority, wait)
        results = judge_all(messages, scored, charter, self.classifier.config.thresholds)
        for result in results:
            flagged = (label for label, given in result.labels.items() if given.flagged)
            self.metrics.classified(flagged, result.action)
        return results

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
        """The client's charter; the default one where no client is named.

        Raises Problem for an unknown client, and for a charter that cannot be read.
        """
        return Charter() if client is None else await anyio.to_thread.run_sync(self._charter, client)

    def _charter(self, name: str) -> Charter:
        client = self.store.get_client(name)
        if client is None:
            error = FieldError(
                "client",
                f"there is no client {name!r}; add it with `vigie clients add {name}`, "
                "or leave `client` out for the default charter",
            )
            raise Problem(HTTPStatus.NOT_FOUND, f"{error.field}: {error.detail}", errors=[error])
        note(client=name)
        try:
            return read_charter(client.charter)
        except CharterError as error:
            detail = f"client: the charter kept for {name!r} cannot be read ({error}); correct it"
            raise Problem(HTTPStatus.INTERNAL_SERVER_ERROR, detail) from error


def get_service(request: Request) -> Service:
    """The app's service.

    Raises Problem (503) while it is not ready.
    """
    service = getattr(request.app.state, "service", None)
    if not isinstance(service, Service):
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, "the model is not ready: try again in a few seconds")
    return service
