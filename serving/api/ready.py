"""``GET /ready``: whether new requests should come here."""

import logging
from http import HTTPStatus
from typing import Annotated, Literal

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Request
from pydantic import BaseModel

from labels.store.errors import StoreError
from serving.api.problems import FieldError, Problem, documented
from serving.api.service import Service, get_service

logger = logging.getLogger(__name__)
router = APIRouter()


class Ready(BaseModel):
    """The service answers requests, with this model's version."""

    status: Literal["ready"]
    model: str


def stop_being_ready(app: FastAPI) -> None:
    """Have ``/ready`` answer 503 from now on."""
    app.state.ending = True


@router.get("/ready", tags=["health"], responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
async def ready(request: Request, service: Annotated[Service, Depends(get_service)]) -> Ready:
    """Answer while the model is loaded, the database answers, and the service goes on; needs no key."""
    if getattr(request.app.state, "ending", False):
        raise _not_ready("server", "is shutting down")
    try:
        await anyio.to_thread.run_sync(service.store.check)
    except StoreError as error:
        logger.error("not ready: %s", error)
        # Anybody may ask: where the database lies is for the log.
        raise _not_ready("database", "does not answer: the service's log says why") from error
    return Ready(status="ready", model=service.classifier.config.version)


def _not_ready(what: str, detail: str) -> Problem:
    return Problem(HTTPStatus.SERVICE_UNAVAILABLE, f"the {what} {detail}", errors=[FieldError(what, detail)])
