"""The service under kill -9, again and again, while events come in. Goal: nothing acknowledged is lost, nothing twice.

    python benchmarks/service_kills.py --kills 1000 [--database sqlite|postgresql] [--seed N]

One web process and four workers, each killed at a random moment of its life and started again at once, on SQLite and on
PostgreSQL. Meanwhile people open pull requests and push to them; an event that nobody acknowledged is sent again with
its GUID, as the sweep fetches it (THREATS G03). Once the kills are over and all jobs have ended:

    every acknowledged event has a job that is done or superseded
    every pull request has each finding of its head once, one summary, and a completed check
    no head has two reviews that were posted
    no question was put to the model twice but those that were under way when their worker died

A job that took its worker down five times has failed by design, and a person may send its event again: so does this.
The processes are `reviewbot serve`, forked from one that has imported everything. Exit 1 where anything is not so.
"""

import argparse
import hashlib
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import sqlalchemy as sa
from service_rig import DATABASES, FORK, Database, Hosted, Rig
from service_world import Event, Place, asked, deliver, faults, misbehaved, opened, pushed

from reviewbot.doors.service.store import CALLS, JOBS, REVIEWS

LIVES = {"--web": (0.3, 5.0), "--worker": (5.0, 45.0)}
"""Seconds from the start of a process to its kill: from, to."""
WORKERS = 4
PAUSE = 0.8
"""Seconds between two events, on average."""
MOST_PARTS = 8
"""Pushes to one pull request; more findings than its policy shows at lines would be too many."""
KILLS_A_REPOSITORY = 15
LONGEST_END = 600.0


class Toll(NamedTuple):
    """What a storm came to. Each fault was printed."""

    kills: Counter[str]
    events: int
    sent_again: int
    poisoned: int
    lost_calls: int
    faults: list[str]


class Nursery:
    """A process that has imported the service, and forks it."""

    def __init__(self) -> None:
        import openai  # noqa: F401, PLC0415  what a worker would load first

        from reviewbot.doors.service import web, worker  # noqa: F401, PLC0415  as above

        self.children: dict[int, Any] = {}


@contextmanager
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    try:
        yield made
    finally:
        for child in made.children.values():
            child.kill()
            child.join()


def spawn(made: Nursery, command: list[str], environ: Mapping[str, str], folder: Path) -> int:
    """Start `reviewbot` with these words; its process."""
    child = FORK.Process(target=_become, args=(command, environ, folder))
    child.start()
    made.children[child.pid or 0] = child
    return child.pid or 0


def kill(made: Nursery, process: int) -> bool:
    """Kill -9; False where it had ended by itself."""
    child = made.children.pop(process)
    alive = bool(child.is_alive())
    child.kill()
    child.join()
    return alive


