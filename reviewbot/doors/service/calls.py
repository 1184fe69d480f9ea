"""The calls of one review: each is written down before it is made, and what was answered is never paid for twice.

A row of CALLS holds the worst case of its call until the bill is in it. A row that nobody completes holds it for ever:
the answer may have been paid for. One with a reply can be recalled. Of what was asked only a digest is kept (THREATS
S25, S40). It is written only where its provider and the day have room, counted over all workers. Knows no vendor and no
job; of the budgets of a run and a pull request whoever asks knows.
"""

import asyncio
import hashlib
import json
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Final, NamedTuple, TypeVar

import sqlalchemy as sa

from reviewbot.council import Ask, Call, Invited, Reply
from reviewbot.council.attempt import LEAST
from reviewbot.council.budget import NoRoom
from reviewbot.council.model import Billed
from reviewbot.council.prices import is_unbilled, price, worst_cost
from reviewbot.doors.service import logs, metrics, traces
from reviewbot.doors.service.config import Limit
from reviewbot.doors.service.jobs import patiently
from reviewbot.doors.service.spending import no_room_today, room_today
from reviewbot.doors.service.store import CALLS, WORKERS, Away, Store, now
from reviewbot.doors.service.workers import Lease
from reviewbot.forge.clock import Clock
from reviewbot.settings import Budget

USED: Final = ("input", "cached", "cache_written", "output")
LOST: Final = "lost"
"""The outcome of a call whose answer nobody waited for."""
LONGEST: Final = 14_400.0
"""Seconds. No call is under way for longer, so that only rows of the last hours are looked through."""
LONGEST_PAUSE: Final = 2.0
"""Seconds between two looks whether a provider has room."""
T = TypeVar("T")


class Desk(NamedTuple):
    """Where a worker writes, and what it keeps to."""

    store: Store
    lease: Lease
    limits: Mapping[str, Limit]
    """By provider, all workers together."""
    clock: Clock = Clock()
    day: Budget = Budget()
    """What the calls of one day may cost, all workers and installations together."""


class Entry(NamedTuple):
    """The review that calls belong to: ids that no other installation's rows have (THREATS S36)."""

    review_id: str
    installation_id: int
    repository_id: int
    number: int


class Kept(NamedTuple):
    """A reply that can be recalled, and the digest of what was asked."""

    question: str
    billed: Billed


class Calls:
    """The calls of one review that is under way."""

    def __init__(self, desk: Desk, entry: Entry, kept: Iterable[Kept] = ()) -> None:
        """`kept` are the replies of earlier tries of the review, in the order they came."""
        self._desk, self._entry = desk, entry
        self._kept: dict[str, deque[Billed]] = {}
        for question, billed in kept:
            self._kept.setdefault(question, deque()).append(billed)

    def seat(self, invited: Invited) -> Invited:
        """The same member, whose calls all go through here. Asking raises Fenced and Away."""
        member = invited.member.name
        return replace(invited, connect=partial(self._connect, invited), recall=partial(self._recall, member))

    def _recall(self, member: str, call: Call) -> Billed | None:
        replies = self._kept.get(digest(member, call))
        return replies.popleft() if replies else None

    @asynccontextmanager
    async def _connect(self, invited: Invited) -> AsyncIterator[Ask]:
        async with invited.connect() as ask:
            yield partial(self._ask, invited, ask)

    async def _ask(self, invited: Invited, ask: Ask, call: Call) -> Reply:
        """One call and its row. What ends it without a reply, cancellation too, leaves the row lost."""
        member, ends = invited.member.name, time.monotonic() + call.seconds
        row = await self._enter(invited, call, ends)
        if isinstance(row, Reply):
            return row
        begun: list[bool] = []

        def started() -> None:
            begun.append(True)
            call.started()

        reply, began = None, time.monotonic()
        try:
            self._desk.lease.check()  # the row may have waited for the database longer than the lease holds
            with traces.span("call", member=member, lens=call.lens):
                reply = await ask(replace(call, seconds=max(0.1, ends - began), started=started))
        finally:
            if reply is None:
                self._lose(row)
        unbilled = is_unbilled(reply, begun=bool(begun) or time.monotonic() >= ends)
        usd = None if unbilled else price(member, reply.usage, invited.rates)
        _tell(member, call.lens, reply, usd=usd, seconds=time.monotonic() - began)
        await self._written(partial(complete, self._desk.store, row, Billed(reply, usd), unbilled=unbilled))
        return reply

    async def _enter(self, invited: Invited, call: Call, ends: float) -> int | Reply:
        """The row of a call that may be made now. Where none may, or not before its time passed, how it ended."""
        for pause in _pauses():
            self._desk.lease.check()  # before a row that the others would count
            row = await self._written(partial(reserve, self._desk, self._entry, invited, call))
            if isinstance(row, NoRoom) and not row.may_pass:
                break
            if isinstance(row, int):
                return row
            if time.monotonic() + pause + LEAST >= ends:
                break
            await asyncio.sleep(pause)
        if isinstance(row, NoRoom):
            return Reply(outcome="over_budget", detail=row.why)
        return _no_room(invited.member.name, call.seconds)

    async def _written(self, write: Callable[[], T]) -> T:
        """At once and in this thread, which is the review's own. Where the database is away, when it is back.

        An answer that was paid for is worth waiting for. Raises Away where `patiently` gives up.
        """
        try:
            return write()
        except Away:
            return await asyncio.to_thread(patiently, write, clock=self._desk.clock)

    def _lose(self, row: int) -> None:
        lost = sa.update(CALLS).where(CALLS.c.id == row, CALLS.c.outcome.is_(None))
        with suppress(Away), self._desk.store.begin() as connection:  # whoever begins the review again says it too
            connection.execute(lost.values(outcome=LOST, ended=now(self._desk.store)))


