"""A pull request from its number to its comments: the story that every door to GitHub shares.

Reads the change, narrows it to what is new where that is sound, asks the council and posts. Knows neither the command
line nor the runner, and prints nothing.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Change, Diff
from reviewbot.change.since import since
from reviewbot.council import ASKED, Invited, Progress
from reviewbot.council.prompt import load_lenses, read_page
from reviewbot.doors.check_run import open_check
from reviewbot.errors import BadInput, ForgeError, NoAccess
from reviewbot.forge import check
from reviewbot.forge.access import Access
from reviewbot.forge.clock import Clock
from reviewbot.forge.earlier import last_review
from reviewbot.forge.event import skip_reason
from reviewbot.forge.github import connect
from reviewbot.forge.marks import Signer, SummaryMark, digest, review_key, scope_of
from reviewbot.forge.model import Pull
from reviewbot.forge.port import Forge
from reviewbot.forge.posting import Desk
from reviewbot.forge.publish import publish
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord
from reviewbot.report import Report, headline
from reviewbot.report.carry import with_carried
from reviewbot.report.standing import Standing
from reviewbot.settings import Operator
from reviewbot.sources.pull_request import read_between, read_pull_request
from reviewbot.wiring import seat_council

Watch = Callable[[Change, Sequence[Invited]], AbstractContextManager[Progress]]
"""Shows progress while a council is asked."""


class Wish(NamedTuple):
    """What whoever opened the door wants of this review."""

    post: bool = False
    asked: bool = False
    """A person asked for it: drafts and bots' pull requests are reviewed too."""
    whole: bool = False
    """Everything again, not only what changed since the last review."""
    head: str | None = None
    """The head an event spoke of; another one by now has an event, and a review, of its own (THREATS G07)."""
    policy_file: Path | None = None


class Session(NamedTuple):
    """What a door brings: who it is on GitHub, with which keys it signs, and since when it runs."""

    forge: Forge
    keys: tuple[bytes, ...]
    source_url: str
    """Where the repository's files are shown, up to the commit: "https://host/owner/name/blob/"."""
    started: float
    """When this process began, in the clock's seconds."""
    clock: Clock = Clock()
    settle: float = 5.0
    """Seconds after which everything that was posted is listed (THREATS G11)."""


class Done(NamedTuple):
    """How it ended. `said` is one line for a person; without a report there was nothing to review."""

    said: str
    report: Report | None = None
    standing: Standing = Standing()
    record: RunRecord | None = None
    posted: bool = False
    summary_url: str = ""
    notes: tuple[str, ...] = ()
    """What went wrong beside the review, a line each."""


class _Subject(NamedTuple):
    """What will be reviewed, by whom, and what is known from the last time."""

    pull: Pull
    whole: Diff
    """All of the pull request, for the places of comments."""
    change: Change
    """What the council is to read of it."""
    council: tuple[Invited, ...]
    signer: Signer
    setup: str
    earlier: SummaryMark | None
    standing: Standing

    @property
    def key(self) -> str:
        return review_key(self.pull, base=self.change.base_sha or "", setup=self.setup)


def open_session(repository: str, access: Access, *, lagging: bool = False) -> Session:
    """Begin to work on a repository, now. `lagging`: an event has just told of it, and GitHub may show it late."""
    return Session(
        forge=connect(repository, access, lagging=lagging),
        keys=tuple(key.get_secret_value().encode() for key in access.signing_keys),
        source_url=f"{access.server_url}/{repository}/blob/",
        started=time.time(),
    )


async def review_pull(session: Session, number: int, operator: Operator, wish: Wish, watch: Watch) -> Done:
    """Review one pull request, and post what is new where that is wished.

    Raises what reading, seating and asking raise, once the check run of this review has said so.
    """
    pull = _current(session, number, wish)
    if wish.head and pull.head_sha != wish.head:
        return Done(f"{pull.address}: the head is now {pull.head_sha[:8]}, which has an event of its own")
    change = read_pull_request(session.forge, pull, policy_file=wish.policy_file)
    to_read = wish.asked and not wish.post  # a person who only wants to read may read any
    why = None if to_read else skip_reason(pull, change.policy, asked=wish.asked)
    subject = None if why else _subject(session, pull, change, operator, wish)
    if subject is None or (why := _nothing_to_do(subject, wish)):
        return Done(f"{pull.address}: not reviewed, {why}")
    with open_check(session.forge, pull.head_sha, subject.key if wish.post else None) as check_run:
        with watch(subject.change, subject.council) as progress:
            record = await hear(subject.change, operator, subject.council, progress)
        report = _whole_report(judge(record), subject)
        done = Done(headline(report), report, subject.standing, record)
        if wish.post and (subject.earlier is None or _anybody_answered(report)):
            done = _post(session, subject, done, report)  # a review that failed takes no place of one that stands
        green = change.policy.check == "success"
        check_run.close(check.reviewed(pull.head_sha, subject.key, done.report or report, done.standing, green=green))
        return done._replace(notes=(*done.notes, *check_run.notes))


