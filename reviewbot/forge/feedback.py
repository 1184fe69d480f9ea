"""What people did with our comments: reactions, resolutions, answers. The raw material of evals. Pure.

A row for each finding that stands as a comment of ours at its line. It says what happened and judges nothing: a thread
may be resolved because its finding was right, or because it was a nuisance. Who resolved it GitHub's conversation does
not tell us; our own tidying closes only threads that nobody answered (`reviewbot.forge.threads`).
"""

from collections.abc import Iterable

from reviewbot.facts import Fact
from reviewbot.forge.earlier import Said


class Feedback(Fact):
    """Of one finding."""

    finding: str
    lens: str
    category: str
    up: int
    down: int
    resolved: bool
    dismissed: bool
    """By `/reviewbot dismiss`."""
    replies: int
    """Remarks of people in its thread."""


def feedback(comments: Iterable[Said], dismissed: Iterable[str] = ()) -> tuple[Feedback, ...]:
    """A row a comment, in their order. `comments` are `earlier.said`, `dismissed` the ids the summary's mark holds."""
    ids = frozenset(dismissed)
    return tuple(_feedback(comment, dismissed=comment.mark.id in ids) for comment in comments)


def _feedback(comment: Said, *, dismissed: bool) -> Feedback:
    mark, thread = comment.mark, comment.thread
    ours = [remark for remark in thread.remarks if remark.ours]
    return Feedback(
        finding=mark.id,
        lens=mark.lens,
        category=mark.category,
        up=sum(remark.up for remark in ours),
        down=sum(remark.down for remark in ours),
        resolved=thread.resolved,
        dismissed=dismissed,
        replies=sum(not remark.ours and not remark.author_is_bot for remark in thread.remarks),
    )
