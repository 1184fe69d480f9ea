"""What no event told: deliveries that did not reach us, pull requests nobody looked at, check runs left open.

GitHub sends an event once (THREATS G03). So a worker looks when it starts, and one of all workers every hour: at the
deliveries that GitHub lists, which also works where it cannot reach us; at the open pull requests; and at check runs
that nobody ended (G28). What is too old is deleted first. What is found is queued under a name that is queued once, so
a sweep may be killed at any moment, and two of them do no harm. What one thing meets keeps it from no other. Knows
neither how GitHub is asked nor how a job is carried out.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple

import sqlalchemy as sa

from reviewbot.doors.passing import PASSING
from reviewbot.doors.service import logs
from reviewbot.doors.service.checks import OpenCheck, give_up, left_open
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.jobs import Job, patiently, read_job, receive
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.retention import expire, forgotten_until, orders_to_forget
from reviewbot.doors.service.store import JOBS, REVIEWS, SWEEPS, Away, Store, now
from reviewbot.errors import Limited, ReviewbotError
from reviewbot.forge import check
from reviewbot.forge.app import App
from reviewbot.forge.app_replies import Installation, OpenPull, RepositoryRow
from reviewbot.forge.clock import Clock
from reviewbot.forge.event import Review
from reviewbot.forge.port import Forge
from reviewbot.forge.webhook import EVENTS, Delivery, decide

EVERY: Final = 3_600.0
"""Seconds from the beginning of one sweep to that of the next, all workers together."""
APART: Final = 30.0
"""The same where a worker has just started: it sweeps at once, unless workers start again and again."""
LOOKS: Final = 5.0
"""Seconds between two looks at whether a sweep is due."""
PAUSE: Final = 0.5
"""Seconds between two requests: reviews need GitHub more."""
OVERLAP: Final = 3_600.0
"""Seconds before the last whole sweep that are looked at again."""
FIRST: Final = 86_400.0
"""Seconds that are looked at where there was no sweep before."""
LONGEST: Final = 3 * 86_400.0
"""Seconds that are looked at at most: for so long GitHub lists a delivery."""


class Sweep(NamedTuple):
    """What a sweep works with."""

    store: Store
    queue: Queue
    config: Config
    app: App
    forge_of: Callable[[int, int, str], Forge]
    """A repository by its installation, its id and its "owner/name"."""
    stop: threading.Event
    """Set where the worker is to end."""
    clock: Clock = Clock()


class Swept(NamedTuple):
    """What was found, and what kept the sweep from looking further."""

    deliveries: int
    """That had not reached us, and ask for something."""
    pulls: int
    """Open pull requests that no event had told of."""
    checks: int
    """Check runs that were in progress though nobody was at work."""
    failed: tuple[ReviewbotError, ...]

    @property
    def whole(self) -> bool:
        """What is closed to us, or odd, will be so the next time; the rest is worth another look."""
        return not any(isinstance(error, PASSING) for error in self.failed)


class Turn(NamedTuple):
    """A sweep that is ours to make."""

    begun: float
    back: float
    """Seconds from now into the past that it looks at."""


class _Stopped(Exception):
    """The worker is asked to end."""


def sweeping(sweep: Sweep) -> None:
    """Sweep whenever it is due, until `stop` is set. The body of a thread: nothing ends it but that."""
    began = sweep.clock.now()
    while not sweep.stop.is_set():
        try:
            if turn := take_turn(sweep.store, apart=max(APART, min(EVERY, sweep.clock.now() - began))):
                _round(sweep, turn)
        except _Stopped:
            return
        except (Away, ReviewbotError) as e:
            logs.tell("the sweep broke off", level=logging.WARNING, why=str(e))
        except Exception as e:  # noqa: BLE001  the next sweep looks at the same again
            logs.tell("the sweep failed", level=logging.ERROR, error=e)
        sweep.stop.wait(LOOKS)


def _round(sweep: Sweep, turn: Turn) -> None:
    expired = expire(sweep.store, sweep.queue, sweep.config)  # first: GitHub may keep the rest waiting
    swept = sweep_once(sweep, turn.back)
    if swept.whole:
        end_turn(sweep.store, turn)
    for error in swept.failed:
        logs.tell("a part of GitHub was not swept", level=logging.WARNING, why=str(error))
    logs.tell("swept", deliveries=swept.deliveries, pulls=swept.pulls, checks=swept.checks, expired=expired)


def take_turn(store: Store, *, apart: float = EVERY) -> Turn | None:
    """The turn to sweep, where nobody began one within `apart` seconds: of several workers one gets it. Raises Away."""
    ago = now(store) - SWEEPS.c.begun  # less than nothing where the database's clock was put back
    due = sa.update(SWEEPS).where((ago >= apart) | (ago < 0)).values(begun=now(store))
    with store.begin() as connection:
        connection.execute(sa.text("INSERT INTO sweeps (id, begun, done) VALUES (1, 0, 0) ON CONFLICT DO NOTHING"))
        row = connection.execute(due.returning(SWEEPS.c.begun, SWEEPS.c.done)).one_or_none()
    if row is None:
        return None
    begun, done = row
    return Turn(begun, min(LONGEST, max(0.0, begun - done) + OVERLAP) if done else FIRST)


def end_turn(store: Store, turn: Turn) -> None:
    """Everything up to its beginning was looked at. Raises Away."""
    with store.begin() as connection:
        connection.execute(sa.update(SWEEPS).where(SWEEPS.c.done < turn.begun).values(done=turn.begun))


def sweep_once(sweep: Sweep, back: float) -> Swept:
    """Look at the last `back` seconds. What GitHub refuses to show is told, and the rest is done.

    Raises Away, and what GitHub says to the App where it does not even show where it is installed.
    """
    since, orders = sweep.clock.now() - back, orders_to_forget(sweep.store)
    installations = sweep.app.installations()
    deliveries = tuple(_past_all(_lost_deliveries(sweep, since, orders)))
    pulls = tuple(_past_all(_unseen_pulls(sweep, installations, since, orders)))
    checks = tuple(_stuck_checks(sweep))
    return Swept(
        deliveries=deliveries.count(True),
        pulls=pulls.count(True),
        checks=checks.count(True),
        failed=tuple(found for found in (*deliveries, *pulls, *checks) if isinstance(found, ReviewbotError)),
    )


Found = bool | ReviewbotError
"""Whether there was something to do, or why nobody could look."""


def _past_all(found: Iterator[Found]) -> Iterator[Found]:
    """Whatever it meets, what comes after it is looked at."""
    try:
        yield from found
    except ReviewbotError as e:
        yield e


def _past_one(found: Iterator[Found]) -> Iterator[Found]:
    """The same, but for GitHub's wish to be left in peace, which holds for what comes after it too (THREATS G09)."""
    for one in _past_all(found):
        if isinstance(one, Limited):
            raise one
        yield one


