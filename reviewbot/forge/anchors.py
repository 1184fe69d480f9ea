"""Where a comment can hang in a diff, under GitHub's rules (THREATS G12, G13).

One bad place makes GitHub refuse a whole review, so a place is worked out from the parsed diff and never from what
somebody said. Knows lines and hunks; nothing of comments' texts or of posting.
"""

from typing import Literal, NamedTuple

from reviewbot.change import Diff, Hunk, Line
from reviewbot.report import ReportFinding


class Coordinates(NamedTuple):
    """A place in the words of GitHub's "create a review" call."""

    path: str
    side: Literal["LEFT", "RIGHT"]
    line: int
    start_line: int | None
    """None for one line; else less than `line`, in the same hunk and on the same side."""


def anchor_of(finding: ReportFinding, diff: Diff) -> Coordinates | None:
    """Where GitHub takes a comment on the finding; None where its last line is in no hunk of this diff.

    Removed lines hang LEFT by their old numbers. Everything else hangs RIGHT by its new numbers, a context line also
    when its old number was quoted. Lines of another hunk, and context around removed lines, are left out.
    """
    for file in diff.files:
        if file.path == finding.path:
            for hunk in file.hunks:
                if quoted := _quoted(finding, hunk):
                    return _coordinates(finding.path, quoted)
    return None


def _quoted(finding: ReportFinding, hunk: Hunk) -> list[Line]:
    """The lines of the hunk that the finding names; none unless its last line is among them."""
    if finding.line is None:
        return []
    first = finding.line if finding.start_line is None else finding.start_line
    numbered = ((line.new if finding.side == "new" else line.old, line) for line in hunk.lines)
    quoted = [(number, line) for number, line in numbered if number is not None and first <= number <= finding.line]
    return [line for _, line in quoted] if quoted and quoted[-1][0] == finding.line else []


def _coordinates(path: str, quoted: list[Line]) -> Coordinates:
    removed = [line.old for line in quoted if line.kind == "-" and line.old is not None]
    numbers = removed or [line.new for line in quoted if line.new is not None]
    start = numbers[0] if numbers[0] < numbers[-1] else None
    return Coordinates(path, "LEFT" if removed else "RIGHT", numbers[-1], start)
