"""A diff as git prints it, so that it can be kept and read again: `parse_diff(write_diff(diff)) == diff`.

git applies it where no file is binary: of those it only says that they differ. Names of blobs are not in a `Diff`;
where git's grammar wants one, zeros stand for it.
"""

import re
from collections.abc import Iterator
from typing import Final

from reviewbot.change.model import Diff, File, Hunk

_NOT_PLAIN: Final = re.compile(rb"[^ !#-\[\]-~]")
_BARE: Final = re.compile(r"[\w./+-]+", re.ASCII)
_NOBODY: Final = "0" * 7


def write_diff(diff: Diff) -> bytes:
    """The bytes of `git diff` for these files. Lone surrogates become the bytes that they stand for."""
    return b"".join(line + b"\n" for file in diff.files for line in _lines(file))


def quoted(name: str) -> bytes:
    """A name in git's quotes, where nothing in it can pass for anything else (git-config, core.quotePath)."""
    octal = _NOT_PLAIN.sub(lambda found: b"\\%03o" % ord(found[0]), name.encode("utf-8", "surrogateescape"))
    return b'"%s"' % octal


def _named(name: str) -> bytes:
    """As git has it: in quotes only where it must be."""
    return name.encode("ascii") if _BARE.fullmatch(name) else quoted(name)


def _lines(file: File) -> Iterator[bytes]:
    if file.status == "typechange":
        gone = tuple(hunk for hunk in file.hunks if not any(raw[0] == "+" for raw in hunk.body))
        come = tuple(hunk for hunk in file.hunks if hunk not in gone)
        yield from _one(file.model_copy(update={"status": "deleted", "new_mode": None, "hunks": gone}))
        yield from _one(file.model_copy(update={"status": "added", "old_mode": None, "hunks": come}))
    else:
        yield from _one(file)


def _one(file: File) -> Iterator[bytes]:
    source, target = _named("a/" + (file.old_path or file.path)), _named("b/" + file.path)
    before = b"/dev/null" if file.status == "added" else source
    after = b"/dev/null" if file.status == "deleted" else target
    yield b"diff --git %s %s" % (source, target)
    yield from _header(file)
    if file.hunks:
        yield b"--- " + before
        yield b"+++ " + after
        for hunk in file.hunks:
            yield from _hunk(hunk)
    elif file.binary:
        yield b"Binary files %s and %s differ" % (before, after)


def _header(file: File) -> Iterator[bytes]:
    if file.status == "added":
        yield f"new file mode {file.new_mode}".encode("ascii")
    elif file.status == "deleted":
        yield f"deleted file mode {file.old_mode}".encode("ascii")
    elif file.old_mode != file.new_mode:
        yield f"old mode {file.old_mode}\nnew mode {file.new_mode}".encode("ascii")
    if file.status in {"renamed", "copied"}:
        verb = b"rename" if file.status == "renamed" else b"copy"
        yield b"%s from %s" % (verb, _named(file.old_path or file.path))
        yield b"%s to %s" % (verb, _named(file.path))
    if file.old_mode == file.new_mode is not None:
        yield f"index {_NOBODY}..{_NOBODY} {file.new_mode}".encode("ascii")


def _hunk(hunk: Hunk) -> Iterator[bytes]:
    context = sum(raw[0] == " " for raw in hunk.body)
    section = f" {hunk.section}" if hunk.section else ""
    spans = f"-{hunk.old_start},{context + hunk.deletions} +{hunk.new_start},{context + hunk.additions}"
    yield f"@@ {spans} @@{section}".encode("utf-8", "surrogateescape")
    for raw in hunk.body:
        yield raw.encode("utf-8", "surrogateescape")
