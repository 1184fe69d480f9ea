"""What a delivery asks for, as a row that is written once and carried out once, however often anything dies.

A row is open (waiting, running, parked) or has ended. It runs under one worker at a time, and of its lane no other one
runs: the database holds that, whatever the queue says. Only the worker that began a job can end it. Knows neither how a
job is carried out nor when its turn comes.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, Self, TypeVar, get_args

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from reviewbot.doors.service.config import Config
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import (
    CALLS,
    IS_OPEN,
    IS_RUNNING,
    JOBS,
    REVIEWS,
    WORKERS,
    Away,
    Store,
    insert_new,
    now,
)
from reviewbot.doors.service.workers import Fenced
from reviewbot.facts import Fact
from reviewbot.forge.clock import Clock
from reviewbot.forge.command import Order
from reviewbot.forge.event import Cancel, Command, Forget, Nothing, Review, Task
from reviewbot.forge.webhook import Delivery

HOUR: Final = 3_600.0
MOST_STOPPED: Final = 5
"""Reviews that were stopped within the hour and make the next push wait longer; more change nothing."""
BACKOFF: Final = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before a database that is away is tried again; then always the last."""
WAS_ASKED: Final = sa.exists().where(CALLS.c.review_id == REVIEWS.c.id)
"""Of a review: a model was asked, so it may have cost something."""
T = TypeVar("T")

_TASKS: Final = {kind.__name__: kind for kind in get_args(Task)}
_ORDERS: Final = {kind.__name__: kind for kind in get_args(Order)}


class Job(Fact):
    """One row of JOBS."""

    seq: int
    """In the order in which jobs were received."""
    id: str
    received: float
    event: str
    action: str
    installation_id: int
    repository_id: int | None
    repository: str | None
    number: int | None
    actor: str | None
    kind: str
    task: Task
    lane: str
    asked: bool
    supersedes: bool
    state: str
    said: str
    attempt: int
    """From 1. The next one begins where a passing fault ended this one; a death of its worker begins none."""
    worker: str | None
    deaths: int
    started: float | None
    ended: float | None

    @classmethod
    def of(cls, row: sa.Row[Any]) -> Self:
        values = {name: value for name, value in row._mapping.items() if name in cls.model_fields}  # noqa: SLF001
        return cls(**{**values, "task": read_task(row.task)})


def receive(store: Store, queue: Queue, delivery: Delivery, config: Config, *, swept: bool = False) -> bool:
    """Write a delivery down and queue it; whether there is work that was not known. Raises Away: nothing is promised.

    A delivery that is known is not done again, unless it came to nothing and a person sends it again on purpose, which
    a sweep is not (THREATS G02).
    """
    if isinstance(delivery.task, Nothing):
        return False
    values = _values(delivery)
    is_push = values["kind"] == "review" and not values["asked"]
    with store.begin() as connection:
        delay = _delay_of_push(connection, store, values, config.quiet) if is_push else 0.0
        if _insert(connection, store, values):
            queue.add(connection, delivery.guid, delay=delay)
            return True
        return not swept and _revive(connection, queue, delivery.guid)


def _delay_of_push(connection: sa.Connection, store: Store, values: Mapping[str, Any], quiet: float) -> float:
    """Seconds until a burst of pushes is over; the first is not in one.

    Twice as long for each review that a push stopped within the hour, though it was paid for: pushes that come slower
    than a burst and faster than a review would stop one after the other (THREATS S29).
    """
    pull = (REVIEWS.c.repository_id == values["repository_id"]) & (REVIEWS.c.number == values["number"])
    stopped = pull & (REVIEWS.c.started > now(store) - HOUR) & (REVIEWS.c.state == "superseded") & WAS_ASKED
    many = connection.execute(sa.select(sa.func.count()).where(stopped)).scalar_one()
    before = (JOBS.c.lane == values["lane"]) & (JOBS.c.kind == "review") & (JOBS.c.received > now(store) - quiet)
    if many or connection.execute(sa.select(sa.exists().where(before))).scalar_one():
        return float(quiet * 2 ** min(many, MOST_STOPPED))
    return 0.0


