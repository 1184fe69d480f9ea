"""One review, posted once, whatever GitHub answers (THREATS G11, G12, G14, G15, G17-G19).

A comment that cannot be made comes back with the reason, so that it is told in the summary instead. Knows what a
refusal means and how to find out whether something was made; nothing of what is worth saying.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

from reviewbot.change import parse_diff
from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.errors import BadDiff, Doubtful, Refused, TooLarge
from reviewbot.forge.anchors import Coordinates, anchor_of
from reviewbot.forge.clock import Clock
from reviewbot.forge.culprits import Search
from reviewbot.forge.earlier import reviews, said
from reviewbot.forge.marks import ReviewMark, Signer, digest, review_key
from reviewbot.forge.model import Conversation, NewComment, NewReview, Posted, Pull
from reviewbot.forge.port import Forge
from reviewbot.report import ReportFinding

MAX_CALLS = 12
"""Times one review is sent, in parts or again; what is left then is told in the summary."""
MAX_DOUBTS = 3
"""Times the same post may have no clear answer and not be found either."""
NO_PLACE = "GitHub takes no comment at its line"
TOO_LONG = "GitHub finds its text too long for a comment"
REFUSED = "GitHub refused the review it was in"
NO_ANSWER = "GitHub gave no clear answer to the review it was in"
NOT_SHOWN = "GitHub took its comment and does not show it"


Describe = Callable[[Sequence[ReportFinding]], str]
"""What a review with comments on these findings says itself, above them."""


class Desk(NamedTuple):
    """One pull request as it was when its change was read, and how this run posts to it."""

    forge: Forge
    pull: Pull
    base: str
    """The merge base the reviewed diff begins at."""
    setup: str
    """Digest of what else decides what a review says: `marks.SummaryMark.setup`."""
    signer: Signer
    started: float
    """When this process began, in the clock's seconds."""
    clock: Clock = Clock()
    settle: float = 5.0
    """Seconds after which all that was made is listed."""
    spent: Hold = NOTHING_HELD
    """What the pull request's reviews have cost, this run's among them: `marks.SummaryMark.spent`."""

    @property
    def key(self) -> str:
        return review_key(self.pull, base=self.base, setup=self.setup)

    def read(self) -> Conversation:
        return self.forge.conversation(self.pull.address.number)

    def read_settled(self) -> Conversation:
        """The conversation with all that was sent up to now, as far as it was made."""
        self.clock.sleep(self.settle)
        return self.read()

    def has_moved(self) -> bool:
        """The diff is no longer the one that was read: another head, base branch or merge base (THREATS G17, G37)."""
        now = self.forge.pull(self.pull.address.number)
        if (now.head_sha, now.base_ref) != (self.pull.head_sha, self.pull.base_ref):
            return True
        return now.base_sha != self.pull.base_sha and self.forge.merge_base(now.base_sha, now.head_sha) != self.base


class Entry(NamedTuple):
    """A finding and the comment that says it."""

    finding: ReportFinding
    comment: NewComment

    @property
    def place(self) -> Coordinates:
        return Coordinates(self.comment.path, self.comment.side, self.comment.line, self.comment.start_line)


class Progress(NamedTuple):
    """How far the posting of one review has come."""

    search: Search[Entry]
    posted: tuple[Entry, ...] = ()
    urls: tuple[str, ...] = ()
    """Of the reviews that were made: more than one where GitHub refused some of the comments."""
    unposted: Mapping[str, str] = {}
    """Finding to the reason why there is no comment."""
    checked: bool = False
    """The places were held against the diff as GitHub gives it."""
    unblocked: bool = False
    """A pending review of ours was deleted."""
    doubts: int = 0
    superseded: bool = False


