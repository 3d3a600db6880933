"""``GET /v1/models``."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends
from pydantic import BaseModel

from labels.taxonomy import IntentName, LabelName
from serving.api.problems import documented
from serving.api.route import api_router
from serving.api.service import Service, get_service

router = api_router()


class ModelInfo(BaseModel):
    """A model that answers: ``checksums`` are SHA-256 by file name, ``thresholds`` its defaults."""

    version: str
    labels: list[LabelName]
    intents: list[IntentName]
    languages: list[str]
    scripts: list[str]
    thresholds: dict[LabelName, float]
    checksums: dict[str, str]


class ModelsResponse(BaseModel):
    """The models that answer."""

    models: list[ModelInfo]


@router.get("/v1/models", tags=["models"], responses=documented(HTTPStatus.UNAUTHORIZED))
async def models(service: Annotated[Service, Depends(get_service)]) -> ModelsResponse:
    """The models that answer, with what each one knows."""
    config = service.classifier.config
    info = ModelInfo(
        version=config.version,
        labels=list(config.labels),
        intents=list(config.intents),
        languages=list(config.languages),
        scripts=list(config.scripts),
        thresholds=config.thresholds,
        checksums=dict(service.classifier.checksums),
    )
    return ModelsResponse(models=[info])
