"""The Open Inference Protocol, by Triton's client and by hand."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from labels.taxonomy import LABEL_NAMES
from serving.api.dialects.open_inference import INPUTS, OUTPUTS
from serving.app import create_app
from serving.settings import Settings
from tests.serving.api.dialects.conftest import KEY
from tests.serving.conftest import WeightlessEngine
from tests.serving.test_documentation import DOCS

MODEL = "/v2/models/vigie"
VERSION = f"{MODEL}/versions/weightless-1.0.0"
JSON = {"content-type": "application/json"}


@pytest.fixture
def triton(address: str) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(address) as client:
        yield client


def tensor(name: str, *values: Any, **fields: Any) -> dict[str, Any]:
    return {"name": name, "datatype": "BYTES", "shape": [len(values)], "data": list(values), **fields}


def of_triton(name: str, values: list[str], binary: bool = False) -> InferInput:
    given = InferInput(name, [len(values)], "BYTES")
    given.set_data_from_numpy(np.array(values, dtype=np.object_), binary_data=binary)
    return given


def infer(client: TestClient, *inputs: dict[str, Any], path: str = MODEL, **fields: Any) -> Any:
    response = client.post(f"{path}/infer", json={"inputs": list(inputs), **fields})
    assert response.status_code == 200, response.text
    return response.json()


def refused(client: TestClient, status: int = 400, path: str = MODEL, **request: Any) -> str:
    response = client.post(f"{path}/infer", **request)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/json")
    content = response.json()
    assert set(content) == {"error"}
    return str(content["error"])


def test_tritons_client_finds_the_model(triton: InferenceServerClient) -> None:
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready("vigie")
    assert triton.is_model_ready("vigie", "weightless-1.0.0")
    assert not triton.is_model_ready("other")
    assert not triton.is_model_ready("vigie", "2")
    assert triton.get_server_metadata() == {"name": "vigie", "version": "weightless-1.0.0", "extensions": []}
    metadata = triton.get_model_metadata("vigie")
    assert (metadata["name"], metadata["versions"]) == ("vigie", ["weightless-1.0.0"])
    assert [given["name"] for given in metadata["inputs"]] == ["text", "context"]
    assert {"name": "scores", "datatype": "FP32", "shape": [-1, 5]} in metadata["outputs"]


def test_tritons_client_infers(triton: InferenceServerClient, engine: WeightlessEngine) -> None:
    contexts = ["", json.dumps(["l'article", {"author": "u1", "text": "salut"}])]
    answer = triton.infer(
        "vigie", [of_triton("text", ["été sav", "hate"]), of_triton("context", contexts)], request_id="r1"
    )
    scores = answer.as_numpy("scores")
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, [[0.02, 0.02, 0.02, 0.02, 0.9], [0.02, 0.02, 0.9, 0.02, 0.02]])
    assert answer.as_numpy("flagged").tolist() == [[False] * 4 + [True], [False, False, True, False, False]]
    assert answer.as_numpy("language").tolist() == ["fr", "fr"]
    assert answer.as_numpy("intent").tolist() == ["availability", ""]
    assert answer.as_numpy("action").tolist() == ["route", "hide"]
    np.testing.assert_allclose(answer.as_numpy("priority"), [0.68, 0.9], rtol=1e-6)
    assert answer.as_numpy("review").tolist() == [False, False]
    told = answer.get_response()
    assert (told["model_name"], told["model_version"], told["id"]) == ("vigie", "weightless-1.0.0", "r1")
    assert answer.get_output("scores")["parameters"] == {"labels": ",".join(LABEL_NAMES)}
    assert [message.context for message in engine.seen] == [(), ("l'article", "u1: salut")]


def test_tritons_client_asks_for_outputs(triton: InferenceServerClient) -> None:
    wanted = [InferRequestedOutput(name, binary_data=False) for name in ("action", "scores")]
    answer = triton.infer("vigie", [of_triton("text", ["sav"])], "weightless-1.0.0", outputs=wanted)
    assert [output["name"] for output in answer.get_response()["outputs"]] == ["action", "scores"]


def test_tritons_client_is_told_how_to_send_json(triton: InferenceServerClient) -> None:
    with pytest.raises(InferenceServerException, match="in tritonclient, binary_data=False"):
        triton.infer("vigie", [of_triton("text", ["sav"], binary=True)])


def test_tritons_client_gives_the_key(locked_address: str) -> None:
    with InferenceServerClient(locked_address) as client:
        assert client.is_server_ready()
        assert not client.is_model_ready("vigie")
        with pytest.raises(InferenceServerException, match="wants an API key"):
            client.infer("vigie", [of_triton("text", ["sav"])])


@pytest.mark.parametrize("path", ["/v2", MODEL, f"{MODEL}/ready", VERSION])
def test_the_key_opens(locked: TestClient, path: str) -> None:
    assert locked.get(path).status_code == 401
    assert locked.get(path, headers={b"authorization": f"Bearer {KEY}".encode()}).status_code == 200


def test_health_before_the_model_is_ready(settings: Settings) -> None:
    client = TestClient(create_app(settings))
    assert client.get("/v2/health/live").json() == {"live": True}
    for path in ("/v2/health/ready", f"{MODEL}/ready"):
        response = client.get(path)
        assert (response.status_code, set(response.json())) == (503, {"error"})


def test_ready_says_so(client: TestClient) -> None:
    assert client.get("/v2/health/ready").json() == {"ready": True}
    assert client.get(f"{VERSION}/ready").json() == {"name": "vigie", "ready": True}


def test_a_column_is_as_good_as_a_list(client: TestClient) -> None:
    column = {**tensor("text", ["sav"], ["hate"]), "shape": [2, 1]}
    assert infer(client, column) == infer(client, tensor("text", "sav", "hate"))


def test_the_outputs_are_those_described(client: TestClient) -> None:
    outputs = infer(client, tensor("text", "sav"), path=VERSION)["outputs"]
    for told, described in zip(outputs, OUTPUTS, strict=True):
        assert (told["name"], told["datatype"]) == (described.name, described.datatype)
        assert told["shape"] == [1, *described.shape[1:]]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"inputs": []}, "inputs: must be `text`"),
        ({"inputs": [tensor("context", "")]}, "inputs: must be `text`"),
        ({"inputs": [tensor("text", "a"), tensor("image", "a")]}, "inputs: must be `text`"),
        ({"inputs": [tensor("text", "a"), tensor("text", "a")]}, "inputs: must be `text`"),
        ({"inputs": [tensor("text", "a", datatype="FP32")]}, "inputs.text.datatype: must be BYTES"),
        ({"inputs": [tensor("text", "a", shape=[])]}, "inputs.text.shape: "),
        ({"inputs": [tensor("text", "a", "b", shape=[1, 2])]}, "inputs.text.shape: "),
        ({"inputs": [tensor("text", "a", shape=[-1])]}, "inputs.0.shape.0: "),
        ({"inputs": [tensor("text", "a", shape=[2])]}, "inputs.text.data: must hold as many"),
        ({"inputs": [tensor("text")]}, "inputs.text.data: must hold as many"),
        ({"inputs": [tensor("text", 1)]}, "inputs.text.data: must hold strings"),
        ({"inputs": [tensor("text", "a", [["b"]])]}, "inputs.text.data: must hold strings"),
        ({"inputs": [tensor("text", "a", " ")]}, "inputs.text.data.1: must hold at least one visible"),
        ({"inputs": [tensor("text", "a\0")]}, "inputs.text.data.0: must not hold a null byte"),
        ({"inputs": [tensor("text", "\ud800")]}, "inputs.text.data.0: "),
        ({"inputs": [tensor("text", "a", "你好")]}, "inputs.text.data.1: is in a script"),
        ({"inputs": [tensor("text", "a" * 20_001)]}, "inputs.text.data.0: holds more than 20000"),
        ({"inputs": [tensor("text", *"a" * 257)]}, "inputs: holds more than 256 messages"),
        ({"inputs": [tensor("text", "a"), tensor("context", "", "")]}, "inputs.context: must be as long"),
        ({"inputs": [tensor("text", "a"), tensor("context", "post")]}, "inputs.context.data.0: must be"),
        ({"inputs": [tensor("text", "a"), tensor("context", "3")]}, "inputs.context.data.0: "),
        ({"inputs": [tensor("text", "a"), tensor("context", "[3]")]}, "inputs.context.data.0.0: "),
        (
            {"inputs": [tensor("text", "a"), tensor("context", "[" * 10_000)]},
            "inputs.context.data.0: must be",
        ),
        ({"inputs": [tensor("text", "a")], "outputs": [{"name": "logits"}]}, "outputs: name an output"),
        ({"inputs": [tensor("text", "a")], "id": "\ud800"}, "id: "),
        ({"inputs": [tensor("text", "a")], "other": 1}, "other: is not a known field"),
        ({}, "inputs: is required"),
    ],
)
def test_what_is_wrong_is_told(client: TestClient, fields: Any, message: str) -> None:
    assert refused(client, content=json.dumps(fields), headers=JSON).startswith(message)


@pytest.mark.parametrize("path", ["/v2/models/other", "/v2/models/vigie/versions/2", "/v2/models/%ED%A0%80"])
def test_an_unknown_model(client: TestClient, path: str) -> None:
    assert "is the only one" in refused(client, 404, path=path, json={"inputs": [tensor("text", "a")]})
    assert set(client.get(path).json()) == {"error"}


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, {"content": b"{"}),
        (413, {"json": {"inputs": [tensor("text", "a" * 3 * 2**20)]}}),
        (415, {"content": b"{}", "headers": {"content-type": "text/plain"}}),
        (500, {"json": {"inputs": [tensor("text", "boom")]}}),
    ],
)
def test_limits_of_the_other_routes_hold(client: TestClient, status: int, request_: dict[str, Any]) -> None:
    assert refused(client, status, **request_)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v2/nothing", 404), ("POST", "/v2", 405)])
def test_what_is_not_there(client: TestClient, method: str, path: str, status: int) -> None:
    response = client.request(method, path)
    assert (response.status_code, set(response.json())) == (status, {"error"})


def test_every_tensor_is_documented() -> None:
    page = (DOCS / "dialects.md").read_text(encoding="utf-8")
    assert all(f"| input `{given.name}` | {given.datatype} " in page for given in INPUTS)
    assert all(f"| output `{output.name}` | {output.datatype} " in page for output in OUTPUTS)
