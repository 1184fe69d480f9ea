"""What an operator's monitoring counts: deliveries, calls, tokens, dollars, jobs, posts; and what waits right now.

No label takes many values, whatever people send: a repository can invent lenses and members, a stranger events, and
each of these counts as "other" where it would be one too many. Where PROMETHEUS_MULTIPROC_DIR names a folder before
this module is imported, the processes that share the folder are shown as one.
"""

import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Final, NamedTuple

import sqlalchemy as sa
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy.exc import ProgrammingError

from reviewbot.council import Invited, Reply
from reviewbot.doors.service.queue import Queue, Waiting
from reviewbot.doors.service.store import IS_OPEN, JOBS, WORKERS, Away, Store, now
from reviewbot.doors.service.workers import Pulse
from reviewbot.errors import BadSettings
from reviewbot.forge.webhook import EVENTS
from reviewbot.record import RunRecord

OPEN: Final = ("waiting", "running", "parked")
"""The states of a job that has not ended."""

_COUNTED: Final = CollectorRegistry()
_DELIVERIES: Final = Counter(
    "reviewbot_deliveries", "Deliveries by GitHub's event and our answer.", ("event", "answer"), registry=_COUNTED
)
_CALLS: Final = Counter(
    "reviewbot_calls", "Calls of members that ended.", ("member", "lens", "outcome"), registry=_COUNTED
)
_CALL_SECONDS: Final = Histogram(
    "reviewbot_call_seconds", "How long calls took.", ("member",), registry=_COUNTED,
    buckets=(0.1, 0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640),
)  # fmt: skip
_TOKENS: Final = Counter(
    "reviewbot_tokens", "Tokens by kind: input, cached, cache_written, output.", ("member", "kind"), registry=_COUNTED
)
_DOLLARS: Final = Counter("reviewbot_dollars", "Dollars at list prices.", ("member",), registry=_COUNTED)
_UNPRICED: Final = Counter(
    "reviewbot_unpriced_calls", "Calls whose price is not known: no dollars.", ("member",), registry=_COUNTED
)
_JOB_SECONDS: Final = Histogram(
    "reviewbot_job_seconds", "Jobs that were carried out, and how long that took.", ("kind", "state"),
    registry=_COUNTED, buckets=(0.5, 1, 2, 5, 10, 20, 40, 80, 160, 320, 640, 1280),
)  # fmt: skip
_CACHE_READ: Final = Histogram(
    "reviewbot_call_cache_read", "Which part of each prompt was read from the vendor's cache.", ("member",),
    registry=_COUNTED, buckets=(0, 0.1, 0.25, 0.5, 0.75, 0.9, 1),
)  # fmt: skip
_VERDICTS: Final = Counter(
    "reviewbot_verdicts", "What members said of findings they were asked to refute.", ("member", "verdict"),
    registry=_COUNTED,
)  # fmt: skip
_NOTED: Final = Counter(
    "reviewbot_noted_reviews", "Reviews that say what was given up, or doubted, in asking for them.", registry=_COUNTED
)
_CANARIES: Final = Counter(
    "reviewbot_canaries", "Planted defects: found, missed, unanswered.", ("member", "outcome"), registry=_COUNTED
)
_DOUBTS: Final = Counter(
    "reviewbot_doubts", "Reviews with a member whose answers may mean nothing.", ("member",), registry=_COUNTED
)
_BREAKER: Final = Gauge(
    "reviewbot_breaker_open", "1 while a provider is left alone after a row of faults, as of the last review.",
    ("provider",), registry=_COUNTED, multiprocess_mode="livemax",
)  # fmt: skip
_POSTS: Final = Counter("reviewbot_posts", "Reviews by what became of them.", ("outcome",), registry=_COUNTED)


