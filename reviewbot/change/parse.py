"""Bytes to `Diff`: every line of every hunk at its number, or `BadDiff`. The only importer of unidiff.

A line ends at LF and nowhere else (THREATS P01 to P03). Hunks are read by the counts of their `@@` line, so nothing in
one can pass for a header and nothing outside one for code; unidiff counts each file again, under neutral names. Knows
nothing of git as a program. What cannot be placed for certain is refused with a remedy, never guessed.
"""

import re
import sys
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import PatchSet

from reviewbot.change.headers import REPRINT, bad, read_header, unexpected
from reviewbot.change.model import Diff, File, Hunk, Status
from reviewbot.errors import BadDiff

_HUNK = re.compile(
    rb"@@ -(?P<old_start>NUMBER)(?:,(?P<old_length>NUMBER))? \+(?P<new_start>NUMBER)(?:,(?P<new_length>NUMBER))? @@"
    rb"(?: (?P<section>[^\n]{0,16384}))?\n".replace(b"NUMBER", b"[0-9]{1,9}")
)
_PACKED = re.compile(rb"(?:literal|delta) [0-9]{1,12}\n")
_BASE85 = re.compile(rb"[A-Za-z](?:[0-9A-Za-z!#-&(-+;-@^-`{-~-]{5}){1,13}\n")
"""A line of a binary patch: its length as a letter, then git's base 85 (git's source, `base85.c`)."""
_BLANK_TO_THE_END = re.compile(rb"\n*\Z")

_TAKES = {ord("+"): (0, 1), ord("-"): (1, 0), ord(" "): (1, 1)}
"""How many lines of the old and of the new file a line of a hunk stands for."""
_NO_NEWLINE = b"\\ No newline at end of file"
_SHORT = 3
"""Characters. Lines such as `+}` are kept once: as strings of their own they would cost 24 times their bytes."""
_MISCOUNTED = "the hunk has other lines than its @@ line counts"


class Span(NamedTuple):
    """The lines of one side a hunk covers, as its `@@` line says: with a length of 0, `start` is the line before it."""

    start: int
    length: int

    @property
    def first(self) -> int:
        return self.start if self.length else self.start + 1

    @property
    def end(self) -> int:
        """The first line behind it."""
        return self.first + self.length


class Placed(NamedTuple):
    """A hunk and the lines it covers."""

    hunk: Hunk
    old: Span
    new: Span


def parse_diff(data: bytes) -> Diff:
    """What `git diff` printed, as facts.

    git prints a typechange as two files of one name, one deleted and one added. They become one `File`: the hunks of
    the deleted half, all on the old side, and behind them those of the added half, all on the new side. If git showed
    no text of one half, the file is `binary` and has the other half's hunks.

    Raises `BadDiff` for all else than the whole output of one git diff: no empty `Diff`, no file or line left out.
    """
    if not data.strip():
        raise BadDiff("diff", "it is empty", "there is no change to review, or the command that printed it failed")
    files: dict[str, File] = {}
    pos = 0
    while not _BLANK_TO_THE_END.match(data, pos):
        file, end = _file(data, pos)
        other_half = files.get(file.path)
        if other_half and not _is_typechange(other_half, file):
            raise bad(data, pos, "a path is changed twice: this is more than one diff", "print one diff: git diff A B")
        files[file.path] = _joined(other_half, file) if other_half else file
        pos = end
    return Diff(files=tuple(files.values()))


def _is_typechange(gone: File, come: File) -> bool:
    kinds = (gone.old_mode or "")[:2], (come.new_mode or "")[:2]
    return (gone.status, come.status) == ("deleted", "added") and kinds[0] != kinds[1]


def _joined(gone: File, come: File) -> File:
    return File(
        path=come.path,
        old_path=gone.path,
        status="typechange",
        binary=gone.binary or come.binary,
        old_mode=gone.old_mode,
        new_mode=come.new_mode,
        hunks=gone.hunks + come.hunks,
    )


def _file(data: bytes, pos: int) -> tuple[File, int]:
    """The file whose header stands at `pos`."""
    header, body = read_header(data, pos)
    if header.body == "patch":
        return header.file, _behind_binary_patch(data, body)
    if header.body == "none":
        return header.file, body
    placed, end = _hunks(data, body, header.file.status)
    if counted_by_unidiff(placed) != [(*old, *new, hunk.additions, hunk.deletions) for hunk, old, new in placed]:
        raise bad(data, pos, "a second parser counts other lines in this file", REPRINT)
    return header.file.model_copy(update={"hunks": tuple(hunk for hunk, _, _ in placed)}), end


