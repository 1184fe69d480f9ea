"""The database of the service: what is waiting, what was asked and answered, and who works.

The tables are here and nowhere else. Times are seconds since the epoch by the database's own clock (`now`), so that
processes on several machines agree. A transaction either happens whole or not at all; where the database is away it
raises `Away`.
"""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as NoConnection

from reviewbot.doors.service.sqlite import PATIENCE, begin_immediate, engine_of
from reviewbot.errors import BadSettings

METADATA: Final = sa.MetaData()
_Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts up only what it calls INTEGER

JOBS: Final = sa.Table(
    "jobs",
    METADATA,
    sa.Column("seq", _Id, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(200), nullable=False, unique=True),  # X-GitHub-Delivery, or "sweep:..."
    sa.Column("received", sa.Float, nullable=False),
    sa.Column("event", sa.String(100), nullable=False),
    sa.Column("action", sa.String(100), nullable=False),
    sa.Column("installation_id", sa.BigInteger, nullable=False),
    sa.Column("repository_id", sa.BigInteger),
    sa.Column("repository", sa.String(300)),  # "owner/name" when it came in
    sa.Column("number", sa.BigInteger),  # None: the pull requests at head_sha (THREATS G27)
    sa.Column("actor", sa.String(200)),
    sa.Column("kind", sa.String(20), nullable=False),  # review, command, cancel, forget
    sa.Column("task", sa.Text, nullable=False),  # the Task of forge.event, as JSON
    sa.Column("lane", sa.String(200), nullable=False),  # jobs of one lane are carried out one at a time
    sa.Column("asked", sa.Boolean, nullable=False),  # a person waits for it
    sa.Column("supersedes", sa.Boolean, nullable=False),  # earlier reviews of its lane that nobody asked for
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("said", sa.Text, nullable=False, default=""),  # one line: how it ended, or why it waits
    sa.Column("attempt", sa.Integer, nullable=False, default=1),
    sa.Column("queued", sa.Integer, nullable=False, default=0),  # how often it was put into the queue
    sa.Column("due", sa.Float, nullable=False),  # it may not be begun before
    sa.Column("worker", sa.String(200)),  # who runs it, or ran it last
    sa.Column("deaths", sa.Integer, nullable=False, default=0),  # of workers that ran it
    sa.Column("started", sa.Float),
    sa.Column("ended", sa.Float),  # None: it is open
    sa.Index("jobs_by_lane", "lane", "seq"),
    sa.Index("jobs_by_received", "received"),
    sa.Index("jobs_by_repository", "repository_id", "number"),
)
"""One row for each delivery that asks for work. States: waiting, running, parked (tried, and will be again), then
done, superseded, refused or failed."""

IS_OPEN: Final = JOBS.c.ended.is_(None)
IS_RUNNING: Final = JOBS.c.state == sa.literal_column("'running'")
IS_COMMAND: Final = JOBS.c.kind == sa.literal_column("'command'")


def _partial(name: str, *columns: sa.Column[Any], where: sa.ColumnElement[bool], unique: bool = False) -> None:
    """An index of the rows that are looked for, which are few of many. SQLite uses it where a query says the same."""
    sa.Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


_partial("one_job_runs_in_a_lane", JOBS.c.lane, where=IS_RUNNING, unique=True)
_partial("jobs_open", JOBS.c.due, where=IS_OPEN)
_partial("commands_by_actor", JOBS.c.actor, JOBS.c.received, where=IS_COMMAND)

REVIEWS: Final = sa.Table(
    "reviews",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),  # of the run; also fences the change in its prompts
    sa.Column("job_id", sa.String(200), nullable=False, unique=True),
    sa.Column("key", sa.String(100), nullable=False),  # marks.review_key
    sa.Column("installation_id", sa.BigInteger, nullable=False),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.String(300), nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("head_sha", sa.String(64), nullable=False),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("said", sa.Text, nullable=False, default=""),
    sa.Column("summary_url", sa.Text, nullable=False, default=""),
    sa.Column("record", sa.Text),  # the RunRecord, as JSON: its change is redacted
    sa.Column("report", sa.Text),  # as JSON
    sa.Column("budget_left", sa.Text, nullable=False, default="{}"),  # as it first began, JSON: all tries plan with it
    sa.Index("reviews_by_pull", "repository_id", "number", "started"),
    sa.Index("reviews_by_started", "started"),
)
"""One row for each review that was begun. States: running, then posted, kept (nothing to post), superseded, failed."""

