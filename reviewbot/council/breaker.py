"""A breaker for each server: after a row of passing faults nobody asks it for a while, then one call may try.

Knows failures and time; nothing of vendors, seats or money. Threads may share one, as the reviews of a service do.
"""

import time
from collections.abc import Callable
from math import ceil
from threading import Lock

TRIPS = 5
"""Passing faults in a row that open a breaker."""
PAUSE = 60.0
"""Seconds it stays open before one call may try."""


class Breaker:
    """Stands before one server. Every `enter` that lets a call pass is followed by one `leave` of that call."""

    def __init__(self, address: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`address` is how a person knows the server."""
        self._address, self._clock, self._lock = address, clock, Lock()
        self._faults = 0
        self._opened: float | None = None
        self._entered = 0
        self._trying: int | None = None
        """The call that tries whether the server is back."""

    @property
    def is_open(self) -> bool:
        """Whether calls are turned away, or wait for what the one that tries finds out."""
        return self._opened is not None

    def enter(self) -> int | str:
        """The number of the call where it may be made; in words why it may not, and when again."""
        with self._lock:
            self._entered += 1
            if self._opened is None:
                return self._entered
            left = self._opened + PAUSE - self._clock()
            if left <= 0 and self._trying is None:
                self._trying = self._entered
                return self._entered
            when = f"in {ceil(left)} s" if left > 0 else "when the call that tries it has ended"
            return f"{self._address} failed {self._faults} times in a row and is asked again {when}; run again later"

    def leave(self, number: int, *, failed: bool | None) -> None:
        """How the call ended; None is without an answer and without a fault, such as an interrupt."""
        with self._lock:
            if number == self._trying:
                self._trying = None
            if failed is None:
                return
            self._faults = self._faults + 1 if failed else 0
            if self._faults >= TRIPS:
                self._opened = self._clock()
            elif not failed:
                self._opened = None


class Breakers:
    """One breaker for each address, for all who ask there."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._by_address: dict[str, Breaker] = {}

    def of(self, address: str) -> Breaker:
        """The breaker of this address, the same one every time."""
        with self._lock:
            return self._by_address.setdefault(address, Breaker(address, clock=self._clock))
