"""Reviews a minute with one, two and four workers on PostgreSQL, where a model takes 3 seconds.

    python benchmarks/service_workers.py [--reviews 96] [--quick]

Each worker takes four reviews at once, so that it waits more than it works and what is measured is how they share. All
events are there when the workers start. Measured from the begin of the first review to the end of the last, each of a
repository and installation of its own, whose pace bounds nobody else. Goals: 1.9 and 3.5 times as many as with one.
Exit 1 where they are missed.
"""

import argparse
import sys
from uuid import uuid4

import sqlalchemy as sa
from service_rig import Rig
from service_world import Event, deliver, opened

from reviewbot.doors.service.store import JOBS

GOALS = {2: 1.9, 4: 3.5}
"""How much faster than one."""
AT_ONCE = 4


def measure(workers: int, reviews: int) -> float:
    """Reviews a minute."""
    variables = {"REVIEWBOT_CONCURRENCY": str(AT_ONCE)}
    with Rig(database="postgresql", seconds=3.0, repositories=reviews, variables=variables) as rig:
        rig.start("--web")
        rig.wait_until_up()
        for repository in range(reviews):
            place = rig.github.do(opened, repository)
            rig.github.do(deliver, Event(place, "opened", str(uuid4())))
        for _ in range(workers):
            rig.start("--worker")
        rig.wait_until_idle(60 + 20 * reviews / AT_ONCE / workers)
        with rig.store.look() as connection:
            span = sa.select(sa.func.min(JOBS.c.started), sa.func.max(JOBS.c.ended), sa.func.count())
            began, ended, done = connection.execute(span.where(JOBS.c.state == "done")).one()
        if done < reviews:
            raise RuntimeError(f"not every review is done: {rig.states()}")
        return float(60 * done / (ended - began))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reviews", type=int, default=96)
    parser.add_argument("--quick", action="store_true", help="24 reviews, and no four workers")
    asked = parser.parse_args()
    rates: dict[int, float] = {}
    for workers in (1, 2) if asked.quick else (1, 2, 4):
        rates[workers] = measure(workers, 24 if asked.quick else asked.reviews)
        print(f"{workers} workers: {rates[workers]:.1f} reviews a minute", flush=True)
    return int(any(rates[many] < GOALS[many] * rates[1] for many in rates if many > 1))


if __name__ == "__main__":
    sys.exit(main())
