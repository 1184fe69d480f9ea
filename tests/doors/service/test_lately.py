"""What was done within the hour, and whom it holds back."""

import pytest
import sqlalchemy as sa
from received import asked, delivery, push, reviewed, taker

from reviewbot.doors.service.jobs import Job, read_job
from reviewbot.doors.service.lately import asked_of_late, pause_of_reviews, was_cut_off
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import JOBS, Store, now
from reviewbot.forge.command import Help
from reviewbot.forge.event import Command
from reviewbot.forge.webhook import Delivery


def order(guid: str, actor: str = "ada", installation_id: int = 1) -> Delivery:
    task = Command(number=7, comment_id=1, actor=actor, order=Help())
    return delivery(guid, task, actor=actor, installation_id=installation_id)


def took(store: Store, *deliveries: Delivery) -> Job:
    """The last one's job."""
    taker(store, Queue(store))(*deliveries)
    job = read_job(store, deliveries[-1].guid)
    assert job is not None
    return job


def test_a_review_waits_until_fewer_were_begun_within_the_hour(store: Store) -> None:
    """THREATS S24."""
    job = took(store, push("p1"), push("p2"), push("p3"), push("p4"), push("me"))
    reviewed(store, "p1", "posted", ago=3_000)
    reviewed(store, "p2", "superseded", calls=1, ago=2_000)
    reviewed(store, "p3", "posted", ago=1_000)
    reviewed(store, "p4", "posted", ago=4_000)
    reviewed(store, "me", "posted")
    pauses = [pause_of_reviews(store, job, most) for most in (1, 2, 3, 4)]
    assert pauses == [pytest.approx(pause, abs=1) for pause in (2_600, 1_600, 600, 0)]


def test_what_asked_nobody_and_what_a_command_asked_for_is_no_loop(store: Store) -> None:
    job = took(store, push("free"), order("ask"), push("other", 8), push("me"))
    reviewed(store, "free", "superseded")
    reviewed(store, "ask", "posted", calls=1)
    reviewed(store, "other", "posted", calls=1, number=8)
    assert pause_of_reviews(store, job, 1) == 0


def test_whoever_asks_is_counted_whatever_they_ask_for(store: Store) -> None:
    """THREATS S23."""
    others = (order("c1"), order("bob", actor="bob"), order("else", installation_id=2), order("old"), push("p"))
    job = took(store, *others, asked("a1"), asked("a2"))
    with store.begin() as connection:
        connection.execute(sa.update(JOBS).where(JOBS.c.id == "old").values(received=now(store) - 4_000))
    assert asked_of_late(store, job) == 2


@pytest.mark.parametrize("held", [True, False])
def test_a_call_without_a_bill_is_told_from_one_that_is_paid(store: Store, held: bool) -> None:
    job = took(store, push("me"))
    reviewed(store, "me", "running", calls=2, held=held)
    reviewed(store, "other", "running", calls=1, held=True)
    assert was_cut_off(store, job) is held
