"""Goal 2: a review is posted once, whenever the process that posts it is killed: `posting_kills.py --kills 1000`.

Several pull requests at once; each has a process that publishes twelve findings to the fake GitHub of the tests, in
this process. Every such process meets a bad day (a fifth of the writes are made and answered with 502, a tenth lose
their connection, half of those after they were made; lists lag by up to three tenths of a second) and a place that
GitHub takes no comment at. It is killed with SIGKILL at a random moment and started again, two to six times, and then
left to end well; a run must then find nothing to do. Then the pull request is read: each finding at its line exactly
once, the refused one in the summary, one summary.

Why this holds at all: a process reads the conversation no sooner than `settle` after its start, and by then everything
an earlier one sent is made and listed. That is a promise of time, so it is proved with the clock running: ten times
faster than GitHub's, with a `settle` well above the lag. Exit 1 when anything is missing or doubled.
"""

import argparse
import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "e2e")]

from hub import contracts  # noqa: E402  the paths above come first
from hub.faults import weather  # noqa: E402
from hub.memory import MemoryForge  # noqa: E402
from hub.server import HubServer  # noqa: E402
from hub.world import World  # noqa: E402
from posting_victim import CODE, FINDINGS, KEYS, PATH, TOKEN, Job, fast_clock, post_once, storm_report  # noqa: E402

from reviewbot.forge.earlier import said, summaries  # noqa: E402
from reviewbot.forge.marks import Signer, scope_of  # noqa: E402

REPOSITORY = "octo/storm"
SPEED = 10.0
LAG = 0.3
"""Real seconds until a list shows what was made, at most."""
SETTLE = 0.9
"""Real seconds; what it is above LAG is for a busy machine."""
AT_ONCE = 16
WRITING = 1.2
"""Real seconds after `settle` in which most of the writing is done."""
LONGEST_RUN = 60.0
MAX_RUNS = 20
REST = 3
"""Runs until one has nothing to do; mostly it is the first. A run that had no clear answer three times in a row, once
in thousands, tells the rest in the summary, and the next one posts it."""
REFUSED = 7
"""The rank of the finding whose line GitHub takes no comment at."""
NO_ANSWER = 2
"""How a process ends that GitHub kept without an answer for too long: it is started again."""
FORK = multiprocessing.get_context("fork")


class Wish(NamedTuple):
    """What storm to make."""

    kills: int
    settle: float
    lag: float
    seed: int


