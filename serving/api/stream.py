"""``WS /v1/stream``: a live chat's messages in, their results out, in order; goes on after a cut."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import Field, TypeAdapter, ValidationError

from serving.api.callers import recognise
from serving.api.messages import IncomingMessage, Name, Strict, check_message
from serving.api.problems import FieldError, Problem, field_errors, invalid, problem_content, tell
from serving.api.service import Service, get_service
from serving.charter.charter import Charter
from serving.logs import told

logger = logging.getLogger(__name__)
router = APIRouter()

WINDOW = 256
"""Messages of a stream that may be unanswered; beyond, nothing more is read from the connection."""
KEPT = 1_000
"""Results that are kept, the last ones, for a caller that comes back."""
MAX_STREAMS = 1_000
FORGOTTEN_AFTER = 600.0
"""Seconds without a connection after which a stream is forgotten."""

_POLICY = 1008


class Open(Strict):
    """The first frame: which stream, whose, and the last result that the caller has."""

    type: Literal["open"]
    stream: Name
    client: Name | None = None
    received: int = Field(default=0, ge=0)


class Send(Strict):
    """A message; ``seq`` counts a stream's messages from 1 on."""

    type: Literal["message"]
    seq: int = Field(ge=1)
    message: IncomingMessage


Frame = Annotated[Open | Send, Field(discriminator="type")]
Answer = Callable[[Send], Coroutine[Any, Any, dict[str, Any]]]
_FRAMES: TypeAdapter[Open | Send] = TypeAdapter(Frame)


@dataclass(eq=False)
class Stream:
    """What is known of a stream: its frames of answer by number, some still to come."""

    accepted: int = 0
    sent: int = 0
    answers: dict[int, "asyncio.Task[dict[str, Any]]"] = field(default_factory=dict)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    connection: "asyncio.Task[None] | None" = None
    left_at: float = 0.0

    @property
    def oldest(self) -> int:
        """The number of the oldest answer that is kept."""
        return min(self.answers, default=self.accepted + 1)

    async def accept(self, frame: Send, answer: Answer) -> None:
        """Take a message, once there is room; one that was taken before is answered already.

        Raises Problem (409) when messages are missing before it.
        """
        if frame.seq > self.accepted + 1:
            error = FieldError("seq", f"is {frame.seq}, and {self.accepted + 1} comes next")
            raise invalid([error], HTTPStatus.CONFLICT)
        async with self.changed:
            await self.changed.wait_for(lambda: self.accepted - self.sent < WINDOW)
            if frame.seq == self.accepted + 1:
                self.accepted += 1
                self.answers[frame.seq] = asyncio.create_task(answer(frame))
            self.changed.notify_all()

    async def send_from(self, number: int, websocket: WebSocket) -> None:
        """Send the answers in order, from a number on, for ever."""
        self.sent = number - 1
        while True:
            async with self.changed:
                await self.changed.wait_for(lambda: self.sent < self.accepted)
            await websocket.send_json(await asyncio.shield(self.answers[self.sent + 1]))
            async with self.changed:
                self.sent += 1
                self.answers.pop(self.sent - KEPT, None)
                self.changed.notify_all()


@dataclass
class Streams:
    """The streams of an app, by caller's client and name."""

    streams: dict[tuple[str, str | None, str], Stream] = field(default_factory=dict)

    def get(self, owner: str, client: str | None, name: str) -> Stream:
        """The stream of that name, or a new one.

        Raises Problem (429) when there are too many.
        """
        now = time.monotonic()
        for key, stream in list(self.streams.items()):
            if stream.connection is None and now - stream.left_at > FORGOTTEN_AFTER:
                del self.streams[key]
        if (owner, client, name) not in self.streams and len(self.streams) >= MAX_STREAMS:
            detail = f"there are {MAX_STREAMS} streams already"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail, headers={"retry-after": "60"})
        return self.streams.setdefault((owner, client, name), Stream())


