"""How long a review of 1,000 changed lines takes beside what its models take. Goal: 10 seconds for 95 of 100.

    python benchmarks/service_own_time.py [--quick]

The model takes 6 seconds, longer than a run waits before it reads the conversation, so that this wait is not counted
either. What is left is reading the pull request, preparing the prompt, judging the answers and posting them, with the
pauses of a second between writes that GitHub asks for. One review after the other, on SQLite. Exit 1 where the goal is
missed.
"""

import argparse
import sys
from uuid import uuid4

import sqlalchemy as sa
from service_rig import Rig, percentile
from service_world import Event, deliver, opened

from reviewbot.doors.service.store import CALLS, JOBS, REVIEWS

GOAL = 10.0
LINES = 1_000
ANSWER = 6.0


def measure(reviews: int) -> list[float]:
    """Seconds of each review, from the begin of its job to its end, without those of its calls."""
    with Rig(database="sqlite", seconds=ANSWER, repositories=reviews) as rig:
        rig.start("--web")
        rig.start("--worker")
        rig.wait_until_up()
        for repository in range(reviews):
            place = rig.github.do(opened, repository, lines=LINES)
            rig.github.do(deliver, Event(place, "opened", str(uuid4())))
            rig.wait_for_jobs(repository + 1, "done", patience=60)
        asked = sa.func.max(CALLS.c.ended) - sa.func.min(CALLS.c.started)
        own = (
            sa.select(JOBS.c.ended - JOBS.c.started - asked)
            .join(REVIEWS, REVIEWS.c.job_id == JOBS.c.id)
            .join(CALLS, CALLS.c.review_id == REVIEWS.c.id)
            .group_by(JOBS.c.id, JOBS.c.ended, JOBS.c.started)
        )
        with rig.store.look() as connection:
            return list(connection.scalars(own))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="two reviews instead of twenty")
    took = measure(2 if parser.parse_args().quick else 20)
    print(f"{LINES} changed lines, {len(took)} reviews: {', '.join(f'{seconds:.1f} s' for seconds in sorted(took))}")
    return int(not took or percentile(took, 95) > GOAL)


if __name__ == "__main__":
    sys.exit(main())
