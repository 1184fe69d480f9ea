"""A process that posts one review to the fake GitHub and ends, unless it is killed before: what a runner's step does.

    0    the review is posted
    2    GitHub gave no clear answer for too long; the step would be run again

Time passes faster here, for waits and for the times that are compared alike, so that what takes half a minute of pauses
takes seconds. What is not faster is the machine: see `Job.settle`.
"""

import sys
import time
from functools import partial
from typing import NamedTuple

from pydantic import SecretStr
from report.samples import finding, run_of, seat

from reviewbot.change import parse_diff
from reviewbot.errors import ForgeError
from reviewbot.forge.access import Access
from reviewbot.forge.clock import Clock
from reviewbot.forge.github import connect
from reviewbot.forge.marks import Signer, scope_of
from reviewbot.forge.posting import Desk
from reviewbot.forge.publish import publish
from reviewbot.report import Report

TOKEN = "ghs_of_a_storm"
KEYS = (b"a key that only tests have",)
PATH = "storm.py"
FINDINGS = 12
CODE = "".join(f"value_{line:02} = compute({line})\n" for line in range(1, 3 * FINDINGS + 1)).encode()


class Job(NamedTuple):
    """What one process is to do. Seconds are those of the fast clock."""

    repository: str
    number: int
    url: str
    speed: float
    settle: float
    """Longer than it takes a request of a killed process to be carried out and listed, in real time too."""


def fast_clock(speed: float) -> Clock:
    """A clock on which `speed` seconds pass in one. All processes of this machine agree on it."""
    return Clock(now=partial(_fast_now, speed), sleep=partial(_fast_sleep, speed))


def _fast_now(speed: float) -> float:
    return time.monotonic() * speed  # since the machine began, so that dates stay dates


def _fast_sleep(speed: float, seconds: float) -> None:
    time.sleep(seconds / speed)


def storm_report() -> Report:
    """Twelve findings, each on a line of its own of PATH."""
    lines = CODE.decode().splitlines()
    findings = tuple(
        finding(
            rank, path=PATH, start_line=3 * rank, line=3 * rank, quote=lines[3 * rank - 1],
            title=f"Finding {rank} of the storm",
        )
        for rank in range(1, FINDINGS + 1)
    )  # fmt: skip
    return run_of((seat(lens="security", findings=FINDINGS),), findings)


def post_once(job: Job) -> None:
    """Read the pull request, publish the review, and say that it is done by ending well."""
    clock = fast_clock(job.speed)
    started = clock.now()
    try:
        _post(job, clock, started)
    except ForgeError:
        sys.exit(2)


def _post(job: Job, clock: Clock, started: float) -> None:
    access = Access(
        token=SecretStr(TOKEN),
        api_url=job.url,
        graphql_url=f"{job.url}/graphql",
        server_url=job.url,
        signing_keys=tuple(SecretStr(key.decode()) for key in KEYS),
    )
    forge = connect(job.repository, access, clock)
    pull = forge.pull(job.number)
    desk = Desk(
        forge=forge,
        pull=pull,
        base=forge.merge_base(pull.base_sha, pull.head_sha),
        setup="the storm",
        signer=Signer(KEYS, scope_of(pull)),
        started=started,
        clock=clock,
        settle=job.settle,
    )
    publish(desk, storm_report(), diff=parse_diff(forge.diff(job.number)))
