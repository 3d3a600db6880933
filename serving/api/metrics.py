"""``GET /metrics``."""

from http import HTTPStatus

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from serving.api.problems import documented
from serving.api.route import api_router
from serving.api.service import get_service

router = api_router()


@router.get(
    "/metrics",
    tags=["health"],
    response_class=Response,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.SERVICE_UNAVAILABLE)
    | {200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """What the service counts, for Prometheus."""
    return Response(get_service(request).metrics.exposed(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
