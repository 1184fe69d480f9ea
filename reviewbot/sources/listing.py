"""The files GitHub lists of a pull request, as the diff that git would print. Pure: rows and entries in, bytes out.

A row has hunks without a header, the last line feed cut off, and neither modes nor object names (THREATS G23): these
come from the trees of both sides. What a row cannot say for certain is refused, never guessed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from reviewbot.change.write import quoted
from reviewbot.errors import BadDiff
from reviewbot.forge.model import PullFile
from reviewbot.sources.trees import SUBMODULE, Entry

_REPLACED = re.compile("[\N{REPLACEMENT CHARACTER}\ud800-\udfff]")
"""What JSON has in the place of bytes that are not UTF-8."""
_REMEDY = "let git print this diff"


class Row(NamedTuple):
    """A listed file, and what stands at its two names: None on the side where the file is not."""

    file: PullFile
    old: Entry | None
    new: Entry | None

    @property
    def same_content(self) -> bool:
        """Moved or given another mode and nothing else; or an empty file that came or went."""
        if self.old and self.new:
            return self.old.sha == self.new.sha
        there = self.old or self.new
        return there is not None and there.size == 0 and there.mode != SUBMODULE

    @property
    def without_text(self) -> bool:
        """The content changed and none of it is shown: a binary file, or a patch that was left out (THREATS G22)."""
        return not self.file.patch and not self.same_content


def old_name(file: PullFile) -> str:
    """The path of a listed file before the change."""
    return file.old_path or file.path


def placed(files: Iterable[PullFile], old: Mapping[str, Entry], new: Mapping[str, Entry]) -> tuple[Row, ...]:
    """Each listed file with its entries in both trees.

    Raises BadDiff where a tree does not hold what the list says, and where a row cannot be certain.
    """
    return tuple(
        _certain(
            Row(
                file,
                None if file.status == "added" else old.get(old_name(file)),
                None if file.status == "removed" else new.get(file.path),
            )
        )
        for file in files
        if file.status != "unchanged"
    )


def _certain(row: Row) -> Row:
    file, old, new = row
    who = repr(file.path)
    if (old is None) != (file.status == "added") or (new is None) != (file.status == "removed"):
        raise BadDiff(who, f"is listed as {file.status}, and its commits say otherwise", _REMEDY)
    if old and new and old.mode[:2] != new.mode[:2]:
        raise BadDiff(who, "became another kind of file, of which no row shows both halves", _REMEDY)
    if file.patch and row.same_content:
        raise BadDiff(who, "is listed with lines, and its commits hold the same content", _REMEDY)
    if _REPLACED.search(f"{file.path}{file.old_path}{file.patch}"):
        raise BadDiff(who, "holds characters that may stand in the place of other bytes", _REMEDY)
    return row


def as_diff(rows: Iterable[Row]) -> bytes:
    """The rows as git prints them. Of one without text, git says that binary files differ."""
    return b"".join(line + b"\n" for row in rows for line in _lines(row))


def _lines(row: Row) -> Iterator[bytes]:
    file, old, new = row
    source, target = quoted("a/" + old_name(file)), quoted("b/" + file.path)
    yield b"diff --git %s %s" % (source, target)
    yield from _modes(old, new)
    if file.status in {"renamed", "copied"}:
        verb = b"rename" if file.status == "renamed" else b"copy"
        yield b"%s from %s" % (verb, quoted(old_name(file)))
        yield b"%s to %s" % (verb, quoted(file.path))
    if not (old and new and row.same_content):
        yield _index(old, new)
    before, after = source if old else b"/dev/null", target if new else b"/dev/null"
    if file.patch:
        yield b"--- " + before
        yield b"+++ " + after
        yield file.patch.encode()
    elif row.without_text:
        yield b"Binary files %s and %s differ" % (before, after)


def _modes(old: Entry | None, new: Entry | None) -> Iterator[bytes]:
    if old is None and new is not None:
        yield f"new file mode {new.mode}".encode("ascii")
    elif old is not None and new is None:
        yield f"deleted file mode {old.mode}".encode("ascii")
    elif old is not None and new is not None and old.mode != new.mode:
        yield f"old mode {old.mode}".encode("ascii")
        yield f"new mode {new.mode}".encode("ascii")


def _index(old: Entry | None, new: Entry | None) -> bytes:
    names = "..".join(entry.sha if entry else "0" * 40 for entry in (old, new))
    mode = f" {new.mode}" if old and new and old.mode == new.mode else ""
    return f"index {names}{mode}".encode("ascii")
