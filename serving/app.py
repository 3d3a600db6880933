"""The ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

import anyio
from fastapi import FastAPI
from opentelemetry.trace import NoOpTracerProvider

from labels.store.store import Store
from serving.api import classify, health, metrics, models, ready
from serving.api.middleware import SecurityHeaders, UnexpectedErrors
from serving.api.observed import Observed
from serving.api.problems import add_problem_handlers
from serving.api.service import Service
from serving.engine.classifier import Classifier
from serving.engine.engine import Engine
from serving.metrics import Metrics
from serving.settings import Settings
from serving.tracing import fastapi_telemetry, tracer_provider


def create_app(settings: Settings, engine: Classifier | None = None, store: Store | None = None) -> FastAPI:
    """The service as an ASGI app; it loads the model and opens the store at start, unless they are given.

    Starting raises ArtefactError for a model that is not what was released, StoreError for a database that
    cannot be opened. A store that is given stays open at the end. Raises TracingError when traces are asked
    for and the extra for them is missing.
    """
    counts = Metrics()
    provider = tracer_provider(settings.otlp_endpoint) if settings.otlp_endpoint else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        classifier = engine or Engine(settings.model, settings.threads, settings.tier)
        with ExitStack() as stack:
            opened = store or stack.enter_context(Store.open(settings.database))
            if provider:
                stack.callback(provider.shutdown)
            tracer = (provider or NoOpTracerProvider()).get_tracer("vigie")
            app.state.service = Service(
                settings, classifier, opened, anyio.CapacityLimiter(1), counts, tracer
            )
            counts.model(classifier.config.version)
            yield
            del app.state.service

    app = FastAPI(
        title="Vigie",
        version="1",
        summary="Open moderation classification: sexism, racism, hate, toxicity and customer cases.",
        lifespan=lifespan,
        redirect_slashes=False,
        telemetry=fastapi_telemetry(provider),
    )
    add_problem_handlers(app)
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observed, metrics=counts)
    for router in (classify.router, models.router, health.router, ready.router, metrics.router):
        app.include_router(router)
    return app
