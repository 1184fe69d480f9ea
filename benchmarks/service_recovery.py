"""How long work stands still when a worker is killed. Goal: 100 reviews under way go on within 30 seconds.

    python benchmarks/service_recovery.py [--quick]

One worker has 100 reviews under way, each waiting for its model, when it is killed -9; another is started at once. A
worker counts as dead 19 seconds after its last beat (`workers`), and then its jobs are taken over. Measured until the
last of the models was asked again, on SQLite and on PostgreSQL. Exit 1 where the goal is missed.
"""

import argparse
import sys
import time
from uuid import uuid4

import sqlalchemy as sa
from service_rig import DATABASES, Database, Rig
from service_world import Event, deliver, opened

from reviewbot.doors.service.store import CALLS, now

GOAL = 30.0
REPOSITORIES = 25
ANSWER = 90.0
"""Seconds a model takes: longer than it takes to begin all reviews, and to take them over."""


def measure(database: Database, reviews: int) -> float:
    """Seconds from the kill until the last review goes on."""
    variables = {"REVIEWBOT_CONCURRENCY": str(reviews)}
    with Rig(database=database, seconds=ANSWER, repositories=REPOSITORIES, variables=variables) as rig:
        rig.start("--web")
        worker = rig.start("--worker")
        rig.wait_until_up()
        for at in range(reviews):
            place = rig.github.do(opened, at % REPOSITORIES)
            rig.github.do(deliver, Event(place, "opened", str(uuid4())))
        wait_for_calls(rig, reviews, since=0.0)
        with rig.store.look() as connection:
            killed = connection.scalar(sa.select(now(rig.store)))
        worker.kill()
        rig.start("--worker")
        wait_for_calls(rig, reviews, since=killed)
        with rig.store.look() as connection:
            first = sa.select(sa.func.min(CALLS.c.started).label("again")).where(CALLS.c.started > killed)
            again = connection.scalar(sa.select(sa.func.max(first.group_by(CALLS.c.review_id).subquery().c.again)))
        return float(again - killed)


def wait_for_calls(rig: Rig, reviews: int, since: float) -> None:
    """Until so many reviews have asked a model since then, by the database's clock."""
    asked = sa.select(sa.func.count(CALLS.c.review_id.distinct())).where(CALLS.c.started > since)
    until = time.monotonic() + ANSWER
    while True:
        with rig.store.look() as connection:
            count = connection.scalar(asked)
        if count >= reviews:
            return
        if time.monotonic() > until:
            raise TimeoutError(f"only {count} reviews have asked their model: {rig.states()}; {rig.log_ends()}")
        time.sleep(0.2)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="20 reviews")
    reviews = 20 if parser.parse_args().quick else 100
    took = {database: measure(database, reviews) for database in DATABASES}
    for database, seconds in took.items():
        print(f"{database:10} {reviews} reviews went on within {seconds:.1f} s of the kill")
    return int(max(took.values()) > GOAL)


if __name__ == "__main__":
    sys.exit(main())
