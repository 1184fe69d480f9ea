"""Asking the council: all members at once, the lenses of a member behind one cached prefix.

What becomes of one seat is `council.seat`'s business. Nothing here raises for a member that failed.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack

from reviewbot.council.budget import Ledger
from reviewbot.council.model import Ask, Call, Invited, Lens, Review, Seat
from reviewbot.council.seat import Brief, Hearing, Progress, ask_seat
from reviewbot.errors import ReviewbotError


async def ask_council(
    council: Iterable[Invited], lenses: Sequence[Lens], brief: Brief, *, ledger: Ledger, progress: Progress
) -> tuple[Review, ...]:
    """Every seat's review, member by member in the order of the lenses. All members are asked at the same time.

    What stops one of them that is no failure of a member stops all, and is raised as it is.
    """
    hearing = Hearing(brief=brief, ledger=ledger, progress=progress, deadline=time.monotonic() + brief.seconds)
    try:
        async with asyncio.TaskGroup() as group:
            rows = [
                group.create_task(_ask_member(invited, asked, hearing))
                for invited in council
                if (asked := [lens for lens in lenses if invited.lenses is None or lens.name in invited.lenses])
            ]
    except ExceptionGroup as e:
        raise _first(e) from e
    return tuple(review for row in rows for review in row.result())


def _first(error: Exception) -> Exception:
    """What stopped the tasks, out of the groups it comes in."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


async def _ask_member(invited: Invited, lenses: Sequence[Lens], hearing: Hearing) -> list[Review]:
    """One member's seats, whether the member can be reached or not."""
    async with AsyncExitStack() as stack:
        try:
            ask = await stack.enter_async_context(invited.connect())
        except (OSError, ImportError, ValueError, ReviewbotError) as e:
            return [_unreached(invited, lens, e, hearing) for lens in lenses]
        return await _ask_through(ask, invited, lenses, hearing)


def _unreached(invited: Invited, lens: Lens, error: Exception, hearing: Hearing) -> Review:
    """A proxy, a certificate or a key that cannot be used is one member's failure, not the council's."""
    seat = Seat(member=invited.member, lens=lens.name)
    why = str(error) if isinstance(error, ReviewbotError) else f"{error}; check the proxy and certificate settings"
    review = Review(seat=seat, state="config_error", detail=f"no connection could be opened: {why}")
    hearing.progress(seat, None)
    hearing.progress(seat, review)
    return review


async def _ask_through(ask: Ask, invited: Invited, lenses: Sequence[Lens], hearing: Hearing) -> list[Review]:
    """The first lens runs ahead until its answer begins: from then on the others read its cache."""
    began = asyncio.Event()
    async with asyncio.TaskGroup() as group:

        def review(lens: Lens) -> asyncio.Task[Review]:
            call = _call(lens, hearing, cache=len(lenses) > 1, started=began.set)
            return group.create_task(ask_seat(invited, ask, call, hearing))

        first = review(lenses[0])
        first.add_done_callback(lambda _: began.set())
        await began.wait()
        rest = [review(lens) for lens in lenses[1:]]
    return [task.result() for task in (first, *rest)]


def _call(lens: Lens, hearing: Hearing, *, cache: bool, started: Callable[[], None]) -> Call:
    brief = hearing.brief
    return Call(
        rules=brief.rules,
        shown=brief.shown,
        question=lens.text,
        lens=lens.name,
        schema=brief.schema,
        max_output_tokens=brief.max_output_tokens,
        seconds=hearing.seconds_left,
        cache=cache,
        started=started,
        change=brief.change,
    )