def read_job(store: Store, job_id: str) -> Job | None:
    """The job as it is now. Raises Away."""
    with store.look() as connection:
        row = connection.execute(sa.select(JOBS).where(JOBS.c.id == job_id)).one_or_none()
    return Job.of(row) if row else None


def begin_job(store: Store, job_id: str, attempt: int, *, worker: str, pause: float = 1.0) -> Job | None:
    """The job, which runs from here on under this worker. None: it has ended, is gone, or has another turn.

    A worker that already runs it gets it again. Where another job of its lane runs, which the queue allows once in a
    long while, its end is waited for, with a look every `pause` seconds. Raises Away, and Fenced where the others have
    given the worker up.
    """
    wanted = (JOBS.c.id == job_id) & (JOBS.c.attempt == attempt) & IS_OPEN & (~IS_RUNNING | (JOBS.c.worker == worker))
    begun = sa.update(JOBS).where(wanted).values(state="running", worker=worker, started=now(store))
    alive = sa.select(WORKERS.c.id).where(WORKERS.c.id == worker).with_for_update(read=True, key_share=True)
    while True:
        try:
            with store.begin() as connection:
                if connection.execute(alive).one_or_none() is None:
                    raise Fenced(worker, "others carry out its jobs")
                row = connection.execute(begun.returning(*JOBS.c)).one_or_none()
                return Job.of(row) if row else None
        except IntegrityError:
            time.sleep(pause)


def is_superseded(store: Store, job: Job) -> Job | None:
    """The first later job for which this one, which has begun, is no longer wanted. Raises Away.

    That is a newer push, or that the pull request was closed, where nobody asked for this one; and always that the
    access to its repository was taken back (THREATS G07, S29, S40).
    """
    later = JOBS.c.lane == str(job.installation_id)
    if not job.asked:
        later |= (JOBS.c.lane == job.lane) & JOBS.c.supersedes
    with store.look() as connection:
        rows = connection.execute(sa.select(JOBS).where(JOBS.c.seq > job.seq, later).order_by(JOBS.c.seq)).all()
        head = connection.execute(sa.select(REVIEWS.c.head_sha).where(REVIEWS.c.job_id == job.id)).scalar_one_or_none()
    return next((other for other in map(Job.of, rows) if _replaces(other, job, head)), None)


def _replaces(later: Job, job: Job, head: str | None) -> bool:
    """Whether it brings anything new to a job that reviews this `head`, or else the one that its event spoke of.

    GitHub sends events late, and again: what it wrote earlier is no news (THREATS G07), nor is the same head, unless
    its base is another one (G37).
    """
    match later.task:
        case Forget(repository_ids=ids):
            return ids is None or job.repository_id in ids
        case Review() | Cancel() as task if isinstance(job.task, Review | Cancel):
            if task.at and task.at < job.task.at:
                return False
            known = head or (job.task.head_sha if isinstance(job.task, Review) else None)
            return not isinstance(task, Review) or task.head_sha != known or later.action == "edited"
        case _:
            return False


def end_job(store: Store, job: Job, state: str, said: str) -> bool:
    """Write down how a job ended: done, superseded, refused or failed, and one line. False: it was no longer ours."""
    ended = _ours(job).values(state=state, said=said, ended=now(store))
    with store.begin() as connection:
        return connection.execute(ended).rowcount == 1


def park_job(store: Store, queue: Queue, job: Job, said: str, delay: float) -> bool:
    """Let a job be tried again in `delay` seconds, and why. False: it was no longer ours. Raises Away."""
    with store.begin() as connection:
        parked = _ours(job).values(state="parked", said=said, attempt=job.attempt + 1)
        if connection.execute(parked).rowcount == 0:
            return False
        queue.add(connection, job.id, delay=delay)
        return True


def name_pulls(store: Store, queue: Queue, job: Job, numbers: Sequence[int]) -> None:
    """A job that named a head only goes on as one for each of these pull requests, in their lanes (THREATS G27).

    Done twice it comes to the same. Raises Away.
    """
    values = job.model_dump(include={"event", "action", "installation_id", "repository_id", "repository", "actor"})
    with store.begin() as connection:
        for number in numbers:
            task = job.task.model_copy(update={"number": number})
            follower = Delivery(guid=f"{job.id}#{number}", task=task, **values)
            if _insert(connection, store, _values(follower)):
                queue.add(connection, follower.guid)


