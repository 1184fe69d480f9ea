"""What a change shows, to look names and claims up in. Knows nothing of findings.

Both sides of the diff, the code shown around it, paths, and what the author says of it: a name that stands in any of
these was not made up by who speaks of it. All is read once, so that many findings of a large change cost little.
"""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from reviewbot.change import Anchor, Change, File, Hunk, Line, Side
from reviewbot.change.kinds import is_test
from reviewbot.change.symbols import MAX_LINE, is_readable

_WORD = re.compile(r"\w+")
_TIMING = re.compile(r"timeout|deadline", re.IGNORECASE)
_STANDS_IN = re.compile(r"mock|patch|stub|\bspy", re.IGNORECASE)
"""On a line of a test that puts something else in the place of what it names."""
_STRING = re.compile(r"\"[^\"]*\"|'[^']*'|`[^`]*`")
_COMMENT = re.compile(r"(?:^|(?<=\s))(?:#|//|/\*|\*|--|<!--)")


class Passage(NamedTuple):
    """A hunk with its lines counted."""

    source: Hunk
    lines: tuple[Line, ...]

    @property
    def new(self) -> list[Line]:
        """The lines as they stand after the change."""
        return [line for line in self.lines if line.kind != "-"]

    def at(self, anchor: Anchor) -> tuple[Line, ...]:
        """From the anchor's first line to its last, with those of the other side between; empty where it is not."""
        numbers = [line.new if anchor.side == "new" else line.old for line in self.lines]
        own = [at for at, number in enumerate(numbers) if number and anchor.start_line <= number <= anchor.line]
        return self.lines[own[0] : own[-1] + 1] if own else ()


class _Span(NamedTuple):
    """The lines of one side that a hunk has, both ends included."""

    first: int
    last: int
    passage: Passage


class Shown(NamedTuple):
    """A change, read once for all its findings."""

    files: tuple[File, ...]
    spans: Mapping[tuple[str, Side], tuple[_Span, ...]]
    """The hunks that have lines on a side of a path, by their first line there."""
    words: frozenset[str]
    """In small letters."""
    tests: frozenset[str]
    """Words of its test files after the change, as they are written."""
    testing: tuple[frozenset[str], ...]
    """Words of each of its test files that is code, without the lines that replace what they name."""
    text: str
    """Every line after the change that the diff shows."""
    sets_times: bool
    """Any of these speaks of a timeout or a deadline."""

    def passage(self, anchor: Anchor | None) -> Passage | None:
        """The hunk an anchor stands in."""
        if anchor is None:
            return None
        spans = self.spans.get((anchor.path, anchor.side), ())
        at = bisect_right(spans, anchor.start_line, key=lambda span: span.first)
        return spans[at - 1].passage if at and anchor.start_line <= spans[at - 1].last else None

    def lines_with(self, name: str) -> Iterator[str]:
        """Every line after the change that has the name, or a longer one that it is part of."""
        at = self.text.find(name)
        while at >= 0:
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            yield self.text[self.text.rfind("\n", 0, at) + 1 : end]
            at = self.text.find(name, end)

    def new_lines(self, wanted: Callable[[str], bool]) -> Iterator[str]:
        """Every line after the change that the diff shows, of the files whose path is wanted."""
        return (line for file in self.files if wanted(file.path) for line in _new(file))


def shown_of(change: Change) -> Shown:
    """Read every word of the change, its context and its description."""
    files = change.diff.files
    texts = [text for file in files for text in _texts_of(file)]
    texts += [text for one in change.context for text in (one.path, one.about, one.text)]
    texts += [change.intent, change.description]
    tests = [file for file in files if is_test(file.path)]
    text = "\n".join(line for file in files for line in _new(file))
    return Shown(
        files,
        _spans(files),
        frozenset(word.casefold() for text in texts for word in _WORD.findall(text)),
        frozenset(word for file in tests for line in _new(file) for word in _WORD.findall(line)),
        tuple(_tested(file) for file in tests if is_readable(file.path)),
        text,
        _TIMING.search(text) is not None,
    )


def _tested(file: File) -> frozenset[str]:
    lines = (line for line in _new(file) if not _STANDS_IN.search(line))
    return frozenset(word for line in lines for word in _WORD.findall(line))


def _spans(files: Iterable[File]) -> Mapping[tuple[str, Side], tuple[_Span, ...]]:
    spans: defaultdict[tuple[str, Side], list[_Span]] = defaultdict(list)
    for file in files:
        for hunk in file.hunks:
            passage = Passage(hunk, tuple(hunk.lines))
            if new := [line.new for line in passage.lines if line.new is not None]:
                spans[file.path, "new"].append(_Span(new[0], new[-1], passage))
            if old := [line.old for line in passage.lines if line.old is not None]:
                spans[file.path, "old"].append(_Span(old[0], old[-1], passage))
    return {key: tuple(sorted(own, key=lambda span: span.first)) for key, own in spans.items()}


def _new(file: File) -> Iterable[str]:
    return (raw[1:] for hunk in file.hunks for raw in hunk.body if raw[0] in " +")


def _texts_of(file: File) -> Iterator[str]:
    yield file.path
    yield file.old_path or ""
    for hunk in file.hunks:
        yield hunk.section
        yield "\n".join(raw[1:] for raw in hunk.body)


def code_of(text: str) -> str:
    """A line without its strings and its comment, rather too little than too much."""
    bare = _STRING.sub("", text[:MAX_LINE])
    found = _COMMENT.search(bare)
    return bare[: found.start()] if found else bare
