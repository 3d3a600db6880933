"""The Open Inference Protocol, version 2, over HTTP and JSON."""

import json
import re
from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from math import prod
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from labels.taxonomy import LABEL_NAMES
from serving.api.dialects.dialect import Dialect, classify_readable, scores_of
from serving.api.messages import Text
from serving.api.problems import FieldError, Problem, error_response, invalid
from serving.api.results import MessageResult
from serving.api.route import ApiRoute, api_router, with_header
from serving.api.service import Service, get_service

MODEL = "vigie"
"""The name of whatever model answers; its version is the released model's."""

Datatype = Literal["BYTES", "FP32", "BOOL"]


class JsonRoute(ApiRoute):
    """A route whose callers need not say that they send JSON: the protocol does not ask for it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler.

        Raises Problem (400) for tensors in binary, which clients send when nothing is said.
        """
        handle = super().get_route_handler()

        async def as_json(request: Request) -> Response:
            if "inference-header-content-length" in request.headers:
                detail = (
                    "binary tensors are not read: send `data` as JSON (in tritonclient, binary_data=False)"
                )
                raise Problem(HTTPStatus.BAD_REQUEST, detail)
            if "content-type" not in request.headers:
                request = with_header(request, b"content-type", b"application/json")
            return await handle(request)

        return as_json


router = api_router(JsonRoute)
health_router = APIRouter()


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RequestInput(_Body):
    """An input tensor; ``data`` is flat or nested, row by row."""

    name: Text
    shape: list[Annotated[int, Field(ge=0)]]
    datatype: str
    parameters: dict[str, Any] = Field(default_factory=dict)
    data: list[Any]


class RequestOutput(_Body):
    """An output that is wanted."""

    name: Text
    parameters: dict[str, Any] = Field(default_factory=dict)


class InferenceRequest(_Body):
    """Input tensors, and the outputs wanted of them: all when none is named."""

    id: Text | None = None
    parameters: dict[str, Any] = Field(default_factory=dict)
    inputs: list[RequestInput]
    outputs: list[RequestOutput] = Field(default_factory=list)


class Tensor(BaseModel):
    """A tensor's description; -1 is any size."""

    name: str
    datatype: Datatype
    shape: list[int]


class ResponseOutput(Tensor):
    """An output tensor, flat, row by row."""

    parameters: dict[str, str] | None = None
    data: Sequence[float] | Sequence[bool] | Sequence[str]


class InferenceResponse(BaseModel):
    """The outputs, in the order in which they were asked for."""

    model_config = ConfigDict(protected_namespaces=())

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[ResponseOutput]


class ServerMetadata(BaseModel):
    """The server, and the protocol's extensions that it knows."""

    name: str
    version: str
    extensions: list[str]


class ModelMetadata(BaseModel):
    """A model's versions and tensors."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[Tensor]
    outputs: list[Tensor]


class Live(BaseModel):
    """The server runs."""

    live: Literal[True] = True


class Ready(BaseModel):
    """The model answers; ``name`` where one was named."""

    name: str | None = None
    ready: Literal[True] = True


INPUTS = (
    Tensor(name="text", datatype="BYTES", shape=[-1]),
    Tensor(name="context", datatype="BYTES", shape=[-1]),
)
OUTPUTS = (
    Tensor(name="scores", datatype="FP32", shape=[-1, len(LABEL_NAMES)]),
    Tensor(name="flagged", datatype="BOOL", shape=[-1, len(LABEL_NAMES)]),
    Tensor(name="language", datatype="BYTES", shape=[-1]),
    Tensor(name="intent", datatype="BYTES", shape=[-1]),
    Tensor(name="action", datatype="BYTES", shape=[-1]),
    Tensor(name="priority", datatype="FP32", shape=[-1]),
    Tensor(name="review", datatype="BOOL", shape=[-1]),
)


def check_model(name: str) -> None:
    """Raises Problem (404) for another model's name."""
    if name != MODEL:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no model of this name: {MODEL!r} is the only one")


def check_version(version: str, service: Annotated[Service, Depends(get_service)]) -> None:
    """Raises Problem (404) for another version."""
    served = service.classifier.config.version
    if version != served:
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no version of this name: {served!r} is the only one")


@health_router.get("/v2/health/live", tags=["dialects"])
async def live() -> Live:
    """Answer once the server runs; needs no key."""
    return Live()


@health_router.get("/v2/health/ready", tags=["dialects"], response_model_exclude_none=True)
async def ready(service: Annotated[Service, Depends(get_service)]) -> Ready:
    """Answer once the model is ready; needs no key."""
    return Ready()


@router.get("/v2", tags=["dialects"])
async def server(service: Annotated[Service, Depends(get_service)]) -> ServerMetadata:
    """Name the server."""
    return ServerMetadata(name="vigie", version=service.classifier.config.version, extensions=[])


async def model(service: Annotated[Service, Depends(get_service)]) -> ModelMetadata:
    """Describe the model's tensors."""
    return ModelMetadata(
        name=MODEL,
        versions=[service.classifier.config.version],
        platform="onnxruntime_onnx",
        inputs=list(INPUTS),
        outputs=list(OUTPUTS),
    )


