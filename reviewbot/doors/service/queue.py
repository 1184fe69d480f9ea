"""Jobs that wait and are carried out: once, one at a time in each lane. The only importer of DBOS.

DBOS keeps the queue in the same database as our own tables, so that a job is written down and queued in one
transaction. It only says when a job has its turn, and may say so twice: what runs is decided by the table (`jobs`).
Among lanes that could have a turn DBOS draws lots.
"""

import logging
import math
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions, error

from reviewbot.doors.service import logs
from reviewbot.doors.service.store import IS_OPEN, IS_RUNNING, JOBS, Away, Store, now, reachable
from reviewbot.doors.service.under_way import UnderWay

NAME: Final = "reviewbot"
QUEUE: Final = "jobs"
WORKFLOW: Final = "job"
VERSION: Final = "1"
"""Of what a queued job means. Changed only when older jobs could no longer be carried out by newer code."""
POLL: Final = 0.3
"""Seconds between two looks of a worker for work."""
MEND: Final = 30.0
"""Seconds between two looks of a worker for turns that were lost."""
LATE: Final = 60.0
"""Seconds for which a job may be due without a turn: then it was lost."""
OUTAGE: Final = 120.0
"""Seconds without a warning of DBOS after which the next one is told again."""
LAST_FIRST: Final = 2**31 - 1
"""The highest priority DBOS takes, which it serves last."""

Work = Callable[[str, int], None]
"""Carries out the job with this id, the how-manieth attempt. It must not raise: a turn that ends is over."""


class Waiting(NamedTuple):
    """How many jobs wait for a worker, and since when the oldest of them could have been begun, in seconds."""

    jobs: int
    oldest: float


class Queue:
    """The queue as seen by whoever adds to it or looks at it. It runs nothing. Every method raises Away."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._client = _client(store)

    def add(self, connection: sa.Connection, job_id: str, *, delay: float = 0.0) -> None:
        """Give a job, whose row is there, a turn after `delay` seconds, inside the caller's transaction.

        Of several jobs of a lane the one a person waits for comes first, then the one that came last: it is the one
        that counts. DBOS counts `delay` not by the database's clock but by that of this process, and any worker's ends
        it.
        """
        counted = sa.update(JOBS).where(JOBS.c.id == job_id)
        counted = counted.values(queued=JOBS.c.queued + 1, due=now(self._store) + delay)
        row = connection.execute(counted.returning(*JOBS.c)).one()
        options: EnqueueOptions = {
            "queue_name": QUEUE,
            "workflow_name": WORKFLOW,
            "workflow_id": f"{job_id}/{row.queued}",
            "app_version": VERSION,
            "queue_partition_key": row.lane,
            "priority": 1 if row.asked else max(2, LAST_FIRST - row.seq),
        }
        if delay > 0:  # also one of 0 would last until DBOS looks at what is delayed, once a second
            options["delay_seconds"] = delay
        self._client.enqueue_in_transaction(connection, options, job_id, row.attempt)

    def taken(self) -> Mapping[str, str]:
        """The turns that workers have taken and not ended, each with its worker."""
        return self._turns("PENDING")

    def give_back(self, turns: Sequence[str]) -> None:
        """Let these turns be taken again; those that have ended stay so, and those that were deleted are gone."""
        for turn in turns:
            with reachable(), suppress(error.DBOSNonExistentWorkflowError):
                self._client.resume_workflow(turn, queue_name=QUEUE)

    def add_lost(self) -> int:
        """Give jobs that are due and have no turn, for whatever reason, another one; how many.

        However many workers do it at the same time, it is one turn.
        """
        lost = IS_OPEN & ~IS_RUNNING & (JOBS.c.due < now(self._store) - LATE)
        with self._store.look() as connection:
            late = connection.execute(sa.select(JOBS.c.id, JOBS.c.queued).where(lost)).all()
        if not late:
            return 0
        have_turns = {turn.rpartition("/")[0] for turn in self._turns("ENQUEUED", "DELAYED", "PENDING")}
        return sum(
            self._add_one(lost & (JOBS.c.id == job_id) & (JOBS.c.queued == queued))
            for job_id, queued in late
            if job_id not in have_turns
        )

    def _add_one(self, which: sa.ColumnElement[bool]) -> bool:
        """Where nobody changed it meanwhile."""
        with self._store.begin() as connection:
            job_id = connection.execute(sa.select(JOBS.c.id).where(which).with_for_update()).scalar_one_or_none()
            if job_id is not None:
                self.add(connection, job_id)
        return job_id is not None

    def _turns(self, *states: str) -> Mapping[str, str]:
        """The turns that are in one of these states, each with its worker."""
        with reachable():
            rows = self._client.list_workflows(
                status=list(states), queue_name=QUEUE, load_input=False, load_output=False
            )
        return {row.workflow_id: row.executor_id or "" for row in rows}

    def waiting(self) -> Waiting:
        """Delayed jobs do not count yet, nor those whose lane is busy: another worker could do nothing for them."""
        other = JOBS.alias()
        busy = sa.exists().where(other.c.lane == JOBS.c.lane, other.c.state == sa.literal_column("'running'"))
        due = sa.select(sa.func.count(), now(self._store) - sa.func.min(JOBS.c.due)).where(
            IS_OPEN, ~IS_RUNNING, JOBS.c.due <= now(self._store), ~busy
        )
        with self._store.look() as connection:
            jobs, oldest = connection.execute(due).one()
        return Waiting(jobs, oldest or 0.0)

    def delete(self, job_ids: Sequence[str]) -> None:
        """Forget jobs that have ended, all their turns. Their rows must still be there."""
        queued = sa.select(JOBS.c.id, JOBS.c.queued).where(JOBS.c.id.in_(job_ids))
        with self._store.look() as connection:
            counts = connection.execute(queued).all()
        self.delete_turns([f"{job_id}/{turn}" for job_id, count in counts for turn in range(1, count + 1)])

    def ended(self, age: float, skip: int, most: int) -> Sequence[str]:
        """Up to `most` of the turns that ended in the week before the last `age` seconds, after the first `skip`."""
        before = datetime.now(UTC) - timedelta(seconds=age)
        after, until = (before - timedelta(days=7)).isoformat(), before.isoformat()
        with reachable():
            rows = self._client.list_workflows(
                completed_after=after, completed_before=until, limit=most, offset=skip, load_input=False,
                load_output=False,
            )  # fmt: skip
        return [row.workflow_id for row in rows]

    def delete_turns(self, turns: Sequence[str]) -> None:
        if turns:
            with reachable():
                self._client.delete_workflows(list(turns))


def prepare(store: Store) -> None:
    """Make DBOS's tables where there are none. Processes may do it at the same time. Raises Away."""
    with reachable():
        DBOS.migrate(store.url)


