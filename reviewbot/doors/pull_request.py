"""A pull request from its number to its comments: the story that every door to GitHub shares.

Reads the change, narrows it to what is new where that is sound, asks the council and posts. Knows neither the command
line nor the runner, and prints nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, NamedTuple

from reviewbot.change import Change
from reviewbot.council import ASKED, Invited, Progress
from reviewbot.council.budget import NOTHING_HELD, Hold, anew
from reviewbot.doors.check_run import open_check
from reviewbot.doors.passing import unanswered
from reviewbot.doors.session import Run, Session
from reviewbot.doors.subject import Subject, read_subject, whole_report
from reviewbot.errors import BadSettings, ForgeError, NoAccess, Unreachable
from reviewbot.findings.model import Prior
from reviewbot.forge import check
from reviewbot.forge.event import skip_reason
from reviewbot.forge.model import Pull
from reviewbot.forge.port import Forge
from reviewbot.forge.posting import Desk
from reviewbot.forge.publish import publish
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord
from reviewbot.record.spending import day_accounts
from reviewbot.report import Report, headline
from reviewbot.report.standing import Standing
from reviewbot.settings import Operator
from reviewbot.sources.head_tree import open_head
from reviewbot.sources.pull_request import read_pull_request
from reviewbot.wiring import load_ahead

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
    follow: bool = False
    """If the head is another one by now, review that: events come in any order, and one after the other."""
    policy_file: Path | None = None
    costly: bool = False
    """Whoever runs reviewbot pays, as for a service: strangers wait, and the check run tells who is left alone."""
    patient: bool = False
    """After a passing fault it is tried again: to an order nothing is replied until then."""
    prospect: str = ""
    """What comes after a passing fault, in words: "tried again in 3 minutes"."""


Ending = Literal["left_alone", "reviewed", "unchanged", "superseded"]
"""`unchanged`: nothing was there that had not been said; `superseded`: the pull request moved on."""


class Done(NamedTuple):
    """How it ended. `said` is one line for a person; without a report there was nothing to review."""

    said: str
    report: Report | None = None
    """Of a review that still stands, what it found."""
    standing: Standing = Standing()
    record: RunRecord | None = None
    run: Run | None = None
    """The council that was asked."""
    posted: bool = False
    summary_url: str = ""
    notes: tuple[str, ...] = ()
    """What went wrong beside the review, a line each."""
    failure: str = ""
    """Why the review was not posted, or only a part of it, though the token may: a run that ends so has failed."""
    ending: Ending = "left_alone"
    check_closed: bool = False
    """Whether it is certain that no check run of this review is in progress."""


async def review_pull(session: Session, number: int, operator: Operator, wish: Wish, watch: Watch) -> Done:
    """Review one pull request, and post what is new where that is wished.

    Raises what reading and seating raise; what asking raises, the check run of this review says first.
    """
    load_ahead(operator)
    pull = _current(session, number, wish)
    session.admit(pull)
    if wish.head and pull.head_sha != wish.head and not wish.follow:
        said = f"{pull.address}: the head is now {pull.head_sha[:8]}, which has an event of its own"
        return Done(said, ending="superseded")
    change = read_pull_request(session.forge, pull, policy_file=wish.policy_file)
    to_read = wish.asked and not wish.post  # a person who only wants to read may read any
    pays = wish.costly and bool(operator.keys or operator.servers)
    if why := None if to_read else skip_reason(pull, change.policy, asked=wish.asked, costly=pays):
        return _left_alone(session, pull, why, wish)
    subject = read_subject(session, pull, change, operator, whole=wish.whole)
    priors, notes = _learned(session, subject)
    if why := _not_wanted(subject, wish):
        return Done(f"{pull.address}: not reviewed, {why}", notes=notes)
    key = subject.key if wish.post else None
    accounts = day_accounts(operator)
    run = session.begin(pull, subject.key, subject.council)
    with open_check(session.forge, pull.head_sha, key, new=not subject.stands, clock=session.clock) as check_run:
        with watch(subject.change, run.council) as progress, open_head(session.forge.git_access, pull.head_sha) as tree:
            begun = run.resumed or anew(subject.spent)
            record = await hear(
                subject.change, operator, run.council, progress, begun, tree=tree, accounts=accounts, priors=priors
            )
        done = _finish(session, subject, run.with_doubts(record), wish)
        green = change.policy.check == "success"
        if done.report:
            check_run.close(check.reviewed(pull.head_sha, subject.key, done.report, done.standing, green=green))
        told = (*notes, *done.notes, *check_run.notes)
        return done._replace(notes=told, check_closed=not check_run.is_open, run=run)


def _learned(session: Session, subject: Subject) -> tuple[tuple[Prior, ...], tuple[str, ...]]:
    """What is known of how findings are received, and what was in the way of knowing: no review fails for that."""
    try:
        return session.learn(subject.pull, subject.feedback), ()
    except BadSettings as e:
        return (), (f"what people did with earlier comments was neither kept nor used: {e}",)


def _current(session: Session, number: int, wish: Wish) -> Pull:
    """The pull request as its event spoke of it: GitHub may still show the head before (THREATS G06).

    Raises Unreachable where it still does after half a minute: no other event will come for that head.
    """
    pull = session.forge.pull(number)
    for wait in (1, 2, 4, 8, 16):
        if wish.head is None or pull.head_sha == wish.head:
            return pull
        session.clock.sleep(wait)
        pull = session.forge.pull(number)
    if wish.head and pull.head_sha != wish.head and _comes_after(session.forge, wish.head, pull.head_sha):
        what = f"{pull.address}: the commit {wish.head[:8]} is not shown yet"
        raise Unreachable("GitHub", what, "run it again in a minute")
    return pull


def _comes_after(forge: Forge, head: str, shown: str) -> bool:
    try:
        return forge.merge_base(shown, head) == shown
    except ForgeError:
        return False  # a force-push took it away


def _left_alone(session: Session, pull: Pull, why: str, wish: Wish) -> Done:
    """Where people wait for a service, they read on the pull request why it does not review this one: once a head."""
    done = Done(f"{pull.address}: not reviewed, {why}")
    if not (wish.costly and wish.post) or pull.state == "closed":
        return done
    try:
        if not session.forge.has_check(pull.head_sha):
            session.forge.put_check(check.skipped(pull.head_sha, why), None)
    except ForgeError as e:
        return done._replace(notes=(f"no check run: {e}",))
    return done


def _not_wanted(subject: Subject, wish: Wish) -> str | None:
    """Why a push is left alone; nobody is asked, and nobody is told that it was looked at."""
    earlier = subject.earlier
    if earlier is None or wish.asked or subject.stands or subject.whole.policy.triggers.pushes != "none":
        return None
    return f"it was reviewed at {earlier.head[:8]}, and the policy asks for no review of pushes (triggers.pushes)"


def _finish(session: Session, subject: Subject, record: RunRecord, wish: Wish) -> Done:
    """The report of all that holds now, posted where there is something new to post."""
    report = whole_report(judge(record), subject)
    if why := unanswered(report):
        subject = subject._replace(standing=_told(subject.standing, why, wish))
    done = Done(headline(report), report, subject.standing, record, ending="reviewed")
    if subject.earlier and subject.is_as_before:
        head = subject.earlier.head[:8]
        said = f"{head} was reviewed before" if subject.stands else f"nothing changed since {head} was reviewed"
        return done._replace(said=f"{subject.pull.address}: not reviewed again, {said}", ending="unchanged")
    failed = bool(report.seats) and not any(seat.state in ASKED for seat in report.seats)
    if not wish.post or (subject.earlier and failed):
        return done  # a review that failed takes no place of one that stands
    done = _post(session, subject, done, report)
    return done._replace(standing=_told(done.standing, done.failure, wish)) if done.failure else done


def _told(standing: Standing, fault: str, wish: Wish) -> Standing:
    """With what comes after a passing fault, where that is known: people wait for it on the pull request."""
    notices = (*standing.notices, f"{fault}; {wish.prospect}") if wish.prospect else standing.notices
    return standing.model_copy(update={"notices": notices})


def _post(session: Session, subject: Subject, done: Done, report: Report) -> Done:
    """The review is worth reading also where it could not be posted: what was in the way is told beside it."""
    desk = Desk(
        forge=session.forge,
        pull=subject.pull,
        base=subject.whole.base_sha or "",
        setup=subject.setup,
        signer=session.signer(subject.pull),
        started=session.started,
        clock=session.clock,
        settle=session.settle,
        spent=_spent(subject, done),
    )
    suggestions = subject.whole.policy.comments.suggestions
    try:
        published = publish(desk, report, diff=subject.whole.diff, standing=subject.standing, suggestions=suggestions)
    except NoAccess as e:  # a token that only reads, as in the run of a fork
        return done._replace(report=_unposted(report), notes=(f"nothing was posted: {e}",))
    except ForgeError as e:
        return done._replace(failure=f"the review could not be posted in full: {e}")
    return done._replace(
        said=published.said,
        ending="reviewed" if published.outcome == "posted" else published.outcome,
        report=published.report,
        standing=published.standing,
        posted=published.outcome != "superseded",
        summary_url=published.summary_url or "",
    )


def _spent(subject: Subject, done: Done) -> Hold:
    """What the reviews of the pull request have cost, this one among them."""
    before = subject.earlier.spent if subject.earlier else NOTHING_HELD
    return before + done.record.spent if done.record else before


def _unposted(report: Report) -> Report:
    """Nothing stands at its line where nothing could be posted."""
    findings = (
        finding.model_copy(update={"placement": "summary", "reason": f"{finding.reason}; nothing could be posted"})
        if finding.placement == "inline"
        else finding
        for finding in report.findings
    )
    return report.model_copy(update={"findings": tuple(findings)})
