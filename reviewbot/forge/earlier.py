"""What our earlier posts on a pull request say, and what of a report is new beside them (THREATS G38).

Only posts count that GitHub says are ours and whose mark is signed (S20). A comment whose mark cannot be verified, as
after a change of keys, keeps its finding from being posted twice and does nothing else. Knows what people did with a
comment; how a finding is known again is for `matching`, and how to post for others.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewbot.change import Diff, File
from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.forge.anchors import anchor_of
from reviewbot.forge.marks import (
    FindingMark,
    ReplyMark,
    ReviewMark,
    Signed,
    Signer,
    SummaryMark,
    changed_lines,
    changes_digest,
    line_digests,
    quote_digest,
    voices_of,
)
from reviewbot.forge.matching import Found, Told, matches, one_to_one, same_remark
from reviewbot.forge.model import Conversation, Remark, Thread
from reviewbot.report import Report, ReportFinding

DISMISSED = "dismissed by a person"
RESOLVED = "its thread is resolved"


class Said(NamedTuple):
    """A finding that stands as a comment of ours at its line."""

    mark: FindingMark
    thread: Thread
    edited: bool
    """Somebody changed our words."""
    verified: bool
    """As `Signed.verified`: if not, its mark may be anybody's, and nothing of it is shown or acted on."""

    @property
    def url(self) -> str:
        return self.thread.remarks[0].url

    @property
    def answered(self) -> bool:
        """A person replied, changed our words or gave them a thumbs down: it is theirs to close. Bots do not count."""
        replied = any(not (remark.ours or remark.author_is_bot) for remark in self.thread.remarks)
        return self.edited or replied or bool(self.thread.remarks[0].down)


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
    """Finding to the comment that says it; a comment says one finding."""
    unverified: frozenset[str]
    """Findings that nothing says but a comment whose mark cannot be verified."""
    quiet: Mapping[str, str]
    """Finding to the reason why it is settled: a person dismissed it or its thread is resolved."""
    raised: frozenset[str]
    """Ids of the threads that a finding of the report may be about."""
    new: tuple[ReportFinding, ...]
    """Findings that belong at their lines and are not said there."""


def overview(report: Report, conversation: Conversation, signer: Signer, diff: Diff) -> Overview:
    """What of a report was said, what people are done with, and what is new. `diff` is the whole pull request's."""
    comments, paths = said(conversation, signer), {file.path for file in diff.files}
    told = [Told(comment.mark, comment.thread.line, comment.verified) for comment in comments]
    likely = matches(told, [_found(finding, diff) for finding in report.findings], paths)
    pairs = [(report.findings[match.finding].id, comments[match.comment]) for match in one_to_one(likely)]
    known = {id_: comment for id_, comment in pairs if comment.verified}
    unverified = frozenset(id_ for id_, comment in pairs if not comment.verified)
    quiet = {id_: RESOLVED for id_, comment in known.items() if comment.thread.resolved}
    if review := last_review(conversation, signer):
        named = {comment.mark.id for comment in comments if comment.verified}
        unwanted = _unwanted(report.findings, known, review=review, named=named, paths=paths)
        quiet |= dict.fromkeys(unwanted, DISMISSED)
    inline = (finding for finding in report.findings if finding.placement == "inline")
    return Overview(
        comments=comments,
        known=known,
        unverified=unverified,
        quiet=quiet,
        raised=frozenset(comments[match.comment].thread.id for match in likely),
        new=tuple(finding for finding in inline if finding.id not in {*known, *unverified, *quiet}),
    )


def _found(finding: ReportFinding, diff: Diff) -> Found:
    """With its lines as GitHub counts them: those a comment on it would have, if it can have one."""
    mark, place = mark_of(finding, ""), anchor_of(finding, diff)
    if place is None:
        return Found(mark, finding.start_line or finding.line, finding.line)
    return Found(mark, place.start_line or place.line, place.line)


def said(conversation: Conversation, signer: Signer) -> tuple[Said, ...]:
    """Our comments at lines, oldest first."""
    opened = ((thread, _ours(thread.remarks[0], signer)) for thread in conversation.threads if thread.remarks)
    return tuple(
        Said(signed.mark, thread, edited=signed.edited, verified=signed.verified)
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


def spent_so_far(conversation: Conversation, signer: Signer) -> Hold:
    """What the reviews of a pull request and the answers to questions about it have cost, as our posts tell."""
    last = last_review(conversation, signer)
    ours = (_ours(remark, signer) for remark in conversation.comments)
    answers = (signed.mark.spent for signed in ours if signed and isinstance(signed.mark, ReplyMark))
    return sum(answers, last.spent if last else NOTHING_HELD)


def reviews(conversation: Conversation, signer: Signer) -> Iterator[tuple[ReviewMark, Remark]]:
    """Our reviews that have something to say in their body, oldest first."""
    for remark in conversation.reviews:
        if (signed := _ours(remark, signer)) and isinstance(signed.mark, ReviewMark):
            yield signed.mark, remark


def _ours(remark: Remark, signer: Signer) -> Signed | None:
    return signer.read(remark.body) if remark.ours else None


def mark_of(finding: ReportFinding, head: str, file: File | None = None) -> FindingMark:
    """What a comment on this finding remembers of it; `file` is what the pull request does to its file at `head`."""
    lines = line_digests(finding.quote.split("\n")[:50])
    own = changed_lines(file, finding.side) if file else frozenset()
    return FindingMark(
        id=finding.id,
        path=finding.path,
        side=finding.side,
        category=finding.category,
        lens=finding.lens,
        lines=lines,
        quote=quote_digest(finding.quote),
        head=head,
        title=finding.title[:200],
        voices=voices_of(finding),
        changes=changes_digest(file) if file else "",
        touched=tuple(line for line in lines if line in own),
    )


def _unwanted(
    findings: Sequence[ReportFinding],
    known: Mapping[str, Said],
    *,
    review: SummaryMark,
    named: Collection[str],
    paths: Collection[str],
) -> Iterator[str]:
    """The ids of the findings a person does not want to hear of again.

    One that has a comment goes by the id in it, and by its own only where that is not in another comment: `named`
    holds the ids in all of them. Without a comment there is only its own.
    """
    for finding in findings:
        comment = known.get(finding.id)
        taken = comment is not None and finding.id in named
        if (finding.id in review.dismissed and not taken) or (comment and comment.mark.id in review.dismissed):
            yield finding.id
    here = {finding.id for finding in findings}
    gone = [mark_of(f, "") for f in review.carried if f.id in review.dismissed and f.id not in here]
    silent = (finding for finding in findings if finding.id not in {*known, *review.dismissed})
    yield from _standing_in(silent, gone, paths)


def _standing_in(
    findings: Iterable[ReportFinding], gone: Sequence[FindingMark], paths: Collection[str]
) -> Iterator[str]:
    """The ids of the findings that are dismissed ones under another id: at most one for each that is gone."""
    left = list(gone)
    for finding in findings:
        mark = mark_of(finding, "")
        if earlier := next((one for one in left if same_remark(one, mark, paths)), None):
            left.remove(earlier)
            yield finding.id
