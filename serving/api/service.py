"""What the routes share: the classifier, the store, and one worker thread for the model."""

from dataclasses import dataclass, field
from http import HTTPStatus

import anyio
import anyio.to_thread
from fastapi import Request
from opentelemetry.trace import NoOpTracer, Tracer

from labels.store.store import Store
from serving.api.messages import ClassifyRequest, check_messages
from serving.api.problems import FieldError, Problem, invalid
from serving.api.results import ClassifyResponse, answer
from serving.charter.charter import Charter, CharterError, read_charter
from serving.engine.classifier import Classifier
from serving.logs import note
from serving.metrics import Metrics
from serving.settings import Settings


@dataclass(frozen=True)
class Service:
    """A ready service; ``limiter`` holds the model to one request at a time."""

    settings: Settings
    classifier: Classifier
    store: Store
    limiter: anyio.CapacityLimiter
    metrics: Metrics = field(default_factory=Metrics)
    tracer: Tracer = field(default_factory=NoOpTracer)

    async def classify(self, request: ClassifyRequest) -> ClassifyResponse:
        """Classify a request's messages in a worker thread.

        Raises Problem for a message out of limits, an unknown client, and a charter that cannot be read.
        """
        note(messages=len(request.messages))
        # Here, so that a request that is refused does not wait for those that are being classified.
        if errors := check_messages(request.messages, self.settings):
            raise invalid(errors)
        return await anyio.to_thread.run_sync(self._classify, request, limiter=self.limiter)

    def _classify(self, request: ClassifyRequest) -> ClassifyResponse:
        charter = self._charter(request.client)
        version = self.classifier.config.version
        # Without exceptions: their messages may quote what people wrote.
        with self.tracer.start_as_current_span(
            "classify",
            attributes={"vigie.messages": len(request.messages), "vigie.model": version},
            record_exception=False,
            set_status_on_exception=False,
        ):
            results = answer(request.messages, self.classifier, charter)
        for result in results:
            flagged = (label for label, given in result.labels.items() if given.flagged)
            self.metrics.classified(flagged, result.action)
        return ClassifyResponse(model=version, results=results)

    def _charter(self, name: str | None) -> Charter:
        if name is None:
            return Charter()
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