def _become(command: list[str], environ: Mapping[str, str], folder: Path) -> None:
    from reviewbot.doors.cli import run  # noqa: PLC0415  the nursery's own import

    os.environ.clear()
    os.environ.update(environ)
    os.chdir(folder)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    log = os.open(folder / "serve-all.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os._exit(int(run(command)))


class Storm:
    """The service's processes with their deaths, and the people."""

    def __init__(self, rig: Rig, young: Hosted[Nursery], kills: int, seed: int) -> None:
        self.rig, self.young, self.left = rig, young, kills
        self.chance = random.Random(seed)  # noqa: S311  no secret depends on it
        self.lock = threading.Lock()
        self.kills: Counter[str] = Counter()
        self.places: dict[Place, int] = {}
        """Pull requests, and how many parts each has."""
        self.open: list[Event] = []
        """Events that nobody acknowledged yet."""
        self.acknowledged: dict[str, Event] = {}
        self.sent_again = 0
        self.ended_alone: list[str] = []

    def live(self, role: str) -> None:
        """Start a process, let it live for a while, kill it; again, until all kills are done. Then leave one alive."""
        while True:
            process = self.young.do(spawn, self.rig.command(role), self.rig.environ, self.rig.folder)
            with self.lock:
                if self.left <= 0:
                    return
                seconds = self.chance.uniform(*LIVES[role])
            time.sleep(seconds)
            if not self.young.do(kill, process):
                self.ended_alone.append(role)
            with self.lock:
                self.left -= 1
                self.kills[role] += 1

    def people(self, repositories: int) -> None:
        """Open pull requests and push to them until the kills are over, and see to it that every event arrives."""
        while self.left > 0:
            time.sleep(self.chance.uniform(0, 2 * PAUSE))
            self.open.append(self._event(repositories))
            self._send()
        while self.open:
            time.sleep(PAUSE)
            self._send()

    def _event(self, repositories: int) -> Event:
        growing = [place for place, parts in self.places.items() if parts < MOST_PARTS]
        if growing and self.chance.random() < 0.5:
            place = self.chance.choice(growing[-20:])
            before = self.rig.github.do(pushed, place)
            self.places[place] += 1
            return Event(place, "synchronize", str(uuid4()), before)
        place = self.rig.github.do(opened, len(self.places) % repositories)
        self.places[place] = 1
        return Event(place, "opened", str(uuid4()))

    def _send(self) -> None:
        waiting, self.open = self.open, []
        for event in waiting:
            if self.rig.github.do(deliver, event) == 202:
                self.acknowledged[event.guid] = event
            else:
                self.sent_again += 1
                self.open.append(event)


def rage(database: Database, kills: int, seed: int) -> Toll:
    """One storm, to its end."""
    repositories = max(10, kills // KILLS_A_REPOSITORY)
    variables = {
        "REVIEWBOT_QUIET_SECONDS": "2", "REVIEWBOT_REVIEWS_AN_HOUR": "1000", "REVIEWBOT_CANARY_EVERY": "5",
        "REVIEWBOT_BUDGETS": "{pull: {tokens: 10000000}, day: {tokens: 10000000000}}",
    }  # fmt: skip
    young = Hosted(nursery)
    try:
        with Rig(database=database, seconds=4.0, repositories=repositories, variables=variables) as rig:
            storm = Storm(rig, young, kills, seed)
            roles = ["--web", *["--worker"] * WORKERS]
            threads = [threading.Thread(target=storm.live, args=(role,), daemon=True) for role in roles]
            threads.append(threading.Thread(target=storm.people, args=(repositories,), daemon=True))
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            rig.wait_until_idle(LONGEST_END)
            return _toll(storm, _send_poisoned_again(storm))
    finally:
        young.end()


def _send_poisoned_again(storm: Storm) -> int:
    """Send the events of jobs that took too many workers down once more; how many those were."""
    poisoned = [guid for guid, state in _states(storm.rig).items() if state == "failed" and guid in storm.acknowledged]
    storm.open += [storm.acknowledged[guid] for guid in poisoned]
    storm.people(1)
    storm.rig.wait_until_idle(LONGEST_END)
    return len(poisoned)


def _states(rig: Rig) -> dict[str, str]:
    with rig.store.look() as connection:
        return dict(connection.execute(sa.select(JOBS.c.id, JOBS.c.state)).all())


def _toll(storm: Storm, poisoned: int) -> Toll:
    rig, states = storm.rig, _states(storm.rig)
    found = [
        f"the event {guid} was acknowledged, and its job is {states.get(guid, 'not there')}"
        for guid in storm.acknowledged
        if states.get(guid) not in {"done", "superseded"}
    ]
    found += [fault for place in storm.places for fault in rig.github.do(faults, place)]
    found += rig.github.do(misbehaved)
    heads = sa.select(REVIEWS.c.repository_id, REVIEWS.c.number, REVIEWS.c.head_sha).where(REVIEWS.c.state == "posted")
    with rig.store.look() as connection:
        posted = Counter(connection.execute(heads).all())
        lost = connection.scalar(sa.select(sa.func.count()).where(CALLS.c.outcome == "lost"))
    found += [f"{head} was reviewed and posted {count} times" for head, count in posted.items() if count > 1]
    questions = Counter(hashlib.sha256(question).digest() for question in rig.models.do(asked))
    if (again := sum(count - 1 for count in questions.values())) > lost:
        found.append(f"{again} questions were asked again, but only {lost} were under way at a kill")
    found += [f"a process ({role}) ended by itself: {rig.log_ends()}" for role in storm.ended_alone]
    return Toll(storm.kills, len(storm.acknowledged), storm.sent_again, poisoned, lost, found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000, help="all databases together")
    parser.add_argument("--database", choices=DATABASES, action="append", help="both, if nothing is said")
    parser.add_argument("--seed", type=int, default=20261121)
    wish = parser.parse_args()
    databases = wish.database or DATABASES
    failed = False
    for database in databases:
        began = time.monotonic()
        toll = rage(database, wish.kills // len(databases), wish.seed)
        for fault in toll.faults[:40]:
            print(fault)
        print(
            f"{database:10} {toll.kills['--web']} kills of the web, {toll.kills['--worker']} of workers; {toll.events} "
            f"events acknowledged, {toll.sent_again} sent again; {toll.lost_calls} calls under way at a kill, "
            f"{toll.poisoned} jobs given up and sent again; {time.monotonic() - began:.0f} s",
            flush=True,
        )
        print(f"{database:10} {len(toll.faults)} lost, doubled or otherwise wrong", flush=True)
        failed = failed or bool(toll.faults)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
