"""SQLite, where one writes at a time, nothing acknowledged is lost, and no error repeats what was to be written."""

from typing import Any

import pytest
import sqlalchemy as sa
from received import AT_ONCE, push, states
from sqlalchemy.exc import IntegrityError

from reviewbot.doors.service import sqlite
from reviewbot.doors.service import store as rooms
from reviewbot.doors.service.jobs import receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import TURNS, Away, Store, open_store


def test_what_is_written_outlives_a_power_failure_and_what_is_deleted_is_overwritten(store: Store) -> None:
    with store.look() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_writers_that_never_stop_are_an_absence_after_a_while(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (sqlite, rooms):
        monkeypatch.setattr(module, "PATIENCE", 0.1)
    other = open_store(store.url)
    with other.begin(), pytest.raises(Away, match="locked"), store.begin():
        pass
    with store.begin(), pytest.raises(Away, match="others write"), store.begin():
        pass
    with store.begin() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 8_000
    other.engine.dispose()


def test_a_full_disk_promises_nothing_and_loses_nothing(store: Store) -> None:
    """All connections of the pool may grow the file no further; then there is room again."""
    queue, connections = Queue(store), []

    @sa.event.listens_for(store.engine, "checkout")
    def fill(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # as many as there are
        connections.append(connection)

    long = [push(f"d{number}", event="e" * 90) for number in range(200)]
    with pytest.raises(Away, match="full"):
        all(receive(store, queue, each, AT_ONCE) for each in long)
    known = states(store)
    sa.event.remove(store.engine, "checkout", fill)
    for connection in connections:
        connection.execute("PRAGMA max_page_count=1000000")
    assert [receive(store, queue, each, AT_ONCE) for each in long] == [each.guid not in known for each in long]
    assert len(states(store)) == 200


def test_an_error_shows_nothing_of_what_was_to_be_written(each_store: Store) -> None:
    twice = [{"installation_id": 1, "writes": "canary", "held_until": 0.0}] * 2
    with pytest.raises(IntegrityError) as caught, each_store.begin() as connection:
        connection.execute(sa.insert(TURNS).values(twice))
    assert "canary" not in str(caught.value)
