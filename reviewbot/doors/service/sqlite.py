"""SQLite for many threads and processes: one of them writes at a time, and what was acknowledged is on the disk.

Knows no table.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from functools import partial
from typing import Final

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

PATIENCE: Final = 8.0
"""Seconds to wait for a connection, or for whoever else writes: GitHub waits 10 for an answer (THREATS G03)."""
BUSY: Final = f"PRAGMA busy_timeout={round(PATIENCE * 1000)}"


def engine_of(url: sa.URL) -> sa.Engine:
    """The file at this address. No error shows what was to be written: it may be a customer's code (THREATS S25)."""
    engine = sa.create_engine(url, pool_size=20, max_overflow=100, pool_timeout=PATIENCE, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: sa.engine.interfaces.DBAPIConnection, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"  # one writer at a time, and it waits for its turn
        for pragma in (
            BUSY,
            "PRAGMA journal_mode=WAL",
            "PRAGMA synchronous=FULL",  # what was acknowledged outlives a power failure
            "PRAGMA foreign_keys=ON",
            "PRAGMA secure_delete=ON",  # what is deleted is overwritten (THREATS S40)
        ):
            _insist(partial(connection.execute, pragma))  # of a new file the journal is changed by one at a time

    return engine


def begin_immediate(connection: sa.Connection) -> None:
    """Become the one who writes, from the beginning of the transaction on."""
    connection.exec_driver_sql("PRAGMA busy_timeout=0")
    try:
        _insist(partial(connection.exec_driver_sql, "BEGIN IMMEDIATE"))
    finally:
        connection.exec_driver_sql(BUSY)


def _insist(execute: Callable[[], object]) -> None:
    """Wait for other processes in steps of a millisecond: SQLite's own steps grow to a hundred (THREATS G04)."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            execute()
        except (OperationalError, sqlite3.OperationalError) as e:
            if "locked" not in str(e) or time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.0005, 0.0015))  # noqa: S311  no secret
        else:
            return
