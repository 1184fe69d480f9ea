"""Which of our threads are done with: the code they were about changed, and nobody is talking there.

All four must hold (DESIGN 4.6): the code changed, this run covered it, no current finding matches, nobody reacted. In
doubt a thread stays open, for a person to close. Knows nothing of how a thread is resolved.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache

from reviewbot.change import Diff, File, Side
from reviewbot.forge.earlier import Said
from reviewbot.forge.marks import FindingMark, line_digests
from reviewbot.report import Report


def done_with(comments: Iterable[Said], report: Report, *, diff: Diff, raised: Collection[str]) -> tuple[Said, ...]:
    """Those of our comments whose threads may be resolved.

    `diff` is the whole pull request's, and `raised` holds the ids of the threads that a current finding matches. One
    whose mark cannot be verified may have been made to look like ours: it is left alone.
    """
    stands, paths = standing_lines(diff), {file.path for file in diff.files}
    return tuple(
        comment
        for comment in comments
        if comment.verified
        and not comment.thread.resolved
        and not comment.answered
        and comment.thread.id not in raised
        and _covered(comment.mark, report, paths)
        and not stands(comment.mark)
    )


def _covered(mark: FindingMark, report: Report, paths: Collection[str]) -> bool:
    """The lens that found it was asked in full, about a change in which this file was not left out.

    Where nobody had to be asked, of a file that was taken out of the pull request nothing is left to ask.
    """
    if any(gap.path == mark.path for gap in report.not_covered):
        return False
    if not report.seats:
        return mark.path not in paths
    return {seat.state for seat in report.seats if seat.lens == mark.lens} == {"ok"}


def standing_lines(diff: Diff) -> Callable[[FindingMark], bool]:
    """Whether all lines that a comment quotes are still in the diff, on their side of its file.

    A file that is no longer in the diff may have been renamed, so its lines are looked for everywhere. Of a comment
    that quotes no telling line nobody can say that its code changed.
    """
    files: Mapping[str, File] = {file.path: file for file in diff.files}

    @cache
    def lines(path: str, side: Side) -> frozenset[str]:
        kept = " +" if side == "new" else " -"
        raws = (raw for hunk in files[path].hunks for raw in hunk.body)
        return frozenset(line_digests(raw[1:] for raw in raws if raw[0] in kept))

    def stands(mark: FindingMark) -> bool:
        quoted = set(mark.lines)
        paths = (mark.path,) if mark.path in files else tuple(files)
        return not quoted or any(quoted <= lines(path, mark.side) for path in paths)

    return stands
