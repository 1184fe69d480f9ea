"""How a process of the service ends: when it is asked to, at once when it is asked twice, and whatever still runs."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from reviewbot.doors.service import logs

STRAGGLING: Final = 1.0
"""Seconds for threads that were told to end."""


@contextmanager
def asked_to_stop() -> Iterator[tuple[threading.Event, ExitStack]]:
    """An event that the first signal sets, and all that is still done on the second, which ends the process at once."""
    stop, at_once = threading.Event(), ExitStack()

    def ask(number: int, _frame: object) -> None:
        if stop.is_set():
            at_once.close()
            os._exit(128 + number)
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stop, at_once
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def leave_stragglers(code: int, why: str | None = None) -> None:
    """End here with this code where jobs still run, which other workers go on with; else return.

    Python would wait for their threads. DBOS's are of an executor, whose threads Python joins though they be daemons.
    """
    others = [thread for thread in threading.enumerate() if _is_waited_for(thread)]
    until = time.monotonic() + STRAGGLING
    for thread in others:
        thread.join(max(0.0, until - time.monotonic()))
    if any(thread.is_alive() for thread in others):
        logs.tell("what still runs is left to other workers", level=logging.WARNING, why=why)
        os._exit(code)


def _is_waited_for(thread: threading.Thread) -> bool:
    return thread is not threading.main_thread() and (not thread.daemon or thread.name.startswith("dbos-executor"))
