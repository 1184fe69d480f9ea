"""A report put on its pull request: what is new at its lines, what is done with resolved, the whole in one summary.

Looks before it speaks: an earlier run, also one that was killed, may have said some of it (THREATS section 0, rules 8
and 9). Knows the order of things; how a review, a summary and a mark are made is for the modules beside it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Literal

from reviewbot.change import Diff
from reviewbot.errors import Doubtful, ForgeError, NoAccess, Refused
from reviewbot.facts import Fact
from reviewbot.forge.anchors import anchor_of
from reviewbot.forge.earlier import DISMISSED, Overview, Said, last_review, mark_of, overview, said, summaries
from reviewbot.forge.marks import SummaryMark
from reviewbot.forge.model import Conversation, NewComment, Remark, Thread
from reviewbot.forge.port import Forge
from reviewbot.forge.posting import NOT_SHOWN, Desk, Entry, Progress, post_review, read_back
from reviewbot.forge.summary_comment import Written, write_summary
from reviewbot.forge.threads import done_with
from reviewbot.report import Report, ReportFinding
from reviewbot.report.comment import render_comment
from reviewbot.report.standing import Standing
from reviewbot.report.suggestion import suggestion_of
from reviewbot.report.summary import render_summary, review_body
from reviewbot.report.wording import count

NOTHING_KNOWN = Standing()
OUTSIDE = "its line is not in the diff as GitHub shows it"
UNVERIFIED = "a comment at its line seems to say it, but its signature cannot be verified: were the keys changed?"


class Published(Fact):
    """How it ended."""

    outcome: Literal["posted", "unchanged", "superseded"]
    """`unchanged`: all of it was said before, and nothing was sent. `superseded`: the pull request moved on."""
    report: Report
    """As it came in, but for the placement and reason of findings that have no comment after all."""
    standing: Standing
    """As it came in, with what the conversation says by now."""
    review_urls: tuple[str, ...] = ()
    summary_url: str | None = None
    posted: tuple[str, ...] = ()
    """Ids of the findings that this run posted at their lines."""
    resolved: int = 0
    """Threads that this run closed."""
    said: str
    """One line for a person."""


def publish(
    desk: Desk, report: Report, *, diff: Diff, standing: Standing = NOTHING_KNOWN, suggestions: bool = False
) -> Published:
    """Post what is new of a report, resolve what is done with, and bring the summary up to date.

    `diff` is the whole pull request's, not only what this run read; of `standing`, what the door knows is kept;
    `suggestions` is the policy's wish. Done again, it sends nothing. Raises Limited and Unreachable, NoAccess where
    nothing may be posted, another ForgeError where the summary may not: the next run finds what was posted until then.
    """
    desk.clock.sleep(max(0.0, desk.started + desk.settle - desk.clock.now()))
    conversation = desk.read()

    def words(finding: ReportFinding, room: int) -> str:
        offered = suggestion_of(finding, diff) if suggestions else None
        address = standing.source_url
        return render_comment(finding, report=report, suggestion=offered, source_url=address, limit=room)

    def opening(findings: Iterable[ReportFinding]) -> str:
        return review_body(report.model_copy(update={"findings": tuple(findings)}), standing)

    new = overview(report, conversation, desk.signer, diff).new
    progress = post_review(desk, tuple(_entries(desk, new, diff, words)), opening)
    if progress.posted:
        conversation = _single(desk, read_back(desk, {entry.finding.id for entry in progress.posted}))
    now = overview(report, conversation, desk.signer, diff)
    ours = [comment.thread.remarks[0] for comment in now.comments]
    ours += [summary.remark for summary in summaries(conversation, desk.signer)]
    if progress.superseded:
        told = _told(standing, now, ours, ())
        return _ended(Written(None, changed=False), progress, report=report, standing=told, closed=0)
    placed = _placed(report, now, progress)
    closed = _resolve(desk, done_with(now.comments, placed, diff=diff, raised=now.raised))
    mark = _mark(desk, placed, conversation, closed=len(closed))
    told = _told(standing, now, ours, closed).model_copy(update={"resolved": mark.resolved})
    with _beside(progress):
        written = write_summary(desk, conversation, mark, lambda room: render_summary(placed, told, limit=room))
    return _ended(written, progress, report=placed, standing=told, closed=len(closed))


@contextmanager
def _beside(progress: Progress) -> Iterator[None]:
    """NoAccess says that this token may post nothing. Where a review was posted just before, that would not be true."""
    try:
        yield
    except NoAccess as e:
        if progress.urls:
            raise ForgeError(e.who, e.what, e.remedy) from e
        raise


def _entries(
    desk: Desk, new: Iterable[ReportFinding], diff: Diff, words: Callable[[ReportFinding, int], str]
) -> Iterator[Entry]:
    """A comment for each finding that has a place in the diff; `words` gives its text within so many characters."""
    files = {file.path: file for file in diff.files}
    for finding in new:
        if place := anchor_of(finding, diff):
            mark = mark_of(finding, desk.pull.head_sha, files[place.path])
            body = desk.signer.sign_within(mark, partial(words, finding))
            yield Entry(finding, NewComment(body=body, **place._asdict()))


def _single(desk: Desk, conversation: Conversation) -> Conversation:
    """Each comment once: a run beside this one may have posted the same at the same moment. The later is folded away.

    Both runs see both, and fold the same one.
    """
    seen: set[tuple[str, str, int | None]] = set()
    doubles: list[Thread] = []
    for comment in said(conversation, desk.signer):
        name = comment.mark.id, comment.mark.head, comment.thread.line
        if comment.verified and name in seen and not comment.thread.resolved:
            doubles.append(comment.thread)
        seen.add(name)
    for thread in doubles:
        with suppress(NoAccess, Doubtful, Refused):
            desk.forge.hide(thread.remarks[0].node_id)
    return conversation.model_copy(update={"threads": tuple(t for t in conversation.threads if t not in doubles)})


def _placed(report: Report, now: Overview, progress: Progress) -> Report:
    """The report with each finding where a person will meet it: in the summary, with the reason, if not at its line."""
    posted = {entry.finding.id for entry in progress.posted}
    without = {f.id: progress.unposted.get(f.id, NOT_SHOWN if f.id in posted else OUTSIDE) for f in now.new}
    without |= dict.fromkeys(now.unverified, UNVERIFIED)

    def placed(finding: ReportFinding) -> ReportFinding:
        if finding.placement != "inline" or finding.id in now.known:
            return finding
        if now.quiet.get(finding.id) == DISMISSED:
            return finding.model_copy(update={"placement": "withheld", "reason": DISMISSED})
        return finding.model_copy(update={"placement": "summary", "reason": without[finding.id]})

    return report.model_copy(update={"findings": tuple(map(placed, report.findings))})


def _resolve(desk: Desk, comments: Collection[Said]) -> frozenset[str]:
    """The ids of the threads that were closed. One that was not is no harm: it stays for a person, or the next run."""
    closed: set[str] = set()
    if not comments or desk.has_moved():
        return frozenset()
    for comment in comments:
        try:
            _close(desk.forge, comment.thread)
            closed.add(comment.thread.id)
        except NoAccess:  # then it may not close any
            break
        except (Doubtful, Refused):
            continue
    return frozenset(closed)


def _close(forge: Forge, thread: Thread) -> None:
    """Resolve it. GitHub wants `contents: write` for that, which we do not ask for; folding our own comment is ours."""
    try:
        forge.resolve(thread.id)
    except NoAccess:
        forge.hide(thread.remarks[0].node_id)


def _mark(desk: Desk, report: Report, conversation: Conversation, *, closed: int) -> SummaryMark:
    last = last_review(conversation, desk.signer)
    return SummaryMark(
        key=desk.key,
        head=desk.pull.head_sha,
        base=desk.base,
        setup=desk.setup,
        complete=report.complete,
        unread=tuple(sorted({gap.path for gap in report.not_covered})),
        dismissed=last.dismissed if last else (),
        resolved=closed + (last.resolved if last and last.key == desk.key else 0),
        carried=report.findings,
        spent=desk.spent,
    )


def _told(standing: Standing, now: Overview, ours: Collection[Remark], closed: Collection[str]) -> Standing:
    """What the conversation says by now."""
    told = {*closed, *(comment.thread.id for comment in now.known.values())}
    still = (c for c in now.comments if c.verified and not c.thread.resolved and c.thread.id not in told)
    return standing.model_copy(
        update={
            "comments": {id_: comment.url for id_, comment in now.known.items()},
            "quiet": dict(now.quiet),
            "open_before": {comment.url: comment.mark.title for comment in still},
            "up": sum(remark.up for remark in ours),
            "down": sum(remark.down for remark in ours),
        }
    )


def _ended(written: Written, progress: Progress, *, report: Report, standing: Standing, closed: int) -> Published:
    posted = tuple(entry.finding.id for entry in progress.posted if entry.finding.id in standing.comments)
    changed = bool(progress.urls or closed or written.changed)
    outcome: Literal["posted", "unchanged", "superseded"] = "posted" if changed else "unchanged"
    done = ((len(posted), count(len(posted), "new comment")), (closed, f"{count(closed, 'thread')} resolved"))
    told = ", ".join(words for number, words in done if number)
    told = told or ("the summary is up to date" if written.changed else "nothing new to say")
    if written.url is None:
        outcome = "superseded"
        told = f"{told}, then the pull request moved on: what it is now needs a review of its own"
    return Published(
        outcome=outcome,
        report=report,
        standing=standing,
        review_urls=progress.urls,
        summary_url=written.url,
        posted=posted,
        resolved=closed,
        said=told,
    )
