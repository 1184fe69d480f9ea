"""How fast all workers together may ask GitHub as one installation, so that it never has to say no (THREATS G08, G09).

Writes take their turns in the database, and so does the silence that GitHub asks for. Reads, which are many and cheap,
take theirs in the memory of each process, at a share of what is allowed. Knows `limits`' rates, and no request.
"""

import json
import threading
from collections import deque
from collections.abc import Iterable
from functools import cache
from typing import Final

import sqlalchemy as sa

from reviewbot.doors.service.jobs import patiently
from reviewbot.doors.service.store import TURNS, Store, insert_new, now
from reviewbot.doors.service.workers import Lease
from reviewbot.forge.clock import Clock
from reviewbot.forge.limits import PATIENCE, READS, WRITES, Rates, pause_before

KEPT: Final = max(count for count, _ in WRITES)
SHARE: Final[Rates] = tuple((count // 2, span) for count, span in READS)
"""Of one process: two that read as fast as they may do not pass the limit together."""
LONGEST: Final = 3_600.0
"""Seconds of silence that are kept at a time: where that was not enough GitHub says so again."""
APART: Final = 60.0
"""Seconds by which processes may differ over what time it is."""


class SharedPace:
    """The turns of one installation, a `forge.pace.Pace`. Waits for a turn itself: until then it may be called off.

    Its time is the database's, as far from the clock's as it was at the beginning. That clock may be put back: a turn,
    or a silence, further ahead than anybody asks for is from before, and is not believed. Raises Away.
    """

    def __init__(self, store: Store, installation_id: int, lease: Lease, clock: Clock) -> None:
        self._store = store
        self._id = installation_id
        self._lease = lease
        self._clock = clock
        self._ahead: float | None = None

    def turn(self, *, write: bool, most: float) -> float:
        """Wait for a turn, and take it: 0. Where that lasts more than `most` seconds, how long, at once.

        Raises Fenced where this worker must not write, which is asked last, right before the request.
        """
        pause = self._take(most) if write else self._read(most)
        if pause > most:
            return pause
        if pause > 0:
            self._clock.sleep(pause)
        if write:
            self._lease.check()
        if pause > 0 and self._held() > 0:
            return self.turn(write=write, most=most - pause)
        return 0.0

    def hold(self, seconds: float) -> None:
        def write() -> None:
            self._now()  # before the row is locked: the first time it asks the database
            with self._store.begin() as connection:
                at, _, silent = self._writes(connection)
                held = sa.update(TURNS).where(TURNS.c.installation_id == self._id)
                connection.execute(held.values(held_until=at + max(min(seconds, LONGEST), silent)))

        patiently(write, clock=self._clock)

    def _take(self, most: float) -> float:
        """Seconds until the next free turn to write, which is taken where that is no more than `most`."""

        def take() -> float:
            self._now()  # as above
            with self._store.begin() as connection:
                at, times, silent = self._writes(connection)
                pause = max(pause_before(times, WRITES, at), silent)
                if pause <= most:
                    written = json.dumps([*times, at + pause][-KEPT:])
                    taken = sa.update(TURNS).where(TURNS.c.installation_id == self._id)
                    connection.execute(taken.values(writes=written))
            return pause

        return patiently(take, clock=self._clock)

    def _writes(self, connection: sa.Connection) -> tuple[float, list[float], float]:
        """Now, when the last writes were or will be sent, and how long everybody is silent. Nobody else changes it."""
        none_yet = insert_new(self._store, TURNS).values(installation_id=self._id, writes="[]", held_until=0.0)
        connection.execute(none_yet)
        mine = sa.select(TURNS.c.writes, TURNS.c.held_until).where(TURNS.c.installation_id == self._id)
        writes, held_until = connection.execute(mine.with_for_update()).one()
        at = self._now()
        return at, _believed(json.loads(writes), at), _silence(held_until, at)

    def _read(self, most: float) -> float:
        """The same for a turn to read."""
        held, reads = self._held(), _reads(self._id)
        with reads.lock:
            at = self._now()
            pause = max(pause_before(_believed(reads.times, at), SHARE, at), held)
            if pause <= most:
                reads.times.append(at + pause)
        return pause

    def _held(self) -> float:
        """Seconds that everybody has to be silent yet."""
        until = sa.select(TURNS.c.held_until).where(TURNS.c.installation_id == self._id)

        def look() -> float:
            with self._store.look() as connection:
                return connection.execute(until).scalar_one_or_none() or 0.0

        return _silence(patiently(look, clock=self._clock), self._now())

    def _now(self) -> float:
        if self._ahead is None:
            with self._store.look() as connection:
                self._ahead = connection.execute(sa.select(now(self._store))).scalar_one() - self._clock.now()
        return self._clock.now() + self._ahead


def _believed(times: Iterable[float], at: float) -> list[float]:
    return [time for time in times if time <= at + PATIENCE + APART]


def _silence(held_until: float, at: float) -> float:
    left = held_until - at
    return left if left <= LONGEST + APART else 0.0


class _Reads:
    """What this process has read of late, with all its threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: deque[float] = deque(maxlen=max(count for count, _ in SHARE))


@cache
def _reads(_installation_id: int) -> _Reads:
    return _Reads()
