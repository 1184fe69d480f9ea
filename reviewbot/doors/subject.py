"""What is to be reviewed of a pull request, by whom, and what of the last review still holds.

The last review tells of itself in its summary's mark. Where it was whole and nobody changed who asks what of whom, only
what changed since is read, and what it found elsewhere stands (THREATS G37, G38). Posts nothing and asks no model.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from typing import NamedTuple

from reviewbot.change import Change, Diff
from reviewbot.change.since import moved_by, since
from reviewbot.council import Invited
from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.council.prompt import load_lenses, read_page
from reviewbot.doors.session import Session
from reviewbot.errors import BadInput, ForgeError
from reviewbot.forge.earlier import last_review, spent_so_far
from reviewbot.forge.feedback import feedback_of
from reviewbot.forge.marks import SummaryMark, digest, review_key
from reviewbot.forge.model import Pull
from reviewbot.forge.port import Forge
from reviewbot.record.feedback import Feedback
from reviewbot.report import NotCovered, Report, ReportFinding
from reviewbot.report.carry import with_carried
from reviewbot.report.standing import Standing
from reviewbot.settings import Operator
from reviewbot.sources.pull_request import read_between
from reviewbot.wiring import seat_council


class Subject(NamedTuple):
    """What will be reviewed, by whom, and what is known from the last time."""

    pull: Pull
    whole: Change
    change: Change
    """What the council is to read of `whole`."""
    council: tuple[Invited, ...]
    key: str
    """The name of this review: `marks.review_key`."""
    setup: str
    earlier: SummaryMark | None
    before: Diff | None
    """What was reviewed last, where that still holds for what did not change since."""
    standing: Standing
    spent: Hold = NOTHING_HELD
    """What its reviews and the questions about it have cost by now, as our posts tell."""
    feedback: tuple[Feedback, ...] = ()
    """What people did with our comments, as the conversation tells."""

    @property
    def stands(self) -> bool:
        """The last review was of this very head, and nothing that decides what it says is another."""
        return self.earlier is not None and self.before is not None and self.earlier.key == self.key

    @property
    def is_as_before(self) -> bool:
        """Nothing came, changed or went since the last review, though the head may be another."""
        if self.before is None or self.change.diff.files:
            return False
        return self.stands or not set(_paths(self.before)) - set(_paths(self.whole.diff))


def read_subject(session: Session, pull: Pull, change: Change, operator: Operator, *, whole: bool) -> Subject:
    """Seat the council and look up the last review. `change` is all of the pull request; `whole` reads all of it again.

    Raises NoCouncil and BadSettings where nobody can be seated, BadPrompt for a lens that does not hold.
    """
    council = seat_council(operator, change.policy)
    setup = _setup(change, council, operator)
    key = review_key(pull, base=change.base_sha or "", setup=setup)
    conversation, signer = session.forge.conversation(pull.address.number), session.signer(pull)
    earlier = last_review(conversation, signer)
    before = None
    if earlier and earlier.complete and earlier.carries and not whole:
        before = change.diff if earlier.key == key else _reviewed_before(session.forge, change, setup, earlier)
    narrowed, unchanged = change, _paths(Diff(files=()))
    if earlier and before and earlier.key == key:
        narrowed, unchanged = change.model_copy(update={"diff": Diff(files=())}), _paths(before)
    elif earlier and before:
        narrowed, unchanged = since(change, before, earlier.unread)
    unusable = change.policy_from.startswith("defaults (")
    standing = Standing(
        since=earlier.head if earlier and before else None,
        unchanged=unchanged,
        source_url=f"{session.source_url}{pull.head_sha}/",
        notices=(f"The policy was not used: {change.policy_from}.",) if unusable else (),
    )
    spent = spent_so_far(conversation, signer)
    at = datetime.fromtimestamp(session.clock.now(), UTC).isoformat(timespec="seconds")
    feedback = feedback_of(conversation, signer, change.diff, pull=pull, at=at)
    return Subject(pull, change, narrowed, council, key, setup, earlier, before, standing, spent, feedback)


def _paths(diff: Diff) -> tuple[str, ...]:
    return tuple(file.path for file in diff.files)


def _setup(change: Change, council: Sequence[Invited], operator: Operator) -> str:
    """Everything but the change that decides what a review says: who asks what of whom, by which rules and limits."""
    pages = (read_page("shared.md"), *(lens.text for lens in load_lenses(change.lenses).values()))
    notes = (f"{page.path}\n{page.text}" for page in change.invariants)
    limits = (*operator.lenses, str(operator.max_changed_lines), str(operator.max_prompt_tokens), version("reviewbot"))
    members = (invited.member.name for invited in council)
    return digest(change.policy.model_dump_json(), *members, "", *limits, "", *pages, "", *notes)


def _reviewed_before(forge: Forge, change: Change, setup: str, earlier: SummaryMark) -> Diff | None:
    """The diff of the last review where its word still holds for what did not change: it asked the same of the same."""
    if earlier.setup != setup or change.policy.triggers.pushes == "all":
        return None
    try:
        return read_between(forge, earlier.base, earlier.head)
    except (ForgeError, BadInput):
        return None  # its commits may be gone after a force-push: everything is read


def whole_report(report: Report, subject: Subject) -> Report:
    """Of the whole pull request: with what the last review found in files that did not change since."""
    diff, unread = subject.whole.diff, subject.whole.unread
    counts = {"files": len(diff.files) + len(unread), "additions": diff.additions, "deletions": diff.deletions}
    report = report.model_copy(update={"change": report.change.model_copy(update=counts)})
    if subject.earlier is None or subject.before is None or subject.standing.since is None:
        return report
    left_out = (path for path in subject.earlier.unread if path in subject.standing.unchanged)
    why = f"left out when {subject.standing.since[:8]} was reviewed"
    gaps = (*report.not_covered, *(NotCovered(path=path, lines=0, why=why) for path in left_out))
    kept = [
        _placed(finding, subject.before, diff)
        for finding in subject.earlier.carried
        if finding.path in subject.standing.unchanged
    ]
    return with_carried(report.model_copy(update={"not_covered": gaps}), kept, since=subject.standing.since)


def _placed(finding: ReportFinding, before: Diff, now: Diff) -> ReportFinding:
    """Where its lines stand now: code that did not change may still have moved."""
    if finding.line is None:
        return finding
    by = moved_by(finding.path, finding.side, finding.line, old=before, new=now)
    start = None if finding.start_line is None else finding.start_line + by
    return finding.model_copy(update={"line": finding.line + by, "start_line": start})
