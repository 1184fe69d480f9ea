"""What tests of the queue stand on: deliveries without a payload, a worker with a row, and what became of the jobs."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import CALLS, JOBS, REVIEWS, WORKERS, Store, now
from reviewbot.forge.event import Review, Task
from reviewbot.forge.webhook import Delivery

AT_ONCE = Config(quiet=0)
"""No push waits for a burst to be over."""
HEAD = "a" * 40


def delivery(guid: str, task: Task, **facts: Any) -> Delivery:
    usual: dict[str, Any] = {
        "event": "pull_request", "action": "synchronize", "installation_id": 1, "repository_id": 5,
        "repository": "octo/shop", "actor": "ada",
    }  # fmt: skip
    return Delivery(guid=guid, task=task, **usual | facts)


def push(guid: str, number: int = 7, **facts: Any) -> Delivery:
    return delivery(guid, Review(number=number, head_sha=HEAD), **facts)


def asked(guid: str, number: int = 7, **facts: Any) -> Delivery:
    return delivery(guid, Review(number=number, head_sha=HEAD, asked=True), **facts)


def taker(store: Store, queue: Queue, config: Config = AT_ONCE) -> Callable[..., bool]:
    """Receives one delivery after another; whether the last one was work."""
    return lambda *deliveries: [receive(store, queue, one, config) for one in deliveries][-1]


def reviewed(store: Store, job_id: str, state: str, **facts: Any) -> None:
    """A review of a job, begun `ago` seconds before now, with so many `calls`, of which `held` have no bill."""
    usual = {"ago": 10, "calls": 0, "number": 7, "head": HEAD, "held": False} | facts
    ids = {"installation_id": 1, "repository_id": 5, "number": usual["number"]}
    review = {"job_id": job_id, "key": "k", "repository": "octo/shop", "head_sha": usual["head"], "state": state}
    named = dict.fromkeys(("worker", "provider", "member", "lens", "question"), "x")
    with store.begin() as connection:
        started = now(store) - usual["ago"]
        connection.execute(sa.insert(REVIEWS).values(id=job_id, started=started, **review, **ids))
        for turn in range(usual["calls"]):
            held = {"held_tokens": 9 if usual["held"] else 0, "held_usd": 0.0}
            row = {"review_id": job_id, "turn": turn, "started": 0.0, **ids, **named, **held}
            connection.execute(sa.insert(CALLS).values(row))


def enrol(store: Store, *workers: str, silent: float = 0.0) -> None:
    """Workers that were heard of `silent` seconds ago."""
    with store.begin() as connection:
        for worker in workers:
            times = {"started": now(store), "beat": now(store) - silent}
            connection.execute(sa.insert(WORKERS).values(id=worker, **times))


def workers(store: Store) -> set[str]:
    with store.look() as connection:
        return set(connection.execute(sa.select(WORKERS.c.id)).scalars())


def states(store: Store) -> dict[str, str]:
    """Of all jobs, in their order."""
    with store.look() as connection:
        return dict(connection.execute(sa.select(JOBS.c.id, JOBS.c.state).order_by(JOBS.c.seq)).all())


def column(store: Store, job_id: str, name: str) -> Any:
    with store.look() as connection:
        return connection.execute(sa.select(JOBS.c[name]).where(JOBS.c.id == job_id)).scalar_one()
