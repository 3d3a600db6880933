from fastapi.testclient import TestClient

from labels.taxonomy import INTENT_NAMES, LABEL_NAMES
from serving.api.problems import MEDIA_TYPE
from serving.app import create_app
from serving.settings import Settings


def test_models_tells_what_answers(client: TestClient) -> None:
    response = client.get("/v1/models")
    assert response.status_code == 200
    (model,) = response.json()["models"]
    assert model["version"] == "weightless-1.0.0"
    assert (model["labels"], model["intents"]) == (list(LABEL_NAMES), list(INTENT_NAMES))
    assert (model["languages"], model["scripts"]) == (["fr", "en"], ["Latin"])
    assert model["thresholds"]["sav"] == 0.5
    assert model["checksums"] == {"model.onnx": "0" * 64}


def test_health_is_ok_once_the_model_is_ready(client: TestClient) -> None:
    response = client.get("/health")
    assert (response.status_code, response.json()) == (200, {"status": "ok", "model": "weightless-1.0.0"})
    assert response.headers["x-content-type-options"] == "nosniff"


def test_health_before_the_model_is_ready(settings: Settings) -> None:
    response = TestClient(create_app(settings)).get("/health")
    assert (response.status_code, response.headers["content-type"]) == (503, MEDIA_TYPE)
