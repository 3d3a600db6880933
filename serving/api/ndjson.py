"""``POST /v1/classify`` with a message a line, for bodies too large for one JSON document."""

from collections.abc import AsyncIterator
from contextlib import ExitStack
from http import HTTPStatus
from itertools import islice
from tempfile import SpooledTemporaryFile

import anyio.to_thread
from fastapi import Request, Response
from fastapi.responses import StreamingResponse

from serving.api.problems import Problem
from serving.api.route import ApiRoute, Handler, media_type
from serving.api.service import Service, get_service
from serving.charter.charter import Charter
from serving.files import BATCH_ROWS, json_rows, messages_of, output_lines

NDJSON = "application/x-ndjson"
_IN_MEMORY = 2**20


class NdjsonRoute(ApiRoute):
    """A route that also takes its messages as JSON lines."""

    def other_handler(self, request: Request) -> Handler | None:
        """The handler of JSON lines, where the body is such."""
        return classify_lines if media_type(request) == NDJSON else None


async def classify_lines(request: Request) -> Response:
    """A line of answer for each line of the body, which is taken in whole before: no caller has to read while
    it writes.

    Raises Problem for an unknown client (404) and a body that is too large (413).
    """
    service = get_service(request)
    charter = await service.charter(request.query_params.get("client"))
    with ExitStack() as stack:
        body = stack.enter_context(SpooledTemporaryFile(_IN_MEMORY))
        await _take_in(request, body, service.settings.max_ndjson_bytes)
        kept = stack.pop_all()  # until the last line is answered
    return StreamingResponse(_answers(body, kept, service, charter), media_type=NDJSON)


async def _take_in(request: Request, body: "SpooledTemporaryFile[bytes]", limit: int) -> None:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body holds more than {limit} bytes")
        await anyio.to_thread.run_sync(body.write, chunk)
    body.seek(0)


async def _answers(
    body: "SpooledTemporaryFile[bytes]", kept: ExitStack, service: Service, charter: Charter
) -> AsyncIterator[bytes]:
    with kept:
        rows = json_rows(body, service.settings)
        while batch := await anyio.to_thread.run_sync(lambda: list(islice(rows, BATCH_ROWS))):
            results = await service.judge_in_the_end(messages_of(batch), charter, "low")
            yield output_lines(batch, service.classifier.config.version, results)
