"""Workers that die, fall silent and come back: their jobs are carried out, and never by two at once."""

import itertools
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from received import asked, column, enrol, states, taker, workers

from reviewbot.doors.service import queue as rooms
from reviewbot.doors.service.jobs import begin_job, end_job, read_job
from reviewbot.doors.service.queue import Queue, working
from reviewbot.doors.service.store import JOBS, WORKERS, Away, Store, now, open_store
from reviewbot.doors.service.workers import MOST_DEATHS, Fenced, Lease, Pulse, enrolled, leave, put_back, retire

QUICK = Pulse(beat=0.02, fenced=10.0, silent=20.0)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers look for work ten times as often."""
    monkeypatch.setattr(rooms, "POLL", rooms.POLL / 10)


@pytest.fixture
def queue(store: Store) -> Queue:
    return Queue(store)


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    last = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.01)


def beats(store: Store, lease: Lease) -> float:
    with store.look() as connection:
        return connection.execute(sa.select(WORKERS.c.beat).where(WORKERS.c.id == lease.worker)).scalar_one()


def grow_old(store: Store, worker: str, seconds: float) -> None:
    with store.begin() as connection:
        older = sa.update(WORKERS).where(WORKERS.c.id == worker)
        connection.execute(older.values(started=now(store) - seconds, beat=now(store) - seconds))


def test_a_worker_has_a_name_of_its_own_and_a_row_while_it_works(store: Store, queue: Queue) -> None:
    with enrolled(store, queue, pulse=QUICK) as one, enrolled(store, queue, pulse=QUICK) as two:
        assert workers(store) == {one.worker, two.worker}
        assert str(os.getpid()) in one.worker
        first = beats(store, one)
        until(lambda: beats(store, one) > first)
        one.check()
    assert workers(store) == set()
    with pytest.raises(Fenced):
        one.check()


def test_a_worker_that_was_retired_knows_it_and_stops_for_good(store: Store, queue: Queue) -> None:
    with enrolled(store, queue, name="w1", pulse=QUICK) as lease:
        retire(store, "w1")
        assert lease.lost.wait(10)
        with pytest.raises(Fenced, match="given up"):
            lease.check()
        enrol(store, "w1")
        with pytest.raises(Fenced):
            lease.check()


def test_a_worker_that_reaches_nobody_does_nothing_until_it_does(store: Store) -> None:
    enrol(store, "w1")
    times = [0.0]
    lease = Lease("w1", Pulse(beat=0.1), now=lambda: times[-1])
    lease.check()
    times.append(100.0)
    waiting = threading.Thread(target=lease.check)
    waiting.start()
    waiting.join(0.1)
    assert waiting.is_alive()
    lease.beat(store)
    waiting.join(10)
    assert not waiting.is_alive()


def test_the_silent_are_given_up_by_those_who_were_there(store: Store) -> None:
    enrol(store, "w1", "w2", "w3")
    grow_old(store, "w2", 30)
    grow_old(store, "w3", 15)
    times = iter([0.0, 3.0, 6.0, 9.0])
    lease = Lease("w1", Pulse(), now=lambda: next(times))
    lease.beat(store)
    lease.beat(store)
    assert workers(store) == {"w1", "w2", "w3"}
    assert not lease.beat(store)
    assert workers(store) == {"w1", "w3"}


def test_whoever_comes_back_lets_the_others_come_back_too(store: Store) -> None:
    """After a database was away for a minute all are silent, and none is dead."""
    enrol(store, "w1", "w2")
    times = iter([0.0, 60.0, 64.0, 69.0])
    lease = Lease("w1", Pulse(), now=lambda: next(times))
    grow_old(store, "w2", 60)
    lease.beat(store)
    lease.beat(store)
    assert workers(store) == {"w1", "w2"}
    lease.beat(store)
    assert workers(store) == {"w1"}


def test_a_clock_that_is_put_back_keeps_no_dead_worker_alive(each_store: Store) -> None:
    enrol(each_store, "w1", "w2", silent=-3_600)
    lease = Lease("w1", Pulse())
    lease.beat(each_store)
    assert workers(each_store) == {"w1", "w2"}
    future = sa.select(WORKERS.c.id).where(WORKERS.c.beat > now(each_store))
    with each_store.look() as connection:
        assert connection.execute(future).all() == []


def test_what_the_dead_ran_is_begun_again_in_the_same_attempt(each_store: Store) -> None:
    queue = Queue(each_store)
    enrol(each_store, "w1", "w2")
    taker(each_store, queue)(asked("a1"), asked("a2", 8))
    job = begin_job(each_store, "a1", 1, worker="w1")
    begin_job(each_store, "a2", 1, worker="w2")
    assert job is not None
    assert put_back(each_store, queue) == 0
    retire(each_store, "w1")
    assert (put_back(each_store, queue), put_back(each_store, queue)) == (1, 0)
    assert states(each_store) == {"a1": "waiting", "a2": "running"}
    again = begin_job(each_store, "a1", 1, worker="w2")
    assert again is not None
    assert (again.worker, again.deaths, again.attempt) == ("w2", 1, 1)
    assert column(each_store, "a1", "queued") == 2
    assert not end_job(each_store, job, "done", "by the dead")
    assert states(each_store)["a1"] == "running"


def test_a_job_that_kills_its_workers_is_given_up(store: Store, queue: Queue) -> None:
    taker(store, queue)(asked("a1"))
    for death in range(MOST_DEATHS):
        enrol(store, f"w{death}")
        assert begin_job(store, "a1", 1, worker=f"w{death}") is not None
        retire(store, f"w{death}")
        assert put_back(store, queue) == 1
    job = read_job(store, "a1")
    assert job is not None
    assert (job.state, job.deaths) == ("failed", MOST_DEATHS)
    assert f"{MOST_DEATHS} times" in job.said


def test_a_worker_that_is_stopped_leaves_its_jobs_unharmed(each_store: Store) -> None:
    """However often: a long review outlives any number of deployments."""
    queue = Queue(each_store)
    enrol(each_store, "other")
    taker(each_store, queue)(asked("a1"), asked("a2", 8))
    begin_job(each_store, "a2", 1, worker="other")
    for stop in range(1, MOST_DEATHS + 2):
        with enrolled(each_store, queue, name=f"w{stop}"):
            assert begin_job(each_store, "a1", 1, worker=f"w{stop}") is not None
        assert put_back(each_store, queue) == 0
        assert column(each_store, "a1", "queued") == 1 + stop
    job = read_job(each_store, "a1")
    assert job is not None
    assert (job.state, job.deaths, job.attempt) == ("waiting", 0, 1)
    assert states(each_store)["a2"] == "running"


def test_a_worker_that_was_given_up_has_nothing_to_leave(store: Store, queue: Queue) -> None:
    enrol(store, "w1")
    taker(store, queue)(asked("a1"))
    begin_job(store, "a1", 1, worker="w1")
    retire(store, "w1")
    leave(store, queue, "w1")
    assert states(store) == {"a1": "running"}


def test_an_outage_is_told_once_and_its_end_too(
    store: Store, queue: Queue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "reviewbot")
    beat, beats = Lease.beat, itertools.count()

    def sometimes(lease: Lease, store: Store) -> bool:
        if next(beats) < 3:
            raise Away("the database: gone")
        return beat(lease, store)

    monkeypatch.setattr(Lease, "beat", sometimes)
    with enrolled(store, queue, pulse=QUICK):
        until(lambda: "beats again" in caplog.messages)
    assert caplog.messages == ["no beat", "beats again"]
    assert not caplog.records[0].exc_info


STEPS = sa.Table(
    "steps",
    sa.MetaData(),
    sa.Column("job", sa.String, primary_key=True),
    sa.Column("worker", sa.String, primary_key=True),
    sa.Column("lane", sa.String),
    sa.Column("began", sa.Float),
    sa.Column("ended", sa.Float),
)


def _carry_out(url: str, name: str) -> None:
    """A worker process: each job is a row that says when it began, and when it ended."""
    store = open_store(url)
    queue = Queue(store)

    def work(job_id: str, attempt: int) -> None:
        job = begin_job(store, job_id, attempt, worker=name, pause=0.01)
        if job is None:
            return
        with store.begin() as connection:
            connection.execute(sa.insert(STEPS).values(job=job_id, worker=name, lane=job.lane, began=time.monotonic()))
        time.sleep(0.05)
        with store.begin() as connection:
            ended = sa.update(STEPS).where(STEPS.c.job == job_id, STEPS.c.worker == name)
            connection.execute(ended.values(ended=time.monotonic()))
        end_job(store, job, "done", "so")

    with (
        enrolled(store, queue, name=name, pulse=QUICK),
        working(store, work, worker=name, at_once=6, grace=0),
    ):
        threading.Event().wait(60)


@contextmanager
def processes(url: str, *names: str) -> Iterator[list[Any]]:
    fork = multiprocessing.get_context("fork")
    started = [fork.Process(target=_carry_out, args=(url, name)) for name in names]
    for process in started:
        process.start()
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.join()


def test_what_a_killed_process_left_is_done_by_another_and_nothing_twice(store: Store, queue: Queue) -> None:
    """Two processes, 40 jobs in 8 lanes; one is killed while it runs some, and its parent says so."""
    STEPS.create(store.engine)
    with processes(store.url, "w1", "w2") as (first, _):
        until(lambda: workers(store) == {"w1", "w2"})
        taker(store, queue)(*(asked(f"j{number}", number % 8) for number in range(1, 41)))
        until(lambda: _running(store, "w1") >= 1)
        os.kill(first.pid, signal.SIGKILL)
        first.join()
        retire(store, "w1")
        until(lambda: set(states(store).values()) == {"done"})
    with store.look() as connection:
        steps = connection.execute(sa.select(STEPS).order_by(STEPS.c.lane, STEPS.c.began)).all()
    whole = [step for step in steps if step.ended]
    assert {step.worker for step in steps if not step.ended} <= {"w1"}
    assert {step.job for step in whole} == set(states(store))
    twice = {job for job, times in Counter(step.job for step in steps).items() if times > 1}
    assert twice <= {job for job in states(store) if column(store, job, "deaths")}
    assert all(one.ended <= other.began for one, other in itertools.pairwise(whole) if one.lane == other.lane)


def _running(store: Store, worker: str) -> int:
    theirs = (JOBS.c.worker == worker) & (JOBS.c.state == "running")
    with store.look() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(JOBS).where(theirs)).scalar_one()