def patiently(action: Callable[[], T], *, clock: Clock, most: float = 120.0) -> T:
    """What `action` returns, tried again for up to `most` seconds while the database is away. Then raises Away.

    For workers, and for what comes to the same when it is done twice: an answer of the database may have been lost.
    """
    until, tries = clock.now() + most, 0
    while True:
        try:
            return action()
        except Away:
            pause = BACKOFF[min(tries, len(BACKOFF) - 1)]
            if clock.now() + pause > until:
                raise
            clock.sleep(pause)
            tries += 1


def write_task(task: Task) -> str:
    """A task as JSON. Kinds are named: some of them have no fields by which they could be told apart."""
    fields = task.model_dump(mode="json")
    if isinstance(task, Command):
        fields["order"] = {type(task.order).__name__: fields["order"]}
    return json.dumps({type(task).__name__: fields})


def read_task(text: str) -> Task:
    """The task that was written."""
    [(kind, fields)] = json.loads(text).items()
    if kind == Command.__name__:
        [(order, said)] = fields["order"].items()
        fields["order"] = _ORDERS[order](**said)
    task: Task = _TASKS[kind](**fields)
    return task


def lane_of(delivery: Delivery) -> str:
    """Jobs that must not run at the same time: of a pull request, else of a head, else of an installation (S36)."""
    task = delivery.task
    if isinstance(task, Forget | Nothing):
        return str(delivery.installation_id)
    which = task.head_sha if isinstance(task, Review) and task.number is None else task.number
    return f"{delivery.installation_id}/{delivery.repository_id}/{which}"


def _values(delivery: Delivery) -> Mapping[str, Any]:
    """The row of a delivery, but for its times."""
    task = delivery.task
    return {
        **delivery.model_dump(exclude={"guid", "task"}),
        "id": delivery.guid,
        "number": task.number if isinstance(task, Review | Command | Cancel) else None,
        "kind": type(task).__name__.lower(),
        "task": write_task(task),
        "lane": lane_of(delivery),
        "asked": task.asked if isinstance(task, Review) else not isinstance(task, Cancel),
        "supersedes": isinstance(task, Review | Cancel),
        "state": "waiting",
    }


def _insert(connection: sa.Connection, store: Store, values: Mapping[str, Any]) -> bool:
    """False where there is such a row. Reviews of its lane that wait, and that nobody asked for, end with it."""
    row = insert_new(store, JOBS).values(**values, received=now(store), due=now(store))
    seq = connection.execute(row.returning(JOBS.c.seq)).scalar_one_or_none()
    if seq is None:
        return False
    if values["supersedes"]:
        before = (JOBS.c.lane == values["lane"]) & (JOBS.c.seq < seq) & IS_OPEN & ~IS_RUNNING
        unwanted = sa.update(JOBS).where(before, ~JOBS.c.asked)
        said = f"job {values['id']} came after it"
        connection.execute(unwanted.values(state="superseded", said=said, ended=now(store)))
    return True


def _revive(connection: sa.Connection, queue: Queue, job_id: str) -> bool:
    """Queue a job again that came to nothing, with all its tries before it. A person asks for it: no push ends it."""
    failed = sa.update(JOBS).where(JOBS.c.id == job_id, JOBS.c.state.in_(("failed", "refused")))
    values = {"state": "waiting", "said": "sent again", "attempt": 1, "deaths": 0, "asked": True, "ended": None}
    if connection.execute(failed.values(**values)).rowcount == 0:
        return False
    queue.add(connection, job_id)
    return True


def _ours(job: Job) -> sa.Update:
    """The row, as long as the worker that began this attempt still has it."""
    return sa.update(JOBS).where(
        JOBS.c.id == job.id, JOBS.c.attempt == job.attempt, JOBS.c.worker == job.worker, IS_RUNNING
    )
