"""Which comment says which finding, over pushes that move, copy and rename code (THREATS G38).

An id follows the words of whoever spoke first and counts the copies of a line, so the next run may give the same
problem another id, or its id to another problem. Content and place decide: the same code of the same kind, or some of
it at the same place. Pure: knows marks and lines, nothing of conversations or of what people did with a comment.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from reviewbot.forge.marks import FindingMark

NEAR = 3
"""Lines between a comment and the code it may still be about, where the code alone does not tell."""


class Told(NamedTuple):
    """A comment at a line."""

    mark: FindingMark
    line: int | None
    """Where it stands by now, as `Thread.line`."""
    verified: bool = True


class Found(NamedTuple):
    """A finding of this run: what a comment on it would remember, and its lines, both None where it has no place."""

    mark: FindingMark
    first: int | None
    last: int | None


class Match(NamedTuple):
    """A comment that may say a finding; each by its number in the order they were given in."""

    comment: int
    finding: int


def matches(comments: Sequence[Told], findings: Sequence[Found], paths: Collection[str]) -> tuple[Match, ...]:
    """Every comment with every finding it may be about, the likeliest pair first.

    `paths` are those of the whole pull request: a comment on a path that is not among them may be about any, since
    its file may have another name by now.
    """
    places = [
        Match(at, of)
        for at, comment in enumerate(comments)
        for of, finding in enumerate(findings)
        if _same_file(comment.mark, finding.mark, paths)
    ]
    alike = [match for match in places if _same_code(comments[match.comment].mark, findings[match.finding].mark)]
    of_comment, of_finding = Counter(at for at, _ in alike), Counter(of for _, of in alike)
    rated: list[tuple[tuple[bool, bool, float, bool], Match]] = []
    for match in places:
        comment, finding = comments[match.comment], findings[match.finding]
        only = of_comment[match.comment] == of_finding[match.finding] == 1
        exact = _says_the_code(comment, finding, only=only)
        if exact or _says_the_place(comment, finding):
            other_id = comment.mark.id != finding.mark.id
            rated.append(((not comment.verified, not exact, _distance(comment, finding), other_id), match))
    return tuple(match for _, match in sorted(rated))


def one_to_one(likeliest_first: Iterable[Match]) -> Iterator[Match]:
    """The pairs that hold: a comment says at most one finding, and a finding has at most one comment."""
    comments, findings = set[int](), set[int]()
    for match in likeliest_first:
        if match.comment not in comments and match.finding not in findings:
            comments.add(match.comment)
            findings.add(match.finding)
            yield match


def same_remark(earlier: FindingMark, now: FindingMark, paths: Collection[str]) -> bool:
    """The same code looked at through the same lens: all that can be told where no comment says the place."""
    return _same_file(earlier, now, paths) and _same_code(earlier, now) and earlier.lens == now.lens


def _same_file(mark: FindingMark, now: FindingMark, paths: Collection[str]) -> bool:
    return mark.side == now.side and (mark.path == now.path or mark.path not in paths)


def _same_code(mark: FindingMark, now: FindingMark) -> bool:
    """By the whole quote; the id, which is made of it, stands in where a mark has none."""
    return mark.quote == now.quote if mark.quote and now.quote else mark.id == now.id


def _says_the_code(comment: Told, finding: Found, *, only: bool) -> bool:
    """The same code of the same kind. Of another kind it must be at the same place, or no other pair have that code."""
    mark, now = comment.mark, finding.mark
    if not _same_code(mark, now):
        return False
    if mark.category == now.category:
        return True
    near = _distance(comment, finding) <= NEAR or (comment.line is None and only)
    return mark.lens == now.lens and near


def _says_the_place(comment: Told, finding: Found) -> bool:
    """The same kind at the same place, in the words of another: one quotes more of the code there than the other."""
    mark, now = comment.mark, finding.mark
    ours, theirs = frozenset(mark.lines), frozenset(now.lines)
    shared = len(ours & theirs)
    if mark.category != now.category or not shared or shared < min(len(ours), len(theirs)):
        return False
    if comment.line is None:
        return shared > 1
    if finding.first is None or finding.last is None:
        return False
    return finding.first - NEAR <= comment.line <= finding.last + NEAR


def _distance(comment: Told, finding: Found) -> float:
    """In lines. What has no place is far away."""
    return math.inf if comment.line is None or finding.last is None else abs(comment.line - finding.last)
