"""The one way in to the database."""

import contextlib
import re
import secrets
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from labels.store.decisions import Decisions
from labels.store.errors import StoreError
from labels.store.keys import Keys
from labels.store.tables import ClientRow, SecretRow

MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 5
_LOCKS = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(hashtext('vigie'))"}
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Client:
    """A client; ``charter`` is plain JSON, ``created_at`` is in UTC."""

    name: str
    charter: Mapping[str, Any]
    created_at: datetime


class Store:
    """Clients, their API keys and their decisions in a database, SQLite or PostgreSQL.

    A context manager: leaving it closes the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.keys = Keys(engine)
        self.decisions = Decisions(engine)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open the database at a SQLAlchemy URL; creates its tables or brings them up to date.

        Raises StoreError.
        """
        shown = "the database"
        try:
            parsed = make_url(url)
            shown = parsed.render_as_string(hide_password=True)
            engine = _create_engine(parsed)
            _migrate(engine)
        except ModuleNotFoundError as error:
            raise StoreError(f"{shown} needs its driver: pip install {error.name}") from error
        except CommandError as error:
            raise StoreError(f"{shown} was made by another version of Vigie: {error}") from error
        except (SQLAlchemyError, ValueError, OSError) as error:
            # SQLAlchemy's own text of an error quotes the statement, over several lines.
            reason = getattr(error, "orig", None) or error
            raise StoreError(
                f"cannot open {shown}: {reason}. Set VIGIE_DATABASE to a SQLAlchemy URL that can be written "
                "to, such as sqlite:////var/lib/vigie/vigie.db"
            ) from error
        return cls(engine)

    @property
    def url(self) -> str:
        """The database's URL, its password hidden."""
        return self._engine.url.render_as_string(hide_password=True)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def check(self) -> None:
        """Read a little of the database.

        Raises StoreError when it does not answer.
        """
        try:
            with self._engine.connect() as connection:
                connection.execute(select(ClientRow.name).limit(1))
        except SQLAlchemyError as error:
            raise StoreError(
                f"{self.url} does not answer: {getattr(error, 'orig', None) or error}"
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add_client(self, name: str, charter: Mapping[str, Any] | None = None) -> Client:
        """Add a client, with the default charter unless one is given.

        Raises StoreError for a name that is taken or does not fit.
        """
        if not _NAME.fullmatch(name):
            raise StoreError(
                f"{name!r} cannot be a client's name: 1 to 63 of a-z, 0-9, _ and -, starting with a-z or 0-9"
            )
        client = Client(name, dict(charter or {}), datetime.now(UTC))
        try:
            with Session(self._engine) as session, session.begin():
                session.add(ClientRow(name=name, charter=client.charter, created_at=client.created_at))
        except IntegrityError as error:
            raise StoreError(f"there is a client {name!r} already") from error
        return client

    def get_client(self, name: str) -> Client | None:
        """The client of that name, None when there is none."""
        with Session(self._engine) as session:
            row = session.get(ClientRow, name)
            return None if row is None else _client(row)

    def list_clients(self) -> list[Client]:
        """All clients, by name."""
        with Session(self._engine) as session:
            return [_client(row) for row in session.scalars(select(ClientRow).order_by(ClientRow.name))]

    def secret(self, name: str) -> str:
        """A random secret, 256 bits, of that name: made when it is first asked for, then always the same."""
        with contextlib.suppress(IntegrityError), Session(self._engine) as session, session.begin():
            if (row := session.get(SecretRow, name)) is not None:
                return row.value
            session.add(SecretRow(name=name, value=secrets.token_hex(32)))
        # What is kept, for another process may have made it just before.
        with Session(self._engine) as session:
            return session.get_one(SecretRow, name).value


def _client(row: ClientRow) -> Client:
    return Client(row.name, row.charter, row.created_at)


def _create_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(url, pool_pre_ping=True)
    if url.get_backend_name() != "sqlite":
        raise ValueError("Vigie keeps its data in SQLite or PostgreSQL")
    if url.database in (None, "", ":memory:"):
        # One connection, for each new one would be another empty database; one thread at a time holds it.
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=1,
            max_overflow=0,
            connect_args={"check_same_thread": False},
        )
    else:
        engine = create_engine(url)
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def _set_up_sqlite(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout={1000 * _BUSY_SECONDS}")
    _write_ahead(cursor)
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Set SQLite's journal to WAL; this alone does not heed the timeout when others open the database too."""
    give_up = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)


def _migrate(engine: Engine) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with engine.connect() as connection:
        # Two processes that start together must not both create the tables.
        connection.exec_driver_sql(_LOCKS[engine.dialect.name])
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()
