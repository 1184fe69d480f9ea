"""What people did with our comments on a pull request, read from the conversation that a review reads anyway. Pure.

GitHub tells how many reacted and not who: authors, passers-by and bots count alike, and nobody's name is kept. Of a
comment one verdict counts, the first of these that holds: it was dismissed by an order; its code changed; more liked
than disliked it, or the other way round; it was resolved while its file stayed as it was.
"""

from collections.abc import Iterable, Mapping
from functools import partial

from reviewbot.change import Diff, File
from reviewbot.forge.earlier import Said, last_review, said
from reviewbot.forge.marks import FindingMark, Signer, changed_lines, changes_digest, voices_of
from reviewbot.forge.model import Conversation, Pull
from reviewbot.forge.threads import standing_lines
from reviewbot.record.feedback import Feedback, Kind


def feedback_of(conversation: Conversation, signer: Signer, diff: Diff, *, pull: Pull, at: str) -> tuple[Feedback, ...]:
    """The state of each finding that has a comment, and of each that was dismissed from the summary.

    `diff` is the whole pull request's as it is now, `at` the time. Of a comment whose mark cannot be verified nothing
    is said, nor of one whose file left the pull request, unless people said it.
    """
    review = last_review(conversation, signer)
    dismissed = frozenset(review.dismissed if review else ())
    files, stands = {file.path: file for file in diff.files}, standing_lines(diff)
    of_pull = partial(Feedback, repository=pull.address.repository, number=pull.address.number, at=at)
    rows: dict[str, Feedback] = {}
    for comment in _once_a_head(said(conversation, signer)):
        mark = comment.mark
        gone = mark.head != pull.head_sha and not stands(mark) and _is_changed(mark, files)
        kind: Kind | None = "dismissed" if mark.id in dismissed else _kind(comment, files, gone=gone)
        if kind:
            told, said_by = comment.thread.remarks[0].id, mark.voices
            rows[mark.id] = of_pull(finding=mark.id, comment=told, title=mark.title, voices=said_by, kind=kind)
    for finding in review.carried if review else ():
        if finding.id in dismissed and finding.id not in rows:
            title, said_by = finding.title[:200], voices_of(finding)
            rows[finding.id] = of_pull(finding=finding.id, comment=0, title=title, voices=said_by, kind="dismissed")
    return tuple(rows.values())


def _once_a_head(comments: Iterable[Said]) -> Iterable[Said]:
    """Those that are surely ours. What two runs said at the same moment is one comment: the later is hidden."""
    first: dict[tuple[str, str], Said] = {}
    for comment in comments:
        if comment.verified:
            first.setdefault((comment.mark.id, comment.mark.head), comment)
    return first.values()


def _is_changed(mark: FindingMark, files: Mapping[str, File]) -> bool:
    """Whether lines that left the diff left the code too.

    A line that the pull request never touched leaves the diff when the one beside it is put back. So what counts is a
    line that it had touched and touches no more, or one that it now takes away.
    """
    file = files.get(mark.path)
    if file is None:
        return False
    let_go = not set(mark.touched) <= changed_lines(file, mark.side)
    return let_go or (mark.side == "new" and not set(mark.lines).isdisjoint(changed_lines(file, "old")))


def _kind(comment: Said, files: Mapping[str, File], *, gone: bool) -> Kind | None:
    """What became of one that nobody dismissed; None where that cannot be told. `gone`: its lines are, by a push."""
    mark, opening = comment.mark, comment.thread.remarks[0]
    file = files.get(mark.path)
    if file and gone:
        return "changed"
    if opening.up != opening.down:
        return "praised" if opening.up > opening.down else "disliked"
    if file is None:
        return None
    closed = comment.thread.resolved and mark.changes == changes_digest(file)
    return "closed" if closed else "open"
