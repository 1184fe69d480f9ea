"""Takes the secrets out of a diff before anybody is shown it (THREATS S25).

Knows where a secret may hide: in any line, in what git prints behind `@@`, in the body of a private key that begins
lines above. What a secret looks like is for `detectors` to say. A value never leaves this module: only its kind, its
number and its place do. It also makes text out of bytes that were none, so that later rooms can encode what they get.
"""

import base64
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewbot.change.detectors import KEY_BEGINS, continued_secrets, find_secrets, is_configuration, private_key_lines
from reviewbot.change.hidden import reveal_text
from reviewbot.change.kinds import made_up
from reviewbot.change.model import Diff, File, Gap, Hunk, Line, Side
from reviewbot.facts import Fact

MAX_LINE = 20_000
"""Characters of a line that are read for secrets. What is beyond was not searched, so it is not shown either."""
GIT_CUTS_AT = 80
"""Bytes of what git prints behind `@@`: the buffer of `struct func_line` in its xdiff/xemit.c."""
_HALF = 8
"""Characters from which on the word that git halved may tell of a secret. Shorter ones stay: they are names."""
_TOKEN_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+/=.~!?@#$%^&*:"  # noqa: S105
"""What keys, and passwords in URLs and literals, are written in."""
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_LONG_WORD = re.compile(r"[\w-]{16}")
"""In a name without one stands no key."""
_MARK = re.compile(r"<SECRET:[a-z-]+:\d+>")
_PRIVATE_KEY = "<SECRET:private-key:"

_PREFIX = 8
"""Shorter values are replaced where they were found, longer ones wherever they stand."""


class Secret(Fact):
    """Where a secret stands in the diff. It never holds the value; equal values have the same kind and number."""

    kind: str
    n: int
    path: str
    side: Side
    line: int


class Redacted(Fact):
    """A diff without secrets. Each value became `<SECRET:kind:n>`."""

    diff: Diff
    """Its paths as `printable` made them."""
    secrets: tuple[Secret, ...]
    """In the order of the diff, one for each place."""
    prose: str = ""
    """What came with the diff, under the same names."""
    cut: tuple[Gap, ...] = ()
    """Files with lines of more than `MAX_LINE` characters: their ends were dropped."""
    held: tuple[Gap, ...] = ()
    """Files that hold a private key. No model is shown anything of them: a piece of a key may look like no key."""

    @property
    def brought(self) -> int:
        """How many values the change adds to what runs: tests and manuals make theirs up."""
        files = (file for file in self.diff.files if made_up(file.path) == "no")
        lines = (raw for file in files for hunk in file.hunks for raw in hunk.body if raw[0] == "+")
        return len({mark for raw in lines for mark in _MARK.findall(raw)})


def redact(diff: Diff, prose: str = "", values: "Values | None" = None) -> Redacted:
    r"""The diff, and what its author says of it, with every secret replaced.

    Lone surrogates become U+FFFD in lines and `\xff` in paths. Linear in the size of the diff. Line numbers, kinds and
    the number of lines stay as they were. `values` are known from elsewhere, and keep what is met here.
    """
    diff, values = printable(diff), Values() if values is None else values
    said = _read(Hunk(old_start=1, new_start=1, body=tuple(f" {line}" for line in prose.split("\n"))), "", values)
    pages = [[_read(hunk, file.path, values) for hunk in file.hunks] for file in diff.files]
    files, secrets = [], []
    for file, read in zip(diff.files, pages, strict=True):
        written = [_write(page, file.path, values) for page in read]
        secrets += [secret for _, found in written for secret in found]
        files.append(file.model_copy(update={"hunks": tuple(hunk for hunk, _ in written)}))
    cut = tuple(gap for file in diff.files if (gap := _cut(file)))
    words = "\n".join(raw[1:] for raw in _write(said, "", values)[0].body)
    held = tuple(_held(file) for file in files if any(map(holds_private_key, _texts(file))))
    return Redacted(diff=Diff(files=tuple(files)), secrets=tuple(secrets), prose=words, cut=cut, held=held)


