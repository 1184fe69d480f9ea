"""A check run from before the council is asked until the review ends, however it ends (THREATS G28)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from reviewbot.doors.passing import PASSING
from reviewbot.errors import Doubtful, ForgeError, Refused, ReviewbotError
from reviewbot.forge import check
from reviewbot.forge.clock import Clock
from reviewbot.forge.model import Check
from reviewbot.forge.port import Forge

PAUSES: Final = (1.0, 5.0)
"""Seconds before an end that may not have arrived is sent again."""
SYSTEM: Final = Clock()


class CheckRun:
    """One check run of ours. Where the token may not make one there is none, and `notes` says why."""

    def __init__(self, forge: Forge, clock: Clock) -> None:
        self._forge, self._clock = forge, clock
        self._id: int | None = None
        self.is_open = False
        """Whether GitHub may be saying that the council is looking."""
        self.notes: tuple[str, ...] = ()

    def start(self, running: Check, *, new: bool) -> None:
        """Take up the check run that an earlier try of the same review left open; else, if wanted, make a `new` one.

        What GitHub gave no answer about may be open all the same: its end looks for it (THREATS G11).
        """
        try:
            self._id = self._found(running)
            if self._id is not None or new:
                self._id = self._forge.put_check(running, self._id)
                self.is_open = True
        except ForgeError as e:
            self.is_open = isinstance(e, PASSING)
            self.notes = (f"no check run: {e}",)

    def close(self, end: Check) -> None:
        """Say how the review ended. A check that cannot be closed is a note, not a failed review."""
        if not self.is_open:
            return
        try:
            self._id = self._id or self._found(end)
            if self._id is None:  # nothing was made, or it is listed late
                return
            self._insist(end)
        except ForgeError as e:
            self.notes = (f"the check run may still be open: {e}",)
        else:
            self.is_open, self.notes = False, ()

    def _found(self, ours: Check) -> int | None:
        return self._forge.find_check(ours.head_sha, ours.external_id)

    def _insist(self, end: Check) -> None:
        """Sent twice it comes to the same."""
        for pause in PAUSES:
            try:
                return self._put(end)
            except Doubtful:
                self._clock.sleep(pause)
        return self._put(end)

    def _put(self, end: Check) -> None:
        """Without its annotations where GitHub will not have one of them: it refuses all, and does not say which."""
        try:
            self._forge.put_check(end, self._id)
        except Refused:
            self._forge.put_check(end.model_copy(update={"annotations": ()}), self._id)


@contextmanager
def open_check(
    forge: Forge, head_sha: str, key: str | None, *, new: bool = True, clock: Clock = SYSTEM
) -> Iterator[CheckRun]:
    """A check run while the body runs; without a key there is none. What ends the body early is said in it.

    Without `new` there is one only if an earlier try, killed before its end, left one open.
    """
    run = CheckRun(forge, clock)
    if key is None:
        yield run
        return
    run.start(check.running(head_sha, key), new=new)
    try:
        yield run
    except ReviewbotError as e:
        run.close(check.not_reviewed(head_sha, key, str(e)))
        raise
    except asyncio.CancelledError as e:  # whoever stops a review says why
        run.close(check.not_reviewed(head_sha, key, str(e) or "interrupted"))
        raise
    except BaseException as e:  # what a bug says is for its log, not for the page
        run.close(check.not_reviewed(head_sha, key, f"interrupted ({type(e).__name__})"))
        raise
