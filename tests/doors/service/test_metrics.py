"""What monitoring is shown."""

import http.client
import shutil
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, nullcontext

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.values import MultiProcessValue

from reviewbot.council import Invited, Member, Reply, Review, Seat, Usage
from reviewbot.council.breaker import TRIPS, Breaker
from reviewbot.council.model import CHALLENGE
from reviewbot.doors.service import metrics
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import JOBS, WORKERS, Store, open_store
from reviewbot.errors import BadSettings
from reviewbot.findings.model import Verdict
from reviewbot.record import RunRecord

ROW = {
    "event": "pull_request", "action": "opened", "installation_id": 1, "kind": "review", "task": "{}",
    "asked": False, "supersedes": True,
}  # fmt: skip


def scraped(port: int) -> dict[tuple[str, ...], float]:
    """Samples by name and the values of their labels, which are in the order of their names."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
    families = text_string_to_metric_families(text)
    return {(sample.name, *sample.labels.values()): sample.value for family in families for sample in family.samples}


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty_sqlite) -> Iterator[Store]:
    """One for all tests: the listener that asks it takes half a second to end."""
    store = open_store(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path_factory.mktemp('metrics'))}")
    yield store
    store.engine.dispose()


@pytest.fixture(scope="module")
def port(store) -> Iterator[int]:
    with metrics.shown("127.0.0.1", 0, store, Queue(store)) as port:
        yield port


def counted(port: int, before: Mapping[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    """How much each sample grew; other tests of this process count too."""
    return {key: value - before.get(key, 0) for key, value in scraped(port).items()}


def test_a_call_is_counted_with_its_tokens_and_dollars(port):
    before = scraped(port)
    usage = Usage(input=100, cached=20, cache_written=3, output=7)
    for usd in (0.25, None):
        metrics.count_call("vendor/model-a", "security", Reply(outcome="ok", usage=usage), usd=usd, seconds=1.5)
    found = counted(port, before)
    assert found["reviewbot_calls_total", "security", "vendor/model-a", "ok"] == 2
    assert found["reviewbot_tokens_total", "input", "vendor/model-a"] == 200
    assert found["reviewbot_tokens_total", "cache_written", "vendor/model-a"] == 6
    assert found["reviewbot_dollars_total", "vendor/model-a"] == 0.25
    assert found["reviewbot_unpriced_calls_total", "vendor/model-a"] == 1
    assert found["reviewbot_call_seconds_sum", "vendor/model-a"] == 3.0


def test_what_a_call_read_from_the_cache_is_shown_as_its_part(port):
    before = scraped(port)
    for usage in (Usage(input=100, cached=300), Usage(cache_written=50), Usage()):
        metrics.count_call("vendor/model-c", "security", Reply(outcome="ok", usage=usage), usd=0.0, seconds=1.0)
    found = counted(port, before)
    assert found["reviewbot_call_cache_read_count", "vendor/model-c"] == 2, "one used nothing"
    assert found["reviewbot_call_cache_read_sum", "vendor/model-c"] == 0.75


def test_what_members_said_of_findings_and_of_planted_defects_is_counted(port):
    before = scraped(port)
    member, breaker = Member(name="vendor/model-d", family="vendor"), Breaker("vendor")
    for _ in range(TRIPS):
        breaker.leave(int(breaker.enter()), failed=True)
    words = ("upheld", "refuted", "upheld")
    verdicts = tuple(
        Verdict(about="a", by="vendor", member=member.name, verdict=word, because="b", importance=50) for word in words
    )
    review = Review(seat=Seat(member=member, lens=CHALLENGE), state="ok", verdicts=verdicts)
    record = RunRecord.model_construct(reviews=(review,), notes=("no challenge",))
    metrics.count_record(record, [Invited(member=member, connect=nullcontext, breaker=breaker)])
    for found in (True, False, None):
        metrics.count_canary(member.name, found)
    metrics.count_doubt(member.name)
    found = counted(port, before)
    assert found["reviewbot_verdicts_total", member.name, "upheld"] == 2
    assert found["reviewbot_verdicts_total", member.name, "refuted"] == 1
    assert found["reviewbot_noted_reviews_total",] == 1
    assert [found["reviewbot_canaries_total", member.name, word] for word in ("found", "missed", "unanswered")] == [
        1
    ] * 3
    assert found["reviewbot_doubts_total", member.name] == 1
    assert found["reviewbot_breaker_open", "vendor"] == 1


def test_jobs_posts_and_deliveries_are_counted(port):
    before = scraped(port)
    metrics.count_job("review", "done", 12.0)
    metrics.count_post("reviewed")
    metrics.count_delivery("pull_request", 202)
    found = counted(port, before)
    assert found["reviewbot_job_seconds_count", "review", "done"] == 1
    assert found["reviewbot_posts_total", "reviewed"] == 1
    assert found["reviewbot_deliveries_total", "202", "pull_request"] == 1


def test_what_strangers_invent_makes_no_new_series(port):
    before = scraped(port)
    for number in range(300):
        metrics.count_delivery(f"invented-{number}", 401)
        metrics.count_call(f"x/{number}", f"lens-{number}", Reply(outcome="ok"), usd=0.0, seconds=0.1)
    found = counted(port, before)
    assert found["reviewbot_deliveries_total", "401", "other"] == 300
    assert len([key for key in found if key[0] == "reviewbot_dollars_total"]) <= 101
    assert len({key[1] for key in found if key[0] == "reviewbot_calls_total"}) <= 51
    assert sum(value for key, value in found.items() if key[0] == "reviewbot_calls_total") == 300


def test_what_waits_is_read_when_somebody_asks(store, port):
    at = time.time()
    jobs = [("a", "waiting", at - 90), ("b", "parked", at + 60), ("c", "running", at - 100), ("d", "done", at - 200)]
    with store.begin() as connection:
        for name, state, due in jobs:
            ended = at if state == "done" else None
            values = ROW | {"id": name, "lane": name, "received": due, "due": due, "state": state, "ended": ended}
            connection.execute(sa.insert(JOBS).values(**values))
        for name, beat in (("alive", at), ("silent", at - 20)):
            connection.execute(sa.insert(WORKERS).values(id=name, started=at - 300, beat=beat))
    found = scraped(port)
    assert [found["reviewbot_jobs", state] for state in ("waiting", "running", "parked")] == [1, 1, 1]
    assert found["reviewbot_jobs_due",] == 1
    assert found["reviewbot_oldest_job_seconds",] == pytest.approx(90, abs=5)
    assert found["reviewbot_workers",] == 1
    assert found["reviewbot_database_up",] == 1


def test_a_port_that_is_taken_is_a_setting_to_mend(store):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadSettings, match="--metrics-port"), metrics.shown("127.0.0.1", port, store, Queue(store)):
            raise AssertionError("it listens")


def test_a_database_whose_tables_are_about_to_be_made_is_not_up(cluster):
    bare = open_store(cluster.url("postgres"))
    with metrics.shown("127.0.0.1", 0, bare, Queue(bare)) as port:
        assert scraped(port)["reviewbot_database_up",] == 0
    bare.engine.dispose()


def test_processes_that_share_a_folder_are_shown_as_one_and_also_without_the_database(tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    labels = ("counter", "reviewbot_posts", "reviewbot_posts_total", ("outcome",), ("reviewed",), "Reviews.")
    for process in (1, 2):
        MultiProcessValue(lambda process=process: process)(*labels).inc(20)
    nowhere = open_store(f"sqlite:///{tmp_path}/nowhere/t.sqlite")
    with metrics.shown("127.0.0.1", 0, nowhere, Queue(nowhere)) as port:
        found = scraped(port)
    assert found["reviewbot_posts_total", "reviewed"] == 40
    assert found["reviewbot_database_up",] == 0
    assert ("reviewbot_workers",) not in found