def redact_text(text: str, path: str, values: "Values") -> str:
    """A text that came from elsewhere in the repository: the values of the diff have the same names in it.

    A value that is first met here has no name in a diff that was redacted before: `len(values)` tells.
    """
    page = _read(Hunk(old_start=1, new_start=1, body=tuple(f" {line}" for line in text.split("\n"))), path, values)
    return "\n".join(raw[1:] for raw in _write(page, path, values)[0].body)


def shown_path(path: str) -> str:
    """A name as models are shown it: hidden characters written out, without what looks like a secret."""
    written = reveal_text(path)
    return redact_text(written, "", Values()) if _LONG_WORD.search(written) else written


def holds_private_key(text: str) -> bool:
    """Whether a private key, or a part of one, was taken out of a text, or begins in it in whatever form."""
    return _PRIVATE_KEY in text or bool(KEY_BEGINS.search(text))


def _texts(file: File) -> Iterator[str]:
    return (text for hunk in file.hunks for text in (hunk.section, *hunk.body))


def _held(file: File) -> Gap:
    return Gap(
        path=file.path, lines=file.additions + file.deletions, why="holds a private key, so no model is shown it"
    )


def printable(diff: Diff) -> Diff:
    r"""The diff with paths that can be encoded: a byte that is no text becomes `\xff`. Two paths never become one.

    Touches no lines. A file whose content nobody is shown is still named, so this comes before any is left out.
    """
    paths = dict.fromkeys(path for file in diff.files for path in (file.path, file.old_path) if path is not None)
    odd = [path for path in paths if _SURROGATE.search(path)]
    taken, names = paths.keys() - odd, {}
    for path in odd:
        name = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        while name in taken:
            name = name.replace("\\", "\\\\")
        names[path] = name
        taken.add(name)
    return Diff(files=tuple(_renamed(file, names) for file in diff.files)) if names else diff


def _renamed(file: File, names: dict[str, str]) -> File:
    old_path = None if file.old_path is None else names.get(file.old_path, file.old_path)
    return file.model_copy(update={"path": names.get(file.path, file.path), "old_path": old_path})


class _Name(NamedTuple):
    """What a value is called once it is gone."""

    kind: str
    n: int

    def __str__(self) -> str:
        return f"<SECRET:{self.kind}:{self.n}>"


class _Span(NamedTuple):
    start: int
    end: int
    name: _Name


@dataclass(frozen=True, slots=True)
class Values:
    """The values met so far in one run. Nothing else holds them: keep it out of every fact, drop it with the run."""

    names: dict[str, _Name] = field(default_factory=dict, repr=False)
    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lengths: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set), repr=False)
    """The first `_PREFIX` characters of values, to the lengths of the values that begin so."""

    def name(self, kind: str, value: str) -> _Name:
        if value not in self.names:
            self.counts[kind] += 1
            name = _Name(kind, self.counts[kind])
            self._call(value, name)
            if len(value) >= _PREFIX:
                self._call(json.dumps(value)[1:-1], name)
                self._call(base64.b64encode(value.encode("utf-8", "replace")).decode().rstrip("="), name)
        return self.names[value]

    def hide(self, text: str) -> str:
        """A text with the names of the values that are known."""
        return _replaced(text, list(self.occurrences(text)))

    def __len__(self) -> int:
        return sum(self.counts.values())

    def _call(self, value: str, name: _Name) -> None:
        self.names.setdefault(value, name)
        if len(value) >= _PREFIX:
            self.lengths[value[:_PREFIX]].add(len(value))

    def occurrences(self, text: str) -> Iterator[_Span]:
        """Known values in a text, the longest at each place. One look-up a character, however many values there are."""
        at, last = 0, len(text) - _PREFIX
        while at <= last:
            lengths = self.lengths.get(text[at : at + _PREFIX])
            end = max((at + n for n in lengths or () if text[at : at + n] in self.names), default=at)
            if end > at:
                yield _Span(at, end, self.names[text[at:end]])
            at = max(end, at + 1)


class _Page(NamedTuple):
    """A hunk whose lines are text and of bounded length, with the secrets that were found in them."""

    hunk: Hunk
    found: dict[int, list[_Span]]
    """Index in `hunk.body` to places in that line, its kind included."""
    in_section: list[_Span]


