"""A clock that a test turns: waiting takes no time, and everybody who looks sees that it has passed."""

import threading

from reviewbot.forge.clock import Clock


def hand_clock(start: float = 1_795_000_000.0) -> Clock:
    """A clock at `start`, seconds since the epoch, that stands still but for who sleeps by it."""
    lock, passed = threading.Lock(), [start]

    def sleep(seconds: float) -> None:
        with lock:
            passed.append(passed.pop() + max(0.0, seconds))

    return Clock(now=lambda: passed[0], sleep=sleep)
