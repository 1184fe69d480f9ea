"""Jobs from their delivery to their end: once, whatever comes twice, too late or out of order."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from received import AT_ONCE, HEAD, asked, column, delivery, enrol, push, reviewed, states, taker

from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import (
    BACKOFF,
    Job,
    begin_job,
    end_job,
    is_superseded,
    lane_of,
    name_pulls,
    park_job,
    patiently,
    read_job,
    read_task,
    receive,
    write_task,
)
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import JOBS, Away, Store
from reviewbot.doors.service.workers import Fenced, retire
from reviewbot.forge.clock import Clock
from reviewbot.forge.command import Again, Ask, Dismiss, Help, Misuse
from reviewbot.forge.event import Cancel, Command, Forget, Nothing, Review, Task

TEXT = st.text(max_size=20)
NUMBER = st.integers(1, 2**40)
ORDERS = st.one_of(
    st.just(Again()),
    st.just(Help()),
    st.builds(Ask, question=TEXT),
    st.builds(Misuse, why=TEXT),
    st.builds(Dismiss, ids=st.lists(TEXT).map(tuple), reason=TEXT),
)
TASKS = st.one_of(
    st.builds(Review, number=NUMBER | st.none(), head_sha=TEXT | st.none(), asked=st.booleans(), at=TEXT),
    st.builds(Command, number=NUMBER, comment_id=NUMBER, actor=TEXT, order=ORDERS),
    st.builds(Cancel, number=NUMBER, why=TEXT),
    st.builds(Forget, repository_ids=st.lists(NUMBER).map(tuple) | st.none()),
)
BEFORE, NOON = "2026-11-21T11:59:59Z", "2026-11-21T12:00:00Z"
CLOSED = Cancel(number=7, why="it was closed")


@pytest.fixture
def queue(store: Store) -> Queue:
    enrol(store, "w1", "w2")
    return Queue(store)


@pytest.fixture
def take(store: Store, queue: Queue) -> Callable[..., bool]:
    return taker(store, queue)


def order(guid: str, **facts: Any) -> Any:
    return delivery(guid, Command(number=7, comment_id=1, actor=facts.get("actor", "ada"), order=Help()), **facts)


def begun(store: Store, job_id: str, attempt: int = 1, worker: str = "w1") -> Job:
    job = begin_job(store, job_id, attempt, worker=worker)
    assert job is not None
    return job


@given(task=TASKS)
def test_a_task_is_read_as_it_was_written(task: Task) -> None:
    assert read_task(write_task(task)) == task


def test_jobs_that_must_not_meet_share_a_lane_and_no_others_do() -> None:
    nameless = delivery("d", Review(number=None, head_sha=HEAD))
    same = [push("d"), order("d"), delivery("d", CLOSED), asked("d")]
    assert {lane_of(one) for one in same} == {"1/5/7"}
    others = [push("d", 8), push("d", repository_id=6), push("d", installation_id=2), nameless]
    others.append(delivery("d", Forget(repository_ids=None), repository_id=None))
    assert [lane_of(one) for one in others] == ["1/5/8", "1/6/7", "2/5/7", f"1/5/{HEAD}", "1"]


def test_a_delivery_is_a_job_with_all_it_told(store: Store, take: Callable[..., bool]) -> None:
    assert take(push("d1"))
    job = read_job(store, "d1")
    assert job is not None
    assert job.task == Review(number=7, head_sha=HEAD)
    assert (job.lane, job.kind, job.state, job.attempt, job.number) == ("1/5/7", "review", "waiting", 1, 7)
    assert read_job(store, "d2") is None


def test_where_there_is_nothing_to_do_nothing_is_written(store: Store, take: Callable[..., bool]) -> None:
    assert not take(delivery("d1", Nothing(why="ping")))
    assert states(store) == {}


def test_the_same_delivery_a_hundred_times_at_once_is_one_job(each_store: Store) -> None:
    """THREATS G02."""
    queue, new = Queue(each_store), []

    def take() -> None:
        new.extend(receive(each_store, queue, push("d1"), AT_ONCE) for _ in range(10))

    threads = [threading.Thread(target=take) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [False] * 99 + [True]
    assert (states(each_store), column(each_store, "d1", "queued")) == ({"d1": "waiting"}, 1)


def test_what_came_to_nothing_is_tried_again_when_it_is_sent_again(
    store: Store, queue: Queue, take: Callable[..., bool]
) -> None:
    """THREATS G02. A sweep finds failed deliveries each hour: it does not count."""
    for number, state in enumerate(("done", "refused", "superseded", "failed")):
        take(push(state, number))
        assert end_job(store, begun(store, state), state, "so")
        assert not receive(store, queue, push(state, number), AT_ONCE, swept=True)
        assert take(push(state, number)) is (state in {"failed", "refused"})
    again = begun(store, "failed")
    assert (again.attempt, again.deaths) == (1, 0), "with all its tries before it"
    take(push("later", 3), delivery("x", Cancel(number=3, why="it was closed")))
    assert is_superseded(store, again) is None, "a person asked for it"


def test_a_burst_of_pushes_costs_its_first_and_its_last(store: Store, queue: Queue) -> None:
    """THREATS S29: of 40 pushes the first is begun before the others come."""
    config = Config(quiet=30)
    receive(store, queue, push("p0"), config)
    first = begun(store, "p0")
    for number in range(1, 40):
        receive(store, queue, delivery(f"p{number}", Review(number=7, head_sha=f"{number:040}")), config)
    later = is_superseded(store, first)
    assert later is not None
    assert later.id == "p1"
    assert end_job(store, first, "superseded", "it moved on")
    assert [job_id for job_id, state in states(store).items() if state != "superseded"] == ["p39"]
    assert column(store, "p39", "due") - column(store, "p39", "received") == pytest.approx(30, abs=5.0)
    assert column(store, "p0", "due") - column(store, "p0", "received") == pytest.approx(0, abs=5.0)


@pytest.mark.parametrize(("stopped", "delay"), [(0, 0), (1, 60), (2, 120), (5, 960), (9, 960)])
def test_a_push_waits_longer_the_more_paid_reviews_pushes_have_stopped(
    store: Store, queue: Queue, stopped: int, delay: float
) -> None:
    """THREATS S29: pushes may come slower than a burst and faster than a review."""
    for number in range(stopped):
        reviewed(store, f"r{number}", "superseded", calls=1)
    reviewed(store, "free", "superseded")
    reviewed(store, "posted", "posted", calls=1)
    reviewed(store, "old", "superseded", calls=1, ago=4_000)
    reviewed(store, "other", "superseded", calls=1, number=8)
    receive(store, queue, push("p"), Config(quiet=30))
    receive(store, queue, asked("a"), Config(quiet=30))
    assert column(store, "p", "due") - column(store, "p", "received") == pytest.approx(delay, abs=5.0)
    assert column(store, "a", "due") - column(store, "a", "received") == pytest.approx(0, abs=5.0)


def test_a_person_waits_for_no_burst(store: Store, queue: Queue) -> None:
    config = Config(quiet=30)
    for one in (push("p"), asked("a"), order("c"), delivery("x", CLOSED), push("other", 8)):
        receive(store, queue, one, config)
        assert column(store, one.guid, "due") - column(store, one.guid, "received") == pytest.approx(0, abs=5.0)


def test_what_nobody_asked_for_ends_with_the_next_push_and_what_a_person_asked_for_does_not(
    store: Store, take: Callable[..., bool]
) -> None:
    take(push("p1"), asked("a"), order("c"), push("p2", 8), push("p3", installation_id=2), push("p4"))
    assert states(store) == {
        "p1": "superseded", "a": "waiting", "c": "waiting", "p2": "waiting", "p3": "waiting", "p4": "waiting",
    }  # fmt: skip
    take(delivery("x", CLOSED))
    assert states(store)["p4"] == "superseded"
    assert states(store)["a"] == "waiting"


def test_a_running_review_is_told_what_came_after_it(store: Store, take: Callable[..., bool]) -> None:
    """THREATS G07. A command does not count: whoever gave it may have no right to."""
    take(push("p1"))
    job = begun(store, "p1")
    take(order("c"), push("other", 8))
    assert is_superseded(store, job) is None
    take(delivery("x", CLOSED), push("p2"))
    later = is_superseded(store, job)
    assert later is not None
    assert later.task == CLOSED


@pytest.mark.parametrize(
    ("task", "action", "is_news"),
    [
        (Review(number=7, head_sha="b" * 40, at=NOON), "synchronize", True),
        (Review(number=7, head_sha="b" * 40), "synchronize", True),
        (Review(number=7, head_sha="b" * 40, at=BEFORE), "synchronize", False),
        (Review(number=7, head_sha=HEAD, at=NOON), "reopened", False),
        (Review(number=7, head_sha=HEAD, asked=True), "labeled", False),
        (Review(number=7, head_sha=HEAD, at=NOON), "edited", True),
        (Cancel(number=7, why="it was closed", at=NOON), "closed", True),
        (Cancel(number=7, why="it was closed", at=BEFORE), "closed", False),
    ],
)
def test_what_brings_nothing_new_stops_no_review_that_was_paid_for(
    store: Store, take: Callable[..., bool], task: Task, action: str, is_news: bool
) -> None:
    """THREATS G07: what GitHub wrote earlier, and the same head again, unless its base is another one (G37)."""
    take(delivery("d", Review(number=7, head_sha=HEAD, at=NOON)))
    job = begun(store, "d")
    take(delivery("later", task, action=action))
    assert (is_superseded(store, job) is not None) is is_news


def test_a_review_that_followed_the_head_is_not_stopped_by_the_event_of_that_head(
    store: Store, take: Callable[..., bool]
) -> None:
    take(push("d"))
    job = begun(store, "d")
    reviewed(store, "d", "running", head="b" * 40)
    take(delivery("later", Review(number=7, head_sha="b" * 40)))
    assert is_superseded(store, job) is None
    take(delivery("back", Review(number=7, head_sha=HEAD)))
    later = is_superseded(store, job)
    assert later is not None
    assert later.id == "back"


@pytest.mark.parametrize(("ids", "gone"), [(None, True), ((4, 5), True), ((6,), False)])
def test_whoever_lost_access_is_told_whatever_runs(
    store: Store, take: Callable[..., bool], ids: tuple[int, ...] | None, gone: bool
) -> None:
    """THREATS S40: also where the rows are deleted already."""
    take(order("c"))
    job = begun(store, "c")
    take(delivery("f", Forget(repository_ids=ids), repository_id=None, repository=None))
    with store.begin() as connection:
        connection.execute(sa.delete(JOBS).where(JOBS.c.id == "c"))
    assert (is_superseded(store, job) is not None) is gone
    assert not end_job(store, job, "done", "so")
    assert begin_job(store, "c", 1, worker="w1") is None


def test_a_job_begins_once_and_again_only_where_it_runs(store: Store, take: Callable[..., bool]) -> None:
    take(push("p1"))
    assert begun(store, "p1").state == "running"
    assert begin_job(store, "p1", 1, worker="w2") is None
    assert begun(store, "p1").worker == "w1"
    assert begin_job(store, "p1", 2, worker="w1") is None
    assert begin_job(store, "nobody", 1, worker="w1") is None


def test_a_worker_that_was_given_up_begins_nothing(store: Store, take: Callable[..., bool]) -> None:
    take(push("p1"))
    retire(store, "w1")
    with pytest.raises(Fenced):
        begin_job(store, "p1", 1, worker="w1")
    assert states(store) == {"p1": "waiting"}


def test_of_a_lane_one_job_runs_and_another_one_waits_for_its_end(
    each_store: Store,
) -> None:
    """The queue may give two of them their turns at once where one comes while the other is taken."""
    enrol(each_store, "w1", "w2")
    taker(each_store, Queue(each_store))(order("c1"), order("c2"))
    first, second = begun(each_store, "c1"), []
    thread = threading.Thread(
        target=lambda: second.append(begin_job(each_store, "c2", 1, worker="w2", pause=0.01)), daemon=True
    )
    thread.start()
    thread.join(0.1)
    assert (thread.is_alive(), states(each_store)) == (True, {"c1": "running", "c2": "waiting"})
    end_job(each_store, first, "done", "so")
    thread.join(5)
    assert [job.id for job in second] == ["c2"]


def test_a_parked_job_has_another_attempt(store: Store, queue: Queue, take: Callable[..., bool]) -> None:
    take(push("p1"))
    job = begun(store, "p1")
    assert park_job(store, queue, job, "GitHub asked us to wait", 60)
    assert not park_job(store, queue, job, "again", 60)
    assert not end_job(store, job, "done", "so")
    assert begin_job(store, "p1", 1, worker="w1") is None
    again = begun(store, "p1", 2)
    assert (again.said, again.seq) == ("GitHub asked us to wait", job.seq)
    assert column(store, "p1", "due") > column(store, "p1", "received") + 59


def test_only_whoever_runs_a_job_ends_it(store: Store, queue: Queue, take: Callable[..., bool]) -> None:
    take(push("p1"))
    job = begun(store, "p1")
    other = job.model_copy(update={"worker": "w2"})
    assert not end_job(store, other, "done", "so")
    assert not park_job(store, queue, other, "so", 1)
    assert end_job(store, job, "refused", "so")
    assert not end_job(store, job, "done", "so")
    ended = read_job(store, "p1")
    assert ended is not None
    assert (ended.state, ended.said, ended.ended is None) == ("refused", "so", False)


def test_a_head_that_is_named_goes_on_as_a_job_of_each_of_its_pull_requests(
    store: Store, queue: Queue, take: Callable[..., bool]
) -> None:
    """THREATS G27."""
    take(delivery("d", Review(number=None, head_sha=HEAD, asked=True, whole=True)))
    job = begun(store, "d")
    for _ in range(2):
        name_pulls(store, queue, job, (9, 10))
    assert states(store) == {"d": "running", "d#9": "waiting", "d#10": "waiting"}
    follower = begun(store, "d#9")
    assert follower.task == Review(number=9, head_sha=HEAD, asked=True, whole=True)
    assert (follower.lane, follower.repository, follower.actor) == ("1/5/9", "octo/shop", "ada")


def test_a_database_that_is_away_is_waited_for_and_no_longer_than_said() -> None:
    slept: list[float] = []
    clock = Clock(now=lambda: sum(slept), sleep=slept.append)
    answers = iter([Away("x"), Away("x"), "here"])

    def ask() -> str:
        answer = next(answers)
        if isinstance(answer, Away):
            raise answer
        return answer

    assert patiently(ask, clock=clock) == "here"
    assert slept == list(BACKOFF[:2])

    def never() -> None:
        raise Away("x")

    with pytest.raises(Away):
        patiently(never, clock=clock, most=20)
    assert 15 < sum(slept) <= 20 + sum(BACKOFF[:2])
