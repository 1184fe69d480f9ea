"""What people did with our comments, kept beside the jobs that saw it and forgotten with the last of them.

What is known of one installation's pull requests is used for no other's (THREATS S36).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from reviewbot.doors.service.database import no_database, opened
from reviewbot.doors.service.jobs import Job
from reviewbot.doors.service.store import FEEDBACK, Away, Store
from reviewbot.findings.model import Prior
from reviewbot.forge.model import Pull
from reviewbot.record.feedback import Feedback, priors_of, settled


def learn(store: Store, job: Job, pull: Pull, rows: Sequence[Feedback]) -> tuple[Prior, ...]:
    """Keep what a job saw of its pull request, and say what is known in its installation by now. Raises Away.

    Fits `Session.learn` once the store and the job are bound.
    """
    if rows:
        ids = {"installation_id": job.installation_id, "repository_id": pull.repository_id}
        place = {**ids, "number": pull.address.number}
        with store.begin() as connection:
            there = sa.select(FEEDBACK.c.seen).where(*(FEEDBACK.c[name] == value for name, value in place.items()))
            known = {row.finding: row for row in map(Feedback.model_validate_json, connection.scalars(there))}
            for row in rows:
                now = settled(known.get(row.finding), row).model_dump_json()
                values = {**place, "finding": row.finding, "job_id": job.id, "seen": now}
                connection.execute(_upsert(store).values(values))
    with store.look() as connection:
        seen = sa.select(FEEDBACK.c.seen).where(FEEDBACK.c.installation_id == job.installation_id)
        return priors_of(map(Feedback.model_validate_json, connection.scalars(seen)))


def read_feedback(store: Store) -> Mapping[int, Sequence[Feedback]]:
    """All that is kept, by installation. Raises Away."""
    told = sa.select(FEEDBACK.c.installation_id, FEEDBACK.c.seen)
    rows: defaultdict[int, list[Feedback]] = defaultdict(list)
    with store.look() as connection:
        for row in connection.execute(told.order_by(*FEEDBACK.primary_key.columns)):
            rows[row.installation_id].append(Feedback.model_validate_json(row.seen))
    return rows


def _upsert(store: Store) -> sqlite.Insert | postgresql.Insert:
    insert = sqlite.insert if store.engine.dialect.name == "sqlite" else postgresql.insert
    row = insert(FEEDBACK)
    new = {"job_id": row.excluded.job_id, "seen": row.excluded.seen}
    return row.on_conflict_do_update(index_elements=list(FEEDBACK.primary_key.columns), set_=new)


def stored(url: str) -> Mapping[int, Sequence[Feedback]]:
    """All that the service with this database keeps. Raises BadSettings where that cannot be read."""
    with opened(url) as store:
        try:
            return read_feedback(store)
        except Away as e:
            raise no_database(e) from e
