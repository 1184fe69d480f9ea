"""The databases of the service's tests: empty, but for the tables.

The tables are made once in a process and copied: DBOS makes its own one migration after another.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import postgres
import pytest

from reviewbot.doors.service import queue
from reviewbot.doors.service.store import Store, make_tables, open_store


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with tables, to be copied."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite"
    _furnish(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL whose database "empty" has tables, to be copied."""
    if postgres.binaries() is None:
        pytest.skip(postgres.WHY)
    with postgres.cluster() as cluster:
        _furnish(cluster.make("empty"))
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path: Path, empty_sqlite: Path) -> str:
    """The address of a SQLite file with empty tables."""
    return f"sqlite:///{shutil.copy(empty_sqlite, tmp_path / 'reviewbot.sqlite')}"


@pytest.fixture(scope="session")
def empty_postgres(cluster: postgres.Cluster) -> postgres.Contents:
    """What is in the database "empty"."""
    return cluster.contents("empty")


@pytest.fixture(scope="session")
def spare() -> list[str]:
    """Databases that tests are done with, empty again: to make one takes longer than most tests."""
    return []


@pytest.fixture
def postgres_url(cluster: postgres.Cluster, empty_postgres: postgres.Contents, spare: list[str]) -> Iterator[str]:
    """The address of a PostgreSQL database with empty tables. At its end whoever is still connected is thrown out."""
    if not spare:
        spare.append(uuid4().hex)
        cluster.make(spare[-1], template="empty")
    name = spare.pop()
    yield cluster.url(name)
    if cluster.empty(name, empty_postgres):
        spare.append(name)
    else:
        cluster.drop(name)


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    """The database of a small installation: a file."""
    yield from _opened(sqlite_url)


@pytest.fixture(params=["sqlite_url", "postgres_url"], ids=["sqlite", "postgresql"])
def each_store(request: pytest.FixtureRequest) -> Iterator[Store]:
    """The same test over a file and over PostgreSQL."""
    yield from _opened(request.getfixturevalue(request.param))


def _opened(url: str) -> Iterator[Store]:
    store = open_store(url)
    yield store
    store.engine.dispose()


def _furnish(url: str) -> None:
    store = open_store(url)
    make_tables(store)
    queue.prepare(store)
    store.engine.dispose()
