"""The queue over a real DBOS: turns that come once, in order, after their delay, and never two in a lane."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import sqlalchemy as sa
from postgres import Cluster
from received import AT_ONCE, asked, column, enrol, push, states, taker

from reviewbot.doors.service import queue as rooms
from reviewbot.doors.service.jobs import begin_job, end_job, park_job, patiently, read_job, receive
from reviewbot.doors.service.queue import Queue, Waiting, prepare, sparing_words, working
from reviewbot.doors.service.store import IS_OPEN, JOBS, Away, Store, open_store
from reviewbot.forge.clock import Clock


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers look for work ten times as often."""
    monkeypatch.setattr(rooms, "POLL", rooms.POLL / 10)


class Hand:
    """A worker's hand: does nothing with a job but what it is told, and remembers its turns."""

    def __init__(self, store: Store, queue: Queue, does: Callable[[str], None] = lambda _: None) -> None:
        self.store, self.queue, self.does = store, queue, does
        self.turns: list[tuple[str, int]] = []
        self.under_way: list[str] = []
        self.met: set[str] = set()
        """Lanes of which two jobs ran at the same time."""

    def __call__(self, job_id: str, attempt: int) -> None:
        job = begin_job(self.store, job_id, attempt, worker="w1")
        if job is None:
            return
        self.turns.append((job_id, attempt))
        if job.lane in self.under_way:
            self.met.add(job.lane)
        self.under_way.append(job.lane)
        try:
            self.does(job_id)
        finally:
            self.under_way.remove(job.lane)
        if attempt == 1 and job_id.startswith("park"):
            park_job(self.store, self.queue, job, "later", 0)
        else:
            patiently(partial(end_job, self.store, job, "done", "so"), clock=Clock())


@contextmanager
def at_work(store: Store, hand: Callable[[str, int], None]) -> Iterator[None]:
    """Until all jobs have ended, and DBOS knows it."""
    enrol(store, "w1")
    queue = Queue(store)
    with working(store, hand, worker="w1", at_once=4, grace=0):
        yield
        until(lambda: still_open(store) == 0 and not patiently(queue.taken, clock=Clock()))


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    last = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last
        time.sleep(0.02)


def still_open(store: Store) -> int:
    def count() -> int:
        with store.look() as connection:
            return connection.execute(sa.select(sa.func.count()).select_from(JOBS).where(IS_OPEN)).scalar_one()

    return patiently(count, clock=Clock())


def _forget_turns(store: Store, *turns: str) -> None:
    """As if DBOS had never heard of them."""
    schema = "dbos" if store.engine.dialect.name == "postgresql" else None
    table = sa.table("workflow_status", sa.column("workflow_uuid"), schema=schema)
    with store.begin() as connection:
        connection.execute(sa.delete(table).where(table.c.workflow_uuid.in_(turns)))


def test_each_job_has_its_turn_and_no_two_of_a_lane_at_once(store: Store) -> None:
    """What a person waits for comes first, what was parked once more; a job that breaks off has failed."""
    queue = Queue(store)

    def does(job_id: str) -> None:
        time.sleep(0.01)
        if job_id == "broken":
            raise SystemExit

    hand = Hand(store, queue, does)
    later = (push("other", 8), asked("park", 9), asked("broken", 10), asked("next", 10))
    taker(store, queue)(push("p1"), asked("a1"), push("p2"), *later)
    with at_work(store, hand):
        pass
    of_lane = [turn for turn in hand.turns if turn[0] in {"a1", "p1", "p2"}]
    assert of_lane == [("a1", 1), ("p2", 1)]
    others = {("park", 1), ("park", 2), ("other", 1), ("broken", 1), ("next", 1)}
    assert {turn for turn in hand.turns if turn not in of_lane} == others
    assert not hand.met
    assert states(store) == dict.fromkeys(("a1", "p2", "other", "park", "next"), "done") | {
        "p1": "superseded", "broken": "failed",
    }  # fmt: skip
    failed = read_job(store, "broken")
    assert failed is not None
    assert "bug" in failed.said


