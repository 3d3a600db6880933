"""What the service counts, for Prometheus."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, generate_latest

from labels.taxonomy import LABEL_NAMES, LabelName
from serving.charter.charter import ACTIONS, Action

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128)
_TOKENS = (16, 64, 128, 256, 512, 1024, 2048, 4096, 8192)


class Metrics:
    """One app's metrics, in a registry of its own. No metric tells of a client or of a message."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        by_route = ("method", "route")
        self._requests = Counter(
            "vigie_requests", "HTTP requests answered.", (*by_route, "status"), registry=registry
        )
        self._request_seconds = Histogram(
            "vigie_request_seconds",
            "Seconds from a request to the end of its answer.",
            by_route,
            buckets=_SECONDS,
            registry=registry,
        )
        self._messages = Counter("vigie_messages", "Messages classified.", registry=registry)
        self._flagged = Counter("vigie_flagged", "Messages flagged, by label.", ("label",), registry=registry)
        self._actions = Counter(
            "vigie_actions", "Messages by what charters said to do.", ("action",), registry=registry
        )
        self._model = Info("vigie_model", "The version of the model that answers.", registry=registry)
        self._batch_rows = Histogram(
            "vigie_batch_rows", "Rows in a batch of the model.", buckets=_ROWS, registry=registry
        )
        self._batch_tokens = Histogram(
            "vigie_batch_tokens",
            "Tokens in a batch of the model, padding included.",
            buckets=_TOKENS,
            registry=registry,
        )
        self._batch_seconds = Histogram(
            "vigie_batch_seconds", "Seconds that a batch took.", buckets=_SECONDS, registry=registry
        )
        self._queue_depth = Gauge(
            "vigie_queue_depth",
            "Rows (messages, or windows of long ones) that wait for the model.",
            registry=registry,
        )
        self._cache_hits = Counter(
            "vigie_cache_hits", "Messages answered without the model.", registry=registry
        )
        # So that a rate can be computed from the first one on.
        for label in LABEL_NAMES:
            self._flagged.labels(label)
        for action in ACTIONS:
            self._actions.labels(action)

    def exposed(self) -> bytes:
        """All of them, in Prometheus' text format."""
        return generate_latest(self.registry)

    def model(self, version: str) -> None:
        """The model of that version answers from now on."""
        self._model.info({"version": version})

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered; ``route`` is a template, not a path."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def classified(self, flagged: Iterable[LabelName], action: Action) -> None:
        """A message was classified and judged."""
        self._messages.inc()
        self._actions.labels(action).inc()
        for label in flagged:
            self._flagged.labels(label).inc()

    def batch(self, rows: int, tokens: int, seconds: float) -> None:
        """The model ran once; ``tokens`` count padding."""
        self._batch_rows.observe(rows)
        self._batch_tokens.observe(tokens)
        self._batch_seconds.observe(seconds)

    def queue_depth(self, rows: int) -> None:
        """So many rows, which are messages or windows of long ones, wait for the model now."""
        self._queue_depth.set(rows)

    def cache_hit(self) -> None:
        """A message was answered without the model, from what it had said of the same one."""
        self._cache_hits.inc()
