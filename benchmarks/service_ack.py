"""How soon an event is acknowledged while the worker is busy. Goal: p99 within 100 ms at 50 deliveries a second.

    python benchmarks/service_ack.py [--seconds 30] [--quick]

Sixteen reviews are under way, as many as a worker takes at once, when events begin to come in, 50 a second, each on a
connection of its own and on time whether or not the one before was answered. Measured from the moment at which an event
was due, on SQLite and on PostgreSQL. Exit 1 where the goal is missed, an event was refused, or one that was
acknowledged is not in the database.
"""

import argparse
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from typing import NamedTuple
from uuid import uuid4

import sqlalchemy as sa
from service_rig import DATABASES, Database, Rig, percentile
from service_world import Event, deliver, opened, sealed

from reviewbot.doors.service.store import JOBS

RATE = 50
GOAL = 0.1
REPOSITORIES = 20
BUSY = 16


class Ack(NamedTuple):
    """What came of an event. `status` 0 is no answer."""

    status: int
    seconds: float


def measure(database: Database, seconds: int) -> tuple[list[Ack], int]:
    """The answers, and how many acknowledged events are not in the database."""
    with Rig(database=database, seconds=3.0, repositories=REPOSITORIES) as rig:
        rig.start("--web")
        rig.start("--worker")
        rig.wait_until_up()
        places = [rig.github.do(opened, at % REPOSITORIES) for at in range(2 * REPOSITORIES)]
        for place in places:
            rig.github.do(deliver, Event(place, "opened", str(uuid4())))
        rig.wait_for_jobs(BUSY, "running", patience=60)
        events = [
            Event(places[at % len(places)], "synchronize", str(uuid4()), before="0" * 40)
            for at in range(RATE * seconds)
        ]
        acks = send(rig.port, rig.github.do(sealed, events))
        with rig.store.look() as connection:
            known = set(connection.scalars(sa.select(JOBS.c.id)))
        taken = [event.guid for event, ack in zip(events, acks, strict=True) if ack.status == 202]
        return acks, len(set(taken) - known)


def send(port: int, requests: list[tuple[dict[str, str], bytes]]) -> list[Ack]:
    """Send one after the other at the rate, and wait for all answers."""

    def post(due: float, headers: dict[str, str], body: bytes) -> Ack:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("POST", "/webhook", body, headers)
            status = connection.getresponse().status
        except (OSError, HTTPException):
            status = 0
        finally:
            connection.close()
        return Ack(status, time.monotonic() - due)

    with ThreadPoolExecutor(10 * RATE) as pool:
        began, waiting = time.monotonic(), []
        for at, (headers, body) in enumerate(requests):
            due = began + at / RATE
            time.sleep(max(0.0, due - time.monotonic()))
            waiting.append(pool.submit(post, due, headers, body))
        return [each.result() for each in waiting]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--quick", action="store_true", help="5 seconds")
    asked = parser.parse_args()
    missed = False
    for database in DATABASES:
        acks, lost = measure(database, 5 if asked.quick else asked.seconds)
        took = [1000 * ack.seconds for ack in acks]
        p50, p99 = percentile(took, 50), percentile(took, 99)
        refused = sum(ack.status != 202 for ack in acks)
        print(
            f"{database:10} {len(acks)} events: p50 {p50:.0f} ms, p99 {p99:.0f} ms, max {max(took):.0f} ms; "
            f"{refused} not acknowledged, {lost} lost"
        )
        missed = missed or p99 > 1000 * GOAL or refused > 0 or lost > 0
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