def digest(member: str, call: Call) -> str:
    """SHA-256 of all that decides the answer, and of nothing that only time changes (THREATS L23)."""
    said = (call.rules, call.shown, call.question, call.lens, call.schema)
    return hashlib.sha256(json.dumps((member, *said, call.max_output_tokens, call.effort)).encode()).hexdigest()


def reserve(desk: Desk, entry: Entry, invited: Invited, call: Call) -> int | NoRoom | None:
    """The row of a call about to be made. None where its provider has no room, or the reason why the day has none.

    Raises Away.
    """
    store, day, member, cost = desk.store, desk.day, invited.member.name, worst_cost(invited, call)
    provider = member.partition("/")[0]
    limit = desk.limits.get(provider)
    columns: dict[str, object] = {
        **entry._asdict(), "worker": desk.lease.worker, "provider": provider, "member": member, "lens": call.lens,
        "question": digest(member, call), "held_tokens": cost.tokens, "held_usd": cost.usd or 0.0,
    }  # fmt: skip
    asked_before = (CALLS.c[name] == columns[name] for name in ("review_id", "member", "question"))
    turn = sa.select(sa.func.count() + 1).where(*asked_before).scalar_subquery()
    facts = [sa.literal(value, CALLS.c[name].type) for name, value in columns.items()]
    room = (*_room(store, provider, limit or Limit()), *room_today(store, day, cost))
    row = sa.select(*facts, turn, now(store)).where(*room)
    insert = sa.insert(CALLS).from_select([*columns, "turn", "started"], row).returning(CALLS.c.id)
    with store.begin() as connection:
        if day.usd is not None and cost.usd is None:
            return no_room_today(connection, store, day, member, cost)
        if store.engine.dialect.name == "postgresql":  # in SQLite one transaction writes at a time
            _one_at_a_time(connection, *([provider] if limit else ()), *(["this day"] if day != Budget() else ()))
        made: int | None = connection.scalar(insert)
        return made or no_room_today(connection, store, day, member, cost)


def _one_at_a_time(connection: sa.Connection, *names: str) -> None:
    """Until the transaction ends. Everybody locks in the same order: nobody waits for one who waits."""
    for name in names:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"reviewbot calls of {name}"))))


def complete(store: Store, row: int, billed: Billed, *, unbilled: bool) -> None:
    """Write the reply and the bill; `unbilled`: none came, and what was held stays held. Raises Away.

    A row that others have declared lost stays so: they count with what it holds.
    """
    reply, usd = billed
    used = reply.usage.model_dump(include=set(USED))
    bill: dict[str, object] = {} if unbilled else {"held_tokens": 0, "held_usd": 0.0, "usd": usd, **used}
    said = sa.update(CALLS).where(CALLS.c.id == row, CALLS.c.outcome.is_(None))
    values = {"outcome": reply.outcome, "reply": reply.model_dump_json(), "ended": now(store), **bill}
    with store.begin() as connection:
        connection.execute(said.values(values))


def _room(store: Store, provider: str, limit: Limit) -> Iterator[sa.ColumnElement[bool]]:
    """What must be so before one more call may be made. The calls of dead workers are not under way any more."""
    calls, since = sa.select(sa.func.count()).where(CALLS.c.provider == provider), now(store)
    if limit.at_once is not None:
        alive = CALLS.c.worker.in_(sa.select(WORKERS.c.id))
        under_way = calls.where(CALLS.c.started > since - LONGEST, CALLS.c.outcome.is_(None), alive)
        yield under_way.scalar_subquery() < limit.at_once
    if limit.per_minute is not None:
        yield calls.where(CALLS.c.started > since - 60.0).scalar_subquery() < limit.per_minute


def _pauses() -> Iterator[float]:
    """Seconds between looks, ever longer and never in step with another worker's."""
    most = 0.1
    while True:
        yield most * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret
        most = min(2 * most, LONGEST_PAUSE)


def _tell(member: str, lens: str, reply: Reply, *, usd: float | None, seconds: float) -> None:
    metrics.count_call(member, lens, reply, usd=usd, seconds=seconds)
    used = reply.usage.model_dump(include=set(USED))
    logs.tell(
        "a call ended", member=member, lens=lens, outcome=reply.outcome, seconds=round(seconds, 2), usd=usd, **used
    )


def _no_room(member: str, seconds: float) -> Reply:
    provider = member.partition("/")[0]
    waited = f"no room within {round(seconds, 1):g} s under the limits this service sets for {provider}"
    return Reply(outcome="rate", detail=f"{waited}; raise them in REVIEWBOT_LIMITS")