def _read(hunk: Hunk, path: str, values: Values) -> _Page:
    """Find the secrets of one hunk and give each a name."""
    body, section = tuple(map(_clean, hunk.body)), _clean(_without_half(hunk.section))
    configuration = is_configuration(path)
    found: dict[int, list[_Span]] = defaultdict(list)
    for block in private_key_lines(body, path):
        name = values.name("private-key", "\n".join(body[i][start:end] for i, start, end in block))
        for i, start, end in block:
            found[i].append(_Span(start, end, name))
    for i, raw in enumerate(body):
        if i not in found:
            for kind, start, end in find_secrets(raw[1:], configuration=configuration):
                found[i].append(_Span(start + 1, end + 1, values.name(kind, raw[start + 1 : end + 1])))
    for i, (kind, start, end) in continued_secrets(body, configuration=configuration):
        if all(end < span.start or start + 1 >= span.end for span in found[i]):
            found[i].append(_Span(start + 1, end + 1, values.name(kind, body[i][start + 1 : end + 1])))
    in_section = [
        _Span(start, end, values.name(kind, section[start:end]))
        for kind, start, end in find_secrets(section, configuration=configuration)
    ]
    return _Page(hunk.model_copy(update={"body": body, "section": section}), found, in_section)


def _write(page: _Page, path: str, values: Values) -> tuple[Hunk, list[Secret]]:
    """The hunk with names for values, and where each stands."""
    if not values.names:
        return page.hunk, []
    spans = [_merged(page.found.get(i, []), values.occurrences(raw)) for i, raw in enumerate(page.hunk.body)]
    body = tuple(map(_replaced, page.hunk.body, spans))
    section = page.hunk.section
    section = _replaced(section, _merged(page.in_section, values.occurrences(section)))
    numbered = (row for raw, row in zip(page.hunk.body, spans, strict=True) if raw[0] != "\\")
    secrets = [
        _secret(name, path, line)
        for row, line in zip(numbered, page.hunk.lines, strict=True)
        for name in dict.fromkeys(span.name for span in row)
    ]
    return page.hunk.model_copy(update={"body": body, "section": section}), secrets


def _secret(name: _Name, path: str, line: Line) -> Secret:
    if line.new is None:
        return Secret(kind=name.kind, n=name.n, path=path, side="old", line=line.old or 0)
    return Secret(kind=name.kind, n=name.n, path=path, side="new", line=line.new)


def _merged(found: list[_Span], again: Iterable[_Span]) -> list[_Span]:
    """What was found in a line and what is known from others, in order, none over another."""
    return sorted([*found, *(span for span in again if all(span.end <= s.start or span.start >= s.end for s in found))])


def _replaced(text: str, spans: list[_Span]) -> str:
    if not spans:
        return text
    parts, at = [], 0
    for start, end, name in spans:
        parts += [text[at:start], str(name)]
        at = end
    return "".join([*parts, text[at:]])


def _clean(raw: str) -> str:
    """A line as text of at most `MAX_LINE` and a note. A word that the cut would halve goes whole: half a key leaks."""
    if not raw.isascii():
        raw = _SURROGATE.sub("\ufffd", raw)
    if len(raw) <= MAX_LINE:
        return raw
    kept = raw[:1] + raw[1:MAX_LINE].rstrip(_TOKEN_CHARACTERS)
    return f"{kept}<CUT: {len(raw) - len(kept):,} characters>"


def _without_half(section: str) -> str:
    """What git prints behind `@@`, without a long word that git halved: no detector knows half a key."""
    if len(section.encode("utf-8", "replace")) < GIT_CUTS_AT:  # `replace`: a byte that is no text counts as one
        return section
    kept = section.rstrip(_TOKEN_CHARACTERS)
    return kept if len(section) - len(kept) >= _HALF else section


def _cut(file: File) -> Gap | None:
    """What was dropped of a file's overlong lines, in words."""
    lines = sum(len(raw) > MAX_LINE and raw[0] in "+-" for hunk in file.hunks for raw in hunk.body)
    why = f"lines were cut: what stands behind {MAX_LINE:,} characters is neither searched for secrets nor shown"
    return Gap(path=file.path, lines=lines, why=why) if lines else None
