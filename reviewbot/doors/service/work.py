"""One job, from the queue to its end: what GitHub told is done, put off, or refused with its reason.

A job that runs again after a crash begins at the beginning: what was paid for is in the book, and what was posted is on
the pull request. Knows what each failure means for the job; nothing of queues, leases or of how a review is made.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar

from reviewbot.change import Change
from reviewbot.council import Invited, Progress
from reviewbot.doors.commands import carry_out
from reviewbot.doors.passing import PASSING
from reviewbot.doors.pull_request import Wish, review_pull
from reviewbot.doors.service import logs, metrics, retention, traces
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.end import End, again, end_of, is_patient, prospect, tried_again
from reviewbot.doors.service.feedback import learn
from reviewbot.doors.service.jobs import (
    Job,
    begin_job,
    end_job,
    is_superseded,
    name_pulls,
    park_job,
    patiently,
)
from reviewbot.doors.service.lately import asked_of_late, pause_of_reviews
from reviewbot.doors.service.pace import SharedPace
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import Away, Store
from reviewbot.doors.service.watch import try_members
from reviewbot.doors.service.workers import Fenced, Lease
from reviewbot.doors.session import Session, admit_only
from reviewbot.errors import BadInput, ReviewbotError
from reviewbot.forge.app import App
from reviewbot.forge.clock import Clock
from reviewbot.forge.event import Cancel, Command, Forget, Review
from reviewbot.forge.github import connect
from reviewbot.forge.port import Forge
from reviewbot.report.safe import visible_line
from reviewbot.report.wording import count, listed
from reviewbot.settings import Operator

ASKED_AN_HOUR: Final = 60
"""Orders and reviews one person may ask for, in all repositories of an installation (THREATS S23)."""
LOOKS: Final = 2.0
"""Seconds between two looks at whether a review that runs is still wanted."""
T = TypeVar("T")


class Bench(NamedTuple):
    """What a worker brings to every job."""

    store: Store
    queue: Queue
    config: Config
    operator: Operator
    app: App
    book: Book
    lease: Lease
    clock: Clock = Clock()
    settle: float = Session._field_defaults["settle"]


def carry_out_job(job_id: str, attempt: int, bench: Bench) -> None:
    """Carry a job out, and write down how it ended. Where the database goes away for long it begins again.

    A worker that was given up leaves it: others have it.
    """
    while True:
        try:
            begin = partial(begin_job, bench.store, job_id, attempt, worker=bench.lease.worker)
            if job := patiently(begin, clock=bench.clock):
                _carry_out(job, bench)
        except Fenced as e:
            logs.tell("the job is left to others", level=logging.WARNING, job=job_id, why=str(e))
            return
        except Away as e:
            logs.tell("the job begins again", level=logging.WARNING, job=job_id, why=str(e))
        else:
            return
        bench.clock.sleep(LOOKS)


def _carry_out(job: Job, bench: Bench) -> None:
    began = bench.clock.now()
    facts = {"job": job.id, "repository": job.repository, "number": job.number}
    with logs.about(**facts), traces.span("job", kind=job.kind, **facts):
        end = _end_of(job, bench)
        _write_down(job, end, bench)
        metrics.count_job(job.kind, end.state, bench.clock.now() - began)
        level = logging.WARNING if end.state in {"refused", "failed"} else logging.INFO
        logs.tell("the job ended", level=level, state=end.state, said=end.said, attempt=job.attempt)


def _write_down(job: Job, end: End, bench: Bench) -> None:
    """In the book first: a job that has ended leaves no review open. What was said may hold anybody's characters."""
    end = end._replace(said=visible_line(end.said))

    def write() -> None:
        bench.book.end(job, end.of_review, end.said, done=end.done)
        if end.delay is None:
            end_job(bench.store, job, end.state, end.said)
        else:
            park_job(bench.store, bench.queue, job, end.said, end.delay)

    patiently(write, clock=bench.clock)


def _end_of(job: Job, bench: Bench) -> End:
    """What the job came to. Raises Away and Fenced only."""
    try:
        return _carried_out(job, bench)
    except PASSING as e:
        return again(job, str(e))
    except ReviewbotError as e:
        return End("refused", str(e))
    except (Away, Fenced):
        raise
    except Exception as e:  # noqa: BLE001  a bug ends its job, not the worker: the log has the rest
        logs.tell("a bug in reviewbot", level=logging.ERROR, error=e)
        return End("failed", f"a bug in reviewbot ({type(e).__name__}); the log has the traceback")


def _carried_out(job: Job, bench: Bench) -> End:
    match job.task:
        case Forget():
            return End("done", retention.forget(bench.store, bench.queue, job))
        case Cancel() as cancel:
            return _cancel(job, cancel, bench)
        case Review() as review:
            return _review(job, review, bench)
        case Command() as command:
            return _command(job, command, bench)
        case _:
            return End("refused", "there is nothing to do about it")


def _review(job: Job, review: Review, bench: Bench) -> End:
    if (number := review.number) is None:
        return _find_pulls(job, review, bench)
    session = _session(job, bench)
    if review.asked:
        if refusal := _asks_too_often(job, bench):
            return refusal
        job, review = _as_entitled(job, review, session.forge)
    if later := is_superseded(bench.store, job):
        return End("superseded", _why_unwanted(later))
    wish = Wish(
        post=True, asked=review.asked, whole=review.whole, head=review.head_sha, follow=not review.asked, costly=True,
        prospect=prospect(job),
    )  # fmt: skip
    return _too_many(job, bench) or _reviewed(job, session, number, wish, bench)


