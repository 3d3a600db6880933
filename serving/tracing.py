"""OpenTelemetry traces, sent to a collector over OTLP; nothing of what people wrote is in them.

FastAPI makes the request's span; the service, that of the model. The SDK comes with the extra ``tracing``.
"""

from typing import TYPE_CHECKING

from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import NoOpTracerProvider, TracerProvider

from labels.errors import VigieError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter


class TracingError(VigieError):
    """Traces are asked for and cannot be sent; the message names the extra to install."""


def fastapi_telemetry(provider: TracerProvider | None) -> TelemetryConfig:
    """FastAPI's own telemetry, reduced to a span a request: its logs would tell exceptions' messages."""
    return {
        "tracer_provider": provider or NoOpTracerProvider(),
        "tracing": provider is not None,
        "operation_spans": False,
        "metrics": False,
        "logs": False,
        "auto_configure": False,
    }


def tracer_provider(endpoint: str) -> "SdkTracerProvider":
    """What sends spans to the collector at that base URL, in the background; shut it down at the end.

    Raises TracingError when the extra is missing.
    """
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import Span, SpanProcessor
        from opentelemetry.sdk.trace import TracerProvider as SdkTracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        exporter = _exporter(endpoint)
    except ModuleNotFoundError as error:
        raise TracingError(
            f"VIGIE_OTLP_ENDPOINT wants the tracing extra: pip install 'vigie-moderation[tracing]' ({error})"
        ) from error

    class WithoutUrl(SpanProcessor):
        """Empties the URL of a span: a path or a query may hold names and keys; the route says enough."""

        def on_start(self, span: Span, parent_context: object = None) -> None:
            for name in ("url.path", "url.query"):
                if name in (span.attributes or {}):
                    span.set_attribute(name, "")

    provider = SdkTracerProvider(resource=Resource.create({"service.name": "vigie"}))
    provider.add_span_processor(WithoutUrl())
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _exporter(endpoint: str) -> "SpanExporter":
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
