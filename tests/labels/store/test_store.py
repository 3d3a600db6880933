import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from labels.store.errors import StoreError
from labels.store.store import Store
from labels.store.tables import Base


def test_clients_are_kept(url: str) -> None:
    with Store.open(url) as store:
        added = store.add_client("acme", {"thresholds": {"sav": 0.4}})
        store.add_client("0-b_c")
    with Store.open(url) as store:
        assert store.get_client("acme") == added
        assert added.created_at.tzinfo is UTC
        assert [client.name for client in store.list_clients()] == ["0-b_c", "acme"]
        assert store.get_client("nobody") is None


def test_names_are_unique(url: str) -> None:
    with Store.open(url) as store:
        store.add_client("acme")
        with pytest.raises(StoreError, match="already"):
            store.add_client("acme")


@pytest.mark.parametrize("name", ["", "Acme", "-a", "a" * 64, "a b", "a\n", "é", "../x"])
def test_names_that_do_not_fit(url: str, name: str) -> None:
    with Store.open(url) as store, pytest.raises(StoreError, match="cannot be a client's name"):
        store.add_client(name)


def test_sqlite_runs_in_wal(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    with Store.open(f"sqlite:///{path}"):
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()


def test_many_may_open_a_new_database_at_once(url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        stores = list(pool.map(Store.open, [url] * 4))
    for store in stores:
        assert store.list_clients() == []
        store.close()


def test_memory_is_shared_by_threads() -> None:
    with Store.open("sqlite://") as store, ThreadPoolExecutor(1) as pool:
        pool.submit(store.add_client, "acme").result()
        assert store.get_client("acme") is not None


@pytest.mark.parametrize(
    "url", ["nonsense", "sqlite:////no/such/folder/v.db", "other://host/db", "oracle://host/db"]
)
def test_what_cannot_be_opened(url: str) -> None:
    with pytest.raises(StoreError, match="VIGIE_DATABASE"):
        Store.open(url)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("these are my notes\n" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store.open(f"sqlite:///{path}")
    assert path.read_text().startswith("these are my notes")


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.db"
    Store.open(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StoreError, match="another version of Vigie"):
        Store.open(f"sqlite:///{path}")


def test_the_url_hides_its_password() -> None:
    engine = create_engine("mysql+pymysql://u:hush@h/db", module=SimpleNamespace(paramstyle="format"))
    assert Store(engine).url == "mysql+pymysql://u:***@h/db"


def test_passwords_are_not_shown() -> None:
    with pytest.raises(StoreError) as caught:
        Store.open("postgresql+nodriver://u:hush@h/db")
    assert "hush" not in str(caught.value)


def test_a_database_that_answers_no_more(tmp_path: Path) -> None:
    path = tmp_path / "vigie.db"
    with Store.open(f"sqlite:///{path}") as store:
        store.check()
        with sqlite3.connect(path) as other:
            other.execute("DROP TABLE clients")
        other.close()
        with pytest.raises(StoreError, match="does not answer: no such table"):
            store.check()


def test_a_secret_is_made_once(url: str) -> None:
    with Store.open(url) as store, Store.open(url) as another, ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda opened: opened.secret("one"), [store, another] * 4))
        assert made == {store.secret("one")}
        assert store.secret("two") not in made
    with Store.open(url) as store:
        assert made == {store.secret("one")}
    assert len(made.pop()) == 64


def test_the_migrations_leave_the_tables_that_the_code_expects(url: str) -> None:
    with Store.open(url):
        engine = create_engine(url)
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            assert compare_metadata(context, Base.metadata) == []
        engine.dispose()
