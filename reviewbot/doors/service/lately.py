"""What was done within the hour, and what of it holds back whoever comes next: loops, and people who ask too often.

Knows the rows of jobs, reviews and calls. What becomes of a job that is held back is for `work` to say.
"""

import sqlalchemy as sa

from reviewbot.doors.service.jobs import HOUR, WAS_ASKED, Job
from reviewbot.doors.service.store import CALLS, IS_COMMAND, JOBS, REVIEWS, Store, now


def pause_of_reviews(store: Store, job: Job, most: int) -> float:
    """Seconds until fewer than `most` reviews of its pull request were begun within the hour (THREATS S24).

    Those count that asked a model or posted, and that no command asked for. 0: it may be begun. Raises Away.
    """
    pull = (REVIEWS.c.repository_id == job.repository_id) & (REVIEWS.c.number == job.number)
    by_event = sa.exists().where(JOBS.c.id == REVIEWS.c.job_id, ~IS_COMMAND)
    counted = pull & by_event & (WAS_ASKED | (REVIEWS.c.state == "posted")) & (REVIEWS.c.job_id != job.id)
    left = HOUR - (now(store) - REVIEWS.c.started)
    newest_first = sa.select(left).where(counted, left > 0).order_by(REVIEWS.c.started.desc())
    with store.look() as connection:
        return connection.execute(newest_first.offset(most - 1).limit(1)).scalar_one_or_none() or 0.0


def asked_of_late(store: Store, job: Job) -> int:
    """Other reviews and orders that the same person asked for within the hour, in the same installation (THREATS S23).

    Raises Away.
    """
    theirs = (JOBS.c.actor == job.actor) & (JOBS.c.installation_id == job.installation_id) & (JOBS.c.id != job.id)
    asked = IS_COMMAND | ((JOBS.c.kind == "review") & JOBS.c.asked)
    recent = sa.select(sa.func.count()).where(theirs, asked, JOBS.c.received > now(store) - HOUR)
    with store.look() as connection:
        return connection.execute(recent).scalar_one()


def was_cut_off(store: Store, job: Job) -> bool:
    """Whether a call of its review has ended without a bill, and holds all that it may have cost. Raises Away."""
    held = sa.exists().where(REVIEWS.c.job_id == job.id, CALLS.c.review_id == REVIEWS.c.id, CALLS.c.held_tokens > 0)
    with store.look() as connection:
        return connection.execute(sa.select(held)).scalar_one()