@router.websocket("/v1/stream")
async def stream(websocket: WebSocket) -> None:
    """Answer a stream's messages in order, for as long as the connection lasts."""
    try:
        service = get_service(websocket)
        authorization = websocket.headers.get("authorization", "")
        caller = await recognise(authorization, service.settings.api_key, service.store.keys)
    except Problem as problem:
        await websocket.send_denial_response(tell(problem, websocket.scope))
        return
    websocket.state.caller = caller
    await websocket.accept()
    try:
        await _serve(websocket, get_service(websocket))
    except Problem as problem:
        await _refuse(websocket, problem)
    except WebSocketDisconnect:
        return


async def _serve(websocket: WebSocket, service: Service) -> None:
    opening = await _frame(websocket, service)
    if not isinstance(opening, Open):
        raise invalid([FieldError("type", "must be `open` in the first frame")])
    charter = await service.charter(opening.client)
    client = service.caller.client_named(opening.client)
    streams: Streams = websocket.app.state.streams
    found = streams.get(service.caller.name, client, opening.stream)
    if not found.oldest - 1 <= opening.received <= found.accepted:
        detail = f"must be from {found.oldest - 1} to {found.accepted}: other results are not kept"
        raise invalid([FieldError("received", detail)], HTTPStatus.GONE)
    if found.connection is not None:  # a lost one that nobody has noticed yet
        found.connection.cancel()
    await websocket.send_json({"type": "ready", "accepted": found.accepted, "window": WINDOW})
    answer = partial(_answer, service, charter)
    receiving = asyncio.create_task(_receive(websocket, service, found, answer))
    sending = asyncio.create_task(found.send_from(opening.received + 1, websocket))
    found.connection = receiving
    outcomes: Sequence[object] = ()
    try:
        await asyncio.wait({receiving, sending}, return_when=asyncio.FIRST_COMPLETED)
        if receiving.cancelled():
            raise Problem(HTTPStatus.CONFLICT, "another connection has taken this stream over")
    finally:
        for task in (receiving, sending):
            task.cancel()
        with suppress(asyncio.CancelledError):  # of this task: the one being raised already tells of it
            outcomes = await asyncio.gather(receiving, sending, return_exceptions=True)
        if found.connection is receiving:
            found.connection, found.left_at = None, time.monotonic()
    for outcome in outcomes:
        if isinstance(outcome, Problem):
            raise outcome


async def _receive(websocket: WebSocket, service: Service, found: Stream, answer: Answer) -> None:
    while True:
        frame = await _frame(websocket, service)
        if not isinstance(frame, Send):
            raise invalid([FieldError("type", "must be `message` after the first frame")])
        await found.accept(frame, answer)


async def _answer(service: Service, charter: Charter, frame: Send) -> dict[str, Any]:
    try:
        if errors := list(check_message(frame.message, service.settings)):
            raise invalid(errors)
        [result] = await service.judge_in_the_end([frame.message], charter, "high")
    except Problem as problem:
        return {"type": "problem", "seq": frame.seq, "problem": problem_content(problem)}
    except Exception as error:  # the stream goes on: its other messages are not at fault
        logger.error("unexpected %s", told(error))
        unexpected = Problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "unexpected error: the service's log says where"
        )
        return {"type": "problem", "seq": frame.seq, "problem": problem_content(unexpected)}
    model = service.classifier.config.version
    return {"type": "result", "seq": frame.seq, "model": model, "result": result.model_dump(mode="json")}


async def _frame(websocket: WebSocket, service: Service) -> Open | Send:
    """The next frame.

    Raises Problem for one that cannot be read, WebSocketDisconnect at the end.
    """
    text = await websocket.receive_text()
    limit = service.settings.max_body_bytes
    if len(text) > limit:
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the frame holds more than {limit} characters")
    try:
        return _FRAMES.validate_json(text)
    except ValidationError as error:
        raise invalid(field_errors(error.errors(), skip=1)) from error


async def _refuse(websocket: WebSocket, problem: Problem) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):
        await websocket.send_json({"type": "problem", "problem": problem_content(problem)})
        await websocket.close(_POLICY, problem.detail[:120])