def _breathe(sweep: Sweep) -> None:
    """Before each request. Raises _Stopped."""
    if sweep.stop.is_set():
        raise _Stopped
    sweep.clock.sleep(PAUSE)


def _lost_deliveries(sweep: Sweep, since: float, orders: Sequence[Job]) -> Iterator[Found]:
    """Those of which no attempt succeeded and no job is known, in the order in which they were sent.

    What is older than an order to forget it, which came in before this sweep, stays forgotten.
    """
    arrived: set[str] = set()
    others: list[tuple[str, int]] = []
    for row in sweep.app.deliveries(since):
        if row.succeeded:
            arrived.add(row.guid)
        elif row.event in EVENTS and row.delivered_at > forgotten_until(orders, row.installation_id, row.repository_id):
            others.append((row.guid, row.id))
    lost = {guid: row_id for guid, row_id in reversed(others) if guid not in arrived}
    for guid, row_id in lost.items():
        if read_job(sweep.store, guid) is None:
            _breathe(sweep)
            yield from _past_one(_fetched(sweep, row_id))


def _fetched(sweep: Sweep, row_id: int) -> Iterator[Found]:
    delivery = decide(*sweep.app.delivery(row_id))
    yield isinstance(delivery, Delivery) and _receive(sweep, delivery)


def _receive(sweep: Sweep, delivery: Delivery) -> bool:
    take = partial(receive, sweep.store, sweep.queue, delivery, sweep.config, swept=True)
    return patiently(take, clock=sweep.clock)


def _unseen_pulls(
    sweep: Sweep, installations: Sequence[Installation], since: float, orders: Sequence[Job]
) -> Iterator[Found]:
    for installation in installations:
        if not installation.suspended:
            yield from _past_all(_unseen_in(sweep, installation, max(since, installation.created), orders))


def _unseen_in(sweep: Sweep, installation: Installation, since: float, orders: Sequence[Job]) -> Iterator[Found]:
    """Of a repository that was forgotten, only what changed afterwards."""
    for repository in sweep.app.repositories(installation.id):
        if not repository.archived:
            _breathe(sweep)
            anew = max(since, forgotten_until(orders, installation.id, repository.id))
            yield from _past_one(_unseen_at(sweep, installation.id, repository, anew))


def _unseen_at(sweep: Sweep, installation_id: int, repository: RepositoryRow, since: float) -> Iterator[Found]:
    """Open pull requests that changed since then, and whose head no job and no review is about."""
    for pull in sweep.app.open_pulls(installation_id, repository.id, repository.name, since):
        if not _is_known(sweep.store, repository.id, pull):
            yield _receive(sweep, _as_delivery(installation_id, repository, pull))


def _as_delivery(installation_id: int, repository: RepositoryRow, pull: OpenPull) -> Delivery:
    """As if a push had told of it. Its name is that of the head, so that it is queued once."""
    return Delivery(
        guid=f"sweep:{repository.id}:{pull.number}:{pull.head_sha}",
        event="sweep",
        action="",
        installation_id=installation_id,
        repository_id=repository.id,
        repository=repository.name,
        actor=None,
        task=Review(number=pull.number, head_sha=pull.head_sha),
    )


def _is_known(store: Store, repository_id: int, pull: OpenPull) -> bool:
    """Whether a job or a review is about this very head. One that was superseded says nothing: the head is back."""
    jobs, reviews = (
        sa.exists().where(
            table.c.repository_id == repository_id, table.c.number == pull.number, table.c.state != "superseded"
        )
        for table in (JOBS, REVIEWS)
    )
    known = jobs.where(JOBS.c.task.contains(pull.head_sha)) | reviews.where(REVIEWS.c.head_sha == pull.head_sha)
    with store.look() as connection:
        return connection.execute(sa.select(known)).scalar_one()


def _stuck_checks(sweep: Sweep) -> Iterator[Found]:
    for stuck, why in left_open(sweep.store):
        _breathe(sweep)
        yield from _past_all(_end_check(sweep, stuck, why))


def _end_check(sweep: Sweep, stuck: OpenCheck, why: str) -> Iterator[Found]:
    """Its row goes once it has ended, or where another look would meet the same."""
    try:
        forge = sweep.forge_of(stuck.installation_id, stuck.repository_id, stuck.repository)
        check_id = forge.find_check(stuck.head_sha, stuck.key)
        if check_id is not None:
            forge.put_check(check.not_reviewed(stuck.head_sha, stuck.key, why), check_id)
        yield check_id is not None
    except PASSING:
        raise
    except ReviewbotError as e:
        yield e
    give_up(sweep.store, stuck)
