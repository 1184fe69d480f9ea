"""SQLite, where one writes at a time, nothing acknowledged is lost, and no error repeats what was to be written."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewbot.doors.service import sqlite
from reviewbot.doors.service import store as rooms
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


def test_an_error_shows_nothing_of_what_was_to_be_written(each_store: Store) -> None:
    twice = [{"installation_id": 1, "writes": "canary", "held_until": 0.0}] * 2
    with pytest.raises(IntegrityError) as caught, each_store.begin() as connection:
        connection.execute(sa.insert(TURNS).values(twice))
    assert "canary" not in str(caught.value)
