"""How fast an installation may ask GitHub, so that it never has to say no (THREATS G08, G09).

Knows `limits`' rates and a clock. Whoever sends asks for its turn first; one process keeps its turns in memory, here,
and several share theirs behind the same protocol.
"""

from collections import deque
from typing import Protocol

from reviewbot.forge.clock import Clock
from reviewbot.forge.limits import READS, WRITES, pause_before


class Pace(Protocol):
    """The turns of all who ask as one installation."""

    def turn(self, *, write: bool, most: float) -> float:
        """Seconds until one more request may be sent, which counts from then on.

        Where that is more than `most` it does not count. Raises what keeps this process from sending.
        """
        ...

    def hold(self, seconds: float) -> None:
        """GitHub asked for silence: nobody of this installation sends for so long."""
        ...


class OwnPace:
    """The turns of one process that shares its installation with nobody. On one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reads: deque[float] = deque(maxlen=max(count for count, _ in READS))
        self._writes: deque[float] = deque(maxlen=max(count for count, _ in WRITES))
        self._held_until = 0.0

    def turn(self, *, write: bool, most: float) -> float:
        times, rates = (self._writes, WRITES) if write else (self._reads, READS)
        now = self._clock.now()
        pause = max(pause_before(times, rates, now), self._held_until - now)
        if pause <= most:
            times.append(now + pause)
        return pause

    def hold(self, seconds: float) -> None:
        self._held_until = max(self._held_until, self._clock.now() + seconds)
