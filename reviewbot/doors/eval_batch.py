"""`eval run --batch`: who is asked in batches, for half the price and within a day, and who call by call as ever."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from reviewbot.council import Ask, Call, Invited, Reply
from reviewbot.council.exchange import ATTEMPTS
from reviewbot.council.members.batching import A_BATCH, Outbox
from reviewbot.doors.eval_seats import Way
from reviewbot.record.batches import SentBatches
from reviewbot.settings import Operator
from reviewbot.wiring import batches_of

PATIENCE: Final = ATTEMPTS * A_BATCH
"""Seconds of one run: what a batch did not come to is sent again."""


def patient(operator: Operator) -> Operator:
    """The same settings, with the time that batches take."""
    return operator.model_copy(update={"call_seconds": A_BATCH, "seconds": PATIENCE})


def in_batches(operator: Operator, file: Path, told: Callable[[str], None], *, places: int) -> Way:
    """Members whose vendor has batches go by them; so many calls of the others are under way, each with its usual time.

    `file` remembers what was sent; `told` hears of that, and who has no batches. Raises BadSettings.
    """
    outbox, turn = Outbox(SentBatches(file, told), told), asyncio.Semaphore(places)
    alone = set[str]()

    def way(invited: Invited) -> Invited:
        name = invited.member.name
        if not invited.reads_prompts:
            return invited
        if open_api := batches_of(name, operator):
            return outbox.batched(invited, open_api)
        if name not in alone:
            alone.add(name)
            told(f"{name} has no batches: it is asked call by call, at its full price")
        return replace(invited, connect=partial(_in_turn, invited, turn, operator.call_seconds))

    return way


@asynccontextmanager
async def _in_turn(invited: Invited, turn: asyncio.Semaphore, seconds: float) -> AsyncIterator[Ask]:
    async with invited.connect() as ask:

        async def asked(call: Call) -> Reply:
            async with turn:
                return await ask(replace(call, seconds=min(call.seconds, seconds)))

        yield asked