class Toll(NamedTuple):
    """What a storm came to. `faults` counts what is missing, doubled or otherwise wrong; each was printed."""

    kills: int = 0
    runs: int = 0
    reviews: int = 0
    faults: int = 0

    def plus(self, other: "Toll") -> "Toll":
        return Toll(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Storm:
    """The world, its server, and how many kills are still to come."""

    def __init__(self, world: World, url: str, wish: Wish) -> None:
        self.world, self.url, self.settle, self.lag = world, url, wish.settle, wish.lag
        self.left = wish.kills
        self.chance = random.Random(wish.seed)  # noqa: S311  no secret depends on it
        self.lock = threading.Lock()
        world.token(TOKEN, "reviewbot[bot]")
        base = world.commit((), {"README.md": b"# Storm\n"})
        world.branch("main", base)
        self.head = world.commit(base, {PATH: CODE})
        world.refused_anchors.add((PATH, "RIGHT", 3 * REFUSED))
        bad_day = weather(wish.seed, lag=wish.lag * SPEED)
        for method, path in (("POST", r"/(reviews|comments|replies)$"), ("PATCH", "/comments/")):
            world.faults.add(method, path, bad_day, times=float("inf"))

    def moments(self) -> list[float]:
        """When to kill the processes of one pull request, in seconds after their start; no more than are left."""
        with self.lock:
            count = min(self.left, self.chance.randint(2, 6))
            self.left -= count
            return [self.chance.uniform(0.8 * self.settle, self.settle + WRITING) for _ in range(count)]

    def give_back(self, kills: int) -> None:
        """Kills that came too late: the process had ended."""
        with self.lock:
            self.left += kills


def weathered(storm: Storm, starter: Connection) -> Toll:
    """Pull request after pull request, until the kills are used up."""
    toll = Toll()
    while moments := storm.moments():
        toll = toll.plus(_one_review(storm, starter, moments))
    return toll


def _one_review(storm: Storm, starter: Connection, moments: list[float]) -> Toll:
    with storm.world.lock:
        number = storm.world.open_pull("main", storm.head).number
    job = Job(REPOSITORY, number, storm.url, SPEED, storm.settle * SPEED)
    killed = 0
    for moment in moments:
        if _run(starter, job, moment) is not None:
            break
        killed += 1
    storm.give_back(len(moments) - killed)
    endings = [_run(starter, job, LONGEST_RUN)]
    while endings[-1] == NO_ANSWER and len(endings) < MAX_RUNS:
        endings.append(_run(starter, job, LONGEST_RUN))
    restless = []
    for _ in range(REST):
        before = len(_writes(storm.world, number))
        endings.append(_run(starter, job, LONGEST_RUN))
        if not (wrote := _writes(storm.world, number)[before:]):
            break
        restless.append(wrote)
    time.sleep(storm.lag)
    faults = [*_faults(storm.world, number)]
    if endings[-1] != 0:
        faults.append(f"#{number}: its processes ended with {endings}")
    if len(restless) == REST:
        faults.append(f"#{number}: it does not come to rest, but goes on to write: {restless}")
    for fault in faults:
        print(fault, flush=True)
    return Toll(killed, killed + len(endings), 1, len(faults))


def start_processes(line: Connection) -> None:
    """Does the jobs it is sent, each in a process of its own: tells the process, and how it ended.

    A process of its own itself, forked before there is any thread: so a fork is safe here, and costs no imports. It
    ends with the storm, also with one that is killed.
    """
    storm = os.getppid()
    while os.getppid() == storm:
        if not line.poll(1):
            continue
        if (job := line.recv()) is None:
            return
        process = FORK.Process(target=post_once, args=(job,))
        process.start()
        line.send(process.pid)
        process.join()
        line.send(process.exitcode)


def _run(starter: Connection, job: Job, seconds: float) -> int | None:
    """The exit code of a process that does the job; None where it took longer and was killed."""
    starter.send(job)
    process = starter.recv()
    if not starter.poll(seconds):
        with suppress(ProcessLookupError):  # it ended just now
            os.kill(process, signal.SIGKILL)
    ending: int = starter.recv()
    return None if ending == -signal.SIGKILL else ending


def _writes(world: World, number: int) -> list[str]:
    with world.lock:
        return [write.kind for write in world.writes if write.number == number]


def _faults(world: World, number: int) -> Iterator[str]:
    """What is not as it should be on a pull request, in words."""
    forge = MemoryForge(world, REPOSITORY, TOKEN)
    conversation, signer = forge.conversation(number), Signer(KEYS, scope_of(forge.pull(number)))
    counts = Counter(comment.mark.id for comment in said(conversation, signer))
    for finding in storm_report().findings:
        wanted = 0 if finding.rank == REFUSED else 1
        if counts[finding.id] != wanted:
            yield f"#{number}: finding {finding.rank} of {FINDINGS} is there {counts[finding.id]} times, not {wanted}"
    found = summaries(conversation, signer)
    if len(found) != 1:
        yield f"#{number}: there are {len(found)} summaries"
    elif f"Finding {REFUSED} of the storm" not in found[0].remark.body:
        yield f"#{number}: the refused finding is not in the summary"
    if len(conversation.comments) > len(found):
        yield f"#{number}: there are comments without a mark"


@contextmanager
def starters(count: int) -> Iterator[list[Connection]]:
    """So many processes that start others."""
    pairs = [FORK.Pipe() for _ in range(count)]
    processes = [FORK.Process(target=start_processes, args=(theirs,)) for _, theirs in pairs]
    for process in processes:
        process.start()
    try:
        yield [ours for ours, _ in pairs]
    finally:
        for (ours, _), process in zip(pairs, processes, strict=True):
            ours.send(None)
            process.join()


def storm_over(folder: Path, wish: Wish) -> tuple[Toll, list[str]]:
    """The whole storm, and what was said that GitHub does not know."""
    world = World(folder, name=REPOSITORY, clock=fast_clock(SPEED))
    count = min(AT_ONCE, wish.kills)
    with starters(count) as lines, HubServer(world) as hub, ThreadPoolExecutor(count) as pool:
        storm = Storm(world, hub.url, wish)
        toll = Toll()
        for each in pool.map(lambda line: weathered(storm, line), lines):
            toll = toll.plus(each)
        whole = [each for each in hub.violations if "the body is missing" not in each]  # a kill sends half a request
        return toll, [*whole, *world.forbidden]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--settle", type=float, default=SETTLE, help="real seconds; 0 shows what it is for")
    parser.add_argument("--lag", type=float, default=LAG, help="real seconds")
    parser.add_argument("--seed", type=int, default=20261121)
    wish = Wish(**vars(parser.parse_args()))
    if not contracts.available():
        sys.exit(contracts.WHY)
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        toll, unknown = storm_over(Path(folder), wish)
    for fault in unknown[:20]:
        print(fault)
    print(f"{toll.kills} kills, {toll.runs} runs, {toll.reviews} reviews, {time.monotonic() - began:.0f} s")
    print(f"{toll.faults} missing or doubled, {len(unknown)} requests that GitHub does not know")
    return 1 if toll.faults or unknown or toll.kills < wish.kills else 0


if __name__ == "__main__":
    sys.exit(main())
