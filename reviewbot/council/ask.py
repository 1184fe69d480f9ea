"""Asking the council: all members at once, the parts of a member side by side, its lenses behind one cached prefix.

What becomes of one seat is `council.seat`'s business. Nothing here raises for a member that failed.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from reviewbot.council.brief import Part, call_of
from reviewbot.council.caching import is_kept
from reviewbot.council.model import Ask, Call, Lens, Review, Seat
from reviewbot.council.plan import Plan, Sitting
from reviewbot.council.reach import all_of, reach
from reviewbot.council.seat import Hearing, PartHeard, hear_part, review_of

AT_ONCE: Final = 8
"""Parts of the change that one member is asked about at the same time."""


async def ask_council(plan: Plan, hearing: Hearing) -> tuple[Review, ...]:
    """Every seat's review, member by member in the order of the lenses. All members are asked at the same time.

    What stops one of them that is no failure of a member stops all, and is raised as it is.
    """
    rows = await all_of(_ask_member(sitting, plan, hearing) for sitting in plan.sittings)
    return tuple(review for row in rows for review in row)


async def _ask_member(sitting: Sitting, plan: Plan, hearing: Hearing) -> tuple[Review, ...]:
    """One member's seats, whether the member can be reached or not."""
    async with reach(sitting.invited) as ask:
        if isinstance(ask, str):
            return tuple(_unreached(seat_of(sitting, lens), ask, hearing) for lens in sitting.questions)
        return await _Row(sitting, ask, plan, hearing).reviews()


def seat_of(sitting: Sitting, lens: Lens) -> Seat:
    covers = () if lens in sitting.lenses else tuple(one.name for one in sitting.lenses)
    return Seat(member=sitting.invited.member, lens=lens.name, covers=covers)


def _unreached(seat: Seat, why: str, hearing: Hearing) -> Review:
    review = Review(seat=seat, state="config_error", detail=why)
    hearing.progress(seat, None)
    hearing.progress(seat, review)
    return review


@dataclass(frozen=True, slots=True)
class _Row:
    """The seats of one member that can be reached."""

    sitting: Sitting
    ask: Ask
    plan: Plan
    hearing: Hearing
    began: dict[str, float] = field(default_factory=dict)
    """Lens to when it was first asked, on the monotonic clock."""
    heard: dict[str, dict[int, PartHeard]] = field(default_factory=lambda: defaultdict(dict))
    """Lens to part to what came of it."""
    ended: dict[str, Review] = field(default_factory=dict)

    async def reviews(self) -> tuple[Review, ...]:
        slots = asyncio.Semaphore(AT_ONCE)
        parts = self.hearing.brief.parts(self.sitting.invited)
        async with asyncio.TaskGroup() as group:
            for part in parts:
                group.create_task(self._ask_about(part, slots))
        for lens in self.sitting.questions if not parts else ():
            self._begin(lens)
            self._end(lens)
        return tuple(self.ended[lens.name] for lens in self.sitting.questions)

    async def _ask_about(self, part: Part, slots: asyncio.Semaphore) -> None:
        """All lenses about one part. Where its prefix is kept, the first runs ahead until the others can read that."""
        first, *others = self.sitting.questions
        invited = self.sitting.invited
        kept = is_kept(self.hearing.brief, part, invited, questions=self.plan.questions_of(invited))
        readable = asyncio.Event()
        early = kept and invited.caching is not None and invited.caching.ready == "begun"
        async with slots, asyncio.TaskGroup() as group:
            started = readable.set if early else _nothing
            leading = group.create_task(self._put(part, first, kept=kept, started=started))
            leading.add_done_callback(lambda _: readable.set())
            if kept:
                await readable.wait()
            for lens in others:
                group.create_task(self._put(part, lens, kept=kept, started=_nothing))

    async def _put(self, part: Part, lens: Lens, *, kept: bool, started: Callable[[], None]) -> None:
        self._begin(lens)
        call = partial(self._call, lens=lens, whole=part if kept else None, started=started)
        self.heard[lens.name][part.number] = await hear_part(
            part, call, self.ask, invited=self.sitting.invited, hearing=self.hearing
        )
        if len(self.heard[lens.name]) == len(self.hearing.brief.parts(self.sitting.invited)):
            self._end(lens)

    def _call(self, part: Part, *, lens: Lens, whole: Part | None, started: Callable[[], None]) -> Call:
        """A piece of a part that was too long has a prefix of its own, which nobody else waits for."""
        return call_of(
            self.hearing.brief,
            part,
            question=lens.text,
            lens=lens.name,
            effort=self.plan.effort_of(self.sitting.invited),
            cache=part is whole,
            seconds=self.hearing.brief.call_seconds,
            started=started,
        )

    def _begin(self, lens: Lens) -> None:
        if lens.name not in self.began:
            self.began[lens.name] = time.monotonic()
            self.hearing.progress(seat_of(self.sitting, lens), None)

    def _end(self, lens: Lens) -> None:
        seat = seat_of(self.sitting, lens)
        heard = self.heard[lens.name]
        review = review_of(
            seat,
            [heard[number] for number in sorted(heard)],
            self.hearing.brief.not_shown(self.sitting.invited),
            seconds=time.monotonic() - self.began[lens.name],
        )
        self.ended[lens.name] = review
        self.hearing.progress(seat, review)


def _nothing() -> None:
    """For a call whose beginning nobody waits for."""
