from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update
from sqlalchemy.orm import Session

from labels.store.errors import StoreError
from labels.store.keys import Keys
from labels.store.scopes import Scope
from labels.store.store import Store
from labels.store.tables import ApiKeyRow


@pytest.fixture
def acme(store: Store) -> Store:
    store.add_client("acme")
    return store


def alter(url: str, **values: object) -> None:
    engine = create_engine(url)
    with Session(engine) as session, session.begin():
        session.execute(update(ApiKeyRow).values(**values))
    engine.dispose()


def test_a_key_is_found_until_it_is_revoked(acme: Store) -> None:
    key, made = acme.keys.add("acme", [Scope.DECIDE, Scope.CLASSIFY], rate=2.5)
    found = acme.keys.find(key)
    assert found == made
    assert (made.client, made.rate) == ("acme", 2.5)
    assert made.scopes == frozenset((Scope.CLASSIFY, Scope.DECIDE))
    assert key.startswith(f"{made.prefix}_")
    revoked = acme.keys.revoke(made.prefix)
    assert acme.keys.find(key) is None
    assert acme.keys.revoke(made.prefix) == revoked
    assert [known.state(datetime.now(UTC)) for known in acme.keys.list()] == ["revoked"]


def test_the_key_itself_is_not_kept(acme: Store, url: str) -> None:
    key, made = acme.keys.add("acme", [Scope.CLASSIFY])
    engine = create_engine(url)
    with engine.connect() as connection:
        row = str(connection.execute(text("SELECT * FROM api_keys")).one())
    engine.dispose()
    assert made.prefix in row
    assert key.removeprefix(f"{made.prefix}_") not in row


def test_keys_differ_and_are_long(acme: Store) -> None:
    keys = {acme.keys.add("acme", [Scope.CLASSIFY])[0] for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key.split("_", 2)[2]) == 43 for key in keys)


def test_nothing_but_the_whole_key_is_found(acme: Store) -> None:
    key, made = acme.keys.add("acme", [Scope.CLASSIFY])
    other, _ = acme.keys.add("acme", [Scope.CLASSIFY])
    swapped = made.prefix + other[len(made.prefix) :]
    for wrong in ("", "x", made.prefix, key[:-1], key + "x", key.upper(), swapped, f"{key} ", "\ud800", "é"):
        assert acme.keys.find(wrong) is None


def test_a_key_expires(acme: Store, url: str) -> None:
    key, made = acme.keys.add("acme", [Scope.CLASSIFY], lifetime=timedelta(days=90))
    assert made.expires_at == made.created_at + timedelta(days=90)
    assert acme.keys.find(key) is not None
    alter(url, expires_at=datetime.now(UTC))
    assert acme.keys.find(key) is None
    assert acme.keys.list()[0].state(datetime.now(UTC)) == "expired"


def test_use_is_noted_once_a_minute(acme: Store, url: str) -> None:
    key, _ = acme.keys.add("acme", [Scope.CLASSIFY])
    assert acme.keys.list()[0].used_at is None
    acme.keys.find(key)
    first = acme.keys.list()[0].used_at
    assert first is not None
    acme.keys.find(key)
    assert acme.keys.list()[0].used_at == first
    alter(url, used_at=first - timedelta(minutes=1))
    acme.keys.find(key)
    assert acme.keys.list()[0].used_at not in (first, first - timedelta(minutes=1))


def test_a_key_opens_while_another_writes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'v.db'}"
    impatient = create_engine(url, connect_args={"timeout": 0})
    with Store.open(url) as store, impatient.connect() as writer:
        key, made = store.keys.add(None, [Scope.ADMIN])
        writer.exec_driver_sql("BEGIN IMMEDIATE")
        assert Keys(impatient).find(key) == made
    impatient.dispose()


@pytest.mark.parametrize(
    ("client", "scopes"),
    [
        (None, [Scope.CLASSIFY]),
        (None, []),
        ("acme", []),
        ("acme", [Scope.ADMIN]),
        ("acme", [Scope.CLASSIFY, Scope.ADMIN]),
    ],
)
def test_admin_is_for_all_and_the_rest_for_one(acme: Store, client: str | None, scopes: list[Scope]) -> None:
    with pytest.raises(StoreError, match="for all with admin"):
        acme.keys.add(client, scopes)
    assert not acme.keys.exist()


def test_a_key_needs_a_client_that_is_there(acme: Store) -> None:
    with pytest.raises(StoreError, match="vigie clients add other"):
        acme.keys.add("other", [Scope.CLASSIFY])


def test_an_unknown_key_cannot_be_revoked(acme: Store) -> None:
    key, made = acme.keys.add(None, [Scope.ADMIN])
    for wrong in ("vigie_000000000000", made.prefix[:-1], "%"):
        with pytest.raises(StoreError, match="vigie keys list"):
            acme.keys.revoke(wrong)
    assert acme.keys.find(key) is not None


def test_a_revoked_key_still_exists(acme: Store) -> None:
    assert not acme.keys.exist()
    _, made = acme.keys.add(None, [Scope.ADMIN])
    acme.keys.revoke(made.prefix)
    assert acme.keys.exist()


@pytest.mark.parametrize("rate", [-1.0, float("inf"), float("nan")])
def test_a_rate_is_a_number(acme: Store, rate: float) -> None:
    with pytest.raises(StoreError, match="0 or more"):
        acme.keys.add("acme", [Scope.CLASSIFY], rate=rate)
