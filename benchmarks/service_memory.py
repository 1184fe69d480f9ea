"""What 500 reviews that wait for their models take of one worker's memory. Goal: 1 GB.

    python benchmarks/service_memory.py [--reviews 500] [--quick]

A worker is allowed so many at once, and given so many; measured as the resident size of its process, first with nothing
to do, then when every model was asked and none has answered. On PostgreSQL. Exit 1 where the goal is missed.
"""

import argparse
import subprocess
import sys
import time
from uuid import uuid4

from service_rig import Rig
from service_world import Event, count_asked, deliver, opened

GOAL = 1_000.0
REPOSITORIES = 50
ANSWER = 600.0


def measure(reviews: int) -> tuple[float, float]:
    """Megabytes of the worker, idle and with all reviews under way."""
    variables = {"REVIEWBOT_CONCURRENCY": str(reviews)}
    with Rig(database="postgresql", seconds=ANSWER, repositories=REPOSITORIES, variables=variables) as rig:
        rig.start("--web")
        worker = rig.start("--worker")
        rig.wait_until_up()
        place = rig.github.do(opened, 0)
        rig.github.do(deliver, Event(place, "opened", str(uuid4())))
        wait_for_questions(rig, 1)  # by then everything that one review needs is loaded
        idle = resident(worker.pid)
        for at in range(1, reviews):
            place = rig.github.do(opened, at % REPOSITORIES)
            rig.github.do(deliver, Event(place, "opened", str(uuid4())))
        wait_for_questions(rig, reviews)
        return idle, resident(worker.pid)


def wait_for_questions(rig: Rig, count: int) -> None:
    until = time.monotonic() + ANSWER / 2
    while (asked := rig.models.do(count_asked)) < count:
        if time.monotonic() > until:
            raise TimeoutError(f"only {asked} models were asked: {rig.states()}; {rig.log_ends()}")
        time.sleep(0.5)


def resident(process: int) -> float:
    """Megabytes."""
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(process)], capture_output=True, check=True, text=True)
    return int(said.stdout) / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=500)
    parser.add_argument("--quick", action="store_true", help="50 reviews")
    asked = parser.parse_args()
    reviews = 50 if asked.quick else asked.reviews
    idle, busy = measure(reviews)
    each = (busy - idle) / (reviews - 1)
    print(f"{idle:.0f} MB with one review under way, {busy:.0f} MB with {reviews}: {each:.2f} MB each")
    return int(busy > GOAL)


if __name__ == "__main__":
    sys.exit(main())
