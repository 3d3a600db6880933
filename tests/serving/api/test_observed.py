"""A request's id, from its header or made, in the answer."""

import re

import pytest
from fastapi.testclient import TestClient

from serving.api.problems import MEDIA_TYPE


@pytest.mark.parametrize("sent", ["r", "0b7e-4f.A_1:2", "x" * 128])
def test_a_sane_id_is_kept(client: TestClient, sent: str) -> None:
    assert client.get("/health", headers={"x-request-id": sent}).headers["x-request-id"] == sent


@pytest.mark.parametrize(
    "sent", [None, b"", b" ", b"-a", b"a b", b"a\tb", b'"a"', b"x" * 129, b"\xe9t\xe9", b"{}"]
)
def test_any_other_is_replaced(client: TestClient, sent: bytes | None) -> None:
    headers = {} if sent is None else {b"x-request-id": sent}
    given = [client.get("/health", headers=headers).headers["x-request-id"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", name) for name in given)
    assert given[0] != given[1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nowhere", None, 404),
        ("POST", "/v1/classify", {}, 422),
        ("POST", "/v1/classify", {"messages": [{"id": "1", "text": "boom"}]}, 500),
    ],
)
def test_a_problem_names_its_request(
    client: TestClient, method: str, path: str, body: object, status: int
) -> None:
    response = client.request(method, path, json=body, headers={"x-request-id": "r1"})
    assert (response.status_code, response.headers["content-type"]) == (status, MEDIA_TYPE)
    assert response.json()["request_id"] == response.headers["x-request-id"] == "r1"
