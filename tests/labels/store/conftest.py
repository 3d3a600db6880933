"""Every database that Vigie keeps its data in."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from labels.store.store import Store
from tests.postgres import postgres_server

_numbers = count()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as query:
        yield query


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'a %20 folder.db'}"
    query = request.getfixturevalue("postgres")
    name = f"vigie_{next(_numbers)}"
    admin = create_engine(f"postgresql://postgres@/postgres?{query}", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    return f"postgresql://postgres@/{name}?{query}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    with Store.open(url) as store:
        yield store
