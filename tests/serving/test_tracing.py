import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

import serving.tracing
from labels.store.store import Store
from serving.app import create_app
from serving.settings import Settings
from serving.tracing import TracingError
from tests.serving.conftest import WeightlessEngine

Traced = Callable[..., Sequence[ReadableSpan]]


@pytest.fixture
def traced(
    settings: Settings, engine: WeightlessEngine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Traced:
    """Sends one request to a service that is traced; gives the spans, as they ended."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(serving.tracing, "_exporter", lambda endpoint: exporter)
    on = settings.model_copy(update={"otlp_endpoint": "http://127.0.0.1:4318"})

    def send(method: str, path: str, **request: Any) -> Sequence[ReadableSpan]:
        with TestClient(create_app(on, engine, store)) as client:
            client.request(method, path, **request)
        return exporter.get_finished_spans()

    return send


def test_a_request_and_the_model_are_spans_of_one_trace(traced: Traced) -> None:
    body = {"messages": [{"id": "1", "text": "sav"}, {"id": "2", "text": "hate"}]}
    model, request = traced("POST", "/v1/classify", json=body, headers={"x-request-id": "r1"})
    assert (model.name, request.name) == ("classify", "POST /v1/classify")
    assert model.parent is not None
    assert model.parent == request.get_span_context()
    assert dict(model.attributes or {}) == {"vigie.messages": 2, "vigie.model": "weightless-1.0.0"}
    attributes = request.attributes or {}
    assert attributes["http.route"] == "/v1/classify"
    assert attributes["http.response.status_code"] == 200
    assert attributes["vigie.request_id"] == "r1"
    assert request.resource.attributes["service.name"] == "vigie"


def test_a_callers_trace_goes_on(traced: Traced) -> None:
    trace_id, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    (request,) = traced("GET", "/health", headers={"traceparent": f"00-{trace_id}-{parent}-01"})
    assert request.parent is not None
    assert (f"{request.parent.trace_id:032x}", f"{request.parent.span_id:016x}") == (trace_id, parent)


@pytest.mark.parametrize("text", ["hush", "boom hush"])
def test_nothing_that_was_written_or_secret_is_in_a_span(traced: Traced, text: str) -> None:
    spans = traced(
        "POST",
        "/v1/classify?key=hush&hush=1",
        json={"messages": [{"id": "hush", "text": text, "context": ["hush"]}]},
        headers={"authorization": "Bearer hush"},
    )
    assert len(spans) == 2
    assert not [span.name for span in spans if "hush" in span.to_json()]


def test_a_path_that_is_not_there_is_in_no_span(traced: Traced) -> None:
    (span,) = traced("GET", "/hush")
    assert "hush" not in span.to_json()


def test_without_an_endpoint_nothing_is_traced(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving.tracing, "_exporter", lambda endpoint: pytest.fail("an exporter was made"))
    assert client.get("/health").status_code == 200


@pytest.mark.parametrize(
    "missing", ["opentelemetry.sdk.trace", "opentelemetry.exporter.otlp.proto.http.trace_exporter"]
)
def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(TracingError, match=r"pip install 'vigie-moderation\[tracing\]'"):
        create_app(Settings(otlp_endpoint="http://127.0.0.1:4318"))


def test_an_endpoint_is_a_url() -> None:
    with pytest.raises(ValueError, match="otlp_endpoint"):
        Settings(otlp_endpoint="127.0.0.1:4318")
