"""The database when a process begins: what its address may be, how long it may take to come up, and whose it is."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from reviewbot.doors.service import logs
from reviewbot.doors.service.queue import prepare
from reviewbot.doors.service.store import METADATA, Away, Store, make_tables, open_store
from reviewbot.errors import BadSettings

NAME: Final = "REVIEWBOT_DATABASE_URL"
DATABASE_SECONDS: Final = 60.0
"""How long a PostgreSQL may take to come up: it is often started together with us."""
_HOPELESS: Final = re.compile('password authentication failed|no password supplied|(database|role) ".*" does not exist')
"""What no waiting mends. psycopg gives no SQLSTATE of a connection that failed, only the server's words."""
_SQLITE_OPTIONS: Final = frozenset({"timeout", "isolation_level", "detect_types", "check_same_thread", "uri"})
_MEND: Final = "start the database, or mend the address"
_OWN: Final = "let it belong to its user: CREATE DATABASE reviewbot OWNER reviewbot"


@contextmanager
def opened(url: str) -> Iterator[Store]:
    """The database, to which nobody is connected yet. Raises BadSettings for an address that cannot be meant."""
    with suppress(SQLAlchemyError, ValueError):  # of what is no address at all the next line speaks
        _check_address(make_url(url))
    store = open_store(url)
    try:
        yield store
    finally:
        store.engine.dispose()


def furnish(store: Store, stop: threading.Event) -> None:
    """Wait until it is there, and make every table. Raises BadSettings where that cannot be, or not in time."""
    patience = DATABASE_SECONDS if store.engine.dialect.name == "postgresql" else 0.0
    until = time.monotonic() + patience
    while not _is_ready(store, last=stop.is_set() or time.monotonic() >= until):
        stop.wait(1.0)


def no_database(error: Away) -> BadSettings:
    """What a person is told of a database that is away."""
    return BadSettings(NAME, str(error), _MEND)


def place(url: sa.URL) -> str:
    """Where it is, in words that hold no password, also where one was written into the wrong part of the address."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite: {url.database}"
    parts = (url.database, "at", url.host or url.query.get("host", "this machine"))
    return " ".join(["postgresql:", *(f"{part}" for part in parts if "@" not in f"{part}")])


def _check_address(url: sa.URL) -> None:
    if url.get_backend_name() == "sqlite":
        if url.host or url.database in {None, "", ":memory:"}:
            remedy = "write sqlite:///reviewbot.sqlite, or sqlite:////var/lib/reviewbot.sqlite for a path from the root"
            raise BadSettings(NAME, "names no file that several processes could share", remedy)
        if "uri" not in url.query and (odd := sorted(url.query.keys() - _SQLITE_OPTIONS)):
            raise BadSettings(NAME, f"SQLite knows no option {odd[0][:40]}", "leave it out")
    elif "@" in (url.host or "") or re.search("@.*/", url.database or ""):
        raise BadSettings(NAME, "has an @ too many", "write one that belongs to the password as %40, a / as %2F")


def _is_ready(store: Store, *, last: bool) -> bool:
    try:
        _check_tables(store)
        make_tables(store)
        prepare(store)
    except Away as e:
        if last or _HOPELESS.search(str(e)):
            raise no_database(e) from e
        logs.tell("the database is not there yet", level=logging.WARNING, why=str(e))
        return False
    except DBAPIError as e:
        is_denied = getattr(e.orig, "sqlstate", None) == "42501"
        raise BadSettings(NAME, str(e.orig).partition("\n")[0][:200], _OWN if is_denied else "mend the address") from e
    return True


def _check_tables(store: Store) -> None:
    """A table of ours by its name that is none by its columns must be neither used nor joined by others of ours."""
    with store.look() as connection:
        there = sa.inspect(connection)
        for name in METADATA.tables.keys() & set(there.get_table_names()):
            odd = {column["name"] for column in there.get_columns(name)} ^ set(METADATA.tables[name].columns.keys())
            if odd:
                what = (
                    f"its table {name} was made by another program, or another version: {', '.join(sorted(odd))[:100]}"
                )
                remedy = "give it a database of its own, or start the version that made this one"
                raise BadSettings(NAME, what, remedy)
