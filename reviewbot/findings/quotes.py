"""Where a quote stands in the hunks of one file. Knows lines and their text: neither drafts nor members.

Whitespace never decides: members re-indent what they copy. Each side of each hunk is one text without whitespace, so
one search finds a line, a few in a row, a line the member wrapped, and a part of a line.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Literal, NamedTuple

from reviewbot.change import Diff, Hunk, Side

SIDES: tuple[Side, ...] = ("new", "old")
SUBSTANTIAL = 8
"""Characters without whitespace from which a quote means something: `return` and `});` have fewer."""
NEAR = 3
"""Lines between a number and the place it may still vouch for, where the quote alone does not decide."""

_NUMBER = re.compile(r"^[ \t]*L?\d+(?:[ \t]*[:|\t] ?|(?=[-+ ]))")
"""A line number in front of the code, up to its separator or to the mark behind it (`12+code`, `12 | code`)."""


class Passage(NamedTuple):
    """One side of one hunk, to be searched."""

    first: int
    """The number of its first line; the others follow without a gap."""
    lines: tuple[str, ...]
    starts: tuple[int, ...]
    """Where each line begins in `folded`."""
    folded: str
    """All lines without their whitespace."""


class Place(NamedTuple):
    """Lines of one side of one hunk on which a quote stands."""

    start_line: int
    line: int
    side: Side
    text: str
    """The lines as they stand in the diff."""
    fit: Literal["exact", "lines", "part"]
    """`lines`: whole lines but for whitespace; `part`: within them."""


def passages_of(hunks: Iterable[Hunk], side: Side) -> tuple[Passage, ...]:
    """The text of one side, hunk by hunk: a quote never reaches over the gap between two."""
    return tuple(passage for hunk in hunks if (passage := _passage(hunk, side)).lines)


def _passage(hunk: Hunk, side: Side) -> Passage:
    kept = " +" if side == "new" else " -"
    lines = tuple(raw[1:] for raw in hunk.body if raw[0] in kept)
    folded = [fold(line) for line in lines]
    starts = tuple(accumulate((len(line) for line in folded), initial=0))[:-1]
    return Passage(hunk.new_start if side == "new" else hunk.old_start, lines, starts, "".join(folded))


def fold(text: str) -> str:
    """The text without its whitespace."""
    return "".join(text.split())


def find_quote(quote: str, passages: Mapping[Side, Sequence[Passage]], *, side: Side, number: int) -> Place | None:
    """The one place the quote stands at; None where it stands nowhere, or nothing tells its places apart.

    Whole lines come before parts, then the side its author named before the other. Of several places the nearest to
    `number` is taken; for a quote that means little alone, only when the number is within NEAR lines of it.
    """
    sides: tuple[Side, Side] = (side, "old" if side == "new" else "new")
    for whole in (True, False):
        for tried in sides:
            for lines in _readings(quote, tried):
                if found := {*_search(lines, passages[tried], side=tried, whole=whole)}:
                    return _choose(found, number, sure=whole and len(fold("".join(lines))) >= SUBSTANTIAL)
    return None


def _choose(found: set[Place], number: int, *, sure: bool) -> Place | None:
    """Indentation tells two lines apart only where the quote itself means something."""
    places = ({place for place in found if place.fit == "exact"} if sure else set()) or found
    nearest = min(places, key=lambda place: (_distance(place, number), place))
    return nearest if sure or len(places) == 1 or _distance(nearest, number) <= NEAR else None


def _distance(place: Place, number: int) -> int:
    return max(place.start_line - number, number - place.line, 0)


def _search(lines: Sequence[str], passages: Iterable[Passage], *, side: Side, whole: bool) -> Iterator[Place]:
    """Every place of the lines, in whole lines only or anywhere. Too short a part is found nowhere."""
    wanted = fold("".join(lines))
    if len(wanted) < (1 if whole else SUBSTANTIAL):
        return
    for passage in passages:
        at = passage.folded.find(wanted)
        while at >= 0:
            place = _place(passage, at, lines, size=len(wanted), side=side)
            if not whole or place.fit != "part":
                yield place
            at = passage.folded.find(wanted, at + 1)


def _place(passage: Passage, at: int, lines: Sequence[str], *, size: int, side: Side) -> Place:
    starts, end = passage.starts, at + size
    first, last = bisect_right(starts, at) - 1, bisect_right(starts, end - 1) - 1
    text = passage.lines[first : last + 1]
    ends_with_line = end == (starts[last + 1] if last + 1 < len(starts) else len(passage.folded))
    fit: Literal["exact", "lines", "part"] = "part"
    if starts[first] == at and ends_with_line:
        fit = "exact" if text == tuple(lines) else "lines"
    return Place(passage.first + first, passage.first + last, side, "\n".join(text), fit)


def _readings(quote: str, side: Side) -> Iterator[tuple[str, ...]]:
    """What the quote may mean on this side: as it is, then without line numbers, without the marks of a diff."""
    asis = quote.split("\n")
    numbered = all(_NUMBER.match(line) for line in asis if line.strip())
    bare = [_NUMBER.sub("", line, count=1) for line in asis] if numbered else asis
    other = "-" if side == "new" else "+"
    readings = [asis, bare]
    for lines in (asis, bare):
        marks = {line[0] for line in lines if line.strip()}
        if marks <= {"+", "-", " "} and marks & {"+", "-"}:
            readings.append([line[1:] for line in lines if not line.startswith(other)])
    yield from dict.fromkeys(trimmed for lines in readings if (trimmed := _trimmed(lines)))


def _trimmed(lines: Sequence[str]) -> tuple[str, ...]:
    """Without the blank lines at both ends."""
    written = [number for number, line in enumerate(lines) if line.strip()]
    return tuple(lines[written[0] : written[-1] + 1]) if written else ()


def stands(quote: str, diff: Diff, around: Iterable[str] = ()) -> bool:
    """Whether the quote stands anywhere in the diff, on either side, or in the code shown around it.

    A few characters alone prove nothing.
    """
    hunks = [hunk for file in diff.files for hunk in file.hunks]
    readings = {fold("".join(lines)) for side in SIDES for lines in _readings(quote, side)}
    wanted = [reading for reading in readings if len(reading) >= SUBSTANTIAL]
    texts = [passage.folded for side in SIDES for passage in passages_of(hunks, side)] + [fold(text) for text in around]
    return any(one in text for text in texts for one in wanted)
