"""The ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

import anyio
from fastapi import FastAPI

from labels.store.store import Store
from serving.api import classify, health, models
from serving.api.dialects.open_inference import OPEN_INFERENCE
from serving.api.dialects.openai import OPENAI
from serving.api.dialects.perspective import PERSPECTIVE
from serving.api.middleware import SecurityHeaders, UnexpectedErrors
from serving.api.problems import add_problem_handlers
from serving.api.service import Service
from serving.engine.classifier import Classifier
from serving.engine.engine import Engine
from serving.settings import Settings

DIALECTS = (OPENAI, PERSPECTIVE, OPEN_INFERENCE)


def create_app(settings: Settings, engine: Classifier | None = None, store: Store | None = None) -> FastAPI:
    """The service as an ASGI app; it loads the model and opens the store at start, unless they are given.

    Starting raises ArtefactError for a model that is not what was released, StoreError for a database that
    cannot be opened. A store that is given stays open at the end.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        classifier = engine or Engine(settings.model, settings.threads, settings.tier)
        with ExitStack() as stack:
            opened = store or stack.enter_context(Store.open(settings.database))
            app.state.service = Service(settings, classifier, opened, anyio.CapacityLimiter(1))
            yield
            del app.state.service

    app = FastAPI(
        title="Vigie",
        version="1",
        summary="Open moderation classification: sexism, racism, hate, toxicity and customer cases.",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    add_problem_handlers(
        app, {prefix: dialect.error_form for dialect in DIALECTS for prefix in dialect.prefixes}
    )
    app.add_middleware(UnexpectedErrors)
    app.add_middleware(SecurityHeaders)
    dialects = (router for dialect in DIALECTS for router in dialect.routers)
    for router in (classify.router, models.router, health.router, *dialects):
        app.include_router(router)
    return app
