"""Who works, and who no longer does: a worker that is not heard of is given up, and its jobs are begun again.

A worker is alive to the others while it has a row, which it keeps by beating. Whoever finds it silent deletes the row,
and from then on it must do nothing more. So that it knows in time it stops by itself long before: a worker that cannot
reach the database cannot know what the others think. Jobs and turns of workers without a row belong to nobody; the
eldest worker puts them back, at each beat: nothing is lost where it dies over it. Knows nothing of what they do.
"""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import sqlalchemy as sa

from reviewbot.doors.service import logs
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import IS_RUNNING, JOBS, WORKERS, Away, Store, now

MOST_DEATHS: Final = 5
"""Of workers that ran a job; then it is the job."""


class Pulse(NamedTuple):
    """In seconds. What lies between `fenced` and `silent` is for a request already on its way: `connection.TIMEOUT`."""

    beat: float = 2.0
    """From one sign of life to the next."""
    fenced: float = 6.0
    """Without a beat that succeeded, after which a worker does nothing more until there is one."""
    silent: float = 19.0
    """After which the others give a worker up."""


USUAL: Final = Pulse()


class Fenced(Exception):
    """This worker must neither ask a model nor write to GitHub: others may be carrying out its jobs."""

    def __init__(self, worker: str, why: str) -> None:
        super().__init__(f"the worker {worker} is fenced: {why}")


class Lease:
    """The right of this process to carry out jobs. May be asked from every thread."""

    def __init__(self, worker: str, pulse: Pulse, now: Callable[[], float] = time.monotonic) -> None:
        self.worker = worker
        self.lost = threading.Event()
        """It was given up, and stays so: the process has to end."""
        self.pulse = pulse
        self._now = now
        self._beaten = self._steady = now()

    def check(self) -> None:
        """Wait while nobody can know whether the others have given this worker up. Raises Fenced where they have.

        Asked before whatever must not be done beside them: a model's call, a write to GitHub.
        """
        while not self.lost.is_set() and self._now() - self._beaten > self.pulse.fenced:
            self.lost.wait(self.pulse.beat / 10)
        if self.lost.is_set():
            raise Fenced(self.worker, "it was given up")

    def beat(self, store: Store) -> bool:
        """Say that this worker is alive, and give up who has been silent. True: it is the eldest. Raises Away.

        What counts is when it was said, not when it was heard. Where this worker has just come, or come back, the
        others may only have been kept from speaking as it was: it waits until they could have spoken. What was said in
        the future, before the database's clock was put back, counts as said now: the dead must not live on.
        """
        said = self._now()
        if said - self._beaten > self.pulse.fenced:
            self._steady = said
        ours = (WORKERS.c.id == self.worker) | (WORKERS.c.beat > now(store))
        beaten = sa.update(WORKERS).where(ours).values(beat=now(store)).returning(WORKERS.c.id)
        silent = sa.delete(WORKERS).where(WORKERS.c.beat < now(store) - self.pulse.silent)
        eldest = sa.select(WORKERS.c.id).order_by(WORKERS.c.started, WORKERS.c.id).limit(1)
        with store.begin() as connection:
            if self.worker not in connection.execute(beaten).scalars().all():
                self.lost.set()
                return False
            if said - self._steady > self.pulse.fenced:
                connection.execute(silent)
            first = connection.execute(eldest).scalar_one()
        self._beaten = said
        return bool(first == self.worker)


@contextmanager
def enrolled(store: Store, queue: Queue, *, name: str | None = None, pulse: Pulse = USUAL) -> Iterator[Lease]:
    """Be a worker while the body runs, and leave then: beat, and put back what the dead have left. Raises Away.

    Without a `name` it gets one that was never used before.
    """
    worker = name or f"{socket.gethostname()[:60]}-{os.getpid()}-{secrets.token_hex(4)}"
    with store.begin() as connection:
        connection.execute(sa.insert(WORKERS).values(id=worker, started=now(store), beat=now(store)))
    lease, stop = Lease(worker, pulse), threading.Event()
    thread = threading.Thread(target=_live, args=(store, queue, lease, stop), name="lease", daemon=True)
    thread.start()
    try:
        yield lease
    finally:
        stop.set()
        thread.join()
        lease.lost.set()  # before others may begin what is still running here
        with suppress(Away):  # then they find it silent
            leave(store, queue, worker)


def leave(store: Store, queue: Queue, worker: str) -> None:
    """End as a worker by oneself: what it still runs waits for another one, and has killed nobody. Raises Away."""
    with store.begin() as connection:
        if connection.execute(sa.delete(WORKERS).where(WORKERS.c.id == worker)).rowcount:
            left = sa.update(JOBS).where(IS_RUNNING, JOBS.c.worker == worker)
            _begin_again(connection, queue, left.values(said="its worker was stopped"))


def retire(store: Store, worker: str) -> None:
    """Give a worker up at once: it was seen to die. Raises Away."""
    with store.begin() as connection:
        connection.execute(sa.delete(WORKERS).where(WORKERS.c.id == worker))


def put_back(store: Store, queue: Queue) -> int:
    """Put back the jobs and turns of workers that are not there; how many that were. Raises Away.

    A job whose worker died for the fifth time has failed (poison). Whoever holds a turn was there before it took it,
    so the turns are read first.
    """
    taken = queue.taken()
    with store.begin() as connection:
        workers = set(connection.execute(sa.select(WORKERS.c.id)).scalars())
        orphans = sa.update(JOBS).where(IS_RUNNING, JOBS.c.worker.not_in(sa.select(WORKERS.c.id)))
        killed = f"it took its worker down {MOST_DEATHS} times"
        failed = orphans.where(JOBS.c.deaths >= MOST_DEATHS - 1)
        died = JOBS.c.deaths + 1
        failures = connection.execute(failed.values(state="failed", said=killed, deaths=died, ended=now(store)))
        freed = _begin_again(connection, queue, orphans.values(said="its worker died", deaths=died))
    turns = [turn for turn, worker in taken.items() if worker not in workers]
    queue.give_back(turns)
    return failures.rowcount + freed + len(turns)


def _begin_again(connection: sa.Connection, queue: Queue, left: sa.Update) -> int:
    """Queue again what was left running; how many jobs that were."""
    jobs = connection.execute(left.values(state="waiting").returning(JOBS.c.id)).scalars().all()
    for job_id in jobs:
        queue.add(connection, job_id)
    return len(jobs)


def _live(store: Store, queue: Queue, lease: Lease, stop: threading.Event) -> None:
    """Until `stop`. Nothing else may end it: a worker that does not beat is taken for dead."""
    away = False
    while not stop.is_set() and not lease.lost.is_set():
        try:
            if lease.beat(store) and (count := put_back(store, queue)):
                logs.tell("what dead workers left is put back", count=count)
        except Away as e:
            if not away:  # once, however long it lasts
                logs.tell("no beat", level=logging.WARNING, worker=lease.worker, why=str(e))
            away = True
        except Exception as e:  # noqa: BLE001  the next beat may succeed
            logs.tell("no beat", level=logging.ERROR, worker=lease.worker, error=e)
        else:
            if away:
                logs.tell("beats again", worker=lease.worker)
            away = False
        stop.wait(lease.pulse.beat)
