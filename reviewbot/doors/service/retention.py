"""What the service forgets: what is older than it may be kept, and everything of those who took their access back.

A job goes with its review, its calls, what it saw last of feedback, and its place in the queue (THREATS S40). It goes
in small transactions, so that nobody waits long for the database, and may be killed and begun again at any moment.
Knows tables; nothing of GitHub or of why access was taken back.

A review that runs while its job is forgotten may still write a row, and its turn in the queue goes on: what belongs to
no job is deleted whenever something expires. On SQLite no byte of it is left: freed room is overwritten
(`secure_delete`, which `sqlite` sets on each connection), and the write-ahead log, which holds copies, is emptied.
PostgreSQL frees the room when it vacuums.
"""

import json
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from reviewbot.doors.service.calls import LOST
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import Job
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.spending import TOKENS
from reviewbot.doors.service.store import CALLS, CHECKS, FEEDBACK, IS_OPEN, JOBS, REVIEWS, TURNS, Store, now, today
from reviewbot.forge.event import Forget
from reviewbot.report.wording import count

BATCH: Final = 100
"""Jobs deleted in one transaction."""
PAGE: Final = 500
"""Turns of the queue that are looked at together."""
DAY: Final = 86_400.0
NOBODYS: Final = "forgotten "
"""How the review of a call is named of which only the cost is kept."""
FOR_READERS: Final = 200
"""Milliseconds."""


def expire(store: Store, queue: Queue, config: Config) -> int:
    """Delete what was received more than `retention_days` ago and has ended; how many jobs that were. Raises Away."""
    old = JOBS.c.received < now(store) - config.retention_days * DAY
    deleted = _delete(store, queue, old & ~IS_OPEN)
    _delete_orphans(store)
    _delete_lost_turns(store, queue)
    _delete_paces(store)
    _empty_log(store)
    return deleted


def forget(store: Store, queue: Queue, job: Job) -> str:
    """Delete all that came in before the job which is of its repositories, or of its whole installation; one line.

    What waits is not begun, and what runs finds itself gone at its next step. The jobs that forget stay, until they
    are too old: they are the proof, and hold no code. Raises Away.
    """
    theirs = (JOBS.c.installation_id == job.installation_id) & (JOBS.c.seq < job.seq) & (JOBS.c.kind != "forget")
    if isinstance(job.task, Forget) and job.task.repository_ids is not None:
        theirs &= JOBS.c.repository_id.in_(job.task.repository_ids)
    deleted = _delete(store, queue, theirs)
    _delete_orphans(store)
    _empty_log(store)
    return f"{count(deleted, 'job')} deleted, with reviews and calls"


def orders_to_forget(store: Store) -> Sequence[Job]:
    """As far as they are kept. Raises Away."""
    with store.look() as connection:
        return [Job.of(row) for row in connection.execute(sa.select(JOBS).where(JOBS.c.kind == "forget"))]


def forgotten_until(orders: Sequence[Job], installation_id: int | None, repository_id: int | None) -> float:
    """The time up to which all of a repository is forgotten: nothing older may come back (THREATS S40)."""

    def concerns(order: Job) -> bool:
        ids = order.task.repository_ids if isinstance(order.task, Forget) else ()
        return order.installation_id == installation_id and (ids is None or repository_id in ids)

    return max((order.received for order in orders if concerns(order)), default=0.0)


def _delete(store: Store, queue: Queue, which: sa.ColumnElement[bool]) -> int:
    """The queue goes first: where this is killed half-way, the jobs are still there to be deleted again.

    Of a running job the queue keeps its place: it is what keeps the next one of its lane waiting.
    """
    deleted = 0
    while True:
        with store.look() as connection:
            found = sa.select(JOBS.c.id, JOBS.c.state).where(which).order_by(JOBS.c.seq).limit(BATCH)
            states = {row.id: row.state for row in connection.execute(found)}
        if not states:
            return deleted
        queue.delete([job_id for job_id, state in states.items() if state != "running"])
        with store.begin() as connection:
            reviews = sa.select(REVIEWS.c.id).where(REVIEWS.c.job_id.in_(states))
            _delete_calls(connection, store, CALLS.c.review_id.in_(reviews))
            connection.execute(sa.delete(CHECKS).where(CHECKS.c.review_id.in_(reviews)))
            connection.execute(sa.delete(REVIEWS).where(REVIEWS.c.job_id.in_(states)))
            deleted += connection.execute(sa.delete(JOBS).where(JOBS.c.id.in_(states))).rowcount