def post_review(desk: Desk, entries: Sequence[Entry], describe: Describe) -> Progress:
    """Post the comments as one review, in parts where GitHub refuses some.

    Each entry ends in `posted` or `unposted`, unless the pull request moved on: then `superseded` says so and nothing
    more was sent. Raises what the forge raises but Refused and Doubtful.
    """
    state = Progress(Search(tuple(entries)))
    for _ in range(MAX_CALLS):
        if state.superseded or not state.search.batch:
            break
        state = state._replace(superseded=True) if desk.has_moved() else _send(desk, state, describe)
    ended = _left_out(state, state.search.rest, REFUSED)
    culprits = {entry.finding.id: NO_PLACE for entry in state.search.culprits}
    return ended._replace(unposted={**ended.unposted, **culprits})


def read_back(desk: Desk, posted: Collection[str]) -> Conversation:
    """The conversation with the comments on these findings in it, read again after a while if some are missing."""
    conversation = desk.read()
    there = {comment.mark.id for comment in said(conversation, desk.signer) if comment.verified}
    return conversation if there.issuperset(posted) else desk.read_settled()


def _send(desk: Desk, state: Progress, describe: Describe) -> Progress:
    """One call. What it did not settle is in the search of the state it gives."""
    batch = state.search.batch
    mark = ReviewMark(key=desk.key, head=desk.pull.head_sha, part=digest(*(entry.finding.id for entry in batch)))
    review = NewReview(
        commit=desk.pull.head_sha,
        body=desk.signer.sign(mark, describe([entry.finding for entry in batch])),
        comments=tuple(entry.comment for entry in batch),
    )
    try:
        made = desk.forge.post_review(desk.pull.address.number, review)
    except Refused as refusal:
        return _after_refusal(desk, state, refusal.reason)
    except Doubtful:
        if (found := _made(desk, mark)) is None:
            return _after_doubt(state)
        made = found
    return state._replace(
        search=state.search.taken(), posted=(*state.posted, *batch), urls=(*state.urls, made.url), doubts=0
    )


def _made(desk: Desk, mark: ReviewMark) -> Posted | None:
    """The review with this mark, if it was made after all: it is in the conversation once that has settled."""
    found = [remark for there, remark in reviews(desk.read_settled(), desk.signer) if there == mark]
    return Posted(id=found[0].id, url=found[0].url) if found else None


def _after_doubt(state: Progress) -> Progress:
    """Nothing was made. It is sent again, but not for ever."""
    if state.doubts + 1 == MAX_DOUBTS:
        return _left_out(state, state.search.rest, NO_ANSWER)
    return state._replace(doubts=state.doubts + 1)


def _after_refusal(desk: Desk, state: Progress, reason: str) -> Progress:
    """Nothing was made, and GitHub said why, if not always on account of which comment."""
    if reason == "stale_commit":
        return state._replace(superseded=True)
    if reason == "anchor":
        return state._replace(search=state.search.refused()) if state.checked else _check_places(desk, state)
    if reason == "too_long":
        longest = max(state.search.batch, key=lambda entry: len(entry.comment.body))
        return _left_out(state, (longest,), TOO_LONG)
    if reason == "pending_review" and not state.unblocked:
        with suppress(Doubtful):  # if it is still there, the next refusal says so
            desk.forge.drop_pending_review(desk.pull.address.number)
        return state._replace(unblocked=True)
    return _left_out(state, state.search.rest, REFUSED)


def _check_places(desk: Desk, state: Progress) -> Progress:
    """Hold all places against the diff as GitHub gives it: one read may tell what would take many posts."""
    checked = state._replace(checked=True)
    try:
        diff = parse_diff(desk.forge.diff(desk.pull.address.number))
    except (TooLarge, BadDiff):
        return checked._replace(search=state.search.refused())
    outside = [entry for entry in state.search.batch if anchor_of(entry.finding, diff) != entry.place]
    return _left_out(checked, outside, NO_PLACE) if outside else checked._replace(search=state.search.refused())


def _left_out(state: Progress, entries: Iterable[Entry], why: str) -> Progress:
    gone = tuple(entries)
    unposted = {**state.unposted, **{entry.finding.id: why for entry in gone}}
    return state._replace(search=state.search.without(gone), unposted=unposted)
