"""Lines of a diff by their numbers: where a comment may stand, and where a line went.

The fake's own reading of hunk headers, on purpose not reviewbot's parser: the two check each other.
"""

import re
from typing import Literal, NamedTuple

Side = Literal["LEFT", "RIGHT"]
_HEADER = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


class Hunk(NamedTuple):
    """The lines of a hunk: context and removed ones by their old number, context and added ones by their new one."""

    left: range
    right: range

    def side(self, side: Side) -> range:
        return self.left if side == "LEFT" else self.right


def hunks(patch: bytes) -> tuple[Hunk, ...]:
    """The hunks of one file's patch. Two that touch are two (THREATS G13)."""
    return tuple(Hunk(_lines(header[1], header[2]), _lines(header[3], header[4])) for header in _HEADER.finditer(patch))


def carried(moves: tuple[Hunk, ...], side_before: int) -> int | None:
    """Where a line stands after hunks without context; None where it was changed or removed."""
    offset = 0
    for hunk in moves:
        if side_before in hunk.left:
            return None
        if side_before < hunk.left.start:
            break
        offset = hunk.right.stop - hunk.left.stop
    return side_before + offset


def _lines(start: bytes, count: bytes | None) -> range:
    """An empty side names the line before it, so its lines would begin at the next."""
    length = int(count) if count is not None else 1
    first = int(start) + (length == 0)
    return range(first, first + length)
