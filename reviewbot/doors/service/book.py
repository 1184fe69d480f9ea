"""The book of reviews: what was begun, what was asked and paid for, and how it ended.

A job that runs again opens its review again, under the same id: its prompts are the same bytes, and every answer that
was paid for is recalled. An id belongs to one job, hence to one installation: nobody else's answers are ever found
(THREATS S36). How one call is kept is `calls`' business.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import sqlalchemy as sa

from reviewbot.council import Invited, Reply
from reviewbot.council.budget import Resumed, remainder
from reviewbot.council.model import Billed
from reviewbot.doors.pull_request import Done
from reviewbot.doors.service.calls import LOST, Calls, Desk, Entry, Kept
from reviewbot.doors.service.checks import OpenCheck, note_closed, note_open
from reviewbot.doors.service.config import Limit
from reviewbot.doors.service.jobs import Job
from reviewbot.doors.service.spending import left_today, spent_on_pull, spent_on_review
from reviewbot.doors.service.store import CALLS, REVIEWS, Store, now
from reviewbot.doors.service.watch import doubts
from reviewbot.doors.service.workers import Lease
from reviewbot.doors.session import Run
from reviewbot.forge.clock import Clock
from reviewbot.forge.model import Pull
from reviewbot.record import dump_record
from reviewbot.report.safe import visible_line
from reviewbot.report.schema import to_json
from reviewbot.settings import Budget

RUNNING: Final = "running"
OPENED: Final = (REVIEWS.c.id, REVIEWS.c.state, REVIEWS.c.budget_left)
SPOKE: Final = ("ok", "cut", "refused", "blocked")
"""Outcomes in which the model, or its vendor's filter, judged this very change. The others tell of the world at that
hour: a limit, a fault, a key, a purse, a wrong address. A later attempt may find it mended, and asks again."""


class Book:
    """The reviews of one worker. Raises Away where the database is away, Fenced where the lease is lost."""

    def __init__(  # noqa: PLR0913  where it writes, and three ceilings that most tests leave out
        self,
        store: Store,
        lease: Lease,
        limits: Mapping[str, Limit],
        *,
        pull: Budget = Budget(),  # noqa: B008  a constant
        day: Budget = Budget(),  # noqa: B008  a constant
        clock: Clock = Clock(),  # noqa: B008  a constant
    ) -> None:
        """`pull` is what one pull request may cost, `day` what the calls of one day may, all workers together."""
        self._desk, self._pull = Desk(store, lease, limits, clock, day), pull

    def begin(self, job: Job, pull: Pull, key: str, council: Sequence[Invited]) -> Run:
        """Open the job's review, anew or again, and keep its calls and its check run, which is not made yet.

        Fits `Session.begin` once the job is bound.
        """
        self._desk.lease.check()
        store, facts = self._desk.store, _facts(pull, key)
        with store.begin() as connection:
            found = connection.execute(sa.select(*OPENED).where(REVIEWS.c.job_id == job.id))
            if row := found.one_or_none():
                entry, left = _entry(row.id, job, pull), Budget.model_validate_json(row.budget_left)
                _give_up(connection, store, row.id)
                if row.state != RUNNING:  # one that broke off is repeated to the letter
                    _forget(connection, row.id)
                connection.execute(sa.update(REVIEWS).where(REVIEWS.c.id == row.id).values(ended=None, **facts))
            else:
                entry = _entry(secrets.token_hex(16), job, pull)
                left = self._left(connection, entry)
                ids = {"id": entry.review_id, "job_id": job.id, "installation_id": job.installation_id}
                new = {**ids, **facts, "budget_left": left.model_dump_json()}
                connection.execute(sa.insert(REVIEWS).values(started=now(store), **new))
            note_open(connection, store, _check(entry, pull, key))
            calls = Calls(self._desk, entry, _kept(connection, entry.review_id))
            spent, on_pull = spent_on_review(connection, entry.review_id), spent_on_pull(connection, *entry[1:])
        seated = (calls.seat(invited) if invited.reads_prompts else invited for invited in council)
        readers = {invited.member.name for invited in council if invited.reads_prompts}
        resumed = Resumed(id=entry.review_id, spent=spent, pull_spent=on_pull, left=left)
        return Run(tuple(seated), resumed, doubts(store, readers))

    def _left(self, connection: sa.Connection, entry: Entry) -> Budget:
        on_pull = remainder(self._pull, spent_on_pull(connection, *entry[1:]))
        return on_pull.within(left_today(connection, self._desk.store, self._desk.day))

    def end(self, job: Job, state: str, said: str, *, done: Done | None) -> None:
        """Close the job's review, if one was begun. One that is put off is closed too: the next attempt opens it.

        Where nobody says that its check run has ended, a sweep will look (THREATS G28).
        """
        store = self._desk.store
        values: dict[str, object] = {"state": state, "said": visible_line(said), "ended": now(store)}
        if done:
            values["summary_url"] = done.summary_url
            values["record"] = dump_record(done.record) if done.record else None
            values["report"] = to_json(done.report) if done.report else None
        closed = sa.update(REVIEWS).where(REVIEWS.c.job_id == job.id).values(values)
        with store.begin() as connection:
            returned = connection.execute(closed.returning(REVIEWS.c.id, REVIEWS.c.head_sha, REVIEWS.c.key))
            if row := returned.one_or_none():
                _give_up(connection, store, row.id)
                if done and done.check_closed:
                    note_closed(connection, *row)


def _entry(review_id: str, job: Job, pull: Pull) -> Entry:
    return Entry(review_id, job.installation_id, pull.repository_id, pull.address.number)


def _check(entry: Entry, pull: Pull, key: str) -> OpenCheck:
    where = (entry.installation_id, entry.repository_id, pull.address.repository)
    return OpenCheck(entry.review_id, pull.head_sha, key, *where)


def _facts(pull: Pull, key: str) -> dict[str, object]:
    """What is under review, as it is now: between two attempts a head moves, or a repository is renamed."""
    repository, number = pull.address
    ids = {"repository_id": pull.repository_id, "repository": repository, "number": number}
    return {"state": RUNNING, "key": key, "head_sha": pull.head_sha, **ids}


def _give_up(connection: sa.Connection, store: Store, review_id: str) -> None:
    """Nobody waits any more for the calls of this review that are still under way on record."""
    open_calls = sa.update(CALLS).where(CALLS.c.review_id == review_id, CALLS.c.outcome.is_(None))
    connection.execute(open_calls.values(outcome=LOST, ended=now(store)))


def _forget(connection: sa.Connection, review_id: str) -> None:
    """Of an attempt that ended, all but what the models said. The rows, and their costs, stay."""
    passed = sa.update(CALLS).where(CALLS.c.review_id == review_id, CALLS.c.outcome.not_in(SPOKE))
    connection.execute(passed.values(reply=None))


def _kept(connection: sa.Connection, review_id: str) -> Iterator[Kept]:
    rows = sa.select(CALLS.c.question, CALLS.c.reply, CALLS.c.usd).where(CALLS.c.review_id == review_id)
    for row in connection.execute(rows.where(CALLS.c.reply.is_not(None)).order_by(CALLS.c.turn)):
        yield Kept(row.question, Billed(Reply.model_validate_json(row.reply), row.usd))