CHECKS: Final = sa.Table(
    "checks",
    METADATA,
    sa.Column("review_id", sa.String(64), primary_key=True),
    sa.Column("head_sha", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(100), primary_key=True),  # its external id
    sa.Column("installation_id", sa.BigInteger, nullable=False),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("repository", sa.String(300), nullable=False),
    sa.Column("opened", sa.Float, nullable=False),
)
"""One row for each check run that may be in progress: a review has a new one where its head or setup is new (G28)."""

COSTS: Final = ("held_tokens", "held_usd", "input", "cached", "cache_written", "output", "usd")
"""The columns of CALLS that say what a call has cost, or may have."""

CALLS: Final = sa.Table(
    "calls",
    METADATA,
    sa.Column("id", _Id, primary_key=True, autoincrement=True),
    sa.Column("review_id", sa.String(64), nullable=False),
    sa.Column("installation_id", sa.BigInteger, nullable=False),
    sa.Column("repository_id", sa.BigInteger, nullable=False),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("worker", sa.String(200), nullable=False),
    sa.Column("provider", sa.String(100), nullable=False),
    sa.Column("member", sa.String(300), nullable=False),
    sa.Column("lens", sa.String(100), nullable=False),
    sa.Column("question", sa.String(64), nullable=False),  # digest of all that was sent (THREATS L23)
    sa.Column("turn", sa.Integer, nullable=False),  # the how-manieth time this very question is put, from 1
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("ended", sa.Float),
    sa.Column("held_tokens", sa.BigInteger, nullable=False),
    sa.Column("held_usd", sa.Float, nullable=False),  # at the worst case, until `usd` is known
    sa.Column("outcome", sa.String(20)),  # council.Outcome; None while it is under way, "lost" if its worker died
    sa.Column("reply", sa.Text),  # council.Reply as JSON
    sa.Column("input", sa.BigInteger, nullable=False, default=0),
    sa.Column("cached", sa.BigInteger, nullable=False, default=0),
    sa.Column("cache_written", sa.BigInteger, nullable=False, default=0),
    sa.Column("output", sa.BigInteger, nullable=False, default=0),
    sa.Column("usd", sa.Float),  # None where the price is not known, or the call is not settled
    sa.UniqueConstraint("review_id", "member", "question", "turn"),
    sa.Index("calls_by_provider", "provider", "started"),
    sa.Index("calls_by_pull", "repository_id", "number"),
    sa.Index("calls_by_cost", "started", "outcome", *COSTS),  # all that a day's sum takes: it reads no answers
)
"""One row for each call of a model, written before it is made: the ledger, the memory of paid answers, the limits."""

_partial("canaries", CALLS.c.member, CALLS.c.id, where=CALLS.c.lens == sa.literal_column("'canary'"))

WORKERS: Final = sa.Table(
    "workers",
    METADATA,
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("started", sa.Float, nullable=False),
    sa.Column("beat", sa.Float, nullable=False),
)
"""One row for each worker that is not given up. One without a row is dead to the others, and must do nothing more."""

FEEDBACK: Final = sa.Table(
    "feedback",
    METADATA,
    sa.Column("installation_id", sa.BigInteger, primary_key=True),
    sa.Column("repository_id", sa.BigInteger, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True),
    sa.Column("finding", sa.String(64), primary_key=True),
    sa.Column("job_id", sa.String(200), nullable=False, index=True),  # the last that saw it, with which it is forgotten
    sa.Column("seen", sa.Text, nullable=False),  # record.Feedback, as JSON
)
"""One row for each finding that stands on a pull request, with what people did about it. Nobody's name is in it."""

TURNS: Final = sa.Table(
    "turns",
    METADATA,
    sa.Column("installation_id", sa.BigInteger, primary_key=True),
    sa.Column("writes", sa.Text, nullable=False),  # JSON: when the last 400 writes were, or will be, sent
    sa.Column("held_until", sa.Float, nullable=False, default=0.0),  # GitHub asked everybody to wait (THREATS G09)
)
"""What each installation has sent to GitHub of late, all workers together (THREATS G08)."""