def _current(session: Session, number: int, wish: Wish) -> Pull:
    """The pull request as its event spoke of it: GitHub may still show the head before (THREATS G06)."""
    pull = session.forge.pull(number)
    for wait in (1, 2, 4, 8):
        if wish.head is None or pull.head_sha == wish.head:
            break
        session.clock.sleep(wait)
        pull = session.forge.pull(number)
    return pull


def _subject(session: Session, pull: Pull, change: Change, operator: Operator, wish: Wish) -> _Subject:
    signer = Signer(session.keys, scope_of(pull))
    council = seat_council(operator, change.policy)
    setup = _setup(change, council)
    earlier = last_review(session.forge.conversation(pull.address.number), signer)
    before = _reviewed_before(session.forge, change, setup, earlier, wish)
    narrowed, unchanged = since(change, before) if before else (change, ())
    standing = Standing(
        since=earlier.head if earlier and before else None,
        unchanged=unchanged,
        source_url=f"{session.source_url}{pull.head_sha}/",
    )
    return _Subject(pull, change.diff, narrowed, council, signer, setup, earlier, standing)


def _setup(change: Change, council: Sequence[Invited]) -> str:
    """Everything but the code that decides what a review says: who asks what of whom, and by which rules."""
    pages = (read_page("shared.md"), *(lens.text for lens in load_lenses(change.lenses).values()))
    notes = (f"{page.path}\n{page.text}" for page in change.invariants)
    return digest(change.policy.model_dump_json(), *(invited.member.name for invited in council), *pages, *notes)


def _reviewed_before(forge: Forge, change: Change, setup: str, earlier: SummaryMark | None, wish: Wish) -> Diff | None:
    """The diff of the last review where its word still holds: it was complete, and asked the same of the same."""
    if earlier is None or wish.whole or change.policy.triggers.pushes == "all":
        return None
    if not earlier.complete or earlier.setup != setup:
        return None
    try:
        return read_between(forge, earlier.base, earlier.head)
    except (ForgeError, BadInput):
        return None  # its commits may be gone after a force-push: everything is read


def _nothing_to_do(subject: _Subject, wish: Wish) -> str | None:
    earlier = subject.earlier
    if earlier is None or wish.whole or not subject.whole.files:
        return None
    if subject.change.policy.triggers.pushes == "none" and not wish.asked:
        return f"it was reviewed at {earlier.head[:8]}, and the policy asks for no review of pushes (triggers.pushes)"
    if earlier.key == subject.key and earlier.complete:
        return f"{earlier.head[:8]} was reviewed before"
    if not subject.change.diff.files:
        return f"nothing changed since {earlier.head[:8]} was reviewed"
    return None


def _whole_report(report: Report, subject: _Subject) -> Report:
    """With what the last review found in files that did not change since."""
    if subject.earlier is None or subject.standing.since is None:
        return report
    kept = [finding for finding in subject.earlier.carried if finding.path in subject.standing.unchanged]
    return with_carried(report, kept, since=subject.standing.since)


def _anybody_answered(report: Report) -> bool:
    return any(seat.state in ASKED for seat in report.seats)


def _post(session: Session, subject: _Subject, done: Done, report: Report) -> Done:
    """Where the token may only read, the review is still worth reading: what kept it from being posted is a note."""
    desk = Desk(
        forge=session.forge,
        pull=subject.pull,
        base=subject.change.base_sha or "",
        setup=subject.setup,
        signer=subject.signer,
        started=session.started,
        clock=session.clock,
        settle=session.settle,
    )
    suggestions = subject.change.policy.comments.suggestions
    try:
        published = publish(desk, report, diff=subject.whole, standing=subject.standing, suggestions=suggestions)
    except NoAccess as e:
        return done._replace(notes=(f"nothing was posted: {e}",))
    return done._replace(
        said=published.said,
        report=published.report,
        standing=published.standing,
        posted=published.outcome != "superseded",
        summary_url=published.summary_url or "",
    )
