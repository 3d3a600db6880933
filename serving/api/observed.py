"""Each request gets an id, a line in the log, and its place in the metrics."""

import logging
import re
import uuid
from http import HTTPMethod, HTTPStatus
from time import perf_counter

from opentelemetry import trace
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.logs import CurrentRequest, current_request
from serving.metrics import Metrics

logger = logging.getLogger(__name__)

HEADER = "x-request-id"
UNMATCHED = "unmatched"
"""The route of a request for which there is none, and the method of one that HTTP does not define."""
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


class Observed:
    """Takes a request's id from ``X-Request-ID``, or makes one; sends it back, logs, counts."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = CurrentRequest(_id(Headers(scope=scope).get(HEADER, "")))
        trace.get_current_span().set_attribute("vigie.request_id", request.id)
        status = int(HTTPStatus.INTERNAL_SERVER_ERROR)  # what the server answers when nothing is sent

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = request.id
            await send(message)

        token = current_request.set(request)
        start = perf_counter()
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._tell(scope, request, status, perf_counter() - start)
            current_request.reset(token)

    def _tell(self, scope: Scope, request: CurrentRequest, status: int, seconds: float) -> None:
        # Templates and known methods only: callers must not be able to make new series.
        method = scope["method"] if scope["method"] in HTTPMethod.__members__ else UNMATCHED
        route = getattr(scope.get("route"), "path", UNMATCHED)
        self._metrics.request(method, route, status, seconds)
        facts = {
            "method": method,
            "route": route,
            "status": status,
            "duration_ms": round(1000 * seconds, 1),
            **request.facts,
        }
        logger.info("answered", extra={"facts": facts})


def _id(sent: str) -> str:
    return sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex
