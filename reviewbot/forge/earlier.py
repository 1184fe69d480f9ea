"""What our earlier posts on a pull request say, and what of a report is new beside them (THREATS G38).

Only posts count that GitHub says are ours and whose mark is signed (S20). Knows how a finding is known again and what
people did with a comment; nothing of how to post.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewbot.forge.marks import FindingMark, ReviewMark, Signed, Signer, SummaryMark, line_digests
from reviewbot.forge.model import Conversation, Remark, Thread
from reviewbot.report import Report, ReportFinding

DISMISSED = "dismissed by a person"


class Said(NamedTuple):
    """A finding that stands as a comment of ours at its line."""

    mark: FindingMark
    thread: Thread
    edited: bool
    """Somebody changed our words."""

    @property
    def url(self) -> str:
        return self.thread.remarks[0].url

    @property
    def answered(self) -> bool:
        return self.edited or not all(remark.ours for remark in self.thread.remarks)


class Summary(NamedTuple):
    """A summary comment of ours."""

    mark: SummaryMark
    remark: Remark
    signed: Signed


class Overview(NamedTuple):
    """A report held against what was said before."""

    comments: tuple[Said, ...]
    """All our comments at lines, oldest first."""
    known: Mapping[str, Said]
    """Finding to the comment that says it."""
    quiet: Mapping[str, str]
    """Finding to the reason why it is left alone."""
    raised: frozenset[str]
    """Ids of the threads that a finding of the report is about."""
    new: tuple[ReportFinding, ...]
    """Findings that belong at their lines and are not said there."""


def overview(report: Report, conversation: Conversation, signer: Signer, paths: Collection[str]) -> Overview:
    """What of a report was said, what people are done with, and what is new. `paths` as for `is_about`."""
    comments, unwanted = said(conversation, signer), dismissed(last_review(conversation, signer))
    known: dict[str, Said] = {}
    quiet: dict[str, str] = {}
    raised: set[str] = set()
    for finding in report.findings:
        mark = mark_of(finding, "")
        about = [comment for comment in comments if is_about(comment.mark, mark, paths)]
        raised |= {comment.thread.id for comment in about}
        if about:
            known[finding.id] = _closest(mark, about)
        if any(is_about(one, mark, paths) for one in unwanted):
            quiet[finding.id] = DISMISSED
        elif about and (why := quiet_reason(known[finding.id])):
            quiet[finding.id] = why
    inline = (finding for finding in report.findings if finding.placement == "inline")
    new = tuple(finding for finding in inline if finding.id not in {*known, *quiet})
    return Overview(comments, known, quiet, frozenset(raised), new)


def said(conversation: Conversation, signer: Signer) -> tuple[Said, ...]:
    """Our comments at lines, oldest first."""
    opened = ((thread, _ours(thread.remarks[0], signer)) for thread in conversation.threads if thread.remarks)
    return tuple(
        Said(signed.mark, thread, signed.edited)
        for thread, signed in opened
        if signed and isinstance(signed.mark, FindingMark)
    )


def summaries(conversation: Conversation, signer: Signer) -> tuple[Summary, ...]:
    """Our summary comments, oldest first. There is one, or one more each time a person edited the last."""
    signed = ((remark, _ours(remark, signer)) for remark in conversation.comments)
    return tuple(Summary(s.mark, remark, s) for remark, s in signed if s and isinstance(s.mark, SummaryMark))


def last_review(conversation: Conversation, signer: Signer) -> SummaryMark | None:
    """What was reviewed last. A summary whose text a person edited still tells: its mark is signed."""
    return next((summary.mark for summary in reversed(summaries(conversation, signer))), None)


def reviews(conversation: Conversation, signer: Signer) -> Iterator[tuple[ReviewMark, Remark]]:
    """Our reviews that have something to say in their body, oldest first."""
    for remark in conversation.reviews:
        if (signed := _ours(remark, signer)) and isinstance(signed.mark, ReviewMark):
            yield signed.mark, remark


def _ours(remark: Remark, signer: Signer) -> Signed | None:
    return signer.read(remark.body) if remark.ours else None


def mark_of(finding: ReportFinding, head: str) -> FindingMark:
    """What a comment on this finding remembers of it."""
    return FindingMark(
        id=finding.id,
        path=finding.path,
        side=finding.side,
        category=finding.category,
        lens=finding.lens,
        lines=line_digests(finding.quote.split("\n")[:50]),
        head=head,
        title=finding.title[:200],
    )


def is_about(mark: FindingMark, finding: FindingMark, paths: Collection[str]) -> bool:
    """Whether a comment with this mark says the finding.

    An id follows the words of whoever spoke first, so the next run may give the same problem another one: it is also
    known by side, category, path and a line they both quote. `paths` are those of the whole pull request: one that is
    not among them was renamed, so it may be any.
    """
    return mark.id == finding.id or (
        (mark.side, mark.category) == (finding.side, finding.category)
        and (mark.path == finding.path or mark.path not in paths)
        and not set(mark.lines).isdisjoint(finding.lines)
    )


def _closest(finding: FindingMark, about: Sequence[Said]) -> Said:
    """The comment with its very id before others, then the newest."""
    return max(reversed(about), key=lambda comment: comment.mark.id == finding.id)


def quiet_reason(comment: Said) -> str | None:
    """Why a finding that comes up again is left alone; None where its comment is open and nobody reacted."""
    if comment.thread.resolved:
        return "its thread is resolved"
    if comment.thread.remarks[0].down:
        return "a reader gave its comment a thumbs down"
    return "answered in its thread" if comment.answered else None


def dismissed(review: SummaryMark | None) -> tuple[FindingMark, ...]:
    """The findings a person does not want to hear of again, each with what is still known of it."""
    if review is None:
        return ()
    carried = {finding.id: mark_of(finding, review.head) for finding in review.carried}
    return tuple(carried.get(id_, _nothing_but(id_)) for id_ in review.dismissed)


def _nothing_but(id_: str) -> FindingMark:
    return FindingMark(id=id_, path="", side="new", category="", lens="", lines=(), head="", title="")
