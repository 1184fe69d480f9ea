"""A check run from before the council is asked until the review ends, however it ends (THREATS G28)."""

from collections.abc import Iterator
from contextlib import contextmanager

from reviewbot.errors import ForgeError, Refused, ReviewbotError
from reviewbot.forge import check
from reviewbot.forge.model import Check
from reviewbot.forge.port import Forge


class CheckRun:
    """One check run of ours. Where the token may not make one there is none, and `notes` says why."""

    def __init__(self, forge: Forge) -> None:
        self._forge = forge
        self._id: int | None = None
        self._open = False
        self.notes: tuple[str, ...] = ()

    def start(self, running: Check, *, new: bool) -> None:
        """Take up the check run that an earlier try of the same review left open; else, if wanted, make a `new` one."""
        try:
            self._id = self._forge.find_check(running.head_sha, running.external_id)
            if self._id is not None or new:
                self._id = self._forge.put_check(running, self._id)
                self._open = True
        except ForgeError as e:
            self.notes = (f"no check run: {e}",)

    def close(self, end: Check) -> None:
        """Say how the review ended. A check that cannot be closed is a note, not a failed review."""
        if not self._open:
            return
        self._open = False
        try:
            self._put(end)
        except ForgeError as e:
            self.notes = (f"the check run is still open: {e}",)

    def _put(self, end: Check) -> None:
        """Without its annotations where GitHub will not have one of them: it refuses all, and does not say which."""
        try:
            self._forge.put_check(end, self._id)
        except Refused:
            self._forge.put_check(end.model_copy(update={"annotations": ()}), self._id)


@contextmanager
def open_check(forge: Forge, head_sha: str, key: str | None, *, new: bool = True) -> Iterator[CheckRun]:
    """A check run while the body runs; without a key there is none. What ends the body early is said in it.

    Without `new` there is one only if an earlier try, killed before its end, left one open.
    """
    run = CheckRun(forge)
    if key is None:
        yield run
        return
    run.start(check.running(head_sha, key), new=new)
    try:
        yield run
    except ReviewbotError as e:
        run.close(check.not_reviewed(head_sha, key, str(e)))
        raise
    except BaseException as e:  # what a bug says is for its log, not for the page
        run.close(check.not_reviewed(head_sha, key, f"interrupted ({type(e).__name__})"))
        raise