def _delete_orphans(store: Store) -> None:
    """A job is always written before its review and what it learned, a review before its calls and its check run."""
    with store.begin() as connection:
        connection.execute(sa.delete(REVIEWS).where(~sa.exists().where(JOBS.c.id == REVIEWS.c.job_id)))
        _delete_calls(connection, store, ~sa.exists().where(REVIEWS.c.id == CALLS.c.review_id))
        connection.execute(sa.delete(CHECKS).where(~sa.exists().where(REVIEWS.c.id == CHECKS.c.review_id)))
        connection.execute(sa.delete(FEEDBACK).where(~sa.exists().where(JOBS.c.id == FEEDBACK.c.job_id)))


def _delete_calls(connection: sa.Connection, store: Store, which: sa.ColumnElement[bool]) -> None:
    """Of those begun today, what they cost stays until the day is over, without anybody's name or words.

    Else who takes access back and gives it again would begin a new day's budget (THREATS L19).
    """
    counts = (CALLS.c.started >= today(store)) & (TOKENS > 0)
    connection.execute(sa.delete(CALLS).where(which, ~counts))
    nobody = sa.literal(NOBODYS) + sa.cast(CALLS.c.id, sa.String)
    blank = {"installation_id": 0, "repository_id": 0, "number": 0, "lens": "", "question": "", "reply": None}
    outcome = sa.func.coalesce(CALLS.c.outcome, LOST)
    named = ~CALLS.c.review_id.startswith(NOBODYS)
    connection.execute(sa.update(CALLS).where(which, counts, named).values(review_id=nobody, outcome=outcome, **blank))


def _delete_lost_turns(store: Store, queue: Queue) -> None:
    """The turns of jobs that were forgotten while they ran. A week of looks is enough: they hold ids."""
    seen = 0
    while turns := queue.ended(DAY, seen, PAGE):
        jobs = {turn: turn.rpartition("/")[0] for turn in turns}
        with store.look() as connection:
            there = set(connection.scalars(sa.select(JOBS.c.id).where(JOBS.c.id.in_(jobs.values()))))
        lost = [turn for turn, job_id in jobs.items() if job_id not in there]
        queue.delete_turns(lost)
        seen += len(turns) - len(lost)


def _delete_paces(store: Store) -> None:
    """Of installations without a job that sent nothing in a day: the pace of what may come does not depend on it."""
    idle = ~sa.exists().where(JOBS.c.installation_id == TURNS.c.installation_id, IS_OPEN)
    with store.begin() as connection:
        since = connection.execute(sa.select(now(store) - DAY)).scalar_one()
        rows = connection.execute(sa.select(TURNS).where(idle, TURNS.c.held_until < since)).all()
        gone = [row.installation_id for row in rows if max(json.loads(row.writes), default=0.0) < since]
        connection.execute(sa.delete(TURNS).where(TURNS.c.installation_id.in_(gone)))


def _empty_log(store: Store) -> None:
    """Where others read from it for longer than `FOR_READERS` it is left for the next time: writers wait meanwhile."""
    if store.engine.dialect.name == "sqlite":
        with store.look() as connection:
            patience = connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one()
            for pragma in (f"busy_timeout={FOR_READERS}", "wal_checkpoint(TRUNCATE)", f"busy_timeout={patience}"):
                connection.exec_driver_sql(f"PRAGMA {pragma}")
