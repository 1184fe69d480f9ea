"""The calls of one review: each is written down before it is made, and what was answered is never paid for twice.

A row of CALLS holds the worst case of its call until the bill is in it. A row that nobody completes holds it for ever:
the answer may have been paid for. One with a reply can be recalled. Of what was asked only a digest is kept (THREATS
S25, S40). Knows no vendor, no job and no budget: whoever asks has reserved room there before.
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
from reviewbot.council.budget import is_unbilled, price, worst_case
from reviewbot.council.model import Billed
from reviewbot.doors.service import metrics, traces
from reviewbot.doors.service.config import Limit
from reviewbot.doors.service.jobs import patiently
from reviewbot.doors.service.store import CALLS, WORKERS, Away, Store, now
from reviewbot.doors.service.workers import Lease
from reviewbot.forge.clock import Clock

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
            yield partial(self._ask, invited.member.name, ask)

    async def _ask(self, member: str, ask: Ask, call: Call) -> Reply:
        """One call and its row. What ends it without a reply, cancellation too, leaves the row lost."""
        ends = time.monotonic() + call.seconds
        row = await self._enter(member, call, ends)
        if row is None:
            return _no_room(member, call.seconds)
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
        unbilled = is_unbilled(reply, begun=bool(begun))
        usd = None if unbilled else price(member, reply.usage)
        metrics.count_call(member, call.lens, reply, usd=usd, seconds=time.monotonic() - began)
        await self._written(partial(complete, self._desk.store, row, Billed(reply, usd), unbilled=unbilled))
        return reply

    async def _enter(self, member: str, call: Call, ends: float) -> int | None:
        """The row of a call that may be made now; None where its time passed before its provider had room."""
        for pause in _pauses():
            self._desk.lease.check()  # before a row that the others would count
            row = await self._written(partial(reserve, self._desk, self._entry, member, call))
            if row is not None:
                return row
            if time.monotonic() + pause >= ends:
                break
            await asyncio.sleep(pause)
        return None

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
    asked = (member, call.rules, call.shown, call.question, call.lens, call.schema, call.max_output_tokens)
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


def reserve(desk: Desk, entry: Entry, member: str, call: Call) -> int | None:
    """The row of a call about to be made, or None where its provider has no room. Raises Away."""
    store, provider, worst, question = desk.store, member.partition("/")[0], worst_case(call), digest(member, call)
    limit = desk.limits.get(provider)
    turns = sa.select(sa.func.count()).where(
        CALLS.c.review_id == entry.review_id, CALLS.c.member == member, CALLS.c.question == question
    )
    columns: dict[str, object] = {
        **entry._asdict(),
        "worker": desk.lease.worker,
        "provider": provider,
        "member": member,
        "lens": call.lens,
        "question": question,
        "held_tokens": worst.input + worst.cache_written + worst.output,
        "held_usd": price(member, worst) or 0.0,
    }
    facts = [sa.literal(value, CALLS.c[name].type) for name, value in columns.items()]
    row = sa.select(*facts, turns.scalar_subquery() + 1, now(store)).where(*_room(store, provider, limit or Limit()))
    insert = sa.insert(CALLS).from_select([*columns, "turn", "started"], row).returning(CALLS.c.id)
    with store.begin() as connection:
        if limit and store.engine.dialect.name == "postgresql":  # in SQLite one transaction writes at a time
            name = sa.func.hashtext(f"reviewbot calls of {provider}")
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(name)))
        made: int | None = connection.scalar(insert)
    return made


def complete(store: Store, row: int, billed: Billed, *, unbilled: bool) -> None:
    """Write the reply and the bill; `unbilled`: none came, and what was held stays held. Raises Away.

    A row that others have declared lost stays so: they count with what it holds.
    """
    reply, usd = billed
    bill: dict[str, object] = {} if unbilled else {"held_tokens": 0, "held_usd": 0.0, "usd": usd}
    used = reply.usage.model_dump(include={"input", "cached", "cache_written", "output"})
    said = sa.update(CALLS).where(CALLS.c.id == row, CALLS.c.outcome.is_(None))
    values = {"outcome": reply.outcome, "reply": reply.model_dump_json(), "ended": now(store), **used, **bill}
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


def _no_room(member: str, seconds: float) -> Reply:
    provider = member.partition("/")[0]
    waited = f"no room within {round(seconds, 1):g} s under the limits this service sets for {provider}"
    return Reply(outcome="rate", detail=f"{waited}; raise them in REVIEWBOT_LIMITS")