def test_a_database_that_goes_away_under_a_job_is_waited_for(cluster: Cluster, postgres_url: str) -> None:
    """Its connections are cut while the job runs, and nobody may connect until it has tried to end."""
    store = open_store(postgres_url)
    queue, name = Queue(store), store.engine.url.database
    taker(store, queue)(asked("a1"))

    def lose(_: str) -> None:
        cluster.say(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        cluster.say(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608
        with pytest.raises(Away):
            read_job(store, "a1")
        threading.Timer(0.3, cluster.say, [f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true']).start()

    with at_work(store, Hand(store, queue, does=lose)):
        pass
    assert states(store) == {"a1": "done"}
    store.engine.dispose()


def test_a_turn_that_was_taken_and_never_begun_is_given_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the connection breaks after the claim: its worker lives. What is under way is not lost."""
    monkeypatch.setattr(rooms, "MEND", 0.05)
    queue = Queue(store)
    taker(store, queue)(asked("a1"), asked("long", 8))
    _forget_turns(store, "a1/1")
    given, give_back = list[str](), Queue.give_back

    def does(job_id: str) -> None:
        if job_id == "long":
            until(lambda: states(store).get("a2") == "done")

    with at_work(store, hand := Hand(store, queue, does)):
        until(lambda: ("long", 1) in hand.turns)
        monkeypatch.setattr(Queue, "give_back", lambda queue, turns: given.extend(turns) or give_back(queue, turns))
        with store.begin() as connection:
            queue.add(connection, "a1")
            claimed = "UPDATE workflow_status SET status = 'PENDING', executor_id = 'w1' WHERE workflow_uuid = 'a1/2'"
            connection.execute(sa.text(claimed))
        taker(store, queue)(asked("a2"))
    assert hand.turns == [("long", 1), ("a1", 1), ("a2", 1)]
    assert "a1/2" in given
    assert "long/1" not in given


def test_a_job_that_is_due_and_has_no_turn_gets_another_one(each_store: Store) -> None:
    queue = Queue(each_store)
    taker(each_store, queue)(asked("lost", 1), asked("queued", 2), asked("early", 3), asked("runs", 4))
    enrol(each_store, "w1")
    begin_job(each_store, "runs", 1, worker="w1")
    _forget_turns(each_store, "lost/1", "early/1", "runs/1")
    late = sa.update(JOBS).where(JOBS.c.id != "early").values(due=JOBS.c.due - rooms.LATE - 1)
    with each_store.begin() as connection:
        connection.execute(late)
    assert (queue.add_lost(), queue.add_lost()) == (1, 0)
    assert {job_id: column(each_store, job_id, "queued") for job_id in states(each_store)} == {
        "lost": 2, "queued": 1, "early": 1, "runs": 1,
    }  # fmt: skip


def test_of_an_outage_dbos_tells_once(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("dbos")
    with sparing_words():
        for _ in range(3):
            logger.warning("it is away")
        logger.error("it broke")
    told = [record.message for record in caplog.records if record.name == "dbos"]
    assert told == ["it is away", "it broke"]


def test_a_delivery_that_breaks_off_is_not_queued(store: Store) -> None:
    queue = Queue(store)
    receive(store, queue, push("p1"), AT_ONCE)

    def break_off() -> None:
        with store.begin() as connection:
            queue.add(connection, "p1")
            raise KeyError

    with pytest.raises(KeyError):
        break_off()
    assert column(store, "p1", "queued") == 1


def test_those_wait_that_another_worker_could_begin(store: Store) -> None:
    queue = Queue(store)
    enrol(store, "w1")
    assert queue.waiting() == Waiting(0, 0.0)
    taker(store, queue)(asked("a1"), asked("a2"), push("p1", 8), push("p2", 9))
    with store.begin() as connection:
        connection.execute(sa.update(JOBS).where(JOBS.c.id == "p1").values(due=JOBS.c.due - 60))
        connection.execute(sa.update(JOBS).where(JOBS.c.id == "p2").values(due=JOBS.c.due + 60))
    jobs, oldest = queue.waiting()
    assert (jobs, round(oldest)) == (3, 60)
    begin_job(store, "a1", 1, worker="w1")
    assert queue.waiting().jobs == 1


def test_a_job_is_forgotten_with_all_its_turns(store: Store) -> None:
    queue = Queue(store)
    taker(store, queue)(push("p1"), push("p2", 8))
    with store.begin() as connection:
        queue.add(connection, "p1")
    queue.delete(["p1", "nobody"])
    queue.give_back(["p1/1"])
    with store.look() as connection:
        turns = sa.text("SELECT workflow_uuid FROM workflow_status")
        assert connection.execute(turns).scalars().all() == ["p2/1"]


def test_a_queue_without_a_database_is_away() -> None:
    store = open_store("postgresql://u@127.0.0.1:9/x")
    queue = Queue(store)
    for ask in (queue.taken, queue.waiting, lambda: queue.give_back(["a/1"]), lambda: prepare(store)):
        with pytest.raises(Away):
            ask()
    store.engine.dispose()
