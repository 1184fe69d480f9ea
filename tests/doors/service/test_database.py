"""What an operator reads of a database that cannot be used: one line, and at once where no waiting helps."""

import sqlite3
import threading
import time
from pathlib import Path

import postgres
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from reviewbot.doors.service.database import furnish, opened, place
from reviewbot.doors.service.store import JOBS
from reviewbot.errors import BadSettings

STOP = threading.Event()


def refused(url: str) -> str:
    """Why; it took no patience."""
    began = time.monotonic()
    with pytest.raises(BadSettings) as caught, opened(url) as store:
        furnish(store, STOP)
    assert time.monotonic() - began < 5
    assert caught.value.who == "REVIEWBOT_DATABASE_URL"
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_address_may_be_a_secret() -> None:
    assert "canary" not in refused("sk-canary-7f3a")


@pytest.mark.parametrize("url", ["sqlite://reviewbot.sqlite", "sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_a_database_that_is_no_file_is_refused(url: str) -> None:
    assert "write sqlite:///reviewbot.sqlite" in refused(url)


def test_an_option_that_sqlite_does_not_know_is_refused(tmp_path: Path) -> None:
    assert "no option nonsense" in refused(f"sqlite:///{tmp_path}/t.sqlite?nonsense=1")


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.sqlite").write_text("hello world, not a database" * 100)
    assert "file is not a database" in refused(f"sqlite:///{tmp_path}/t.sqlite")


@pytest.mark.parametrize("url", ["postgresql://u:first@second@host/name", "postgresql://u:x@first/second@host/name"])
def test_a_password_with_an_at_sign_is_refused_and_not_shown(url: str) -> None:
    assert "%40" in (said := refused(url))
    assert "first" not in said
    assert "second" not in said


def test_tables_of_another_program_are_refused_and_none_of_ours_is_put_beside_them(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE jobs (id INTEGER PRIMARY KEY, payload TEXT)")
    said = refused(f"sqlite:///{path}")
    assert "table jobs was made by another program, or another version: " in said
    with sqlite3.connect(path) as other:
        assert other.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall() == [("jobs",)]


def test_tables_of_another_version_are_refused_by_the_column_that_differs(sqlite_url: str) -> None:
    with opened(sqlite_url) as store, store.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {JOBS.name} ADD COLUMN mood TEXT"))
    assert "another version: mood;" in refused(sqlite_url)


@pytest.mark.parametrize(
    ("prefix", "query", "said"),
    [
        ("poor", "", "permission denied"),
        ("nobody", "", 'role "nobody" does not exist'),
        ("postgres", "&nonsense=1", 'invalid connection option "nonsense"'),
    ],
)
def test_what_no_waiting_mends_of_postgresql_is_said_at_once(
    cluster: postgres.Cluster, prefix: str, query: str, said: str
) -> None:
    if prefix == "poor":
        cluster.say("CREATE ROLE poor LOGIN")
    url = cluster.url("template1").replace("postgres@", f"{prefix}@")
    told = refused(url + query)
    assert said in told
    assert ("OWNER reviewbot" in told) is (prefix == "poor")


def test_a_database_that_does_not_exist_is_said_at_once(cluster: postgres.Cluster) -> None:
    assert 'database "missing" does not exist' in refused(cluster.url("missing"))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////data/a@b.sqlite", "sqlite: /data/a@b.sqlite"),
        ("postgresql://me:canary@db.internal:5433/reviews", "postgresql: reviews at db.internal"),
        ("postgresql://me@/reviews?host=/run/pg&password=canary", "postgresql: reviews at /run/pg"),
        ("postgresql://me:ca@nary@host/reviews", "postgresql: reviews at"),
    ],
)
def test_where_a_database_is_can_be_told_without_a_password(url: str, told: str) -> None:
    assert place(make_url(url)) == told
