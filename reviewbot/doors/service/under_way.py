"""What this process carries out at the moment: each job once at a time, whatever turns come for it.

A turn may be given back while it is still carried out, and be taken again by the same process.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class UnderWay:
    """The turns of this process. May be asked from every thread."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._jobs: set[str] = set()
        self._turns: list[str] = []  # one that was given back may be there twice

    @contextmanager
    def alone(self, turn: str, job_id: str) -> Iterator[None]:
        """While the body runs no other turn carries out this job: that waits, and so ends no sooner than this one.

        Where this worker was given up neither ends.
        """
        with self._change:
            self._turns.append(turn)
            self._change.wait_for(lambda: job_id not in self._jobs)
            self._jobs.add(job_id)
        try:
            yield
        finally:
            with self._change:
                self._turns.remove(turn)
                self._jobs.remove(job_id)
                self._change.notify_all()

    def turns(self) -> set[str]:
        """Those that are carried out, or wait for another one of their job."""
        with self._change:
            return set(self._turns)
