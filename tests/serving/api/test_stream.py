"""A live chat over a WebSocket: in order, held back when it is too much, and going on after a cut."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.testclient import WebSocketDenialResponse, WebSocketTestSession
from starlette.websockets import WebSocketDisconnect

from labels.store.scopes import Scope
from labels.store.store import Store
from serving.api import stream as stream_module
from serving.app import create_app
from serving.settings import Settings
from tests.serving.conftest import GatedEngine

PATH = "/v1/stream"


def opened(session: WebSocketTestSession, **fields: Any) -> Any:
    session.send_json({"type": "open", "stream": "live-42", **fields})
    return session.receive_json()


def send(session: WebSocketTestSession, seq: int, text: str = "bonjour") -> None:
    session.send_json({"type": "message", "seq": seq, "message": {"id": f"m{seq}", "text": text}})


def test_results_come_in_order(client: TestClient) -> None:
    with client.websocket_connect(PATH) as session:
        assert opened(session) == {"type": "ready", "accepted": 0, "window": stream_module.WINDOW}
        for seq in range(1, 41):
            send(session, seq, "sexism" if seq % 2 else "bonjour")
        frames = [session.receive_json() for _ in range(40)]
    assert [frame["seq"] for frame in frames] == list(range(1, 41))
    assert all(frame["result"]["id"] == f"m{frame['seq']}" for frame in frames)
    assert [frame["result"]["labels"]["sexism"]["flagged"] for frame in frames] == [True, False] * 20


def test_a_wrong_message_is_told_in_its_place(client: TestClient) -> None:
    with client.websocket_connect(PATH) as session:
        opened(session)
        send(session, 1, " ")
        send(session, 2, "boom")
        send(session, 3)
        first, second, third = (session.receive_json() for _ in range(3))
    assert (first["type"], first["problem"]["status"]) == ("problem", 422)
    assert (second["type"], second["problem"]["status"]) == ("problem", 500)
    assert "boom" not in str(second)
    assert third["type"] == "result"


@pytest.fixture
def gated(settings: Settings, store: Store) -> Iterator[tuple[TestClient, GatedEngine]]:
    engine = GatedEngine()
    with TestClient(create_app(settings, engine, store)) as client:
        yield client, engine
        engine.gate.set()


def test_what_was_accepted_before_a_cut_is_answered_after_it(gated: tuple[TestClient, GatedEngine]) -> None:
    client, engine = gated
    with client.websocket_connect(PATH) as session:
        opened(session)
        send(session, 1)
        send(session, 2, "racism")
        engine.entered.wait(30)
    engine.gate.set()
    with client.websocket_connect(PATH) as session:
        accepted = opened(session)["accepted"]
        assert accepted >= 1
        for seq in range(1, 4):  # those that were accepted are not computed again
            send(session, seq, "racism" if seq == 2 else f"bonjour {seq}")
        frames = [session.receive_json() for _ in range(3)]
    assert [frame["seq"] for frame in frames] == [1, 2, 3]
    assert frames[1]["result"]["labels"]["racism"]["flagged"]
    assert sum("bonjour" in text for batch in engine.batches for text in batch) == 2
    with client.websocket_connect(PATH) as session:
        assert opened(session, received=2)["accepted"] == 3
        assert session.receive_json()["seq"] == 3


def test_a_new_connection_takes_the_place_of_a_lost_one(client: TestClient) -> None:
    with client.websocket_connect(PATH) as lost:
        opened(lost)
        with client.websocket_connect(PATH) as session:
            opened(session)
            assert lost.receive_json()["problem"]["status"] == 409
            send(session, 1)
            assert session.receive_json()["seq"] == 1


@pytest.mark.parametrize(
    ("frame", "status"),
    [
        ({"type": "message", "seq": 1, "message": {"id": "1", "text": "x"}}, 422),
        ({"type": "open"}, 422),
        ({"type": "open", "stream": "s", "received": 3}, 410),
        ({"type": "open", "stream": "s", "client": "nobody"}, 404),
        ({"type": "shut"}, 422),
        ([], 422),
    ],
)
def test_a_wrong_beginning_is_refused(client: TestClient, frame: Any, status: int) -> None:
    with client.websocket_connect(PATH) as session:
        session.send_json(frame)
        assert session.receive_json()["problem"]["status"] == status
        with pytest.raises(WebSocketDisconnect) as closed:
            session.receive_json()
    assert closed.value.code == 1008


def test_a_gap_is_refused_and_the_stream_goes_on(client: TestClient) -> None:
    with client.websocket_connect(PATH) as session:
        opened(session)
        send(session, 2)
        told = session.receive_json()["problem"]
    assert (told["status"], told["detail"]) == (409, "seq: is 2, and 1 comes next")
    with client.websocket_connect(PATH) as session:
        assert opened(session)["accepted"] == 0


def test_results_that_are_no_longer_kept_are_gone(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_module, "KEPT", 2)
    with client.websocket_connect(PATH) as session:
        opened(session)
        for seq in range(1, 6):
            send(session, seq)
            session.receive_json()
    with client.websocket_connect(PATH) as session:
        assert opened(session, received=0)["problem"]["status"] == 410


def test_a_key_is_wanted_and_its_client_is_its_own(client: TestClient, store: Store) -> None:
    store.add_client("acme")
    store.add_client("other")
    key, _ = store.keys.add("acme", [Scope.CLASSIFY])
    with pytest.raises(WebSocketDenialResponse) as denied, client.websocket_connect(PATH):
        pass
    assert denied.value.status_code == 401
    headers = {"authorization": f"Bearer {key}"}
    with client.websocket_connect(PATH, headers=headers) as session:
        assert opened(session, client="other")["problem"]["status"] == 403
    with client.websocket_connect(PATH, headers=headers) as session:
        assert opened(session)["type"] == "ready"
