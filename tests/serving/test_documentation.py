"""What operators and callers can use is documented, and what is documented is there."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from labels.taxonomy import LABEL_NAMES
from serving.metrics import Metrics
from serving.settings import Settings

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def pages() -> str:
    return "\n".join(
        (DOCS / name).read_text(encoding="utf-8") for name in ("api.md", "dialects.md", "operations.md")
    )


def exposed_names() -> set[str]:
    """Metrics by the names that they have in Prometheus."""
    suffixes = {"counter": "_total", "info": "_info"}
    return {metric.name + suffixes.get(metric.type, "") for metric in Metrics().registry.collect()}


def test_every_endpoint_is_documented(client: TestClient, pages: str) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    endpoints = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert {"POST /v1/classify", "GET /metrics"} <= endpoints
    assert [endpoint for endpoint in sorted(endpoints) if f"`{endpoint}`" not in pages] == []


def test_every_setting_is_documented_with_its_default(pages: str) -> None:
    rows = [
        f"| `VIGIE_{name.upper()}` | {'none' if field.default in (None, ()) else f'`{field.default}`'} | "
        for name, field in Settings.model_fields.items()
        if name != "model"
    ]
    assert [row for row in (*rows, "| `VIGIE_MODEL` | the released model | ") if row not in pages] == []


def test_every_metric_is_documented(pages: str) -> None:
    names = exposed_names()
    assert "vigie_flagged_total" in names
    assert [name for name in sorted(names) if f"| `{name}` | " not in pages] == []


def test_no_setting_is_documented_that_does_not_exist(pages: str) -> None:
    attributes = {f"VIGIE_{label.upper()}" for label in LABEL_NAMES}  # Perspective's names of our labels
    told = set(re.findall(r"\bVIGIE_[A-Z_]+", pages)) - attributes
    assert told == {f"VIGIE_{name.upper()}" for name in Settings.model_fields}


def test_no_metric_is_documented_that_does_not_exist(pages: str) -> None:
    assert set(re.findall(r"\bvigie_[a-z_]+", pages)) == exposed_names()
