"""Check runs that may be in progress on GitHub: each is written down before it is made, until its end is certain.

So that none says for ever that the council is looking, whoever died, lost GitHub, or went on with another head
(THREATS G28). Knows rows; how a check run is ended on GitHub is `sweep`'s business.
"""

from typing import Final, NamedTuple

import sqlalchemy as sa

from reviewbot.doors.service.store import CHECKS, IS_OPEN, JOBS, REVIEWS, Store, insert_new, now

STUCK: Final = 600.0
"""Seconds that whoever opened a check run has to end it, after its job too."""
TIMED_OUT: Final = "timed out: the review stopped before its end"
MOVED_ON: Final = "superseded: another head or setup of the pull request is reviewed"


class OpenCheck(NamedTuple):
    """A row of CHECKS."""

    review_id: str
    head_sha: str
    key: str
    installation_id: int
    repository_id: int
    repository: str


def note_open(connection: sa.Connection, store: Store, check: OpenCheck) -> None:
    """It is about to be made, or taken up again."""
    connection.execute(insert_new(store, CHECKS).values(opened=now(store), **check._asdict()))
    connection.execute(sa.update(CHECKS).where(*_same(*check[:3])).values(opened=now(store)))


def note_closed(connection: sa.Connection, review_id: str, head_sha: str, key: str) -> None:
    """It is certain that it has ended, or that there was none."""
    connection.execute(sa.delete(CHECKS).where(*_same(review_id, head_sha, key)))


def left_open(store: Store) -> tuple[tuple[OpenCheck, str], ...]:
    """Those that nobody is at work on any more, each with what to say in it. Raises Away."""
    columns = (CHECKS.c[name] for name in OpenCheck._fields)
    under_way = sa.select(REVIEWS).join(JOBS, JOBS.c.id == REVIEWS.c.job_id).where(IS_OPEN).subquery()
    at_work = sa.exists().where(*(under_way.c[name] == CHECKS.c[name] for name in ("repository_id", "head_sha", "key")))
    goes_on = sa.exists().where(under_way.c.id == CHECKS.c.review_id)
    why = sa.case((goes_on, MOVED_ON), else_=TIMED_OUT)
    with store.look() as connection:
        rows = connection.execute(sa.select(*columns, why).where(_is_stuck(store), ~at_work)).all()
    return tuple((OpenCheck(*facts), why) for *facts, why in rows)


def give_up(store: Store, check: OpenCheck) -> None:
    """Nothing more can be done about it; a review that still claims to run though its job does not has failed.

    Raises Away.
    """
    goes_on = sa.exists().where(JOBS.c.id == REVIEWS.c.job_id, IS_OPEN)
    died = sa.update(REVIEWS).where(REVIEWS.c.id == check.review_id, REVIEWS.c.state == "running", ~goes_on)
    with store.begin() as connection:
        connection.execute(sa.delete(CHECKS).where(*_same(*check[:3]), _is_stuck(store)))
        connection.execute(died.values(state="failed", said=TIMED_OUT, ended=now(store)))


def _same(review_id: str, head_sha: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
    return CHECKS.c.review_id == review_id, CHECKS.c.head_sha == head_sha, CHECKS.c.key == key


def _is_stuck(store: Store) -> sa.ColumnElement[bool]:
    return CHECKS.c.opened < now(store) - STUCK
