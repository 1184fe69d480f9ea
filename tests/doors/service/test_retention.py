"""What is too old goes, and what somebody took back goes at once, to the last byte (THREATS S40)."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from reviewbot.doors.service import retention
from reviewbot.doors.service.checks import OpenCheck, note_open
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import Job, read_job, receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.retention import expire, forget
from reviewbot.doors.service.store import CALLS, CHECKS, JOBS, REVIEWS, TURNS, Store, open_store
from reviewbot.forge.event import Forget, Review, Task
from reviewbot.forge.webhook import Delivery

DAY = 86_400.0
MONTH = Config(retention_days=30)
CANARY = "def charge(card):  # the customer's own words"


def given_job(
    store: Store,
    name: str,
    *,
    task: Task | None = None,
    state: str = "done",
    days: float = 0.0,
    installation_id: int = 61,
    repository_id: int | None = 7,
) -> Job:
    """A job with a place in the queue, received so many days ago; a review has a record and a call."""
    task, queue, received = task or Review(number=1, head_sha="a" * 40), Queue(store), time.time() - days * DAY
    delivery = Delivery(
        guid=name, event="pull_request", action="opened", installation_id=installation_id,
        repository_id=repository_id, repository="octo/shop", actor="ada", task=task,
    )  # fmt: skip
    assert receive(store, queue, delivery, Config())
    ended = None if state in {"waiting", "running", "parked"} else received
    with store.begin() as connection:
        row = sa.update(JOBS).where(JOBS.c.id == name)
        connection.execute(row.values(state=state, received=received, ended=ended, lane=name))
    if isinstance(task, Review):
        given_review(store, name, installation_id=installation_id, repository_id=repository_id)
    found = read_job(store, name)
    assert found
    return found


def given_review(store: Store, name: str, *, installation_id: int = 61, repository_id: int | None = 7) -> None:
    """The review of a job, with one call that was answered."""
    ours: dict[str, Any] = {"installation_id": installation_id, "repository_id": repository_id, "number": 1}
    ours["started"] = time.time()
    with store.begin() as connection:
        connection.execute(
            sa.insert(REVIEWS).values(
                id=f"review of {name}", job_id=name, key="key", repository="octo/shop", head_sha="a" * 40,
                state="posted", record=CANARY * 500, report=CANARY, **ours,
            )
        )  # fmt: skip
        connection.execute(
            sa.insert(CALLS).values(
                review_id=f"review of {name}", worker="w", provider="openai", member="openai/x", lens="security",
                question="q", turn=1, held_tokens=0, held_usd=0.0, outcome="ok", reply=CANARY, **ours,
            )
        )  # fmt: skip


def left(store: Store) -> tuple[set[str], set[str], int, int]:
    """The names of the jobs, those of the jobs that have a review, and how many calls and turns in the queue."""
    with store.look() as connection:
        jobs = set(connection.scalars(sa.select(JOBS.c.id)))
        reviews = set(connection.scalars(sa.select(REVIEWS.c.job_id)))
        calls = connection.execute(sa.select(sa.func.count()).select_from(CALLS)).scalar_one()
        schema = "dbos." if store.engine.dialect.name == "postgresql" else ""
        turns = connection.execute(sa.text(f"SELECT count(*) FROM {schema}workflow_status")).scalar_one()  # noqa: S608
    return jobs, reviews, calls, turns


def bytes_of(store: Store) -> bytes:
    """Everything that SQLite keeps on disk."""
    path = Path(store.engine.url.database or "")
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


def test_what_has_ended_goes_with_all_it_left_when_it_is_too_old(each_store: Store) -> None:
    for name, days in (("old", 31.0), ("older", 300.0), ("young", 29.0)):
        given_job(each_store, name, days=days)
    assert left(each_store) == ({"old", "older", "young"}, {"old", "older", "young"}, 3, 3)
    assert expire(each_store, Queue(each_store), MONTH) == 2
    assert left(each_store) == ({"young"}, {"young"}, 1, 1)
    assert expire(each_store, Queue(each_store), MONTH) == 0


@pytest.mark.parametrize("state", ["waiting", "running", "parked"])
def test_a_job_that_has_not_ended_stays_however_old_it_is(store: Store, state: str) -> None:
    given_job(store, "old", state=state, days=400.0)
    assert expire(store, Queue(store), MONTH) == 0
    assert left(store) == ({"old"}, {"old"}, 1, 1)


def test_more_than_one_batch_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for number in range(5):
        given_job(store, f"old {number}", days=31.0)
    assert expire(store, Queue(store), MONTH) == 5
    assert left(store) == (set(), set(), 0, 0)


def test_what_belongs_to_no_job_goes_with_the_next_that_expires(store: Store) -> None:
    given_job(store, "young")
    given_review(store, "forgotten")
    expire(store, Queue(store), MONTH)
    assert left(store) == ({"young"}, {"young"}, 1, 1)


def test_a_check_run_is_forgotten_with_its_review(store: Store) -> None:
    for name, days in (("old", 31.0), ("young", 0.0)):
        given_job(store, name, days=days)
        with store.begin() as connection:
            note_open(connection, store, OpenCheck(f"review of {name}", "a" * 40, "key", 61, 7, "octo/shop"))
            note_open(connection, store, OpenCheck("review of nobody", "a" * 40, "key", 61, 7, "octo/shop"))
    expire(store, Queue(store), MONTH)
    with store.look() as connection:
        assert list(connection.scalars(sa.select(CHECKS.c.review_id))) == ["review of young"]


def test_the_turns_of_a_job_that_was_forgotten_while_it_ran_go_a_day_after_they_ended(each_store: Store) -> None:
    given_job(each_store, "young")
    given_job(each_store, "runs", state="running")
    order = given_job(each_store, "order", task=Forget(repository_ids=None), state="running", repository_id=None)
    forget(each_store, Queue(each_store), order)
    given_job(each_store, "later")
    for days, turns in ((0.5, 3), (2.0, 2)):
        ended = round((time.time() - days * DAY) * 1_000)
        schema = "dbos." if each_store.engine.dialect.name == "postgresql" else ""
        with each_store.begin() as connection:
            all_of_them = f"UPDATE {schema}workflow_status SET status = 'SUCCESS', completed_at = {ended}"  # noqa: S608
            connection.execute(sa.text(all_of_them))
        expire(each_store, Queue(each_store), MONTH)
        assert left(each_store)[3] == turns


def test_the_pace_of_an_installation_goes_when_it_sent_nothing_for_a_day_and_has_no_job(each_store: Store) -> None:
    at = time.time()
    given_job(each_store, "waits", state="waiting", installation_id=3)
    paces = {1: [at - 2 * DAY], 2: [at - 2 * DAY, at - 60], 3: [at - 2 * DAY], 4: []}
    with each_store.begin() as connection:
        for installation_id, writes in paces.items():
            row = {"installation_id": installation_id, "writes": json.dumps(writes), "held_until": 0.0}
            connection.execute(sa.insert(TURNS).values(row))
        connection.execute(sa.update(TURNS).where(TURNS.c.installation_id == 4).values(held_until=at + 60))
    expire(each_store, Queue(each_store), MONTH)
    with each_store.look() as connection:
        assert set(connection.scalars(sa.select(TURNS.c.installation_id))) == {2, 3, 4}


def test_an_installation_that_is_gone_is_forgotten_and_the_order_to_is_kept(each_store: Store) -> None:
    for state in ("done", "waiting", "parked"):
        given_job(each_store, state, state=state)
    given_job(each_store, "another repository", repository_id=8)
    given_job(each_store, "another installation", installation_id=62)
    given_job(each_store, "an earlier order", task=Forget(repository_ids=(8,)), repository_id=None)
    order = given_job(each_store, "order", task=Forget(repository_ids=None), state="running", repository_id=None)
    said = forget(each_store, Queue(each_store), order)
    assert said == "4 jobs deleted, with reviews and calls"
    orders = {"order", "an earlier order"}
    assert left(each_store) == ({*orders, "another installation"}, {"another installation"}, 1, 3)


def test_only_the_repositories_that_were_taken_away_are_forgotten(store: Store) -> None:
    for repository_id in (7, 8, 9):
        given_job(store, f"of {repository_id}", repository_id=repository_id)
    order = given_job(store, "order", task=Forget(repository_ids=(7, 9)), state="running", repository_id=None)
    forget(store, Queue(store), order)
    assert left(store)[:2] == ({"of 8", "order"}, {"of 8"})


def test_what_came_in_after_the_access_was_given_back_stays(store: Store) -> None:
    given_job(store, "before")
    order = given_job(store, "order", task=Forget(repository_ids=(7,)), state="running", repository_id=None)
    given_job(store, "after", state="waiting")
    forget(store, Queue(store), order)
    assert left(store)[:2] == ({"order", "after"}, {"after"})


def test_a_job_that_runs_finds_itself_gone_and_its_lane_stays_busy_until_it_ends(store: Store) -> None:
    given_job(store, "runs", state="running")
    order = given_job(store, "order", task=Forget(repository_ids=None), state="running", repository_id=None)
    forget(store, Queue(store), order)
    assert read_job(store, "runs") is None
    assert left(store) == ({"order"}, set(), 0, 2)


def test_no_byte_of_what_is_forgotten_is_left_in_the_file(store: Store) -> None:
    given_job(store, "one")
    with store.begin() as connection:  # a second try writes its record over the first
        connection.execute(sa.update(REVIEWS).values(record="short"))
        connection.execute(sa.update(REVIEWS).values(record=CANARY * 900))
    order = given_job(store, "order", task=Forget(repository_ids=None), state="running", repository_id=None)
    assert bytes_of(store).count(CANARY.encode()) > 100
    forget(store, Queue(store), order)
    assert bytes_of(store).count(CANARY.encode()[:12]) == 0
    store.engine.dispose()
    assert bytes_of(store).count(CANARY.encode()[:12]) == 0


def test_what_calls_of_this_day_cost_outlives_them_without_a_name_or_a_word(each_store: Store) -> None:
    """Else who takes access back and gives it again would begin a new day's budget (THREATS L19)."""
    for name, days in (("one", 0.0), ("two", 31.0)):
        given_job(each_store, name, days=days)
    with each_store.begin() as connection:
        connection.execute(sa.update(CALLS).values(usd=0.5, output=100, outcome=None))
        older = sa.update(CALLS).where(CALLS.c.review_id == "review of two")
        connection.execute(older.values(started=CALLS.c.started - DAY))
    order = given_job(each_store, "order", task=Forget(repository_ids=None), state="running", repository_id=None)
    forget(each_store, Queue(each_store), order)
    forget(each_store, Queue(each_store), order)
    with each_store.look() as connection:
        (row,) = connection.execute(sa.select(CALLS)).all()
    assert (row.usd, row.output, row.outcome) == (0.5, 100, "lost")
    assert (row.installation_id, row.repository_id, row.number, row.lens, row.reply) == (0, 0, 0, "", None)
    if each_store.engine.dialect.name == "sqlite":
        assert bytes_of(each_store).count(CANARY.encode()[:12]) == 0
    with each_store.begin() as connection:
        connection.execute(sa.update(CALLS).values(started=CALLS.c.started - DAY))
    expire(each_store, Queue(each_store), MONTH)
    assert left(each_store)[2] == 0


def test_where_somebody_is_reading_the_log_is_emptied_the_next_time(store: Store, sqlite_url: str) -> None:
    given_job(store, "one", days=31.0)
    reader = open_store(sqlite_url)
    with reader.engine.connect() as reading:
        reading.exec_driver_sql("BEGIN")
        assert reading.execute(sa.select(sa.func.count()).select_from(REVIEWS)).scalar_one() == 1
        began = time.monotonic()
        expire(store, Queue(store), MONTH)
        assert time.monotonic() - began < 5, "writers wait meanwhile"
    assert CANARY.encode() in bytes_of(store)
    expire(store, Queue(store), MONTH)
    assert CANARY.encode() not in bytes_of(store)
    reader.engine.dispose()