def _hunks(data: bytes, pos: int, status: Status) -> tuple[list[Placed], int]:
    """The hunks at `pos`, at least one: each behind the one before it, on both sides."""
    placed: list[Placed] = []
    old_end = new_end = 1
    while not placed or data.startswith(b"@@ ", pos):
        one, end = _hunk(data, pos)
        if one.old.first < old_end or one.new.first < new_end:
            raise bad(data, pos, "the hunk overlaps the one before it", REPRINT)
        if (status == "added" and one.old.length) or (status == "deleted" and one.new.length):
            raise bad(data, pos, "the hunk has lines of a side on which the file does not exist", REPRINT)
        placed.append(one)
        old_end, new_end, pos = one.old.end, one.new.end, end
    if data.startswith((b"+", b"-", b" "), pos):
        raise bad(data, pos, _MISCOUNTED, REPRINT)
    return placed, pos


def _hunk(data: bytes, pos: int) -> tuple[Placed, int]:
    match = _HUNK.match(data, pos)
    if match is None:
        raise unexpected(data, pos)
    old, new = (
        Span(int(match[f"{side}_start"]), 1 if match[f"{side}_length"] is None else int(match[f"{side}_length"]))
        for side in ("old", "new")
    )
    if not (old.first and new.first and (old.length or new.length)):
        raise bad(data, pos, "the hunk is empty, or begins before the first line", REPRINT)
    body, end = _body(data, match.end(), old.length, new.length)
    section = (match["section"] or b"").decode("utf-8", "surrogateescape")
    # not validated: that would copy the body, which can be most of a large diff
    hunk = Hunk.model_construct(old_start=old.start, new_start=new.start, section=section, body=body)
    return Placed(hunk, old, new), end


def _body(data: bytes, pos: int, old: int, new: int) -> tuple[tuple[str, ...], int]:
    """The lines of a hunk that covers `old` and `new` lines: exactly so many, and the mark of a missing line feed."""
    body: list[str] = []
    while old or new or data.startswith(b"\\", pos):
        end = data.find(b"\n", pos)
        line = data[pos:end]
        if end < 0:
            raise bad(data, pos, "the diff was cut in the middle of a hunk", "save it whole: git diff --output=FILE")
        if line in (b"", b"\r"):  # diff.suppressBlankEmpty, or an editor, took the space of an empty context line
            line = b" " + line
        if line[0] in _TAKES:
            took_old, took_new = _TAKES[line[0]]
            old, new = old - took_old, new - took_new
            if old < 0 or new < 0:
                raise bad(data, pos, _MISCOUNTED, REPRINT)
        elif line != _NO_NEWLINE or not _ends_a_side(body, old, new):
            raise bad(data, pos, _MISCOUNTED, REPRINT)
        text = line.decode("utf-8", "surrogateescape")
        body.append(text if len(text) > _SHORT else sys.intern(text))
        pos = end + 1
    return tuple(body), pos


def _ends_a_side(body: list[str], old: int, new: int) -> bool:
    """Whether the last line read can be the last of its file, with `old` and `new` lines still to come."""
    kind = body[-1][0] if body else "\\"
    return kind != "\\" and (kind == "-" or not new) and (kind == "+" or not old)


def _behind_binary_patch(data: bytes, pos: int) -> int:
    """Where a `GIT binary patch` ends: the change forward and, where git printed it, backward. Nobody reads it."""
    end = _behind_packed(data, pos)
    return _behind_packed(data, end) if _PACKED.match(data, end) else end


def _behind_packed(data: bytes, pos: int) -> int:
    line = _PACKED.match(data, pos)
    if line is None:
        raise unexpected(data, pos)
    while line:
        pos = line.end()
        line = _BASE85.match(data, pos)
    if not data.startswith(b"\n", pos):
        raise unexpected(data, pos)
    return pos + 1


def counted_by_unidiff(placed: list[Placed]) -> list[tuple[int, ...]]:
    """Start and length on both sides, added and removed lines of each hunk, as unidiff counts them; [] if it refuses.

    It reads line by line and keeps only counts (`metadata_only`), so its memory does not grow with the file.
    """
    lines = chain(("--- a/file\n", "+++ b/file\n"), chain.from_iterable(map(_printed, placed)))
    try:
        patch = PatchSet(lines, metadata_only=True)
    except UnidiffParseError:
        return []
    return [
        (hunk.source_start, hunk.source_length, hunk.target_start, hunk.target_length, hunk.added, hunk.removed)
        for file in patch
        for hunk in file
    ]


def _printed(one: Placed) -> Iterable[str]:
    (old_start, old_length), (new_start, new_length) = one.old, one.new
    return chain((f"@@ -{old_start},{old_length} +{new_start},{new_length} @@\n",), one.hunk.body)