async def model_ready(service: Annotated[Service, Depends(get_service)]) -> Ready:
    """Answer once the model is ready."""
    return Ready(name=MODEL)


async def infer(
    request: InferenceRequest, service: Annotated[Service, Depends(get_service)]
) -> InferenceResponse:
    """Classify a batch of texts."""
    wanted = [output.name for output in request.outputs] or [output.name for output in OUTPUTS]
    unknown = set(wanted) - {output.name for output in OUTPUTS}
    if unknown:
        known = ", ".join(output.name for output in OUTPUTS)
        raise invalid([FieldError("outputs", f"name an output that the model does not have: it has {known}")])
    response = await classify_readable(service, _messages(request.inputs), _place)
    outputs = {output.name: output for output in _outputs(response.results)}
    return InferenceResponse(
        model_name=MODEL,
        model_version=response.model,
        id=request.id,
        outputs=[outputs[name] for name in wanted],
    )


def _add_model_routes(path: str, *checks: Callable[..., None]) -> None:
    shared: dict[str, Any] = {
        "tags": ["dialects"],
        "dependencies": [Depends(check) for check in checks],
        "response_model_exclude_none": True,
    }
    router.add_api_route(path, model, methods=["GET"], **shared)
    router.add_api_route(f"{path}/ready", model_ready, methods=["GET"], **shared)
    router.add_api_route(f"{path}/infer", infer, methods=["POST"], **shared)


_add_model_routes("/v2/models/{name}", check_model)
_add_model_routes("/v2/models/{name}/versions/{version}", check_model, check_version)


def _messages(inputs: Sequence[RequestInput]) -> list[dict[str, Any]]:
    """Messages like those of ``POST /v1/classify``.

    Raises Problem (422) for inputs that are not the model's, or do not fit their shapes.
    """
    tensors = {tensor.name: _strings(tensor) for tensor in inputs}
    names = [tensor.name for tensor in inputs]
    if "text" not in names or set(names) - {"text", "context"} or len(tensors) < len(names):
        raise invalid([FieldError("inputs", "must be `text`, and `context` if wanted, each once")])
    texts = tensors["text"]
    contexts = tensors.get("context", [""] * len(texts))
    if len(contexts) != len(texts):
        raise invalid([FieldError("inputs.context", "must be as long as `text`")])
    return [
        {"text": text, "context": _context(number, context)}
        for number, (text, context) in enumerate(zip(texts, contexts, strict=True))
    ]


def _strings(tensor: RequestInput) -> list[str]:
    place = f"inputs.{tensor.name[:64]}"
    if tensor.datatype != "BYTES":
        raise invalid([FieldError(f"{place}.datatype", "must be BYTES")])
    if len(tensor.shape) not in (1, 2) or tensor.shape[1:] not in ([], [1]):
        raise invalid([FieldError(f"{place}.shape", "must be [n] or [n, 1]")])
    flat = [value for row in tensor.data for value in (row if isinstance(row, list) else [row])]
    if len(flat) != prod(tensor.shape) or not flat:
        raise invalid(
            [FieldError(f"{place}.data", "must hold as many strings as its shape says, one or more")]
        )
    if not all(isinstance(value, str) for value in flat):
        raise invalid([FieldError(f"{place}.data", "must hold strings alone")])
    return flat


def _context(number: int, value: str) -> Any:
    try:
        return json.loads(value) if value else []
    except (ValueError, RecursionError) as error:
        detail = "must be empty, or a JSON list of strings or objects with author and text"
        raise invalid([FieldError(f"inputs.context.data.{number}", detail)]) from error


def _outputs(results: Sequence[MessageResult]) -> list[ResponseOutput]:
    """Every output, in the order of OUTPUTS."""
    scores = [scores_of(result) for result in results]
    data: tuple[Sequence[float] | Sequence[bool] | Sequence[str], ...] = (
        [row[label] for row in scores for label in LABEL_NAMES],
        [result.labels[label].flagged for result in results for label in LABEL_NAMES],
        [result.language or "" for result in results],
        [result.intent.name if result.intent else "" for result in results],
        [result.action for result in results],
        [result.priority for result in results],
        [result.review for result in results],
    )
    return [
        ResponseOutput(
            name=output.name,
            datatype=output.datatype,
            shape=[len(results), *output.shape[1:]],
            parameters={"labels": ",".join(LABEL_NAMES)} if output.shape[1:] else None,
            data=values,
        )
        for output, values in zip(OUTPUTS, data, strict=True)
    ]


def _place(field: str) -> str:
    field = re.sub(r"^messages\.(\d+)\.(text|context)", r"inputs.\2.data.\1", field)
    return re.sub(r"^messages$", "inputs", field)


def _error_form(problem: Problem) -> Response:
    # The protocol knows no 422: an error is "typically 400".
    wrong = problem.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    status = HTTPStatus.BAD_REQUEST if wrong else problem.status_code
    return error_response({"error": problem.detail}, status, problem.headers)


OPEN_INFERENCE = Dialect((router, health_router), ("/v2",), _error_form)
