"""The ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from opentelemetry.trace import NoOpTracerProvider
from starlette.middleware.cors import CORSMiddleware

from labels.pseudonyms import Pseudonyms
from labels.store.store import Store
from serving.api import classify, decide, health, metrics, models, ready
from serving.api.dialects.open_inference import OPEN_INFERENCE
from serving.api.dialects.openai import OPENAI
from serving.api.dialects.perspective_dialect import PERSPECTIVE
from serving.api.middleware import SecurityHeaders, UnexpectedErrors
from serving.api.observed import Observed
from serving.api.problems import add_problem_handlers
from serving.api.service import Service
from serving.api.stream import Streams
from serving.api.stream import router as stream_router
from serving.engine.batcher import Batcher
from serving.engine.classifier import StepwiseClassifier
from serving.engine.tuning import load_engine
from serving.metrics import Metrics
from serving.settings import Settings
from serving.tracing import fastapi_telemetry, tracer_provider

DIALECTS = (OPENAI, PERSPECTIVE, OPEN_INFERENCE)


def create_app(
    settings: Settings, engine: StepwiseClassifier | None = None, store: Store | None = None, lanes: int = 1
) -> FastAPI:
    """The service as an ASGI app; it loads the model and opens the store at start, unless they are given.

    ``lanes`` goes with an engine that is given: how many batches it runs at the same time.

    Starting raises ArtefactError for a model that is not what was released, StoreError for a database that
    cannot be opened. A store that is given stays open at the end. Raises TracingError when traces are asked
    for and the extra for them is missing.
    """
    counts = Metrics()
    provider = tracer_provider(settings.otlp_endpoint) if settings.otlp_endpoint else None

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        classifier, count = (engine, lanes) if engine else load_engine(settings)
        batcher = Batcher(
            classifier,
            lanes=count,
            max_queued_tokens=settings.max_queued_tokens,
            cache_entries=settings.cache_entries,
            metrics=counts,
        )
        async with AsyncExitStack() as stack:
            opened = store or stack.enter_context(Store.open(settings.database))
            await stack.enter_async_context(batcher.running())
            if provider:
                stack.callback(provider.shutdown)
            tracer = (provider or NoOpTracerProvider()).get_tracer("vigie")
            secret = settings.pseudonym_secret
            pseudonyms = Pseudonyms(secret.get_secret_value() if secret else opened.secret("pseudonyms"))
            app.state.service = Service(settings, classifier, opened, batcher, pseudonyms, counts, tracer)
            app.state.streams = Streams()
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
    add_problem_handlers(
        app, {prefix: dialect.error_form for dialect in DIALECTS for prefix in dialect.prefixes}
    )
    app.add_middleware(UnexpectedErrors)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=("GET", "POST"),
            allow_headers=("authorization", "content-type"),
            expose_headers=("retry-after",),
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(Observed, metrics=counts)
    app.include_router(stream_router)
    own = (classify.router, decide.router, models.router, health.router, ready.router, metrics.router)
    for router in (*own, *(router for dialect in DIALECTS for router in dialect.routers)):
        app.include_router(router)
    return app
