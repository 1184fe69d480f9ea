"""Text cut into what its author meant by it: paragraphs, headings, list items, tables and fenced code.

Untrusted in, untrusted out. Knows the few block marks of Markdown that a review needs. Everything else is words. Linear
in the length of the text (THREATS S28).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple


class Paragraph(NamedTuple):
    lines: tuple[str, ...]


class Item(NamedTuple):
    """One entry of a list, all of them on one level."""

    marker: str
    """`-`, or a number and a dot."""
    lines: tuple[str, ...]


class Code(NamedTuple):
    language: str
    """One word of a-z, 0-9, `+` and `-`, or empty."""
    text: str


class Heading(NamedTuple):
    text: str
    """Without the marks; of one level, as all are."""


class Table(NamedTuple):
    """Rows of cells, as they were written."""

    text: str


Block = Paragraph | Heading | Item | Table | Code


class Cut(NamedTuple):
    """Where a text may end that must not end inside a fence."""

    end: int
    mark: str
    """What closes the fence there; empty in front of its first line."""


_FENCE = re.compile(r"[ \t]{0,12}(?P<mark>`{3,}+|~{3,}+)(?P<info>[^`]*)$")
_ITEM = re.compile(r"[ \t]{0,12}(?:[-*+\u2022]|(?P<number>[0-9]{1,3})[.)])[ \t]+(?=\S)")
_HEADING = re.compile(r" {0,3}#{1,6}[ \t]++(?P<text>.*\S)")
_RULE = re.compile(r"[ \t]*+\|?+(?=[^|]*\|)(?:[ \t]*+:?+-++:?+[ \t]*+(?:\||$))+")
"""The line below the headings of a table."""
_LANGUAGE = re.compile(r"[a-z0-9+-]{1,20}")
_NOT_SHOWN_AS_TEXT = frozenset({"suggestion", "mermaid", "math", "geojson", "topojson", "stl"})
"""Words that make GitHub offer a commit, or draw a picture, instead of showing code (THREATS S13, S18)."""


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a text, in order, none empty. A fence nobody closes is text."""
    lines = text.split("\n")
    closings = _closings(lines)
    held: list[str] = []
    at = 0
    while at < len(lines):
        block, end = _standing_alone(lines, at, closings)
        if held and (block or not lines[at].strip() or _ITEM.match(lines[at])):
            yield _worded(held)
            held = []
        if block:
            yield block
        elif lines[at].strip():
            held.append(lines[at])
        at = end
    if held:
        yield _worded(held)


def fence_around(text: str, position: int) -> Cut | None:
    """Where to cut a text instead of at a position that is inside a fence; None where it is in none."""
    lines = text.split("\n")
    starts = [*accumulate((len(line) + 1 for line in lines), initial=0)]
    for opening, closing in _closings(lines).items():
        if starts[opening] < position < starts[closing + 1]:
            mark = lines[closing].strip()
            if position < starts[opening + 1]:
                return Cut(starts[opening], "")
            return Cut(min(position, starts[closing]), mark)
    return None


def _standing_alone(lines: Sequence[str], at: int, closings: Mapping[int, int]) -> tuple[Block | None, int]:
    """The code, table or heading that begins at a line, or none; and the line behind it."""
    if closing := closings.get(at):
        return _code(lines[at:closing]), closing + 1
    if at + 1 < len(lines) and "|" in lines[at] and _RULE.fullmatch(lines[at + 1]):
        end = next((n for n in range(at + 2, len(lines)) if "|" not in lines[n] or n in closings), len(lines))
        return Table("\n".join(lines[at:end])), end
    heading = _HEADING.match(lines[at])
    words = heading["text"].rstrip("#").rstrip() if heading else ""
    return (Heading(words), at + 1) if words else (None, at + 1)


def _worded(lines: Sequence[str]) -> Paragraph | Item:
    opening = _ITEM.match(lines[0])
    words = tuple(line.expandtabs(4) for line in (lines[0][opening.end() if opening else 0 :], *lines[1:]))
    if opening is None:
        return Paragraph(words)
    return Item(f"{int(opening['number'])}." if opening["number"] else "-", words)


def _code(lines: Sequence[str]) -> Code:
    """Of an opening fence and what it holds. Code is moved to the left as far as its fence was to the right."""
    opening, *held = lines
    indent = len(opening) - len(opening.lstrip())
    word = opening.strip("`~ ").partition(" ")[0].lower()
    language = word if _LANGUAGE.fullmatch(word) and word not in _NOT_SHOWN_AS_TEXT else ""
    return Code(language, "\n".join(line[min(indent, len(line) - len(line.lstrip())) :] for line in held))


def _closings(lines: Sequence[str]) -> dict[int, int]:
    """Each line that opens a fence to the line that closes it: a run of the same mark, at least as long, alone."""
    runs = {mark: [_run(line, mark) for line in lines] for mark in "`~"}
    longest = {mark: [*accumulate(reversed(runs[mark]), max, initial=0)][::-1] for mark in "`~"}
    found: dict[int, int] = {}
    at = 0
    while at < len(lines):
        opening = _FENCE.match(lines[at])
        run = opening["mark"] if opening else ""
        if run and longest[run[0]][at + 1] >= len(run):
            closing = next(n for n in range(at + 1, len(lines)) if runs[run[0]][n] >= len(run))
            found[at] = closing
            at = closing
        at += 1
    return found


def _run(line: str, mark: str) -> int:
    """The length of the fence that a line may close; 0 for any other line."""
    bare = line.strip()
    return len(bare) if len(bare) >= 3 and not bare.strip(mark) else 0