@contextmanager
def working(store: Store, work: Work, *, worker: str, at_once: int, grace: float) -> Iterator[None]:
    """Carry out jobs, in threads, while the body runs; then stop taking new ones and wait `grace` seconds.

    One at a time in a process. What runs longer than that goes on, in threads that nobody waits for, and counts as not
    done. While the database is away the threads wait for it. Turns that were lost are looked for meanwhile.
    """
    queue, under_way = Queue(store), UnderWay()
    with sparing_words():
        DBOS(
            config={
                "name": NAME,
                "system_database_url": store.url,
                "system_database_engine": store.engine,
                "executor_id": worker,
                "application_version": VERSION,
                "serializer": DBOSPortableJSONSerializer(),
                "max_executor_threads": at_once + 4,
                "log_level": "WARNING",
                "enable_otlp": False,
            }
        )
        DBOS.workflow(name=WORKFLOW, max_recovery_attempts=None)(_one_turn(store, work, worker, under_way))
        try:
            with reachable():
                _client(store).register_queue(  # before DBOS is launched, which else finds it a second later
                    QUEUE, partition_concurrency=1, worker_concurrency=at_once, polling_interval_sec=POLL
                )
                DBOS.launch()
            with _mending(queue, worker, under_way):
                yield
        finally:
            DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=math.ceil(grace))


def _client(store: Store) -> DBOSClient:
    return DBOSClient(
        system_database_engine=store.engine,
        serializer=DBOSPortableJSONSerializer(),
        application_name=NAME,
        lazy=True,
        retry_connection_errors=False,
    )


@contextmanager
def sparing_words() -> Iterator[None]:
    """DBOS speaks through our log. Of its warnings, many a second while the database is away, the first is told."""
    logger, last = logging.getLogger("dbos"), -math.inf

    def is_news(record: logging.LogRecord) -> bool:
        nonlocal last
        if record.levelno > logging.WARNING:
            return True
        before, last = last, record.created
        return record.created - before > OUTAGE

    logger.handlers[:] = [logging.NullHandler()]  # where there is none it brings its own
    logger.propagate = True
    logger.addFilter(is_news)
    try:
        yield
    finally:
        logger.removeFilter(is_news)


@contextmanager
def _mending(queue: Queue, worker: str, under_way: UnderWay) -> Iterator[None]:
    """Look for lost turns, now and then, while the body runs."""
    stop = threading.Event()
    thread = threading.Thread(target=_mend, args=(queue, worker, under_way, stop), name="mend", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _mend(queue: Queue, worker: str, under_way: UnderWay, stop: threading.Event) -> None:
    """Until `stop`. DBOS writes that a turn is taken, then begins it: what breaks in between leaves its lane blocked.

    A turn that this worker has taken is lost where at two looks nobody here carried it out.
    """
    idle: set[str] = set()
    while not stop.wait(MEND):
        try:
            ours = {turn for turn, holder in queue.taken().items() if holder == worker}
            before, idle = idle, ours - under_way.turns()
            queue.give_back(sorted(idle & before))
            added = queue.add_lost()
        except Away:  # nothing is lost that the next look does not find
            continue
        if lost := added + len(idle & before):
            logs.tell("turns that were lost are given anew", level=logging.WARNING, count=lost)


def _one_turn(store: Store, work: Work, worker: str, under_way: UnderWay) -> Work:
    """The same work, which raises nothing, and does a job once at a time."""

    def job(job_id: str, attempt: int) -> None:
        with under_way.alone(DBOS.workflow_id or "", job_id):
            try:
                work(job_id, attempt)
            except BaseException as e:  # noqa: BLE001  nothing may reach DBOS: the job would be open for ever
                logs.tell("a job broke off", level=logging.ERROR, job=job_id, error=e)
                ours = ~IS_RUNNING | (JOBS.c.worker == worker)
                _fail(store, (JOBS.c.id == job_id) & (JOBS.c.attempt == attempt) & ours)

    return job


def _fail(store: Store, which: sa.ColumnElement[bool]) -> None:
    """However long it takes: nobody else would."""
    failed = sa.update(JOBS).where(which, IS_OPEN)
    said = "a bug in reviewbot; the log has the traceback"
    while True:
        try:
            with store.begin() as connection:
                connection.execute(failed.values(state="failed", said=said, ended=now(store)))
        except Away:
            time.sleep(POLL)
        else:
            return
