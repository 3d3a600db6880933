from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from labels.store.store import Store
from serving.app import create_app
from serving.metrics import Metrics
from serving.settings import Settings
from tests.serving.conftest import WeightlessEngine


class Samples:
    """What an exposition says."""

    def __init__(self, exposed: str) -> None:
        families = text_string_to_metric_families(exposed)
        self._values = {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in families
            for sample in family.samples
        }

    def __call__(self, name: str, **labels: str) -> float | None:
        return self._values.get((name, frozenset(labels.items())))


def scrape(http: TestClient) -> Samples:
    response = http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Samples(response.text)


def test_what_was_classified_is_counted(client: TestClient) -> None:
    texts = ["sav", "sav toxicity", "bonjour", "hate toxicity"]
    messages = [{"id": str(number), "text": text} for number, text in enumerate(texts)]
    assert client.post("/v1/classify", json={"messages": messages}).status_code == 200
    samples = scrape(client)
    assert samples("vigie_messages_total") == 4
    flagged = {
        name: samples("vigie_flagged_total", label=name) for name in ("sav", "toxicity", "hate", "racism")
    }
    assert flagged == {"sav": 2, "toxicity": 2, "hate": 1, "racism": 0}
    actions = {name: samples("vigie_actions_total", action=name) for name in ("none", "route", "hide")}
    assert actions == {"none": 1, "route": 1, "hide": 2}
    assert samples("vigie_model_info", version="weightless-1.0.0") == 1


def test_requests_are_counted_by_template_method_and_status(client: TestClient) -> None:
    client.post("/v1/classify", json={"messages": [{"id": "1", "text": "sav"}]})
    client.post("/v1/classify", json={"messages": [{"id": "1", "text": "boom"}]})
    client.post("/v1/classify", json={})
    client.get("/v1/classify")
    client.get("/v1/models?key=hush")
    client.get("/nowhere")
    client.get("/elsewhere")
    client.request("INVENTED", "/health")
    samples = scrape(client)

    def requests(method: str, route: str, status: str) -> float | None:
        return samples("vigie_requests_total", method=method, route=route, status=status)

    assert [requests("POST", "/v1/classify", status) for status in ("200", "500", "422")] == [1, 1, 1]
    assert requests("GET", "/v1/classify", "405") == 1
    assert requests("GET", "/v1/models", "200") == 1
    assert requests("GET", "unmatched", "404") == 2
    assert requests("unmatched", "/health", "405") == 1
    assert samples("vigie_request_seconds_count", method="POST", route="/v1/classify") == 3


def test_metrics_tell_of_no_client_and_no_text(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    client.post("/v1/classify", json={"client": "acme", "messages": [{"id": "m77", "text": "sav hush"}]})
    exposed = client.get("/metrics").text
    assert not [word for word in ("acme", "m77", "hush") if word in exposed]


def test_each_app_counts_for_itself(settings: Settings, engine: WeightlessEngine, store: Store) -> None:
    with (
        TestClient(create_app(settings, engine, store)) as one,
        TestClient(create_app(settings, engine, store)) as other,
    ):
        one.post("/v1/classify", json={"messages": [{"id": "1", "text": "sav"}]})
        assert (scrape(one)("vigie_messages_total"), scrape(other)("vigie_messages_total")) == (1, 0)


def test_batches_queue_and_cache() -> None:
    metrics = Metrics()
    metrics.batch(rows=3, tokens=120, seconds=0.02)
    metrics.batch(rows=32, tokens=2048, seconds=0.3)
    metrics.queue_depth(7)
    metrics.queue_depth(2)
    metrics.cache_hit()
    samples = Samples(metrics.exposed().decode())
    assert (samples("vigie_batch_rows_count"), samples("vigie_batch_rows_sum")) == (2, 35)
    assert samples("vigie_batch_rows_bucket", le="4.0") == 1
    assert samples("vigie_batch_tokens_sum") == 2168
    assert samples("vigie_batch_tokens_bucket", le="128.0") == 1
    assert samples("vigie_batch_seconds_sum") == 0.32
    assert samples("vigie_batch_seconds_bucket", le="0.025") == 1
    assert samples("vigie_queue_depth") == 2
    assert samples("vigie_cache_hits_total") == 1