SWEEPS: Final = sa.Table(
    "sweeps",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),  # there is one row, 1
    sa.Column("begun", sa.Float, nullable=False),
    sa.Column("done", sa.Float, nullable=False),  # when the last one began that was finished
)
"""When somebody last looked for what no event told (THREATS G03)."""


class Away(Exception):
    """The database cannot be reached, or has no room. Nothing was written, unless it was lost while it agreed."""


class Store(NamedTuple):
    """The database, with its tables."""

    engine: sa.Engine
    url: str
    one_writer: "threading.Lock | None" = None
    """On SQLite, where one transaction at a time may write: whose turn it is among the threads of this process."""

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """One transaction that may write. On SQLite it is the only one, from its beginning on. Raises Away."""
        with _turn(self.one_writer), reachable(), self.engine.begin() as connection:
            if self.one_writer:
                begin_immediate(connection)
            yield connection

    @contextmanager
    def look(self) -> Iterator[sa.Connection]:
        """For statements that only read, each by itself: they wait for no writer. Raises Away."""
        with reachable(), self.engine.connect() as connection:
            yield connection


def open_store(url: str) -> Store:
    """Open the database, which connects to nothing yet. Raises BadSettings for an address that is none."""
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except (SQLAlchemyError, ValueError) as e:
        raise _no_address(url) from e
    if backend == "sqlite":
        return Store(engine_of(parsed), url, threading.Lock())
    if backend != "postgresql":
        raise _no_address(url)
    # A server takes 100 connections where nobody says otherwise: room for three processes. Of a server that vanished
    # the system would tell us after a quarter of an hour, if we did not ask it to look.
    vanished = {"keepalives_idle": 4, "keepalives_interval": 2, "keepalives_count": 2, "tcp_user_timeout": 8_000}
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"), pool_size=10, max_overflow=20, pool_timeout=PATIENCE,
        pool_pre_ping=True, hide_parameters=True, connect_args={"connect_timeout": 5, **vanished},
    )  # fmt: skip
    return Store(engine, url)


def make_tables(store: Store) -> None:
    """Make what is not there. Processes may do it at the same time. Raises Away."""
    with store.begin() as connection:
        if store.engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(7237483)"))
        METADATA.create_all(connection)


def insert_new(store: Store, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """To insert a row unless there is one with its key: then nothing happens, and nothing is returned."""
    insert = sqlite.insert if store.engine.dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def now(store: Store) -> sa.ColumnElement[float]:
    """The database's clock, in seconds since the epoch, as a value for a statement. SQLite's has milliseconds."""
    if store.engine.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now') - 2440587.5) * 86400.0)", sa.Float)
    return sa.literal_column("extract(epoch from clock_timestamp())::float8", sa.Float)


def today(store: Store) -> sa.ColumnElement[float]:
    """When the day began by the database's clock, in UTC: a value for a statement, as `now` is."""
    if store.engine.dialect.name == "sqlite":
        return sa.literal_column("((julianday('now', 'start of day') - 2440587.5) * 86400.0)", sa.Float)
    began = "date_trunc('day', clock_timestamp() at time zone 'utc') at time zone 'utc'"
    return sa.literal_column(f"extract(epoch from {began})::float8", sa.Float)


@contextmanager
def reachable() -> Iterator[None]:
    """Raises Away. What is wrong with a statement or its values is no absence, and stays what it is."""
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, NoConnection) as e:
        raise Away(f"the database: {' '.join(str(getattr(e, 'orig', e)).split())[:200]}") from e


@contextmanager
def _turn(lock: "threading.Lock | None") -> Iterator[None]:
    if lock is None:
        yield
        return
    if not lock.acquire(timeout=PATIENCE):
        raise Away("the database: others write all the time")
    try:
        yield
    finally:
        lock.release()


def _no_address(url: str) -> BadSettings:
    scheme = re.match(r"[a-z0-9+]{1,30}://", url)  # a password may stand behind it, or be all of it
    what = f"{scheme[0]}... is no database it knows" if scheme else "is no address of a database"
    remedy = "write sqlite:///reviewbot.sqlite or postgresql://user:password@host/name"
    return BadSettings("REVIEWBOT_DATABASE_URL", what, remedy)
