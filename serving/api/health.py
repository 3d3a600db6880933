"""``GET /health``."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from serving.api.problems import documented
from serving.api.service import Service, get_service

router = APIRouter()


class Health(BaseModel):
    """The service is ready, with this model's version."""

    status: Literal["ok"]
    model: str


@router.get("/health", tags=["health"], responses=documented(HTTPStatus.SERVICE_UNAVAILABLE))
async def health(service: Annotated[Service, Depends(get_service)]) -> Health:
    """Answer once the model is ready; needs no key."""
    return Health(status="ok", model=service.classifier.config.version)
