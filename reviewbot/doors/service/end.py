"""What an attempt to carry out a job came to, and whether there is another one: passing faults are tried again.

Knows what a review's seats and failures mean for its job. Nothing is written down here.
"""

import logging
from math import ceil
from typing import Final, NamedTuple

from reviewbot.council import ASKED
from reviewbot.doors.commands import passing_fault
from reviewbot.doors.passing import silence
from reviewbot.doors.pull_request import Done
from reviewbot.doors.service import logs, metrics
from reviewbot.doors.service.jobs import HOUR, Job
from reviewbot.doors.service.lately import was_cut_off
from reviewbot.doors.service.store import Store
from reviewbot.report.wording import count

DELAYS: Final = (60.0, 180.0, 600.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0)
"""Seconds until a job that met a passing fault is tried again, try by try; then it has failed."""
HELD: Final = "; a call that was cut off is counted at its worst case"


class End(NamedTuple):
    """How an attempt ended. With a `delay`, in seconds, the job is tried again."""

    state: str
    said: str
    delay: float | None = None
    done: Done | None = None

    @property
    def of_review(self) -> str:
        """The state of the attempt's review in the book."""
        if self.done is None or self.state != "done":
            return "superseded" if self.state == "superseded" else "failed"
        return "posted" if self.done.posted else "kept"


def is_patient(job: Job) -> bool:
    """Whether there is another attempt after this one."""
    return job.attempt <= len(DELAYS)


def again(job: Job, why: str, done: Done | None = None) -> End:
    """The end of an attempt that met a passing fault."""
    if is_patient(job):
        return End("parked", f"{why}; {prospect(job)}", DELAYS[job.attempt - 1], done)
    return End("failed", f"{prospect(job)}: {why}", done=done)


def prospect(job: Job) -> str:
    """What comes after a passing fault, in words."""
    return tried_again(DELAYS[job.attempt - 1]) if is_patient(job) else f"given up after {job.attempt} tries"


def tried_again(delay: float) -> str:
    """When it is, in words."""
    return f"tried again in {count(ceil(delay / HOUR), 'hour') if delay > HOUR else count(ceil(delay / 60), 'minute')}"


def end_of(job: Job, done: Done, store: Store) -> End:
    """A review to which no model had an answer, or that could not be posted in full, is tried again (THREATS L16).

    One for which there is no budget left is not: what it has spent, or may have, stays spent (L19).
    """
    for note in done.notes:
        logs.tell("beside the review", level=logging.WARNING, note=note)
    if why := passing_fault(done):
        return again(job, why, done)
    seats = done.report.seats if done.report and done.ending == "reviewed" else ()
    if done.report and seats and not any(seat.state in ASKED for seat in seats):
        held = any(seat.state == "over_budget" for seat in seats) and was_cut_off(store, job)
        reasons = f"{silence(done.report)}{HELD if held else ''}"
        return End("failed", f"no seat answered: {reasons}", done=done)
    if done.ending == "reviewed" and not done.posted:  # the App may not write there any more (THREATS G33)
        return End("refused", "; ".join(done.notes) or done.said, done=done)
    if done.posted:
        metrics.count_post(done.ending)
    return End("superseded" if done.ending == "superseded" else "done", done.said, done=done)
