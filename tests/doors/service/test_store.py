"""The database: whole transactions, one clock, and an absence that is told from a mistake."""

import multiprocessing
import threading
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from received import enrol
from sqlalchemy.exc import IntegrityError, ProgrammingError

from reviewbot.doors.service.store import (
    METADATA,
    TURNS,
    WORKERS,
    Away,
    Store,
    insert_new,
    make_tables,
    now,
    open_store,
)
from reviewbot.errors import BadSettings


def count(store: Store) -> int:
    with store.look() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(WORKERS)).scalar_one()


def test_a_transaction_that_breaks_off_leaves_nothing(store: Store) -> None:
    insert = sa.insert(WORKERS).values(id="w", started=0, beat=0)

    def break_off() -> None:
        with store.begin() as connection:
            connection.execute(insert)
            connection.execute(insert)

    with pytest.raises(IntegrityError):
        break_off()
    assert count(store) == 0


def test_what_was_read_in_a_transaction_nobody_changes_before_its_end(each_store: Store) -> None:
    """Counting up by reading and writing: nothing is lost between eight threads."""
    with each_store.begin() as connection:
        connection.execute(sa.insert(TURNS).values(installation_id=1, writes="0"))

    def add() -> None:
        for _ in range(5):
            with each_store.begin() as connection:
                one = sa.select(TURNS.c.writes).where(TURNS.c.installation_id == 1).with_for_update()
                number = int(connection.execute(one).scalar_one())
                connection.execute(sa.update(TURNS).values(writes=str(number + 1)))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with each_store.look() as connection:
        assert connection.execute(sa.select(TURNS.c.writes)).scalar_one() == "40"


def test_the_clock_is_the_epochs_and_goes_on_within_a_transaction(each_store: Store) -> None:
    with each_store.begin() as connection:
        first = connection.execute(sa.select(now(each_store))).scalar_one()
        time.sleep(0.01)
        second = connection.execute(sa.select(now(each_store))).scalar_one()
    assert 0.005 < second - first < 5
    assert first == pytest.approx(time.time(), abs=5)


def test_a_row_that_is_there_is_not_inserted_again(store: Store) -> None:
    row = insert_new(store, WORKERS).values(id="w", started=0, beat=0).returning(WORKERS.c.id)
    with store.begin() as connection:
        assert connection.execute(row).scalar_one_or_none() == "w"
        assert connection.execute(row).scalar_one_or_none() is None


def test_a_mistake_is_no_absence(each_store: Store) -> None:
    enrol(each_store, "w")
    with pytest.raises(IntegrityError):
        enrol(each_store, "w")
    with pytest.raises((ProgrammingError, Away)), each_store.look() as connection:
        connection.execute(sa.text("SELEKT 1"))


@pytest.mark.parametrize("url", ["postgresql://u:secret@127.0.0.1:9/x", "sqlite:////nowhere/at/all.sqlite"])
def test_a_database_that_is_not_there_is_away(url: str) -> None:
    store = open_store(url)
    with pytest.raises(Away) as away, store.begin():
        pass
    assert "secret" not in str(away.value)
    with pytest.raises(Away):
        make_tables(store)
    store.engine.dispose()


def test_whoever_only_looks_waits_for_no_writer(store: Store) -> None:
    with store.begin() as connection:
        connection.execute(sa.insert(WORKERS).values(id="w", started=0, beat=0))
        began = time.monotonic()
        assert count(store) == 0
        assert time.monotonic() - began < 1
    assert count(store) == 1


def _make(url: str, ready: "multiprocessing.synchronize.Barrier") -> None:
    store = open_store(url)
    ready.wait(5)
    make_tables(store)
    store.engine.dispose()


def test_processes_may_make_the_tables_at_the_same_time(tmp_path: Path) -> None:
    url, fork = f"sqlite:///{tmp_path}/new.sqlite", multiprocessing.get_context("fork")
    ready = fork.Barrier(4)
    processes = [fork.Process(target=_make, args=(url, ready)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 4
    store = open_store(url)
    assert set(sa.inspect(store.engine).get_table_names()) == set(METADATA.tables)
    store.engine.dispose()


@pytest.mark.parametrize("url", ["", "reviewbot.sqlite", "mysql://u:secret@h/x", "sqlite"])
def test_an_address_that_is_none_says_what_to_write_and_shows_no_password(url: str) -> None:
    with pytest.raises(BadSettings) as bad:
        open_store(url)
    assert "REVIEWBOT_DATABASE_URL" in str(bad.value)
    assert "sqlite:///" in str(bad.value)
    assert "secret" not in str(bad.value)