def _reviewed(job: Job, session: Session, number: int, wish: Wish, bench: Bench) -> End:
    done = _while_wanted(job, review_pull(session, number, bench.operator, wish, _watch), bench)
    if isinstance(done, End):
        return done
    if done.run and done.record:
        metrics.count_record(done.record, done.run.council)
        trial = try_members(done.run, done.record, bench.store, bench.operator, bench.config.canary_every)
        _while_wanted(job, trial, bench)
    if done.ending == "superseded" and wish.follow and not is_superseded(bench.store, job):
        return again(job, done.said, done)  # the event of the new head is late, or will never come
    return end_of(job, done, bench.store)


def _too_many(job: Job, bench: Bench) -> End | None:
    """A loop waits, and so does whoever pushes as often: it is still reviewed in the end (THREATS S24)."""
    most = bench.config.reviews_an_hour
    pause = 0.0 if job.asked else pause_of_reviews(bench.store, job, most)
    said = f"{count(most, 'review')} of this pull request were begun within the hour; {tried_again(pause)}"
    return End("parked", said, pause) if pause else None


def _as_entitled(job: Job, review: Review, forge: Forge) -> tuple[Job, Review]:
    """Who may not push asks for nothing: labels are set by people who may only triage, too (THREATS S23, S29)."""
    if job.actor and forge.may_write(job.actor):
        return job, review
    return job.model_copy(update={"asked": False}), review.model_copy(update={"asked": False, "whole": False})


def _asks_too_often(job: Job, bench: Bench) -> End | None:
    asked = asked_of_late(bench.store, job)
    return End("refused", f"{job.actor} asked for {asked} others within the hour") if asked > ASKED_AN_HOUR else None


def _find_pulls(job: Job, review: Review, bench: Bench) -> End:
    """The events of a fork's checks name no pull request, only the head; of a branch they may name several (G27)."""
    found = sorted(_session(job, bench).forge.pulls_at(review.head_sha)) if review.head_sha else ()
    if not found:
        return End("refused", f"no open pull request has the head {review.head_sha}")
    name_pulls(bench.store, bench.queue, job, found)
    return End("done", f"it goes on as a job of its own for {listed([f'#{number}' for number in found])}")


def _cancel(job: Job, cancel: Cancel, bench: Bench) -> End:
    """What ran or waited has been stopped. A pull request that is open is reviewed as what it is by now.

    Events come in any order, a draft may be meant to be reviewed, and GitHub may show for a moment what it was (G06).
    """
    session = _session(job, bench)
    if session.forge.pull(cancel.number).state == "closed":
        return End("done", f"{cancel.why}: what ran or waited for it has ended")
    bench.clock.sleep(bench.settle)
    return _review(job, Review(number=cancel.number, head_sha=None), bench)


def _command(job: Job, command: Command, bench: Bench) -> End:
    if refusal := _asks_too_often(job, bench):
        return refusal
    wish = Wish(post=True, patient=is_patient(job), prospect=prospect(job))
    work = carry_out(_session(job, bench), command, bench.operator, wish, _watch)
    done = _while_wanted(job, work, bench)
    return done if isinstance(done, End) else end_of(job, done, bench.store)


def _while_wanted(job: Job, work: Coroutine[Any, Any, T], bench: Bench) -> T | End:
    """Run it to its end, or until it is no longer wanted: then its check run says so."""

    def unwanted() -> str | None:
        """A database that is away for a while says nothing: what models are answering by then is paid for."""
        if bench.lease.lost.is_set():
            bench.lease.check()
        try:
            later = is_superseded(bench.store, job)
        except Away:
            return None
        return _why_unwanted(later) if later else None

    try:
        return asyncio.run(_stoppable(work, unwanted))
    except asyncio.CancelledError as e:
        return End("superseded", str(e))


def _why_unwanted(later: Job) -> str:
    why = later.task.why if isinstance(later.task, Cancel) else "the pull request moved on"
    return f"{why} (job {later.id})"


async def _stoppable(work: Coroutine[Any, Any, T], unwanted: Callable[[], str | None]) -> T:
    """Looked at only while the work waits for models: reading and posting are short, and look for themselves."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=LOOKS)
            if not task.done() and (why := unwanted()):
                task.cancel(why)
                await asyncio.wait({task})
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)  # or its end is told as an error that nobody handled


def forge_of(
    bench: Bench, installation_id: int, repository_id: int, repository: str, *, lagging: bool = False
) -> Forge:
    """A repository as its installation sees it, at the pace that GitHub allows the whole installation."""
    return connect(
        repository,
        bench.app.access(installation_id, repository_id),
        bench.clock,
        lagging=lagging,
        pace=SharedPace(bench.store, installation_id, bench.lease, bench.clock),
        renew=partial(bench.app.renew, installation_id, repository_id),
    )


def _session(job: Job, bench: Bench) -> Session:
    if job.repository_id is None or job.repository is None:
        raise BadInput(f"the event {job.id}", "names no repository", "there is nothing to do about it")
    access = bench.app.access(job.installation_id, job.repository_id)
    return Session(
        forge=forge_of(bench, job.installation_id, job.repository_id, job.repository, lagging=True),
        keys=tuple(key.get_secret_value().encode() for key in access.signing_keys),
        source_url=f"{access.server_url}/{job.repository}/blob/",
        started=bench.clock.now(),
        clock=bench.clock,
        settle=bench.settle,
        admit=partial(admit_only, job.repository_id),
        begin=partial(bench.book.begin, job),
        learn=partial(learn, bench.store, job),
    )


@contextmanager
def _watch(_change: Change, council: Sequence[Invited]) -> Iterator[Progress]:
    """Nobody watches a worker: its log says who is asked, and the book keeps what they answer."""
    logs.tell("the council is asked", members=[invited.member.name for invited in council])
    yield lambda _seat, _review: None
