"""What tests of the book stand on: a lease, a job, a pull request, and members that count what they are asked."""

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import sqlalchemy as sa

from reviewbot.council import Call, Invited, Member, Reply, Usage
from reviewbot.doors.service.jobs import Job
from reviewbot.doors.service.store import CALLS, WORKERS, Store
from reviewbot.forge.event import Review
from reviewbot.forge.model import Address, Pull
from reviewbot.settings import Rates

GPT = "openai/gpt-6.1-sol"
USED = Usage(input=100, output=10)


@dataclass
class Held:
    """A lease that is held until somebody takes it. The real one beats in a thread."""

    worker: str = "w1"
    taken: Exception | None = None
    lost: Event = field(default_factory=Event)

    def check(self) -> None:
        if self.taken:
            raise self.taken


def living(store: Store, worker: str = "w1") -> Held:
    """A worker with a row, which is alive to the others."""
    with store.begin() as connection:
        connection.execute(sa.insert(WORKERS).values(id=worker, started=0.0, beat=0.0))
    return Held(worker)


def a_job(delivery: str = "d1", **facts: Any) -> Job:
    row: dict[str, Any] = {
        "seq": 1, "id": delivery, "received": 0.0, "event": "pull_request", "action": "opened", "installation_id": 1,
        "repository_id": 5, "repository": "octo/shop", "number": 7, "actor": "ada", "kind": "review",
        "task": Review(number=7, head_sha="a" * 40), "lane": "1/5/7", "asked": False, "supersedes": True,
        "state": "running", "said": "", "attempt": 1, "worker": "w1", "deaths": 0, "started": None, "ended": None,
    }  # fmt: skip
    return Job(**row | facts)


def a_pull(**facts: Any) -> Pull:
    stands: dict[str, Any] = {
        "address": Address("octo/shop", 7), "repository_id": 5, "title": "t", "body": "b", "author_is_bot": False,
        "state": "open", "draft": False, "base_sha": "b" * 40, "base_ref": "main", "head_sha": "a" * 40,
        "head_repository_id": 5, "changed_files": 1, "additions": 1, "deletions": 1,
    }  # fmt: skip
    return Pull(**stands | facts)


@dataclass
class Voice:
    """A member that says what `says` makes of each call, and the calls it was made."""

    says: Callable[[Call], Reply] = lambda _: Reply(outcome="ok", text="{}", usage=USED)
    name: str = GPT
    rates: Rates | None = None
    calls: list[Call] = field(default_factory=list)

    @property
    def invited(self) -> Invited:
        async def ask(call: Call) -> Reply:
            self.calls.append(call)
            call.started()
            await asyncio.sleep(0)  # the other seats come in between
            return self.says(call)

        member = Member(name=self.name, family=self.name.partition("/")[0])
        return Invited(member=member, connect=lambda: nullcontext(ask), rates=self.rates)


def rows(store: Store) -> list[sa.Row[Any]]:
    """The calls on record, in the order they were made."""
    with store.look() as connection:
        return list(connection.execute(sa.select(CALLS).order_by(CALLS.c.id)))