class _Few:
    """The first values that come along; every later one is "other"."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()
        self._lock = threading.Lock()

    def __call__(self, value: str) -> str:
        with self._lock:
            if len(self._known) < self._most:
                self._known.add(value)
            return value if value in self._known else "other"


_MEMBERS: Final = _Few(100)
_LENSES: Final = _Few(50)


def count_delivery(event: str, answer: int) -> None:
    """`event` as the header says it, whoever sent it; `answer` the HTTP status."""
    _DELIVERIES.labels(event if event in EVENTS else "other", str(answer)).inc()


def count_call(member: str, lens: str, reply: Reply, *, usd: float | None, seconds: float) -> None:
    """A call that ended. `usd` is None where the price is not known."""
    member = _MEMBERS(member)
    _CALLS.labels(member, _LENSES(lens), reply.outcome).inc()
    _CALL_SECONDS.labels(member).observe(seconds)
    for kind in ("input", "cached", "cache_written", "output"):
        _TOKENS.labels(member, kind).inc(getattr(reply.usage, kind))
    usage = reply.usage
    if whole := usage.input + usage.cached + usage.cache_written:
        _CACHE_READ.labels(member).observe(usage.cached / whole)
    if usd is None:
        _UNPRICED.labels(member).inc()
    else:
        _DOLLARS.labels(member).inc(usd)


def count_record(record: RunRecord, council: Iterable[Invited]) -> None:
    """What a council said of its own findings, how it was asked, and who is left alone by now."""
    for invited in council:
        if invited.breaker:
            _BREAKER.labels(_MEMBERS(invited.member.name.partition("/")[0])).set(invited.breaker.is_open)
    for review in record.reviews:
        for verdict in review.verdicts:
            _VERDICTS.labels(_MEMBERS(review.seat.member.name), verdict.verdict).inc()
    if record.notes:
        _NOTED.inc()


def count_canary(member: str, found: bool | None) -> None:
    """None: it did not answer."""
    outcome = "unanswered" if found is None else "found" if found else "missed"
    _CANARIES.labels(_MEMBERS(member), outcome).inc()


def count_doubt(member: str) -> None:
    _DOUBTS.labels(_MEMBERS(member)).inc()


def count_job(kind: str, state: str, seconds: float) -> None:
    """A job that was carried out once: to its end, or until it was parked."""
    _JOB_SECONDS.labels(kind, state).observe(seconds)


def count_post(outcome: str) -> None:
    _POSTS.labels(outcome).inc()


class Vitals(NamedTuple):
    """How the service is at this moment."""

    open: Mapping[str, int]
    """Jobs by state, all of `OPEN`."""
    waiting: Waiting
    workers: int
    """Alive."""


def read_vitals(store: Store, queue: Queue) -> Vitals:
    """Raises Away."""
    states = sa.select(JOBS.c.state, sa.func.count()).where(IS_OPEN).group_by(JOBS.c.state)
    alive = sa.select(sa.func.count()).where(WORKERS.c.beat > now(store) - Pulse().fenced)
    with store.look() as connection:
        found: dict[str, int] = dict(connection.execute(states).all())
        workers = connection.execute(alive).scalar_one()
    return Vitals({state: found.get(state, 0) for state in OPEN}, queue.waiting(), workers)


@contextmanager
def shown(host: str, port: int, store: Store, queue: Queue) -> Iterator[int]:
    """Answer whoever asks on this address with all that is counted; gives the port, a free one for 0.

    Raises BadSettings where the port is taken.
    """
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_COUNTED)
    registry.register(_Now(store, queue))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as e:
        raise BadSettings("--metrics-port", f"{host}:{port} {e.strerror}", "give it a port that is free") from e
    with closing(server.socket):
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


class _Now(Collector):
    """What the database says at the moment somebody asks. Where it is away, only that is said."""

    def __init__(self, store: Store, queue: Queue) -> None:
        self._store, self._queue = store, queue

    def collect(self) -> Iterator[Metric]:
        try:
            found = list(self._read())
        except (Away, ProgrammingError):  # the second: the tables are about to be made
            found = []
        yield GaugeMetricFamily("reviewbot_database_up", "1 while the database answers.", value=bool(found))
        yield from found

    def _read(self) -> Iterator[Metric]:
        vitals = read_vitals(self._store, self._queue)
        jobs = GaugeMetricFamily("reviewbot_jobs", "Jobs that have not ended.", labels=("state",))
        for state, count in vitals.open.items():
            jobs.add_metric((state,), count)
        yield jobs
        yield GaugeMetricFamily("reviewbot_jobs_due", "Jobs that could be begun now.", value=vitals.waiting.jobs)
        yield GaugeMetricFamily(
            "reviewbot_oldest_job_seconds", "For how long the oldest of them could have been begun.",
            value=vitals.waiting.oldest,
        )  # fmt: skip
        yield GaugeMetricFamily("reviewbot_workers", "Workers that are alive.", value=vitals.workers)
