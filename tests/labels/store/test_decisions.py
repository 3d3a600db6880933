from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from labels.store.decisions import ConflictError, Decision, Outcome, StoredMessage
from labels.store.store import Store

MESSAGE = StoredMessage(
    id="m1",
    text="Et en 36 ? 👢",
    context=[{"text": "Les bottines sont de retour", "author": None}],
    channel="instagram",
    author="a" * 64,
    sent_at=datetime(2026, 11, 27, 20, 3, 11, 250_000, tzinfo=UTC),
    language="fr",
)
DECISION = Decision(
    key="d1",
    message=MESSAGE,
    labels={"sav": True, "hate": False},
    intent="availability",
    moderator="b" * 64,
    tool="desk",
    decided_at=datetime(2026, 11, 27, 20, 5, tzinfo=UTC),
    model="vigie-base-1.1.0",
    shown={"sav": 0.93},
    seconds=4.2,
)
LEAST = Decision(
    key="d2",
    message=StoredMessage("m2", "x", [], channel=None, author=None, sent_at=None, language=None),
    labels={"toxicity": False},
    intent=None,
    moderator=None,
    tool=None,
    decided_at=DECISION.decided_at,
    model=None,
    shown=None,
    seconds=None,
)


@pytest.fixture
def acme(store: Store) -> Store:
    store.add_client("acme")
    store.add_client("other")
    return store


def test_decisions_are_kept_as_they_were(acme: Store) -> None:
    assert acme.decisions.add("acme", [DECISION, LEAST]) == ["stored", "stored"]
    assert acme.decisions.of_client("acme") == [DECISION, LEAST]


def test_the_same_again_is_a_duplicate(acme: Store) -> None:
    acme.decisions.add("acme", [DECISION])
    elsewhere = DECISION.decided_at.astimezone(timezone(timedelta(hours=2)))
    again = replace(DECISION, labels={"hate": False, "sav": True}, decided_at=elsewhere)
    assert acme.decisions.add("acme", [LEAST, again, LEAST]) == ["stored", "duplicate", "duplicate"]
    assert acme.decisions.of_client("acme") == [DECISION, LEAST]


@pytest.mark.parametrize(
    "change",
    [
        {"labels": {"sav": True}},
        {"intent": None},
        {"moderator": None},
        {"seconds": 4.3},
        {"shown": None},
        {"decided_at": DECISION.decided_at + timedelta(microseconds=1)},
        {"message": replace(MESSAGE, text="Et en 37 ?")},
        {"message": replace(MESSAGE, context=[])},
    ],
)
def test_the_same_key_for_something_else_stores_nothing(acme: Store, change: dict[str, Any]) -> None:
    acme.decisions.add("acme", [DECISION])
    with pytest.raises(ConflictError) as caught:
        acme.decisions.add("acme", [LEAST, replace(DECISION, **change)])
    assert caught.value.keys == ["d1"]
    assert acme.decisions.of_client("acme") == [DECISION]


def test_a_key_twice_in_one_call(acme: Store) -> None:
    with pytest.raises(ConflictError, match="'d1'"):
        acme.decisions.add("acme", [DECISION, replace(DECISION, seconds=1.0)])
    assert acme.decisions.of_client("acme") == []


def test_two_moderators_on_one_message(acme: Store) -> None:
    second = replace(DECISION, key="d3", moderator="c" * 64, labels={"sav": False}, intent=None)
    acme.decisions.add("acme", [DECISION])
    acme.decisions.add("acme", [second])
    assert acme.decisions.of_client("acme") == [DECISION, second]


def test_clients_share_neither_keys_nor_messages(acme: Store) -> None:
    acme.decisions.add("acme", [DECISION])
    changed = replace(DECISION, seconds=9.0)
    assert acme.decisions.add("other", [changed]) == ["stored"]
    assert acme.decisions.of_client("acme") == [DECISION]
    assert acme.decisions.of_client("other") == [changed]


def test_many_calls_at_once_store_each_decision_once(acme: Store) -> None:
    decisions = [replace(DECISION, key=f"d{n}", message=replace(MESSAGE, id=f"m{n}")) for n in range(40)]
    orders = [decisions, decisions[::-1], decisions[20:] + decisions[:20], decisions[::2] + decisions[1::2]]

    def add(order: Sequence[Decision]) -> list[Outcome]:
        return acme.decisions.add("acme", order)

    with ThreadPoolExecutor(4) as pool:
        outcomes = [outcome for answer in pool.map(add, orders) for outcome in answer]
    assert outcomes.count("stored") == 40
    assert len(acme.decisions.of_client("acme")) == 40


def test_the_longest_text_fits(acme: Store) -> None:
    long = replace(DECISION, message=replace(MESSAGE, text="é" * 20_000, id="i" * 256), key="k" * 256)
    acme.decisions.add("acme", [long])
    assert acme.decisions.of_client("acme") == [long]
