"""``GET /metrics``."""

from http import HTTPStatus

from fastapi import Request, Response
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from labels.store.scopes import Scope
from serving.api.problems import documented
from serving.api.route import api_router
from serving.api.service import get_service

router = api_router()


@router.get(
    "/metrics",
    tags=["health"],
    response_class=Response,
    responses=documented(HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.SERVICE_UNAVAILABLE)
    | {200: {"description": "Prometheus' text format.", "content": {"text/plain": {}}}},
)
async def metrics(request: Request) -> Response:
    """What the service counts, for Prometheus; of all clients, so that it wants the scope ``admin``."""
    service = get_service(request)
    service.caller.need(Scope.ADMIN)
    return Response(service.metrics.exposed(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
