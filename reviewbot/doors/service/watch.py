"""Whether members still look at what they are shown: now and then each is given a change with a planted defect.

All that is known of a member stands in CALLS, so that every worker says the same of it, and a restart forgets nothing
(THREATS L17). What is planted, and what counts as found, is `council.canary`'s business.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from reviewbot.council import ASKED, Call, Invited, Ledger, Reply
from reviewbot.council.attempt import attempt
from reviewbot.council.brief import Brief, call_of
from reviewbot.council.canary import CANARIES, Canary, Heard, doubt, finds, finds_any
from reviewbot.council.model import Billed
from reviewbot.council.prompt import load_lenses, read_page, wire_schema
from reviewbot.council.reach import reach
from reviewbot.doors.service import logs, metrics
from reviewbot.doors.service.spending import CANARY
from reviewbot.doors.service.store import CALLS, Store
from reviewbot.doors.session import Run
from reviewbot.record import RunRecord
from reviewbot.settings import Operator

RECENT: Final = 30
"""Answers of a member that are compared with each other."""
SECONDS: Final = 60.0
"""A planted defect is found within this, or not at all: the review it follows has ended, but not its job."""
ANSWER_TOKENS: Final = 8_000
"""For an answer about a change of ten lines, thinking included."""


def doubts(store: Store, members: Iterable[str]) -> dict[str, str]:
    """Of these members, those whose answers may mean nothing, and why, in words for a person. Raises Away."""
    orders = read_page("shared.md")
    with store.look() as connection:
        found = {
            member: doubt(_found(connection, member), _heard(connection, member), orders) for member in sorted(members)
        }
    return {member: f"{member} {why}" for member, why in found.items() if why}


async def try_members(run: Run, record: RunRecord, store: Store, operator: Operator, every: int) -> None:
    """Show a canary to those who answered in this review and have not seen one for `every` reviews; tell of doubts.

    One that missed its last canary sees another after each review, until it finds one. Raises Away and Fenced.
    """
    answered = {review.seat.member.name for review in record.reviews if review.state in ASKED}
    readers = [invited for invited in run.council if invited.reads_prompts and invited.member.name in answered]
    with store.look() as connection:
        due = [invited for invited in readers if _is_due(connection, invited.member.name, every)]
    key = run.resumed.id if run.resumed else record.id
    await asyncio.gather(*(_try(invited, store, operator, key) for invited in due))
    for member, why in doubts(store, (invited.member.name for invited in readers)).items():
        metrics.count_doubt(member)
        logs.tell("a member may not look at what it is shown", level=logging.WARNING, member=member, why=why)


async def _try(invited: Invited, store: Store, operator: Operator, key: str) -> None:
    """Show it a canary, and where it missed this one and not the one before, another at once: that could be chance."""
    member = invited.member.name
    for _ in range(2):
        with store.look() as connection:
            before, seen = _found(connection, member), connection.scalar(sa.select(sa.func.count()).where(_of(member)))
        canary = CANARIES[(seen or 0) % len(CANARIES)]
        call = _call(canary, operator, invited, key)
        reply = await _reply(invited, call, operator) if call else None
        has_found = finds(reply.text, canary) if reply and reply.outcome == "ok" else None
        metrics.count_canary(member, has_found)
        logs.tell("a canary was shown", member=member, defect=canary.path, found=has_found)
        if has_found is not False or before[:1] == (False,):
            return


async def _reply(invited: Invited, call: Call, operator: Operator) -> Reply | None:
    """Nothing where it cannot be reached, or the budget has no room: that says nothing about its answers."""
    async with reach(invited) as ask:
        if isinstance(ask, str):
            return None
        deadline = time.monotonic() + call.seconds
        billed = await attempt(ask, call, invited=invited, ledger=Ledger(operator.budget), deadline=deadline)
        return billed.reply if isinstance(billed, Billed) else None


def _call(canary: Canary, operator: Operator, invited: Invited, key: str) -> Call | None:
    """As in a review, about the planted change. None where its window does not even hold that."""
    lenses = load_lenses()
    brief = Brief(
        change=canary.change,
        rules=read_page("shared.md").strip(),
        schema=wire_schema(lenses.values()),
        key=key,
        max_output_tokens=min(ANSWER_TOKENS, operator.max_output_tokens),
        seconds=SECONDS,
        max_prompt_tokens=operator.max_prompt_tokens,
    )
    parts = brief.parts(invited)
    if not parts:
        return None
    return call_of(
        brief, parts[0], question=lenses[canary.lens].text, lens=CANARY, effort=invited.effort, cache=False,
        seconds=min(SECONDS, operator.call_seconds), started=lambda: None,
    )  # fmt: skip


def _of(member: str) -> sa.ColumnElement[bool]:
    """The canaries of a member. The words are those of their index."""
    return (CALLS.c.member == member) & (CALLS.c.lens == sa.literal_column("'canary'"))


def _found(connection: sa.Connection, member: str) -> tuple[bool, ...]:
    """Whether it found the last canaries it answered to, the newest first."""
    answered = _of(member) & (CALLS.c.outcome == "ok") & CALLS.c.reply.is_not(None)
    rows = connection.scalars(sa.select(CALLS.c.reply).where(answered).order_by(CALLS.c.id.desc()).limit(2))
    return tuple(finds_any(Reply.model_validate_json(row).text) for row in rows)


def _heard(connection: sa.Connection, member: str) -> list[Heard]:
    answered = (CALLS.c.outcome == "ok") & (CALLS.c.lens != CANARY) & CALLS.c.reply.is_not(None)
    rows = sa.select(CALLS.c.repository_id, CALLS.c.number, CALLS.c.reply).where(_by(member), answered)
    return [
        Heard((row.repository_id, row.number), Reply.model_validate_json(row.reply).text)
        for row in connection.execute(rows.order_by(CALLS.c.started.desc()).limit(RECENT))
    ]


def _is_due(connection: sa.Connection, member: str, every: int) -> bool:
    if not every:
        return False
    if _found(connection, member)[:1] == (False,):
        return True
    last = sa.select(sa.func.coalesce(sa.func.max(CALLS.c.started), 0.0)).where(_of(member)).scalar_subquery()
    later = sa.select(CALLS.c.review_id).where(_by(member), CALLS.c.lens != CANARY, CALLS.c.started > last)
    return len(connection.execute(later.distinct().limit(every)).all()) == every


def _by(member: str) -> sa.ColumnElement[bool]:
    return (CALLS.c.provider == member.partition("/")[0]) & (CALLS.c.member == member)
