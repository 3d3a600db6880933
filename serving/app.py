"""The ASGI application."""

from collections.abc import AsyncGenerator
from contextlib import ExitStack, asynccontextmanager

import anyio
from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from labels.pseudonyms import Pseudonyms
from labels.store.store import Store
from serving.api import classify, decide, health, models
from serving.api.middleware import SecurityHeaders, UnexpectedErrors
from serving.api.problems import add_problem_handlers
from serving.api.service import Service
from serving.engine.classifier import Classifier
from serving.engine.engine import Engine
from serving.settings import Settings


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
            secret = settings.pseudonym_secret
            pseudonyms = Pseudonyms(secret.get_secret_value() if secret else opened.secret("pseudonyms"))
            app.state.service = Service(settings, classifier, opened, anyio.CapacityLimiter(1), pseudonyms)
            yield
            del app.state.service

    app = FastAPI(
        title="Vigie",
        version="1",
        summary="Open moderation classification: sexism, racism, hate, toxicity and customer cases.",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    add_problem_handlers(app)
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
    for router in (classify.router, decide.router, models.router, health.router):
        app.include_router(router)
    return app
