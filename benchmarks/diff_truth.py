"""Compares `parse_diff` with git's blobs: `python benchmarks/diff_truth.py REPOSITORY [--commits N] [--text]`.

Every commit that a ref reaches, newest first, against its first parent (a root against the empty tree). Compared are
the files with names, status and modes (`--raw -z`), the counts (`--numstat -z`), every line of every hunk with the blob
of its side at its number, and the new file rebuilt from the old one and the hunks, byte for byte. Prints figures, and
each mismatch with commit and path; exit 1 on any. A commit git itself cannot print (a partial clone) is counted as
unread. Knows nothing of how the parser works. Writes nothing.
"""

import argparse
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Diff, File, Hunk, parse_diff
from reviewbot.errors import BadDiff
from reviewbot.sources.git import DIFF_FLAGS

EMPTY_TREES = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
"""By the length of an object name: SHA-1, SHA-256."""
STATUS = {"A": "added", "D": "deleted", "M": "modified", "R": "renamed", "C": "copied", "T": "typechange"}
SUBMODULE = "160000"
MARK = f"end {secrets.token_hex(16)}\n".encode()
"""Ends an answer: `git diff-tree --stdin` echoes what is no object name."""


class Entry(NamedTuple):
    """One file of a commit, as git's own tables have it."""

    path: str
    old_path: str | None
    status: str
    modes: tuple[str, str]
    blobs: tuple[str, str]
    counts: tuple[int, int] | None
    """Added and deleted lines; None where git takes the file for binary (`--numstat` does, in spite of `--text`)."""


class GitEndedError(Exception):
    """git could not read an object and ended."""


@dataclass
class Figures:
    commits: int = 0
    unread: int = 0
    files: int = 0
    lines: int = 0
    octets: int = 0
    seconds: float = 0.0
    mismatches: list[str] = field(default_factory=list)


class Git:
    """A git command that stays open and answers one request after the other."""

    def __init__(self, repository: Path, *command: str) -> None:
        settings = ("-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false")
        self._process = subprocess.Popen(
            ["git", "-C", str(repository), *settings, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull},
        )
        self._to, self._from = self._process.stdin, self._process.stdout

    def between(self, trees: bytes) -> bytes:
        """What `diff-tree --stdin` prints of a line with two trees."""
        self._to.write(trees + MARK)
        self._to.flush()
        answer = [self._from.readline()]
        while not answer[-1].endswith(MARK):
            if not answer[-1]:
                raise GitEndedError
            answer.append(self._from.readline())
        return b"".join(answer)[len(trees) : -len(MARK)]

    def blob(self, name: str, mode: str) -> bytes:
        """The content behind a raw entry; of a submodule, the line git shows for it."""
        if not int(name, 16):
            return b""
        if mode == SUBMODULE:
            return f"Subproject commit {name}\n".encode()
        self._to.write(name.encode() + b"\n")
        self._to.flush()
        size = int(self._from.readline().split()[2])
        return self._from.read(size + 1)[:-1]

    def close(self) -> None:
        self._to.close()
        self._from.close()
        self._process.wait()


def pairs(repository: Path) -> Iterator[tuple[str, bytes]]:
    """Each commit with the line `diff-tree --stdin` wants: its first parent's tree, its own tree."""
    command = ["git", "-C", str(repository), "log", "--all", "--format=%H %T %P"]
    log = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout.splitlines()
    trees = {commit: tree for commit, tree, *_ in map(str.split, log)}
    for commit, tree, *parents in map(str.split, log):
        before = trees[parents[0]] if parents else EMPTY_TREES[len(tree)]
        yield commit, f"{before} {tree}\n".encode()


def entries(tables: bytes) -> list[Entry]:
    """`--raw --numstat -z`: first all rows of the one, then as many of the other."""
    fields = iter(tables.decode("utf-8", "surrogateescape").split("\0")[:-1])
    raw, counts = [], []
    for first in fields:
        if first.startswith(":"):
            old_mode, new_mode, old_blob, new_blob, letter = first[1:].split(" ")
            old_path = next(fields)
            path = next(fields) if letter[0] in "RC" else old_path
            raw.append((path, old_path, letter[0], (old_mode, new_mode), (old_blob, new_blob)))
        else:
            added, deleted, name = first.split("\t", 2)
            _ = name or (next(fields), next(fields))  # a rename has both its names in fields of their own
            counts.append(None if added == "-" else (int(added), int(deleted)))
    return [
        Entry(path, None if letter == "A" else old, STATUS[letter], modes, blobs, count)
        for (path, old, letter, modes, blobs), count in zip(raw, counts, strict=True)
    ]


def differences(git: Git, table: list[Entry], diff: Diff, *, text: bool) -> Iterator[str]:
    """Everything that the parse and git say differently. With `text`, git was told to show binary files as lines."""
    if [entry.path for entry in table] != [file.path for file in diff.files]:
        yield f"files: {[entry.path for entry in table]!r} are {[file.path for file in diff.files]!r}"
        return
    for entry, file in zip(table, diff.files, strict=True):
        binary = entry.counts is None and entry.blobs[0] != entry.blobs[1] and not text
        said, true = (file.status, file.old_path, file.binary), (entry.status, entry.old_path, binary)
        if said != true:
            yield f"{file.path!r}: {said} should be {true}"
        moved_only = entry.status in ("renamed", "copied") and entry.blobs[0] == entry.blobs[1]
        modes = tuple(None if mode == "000000" else mode for mode in entry.modes)
        if (file.old_mode, file.new_mode) not in ({modes, (None, None)} if moved_only else {modes}):
            yield f"{file.path!r}: modes {(file.old_mode, file.new_mode)} should be {modes}"
        if entry.counts and entry.status != "typechange" and (file.additions, file.deletions) != entry.counts:
            yield f"{file.path!r}: counts {(file.additions, file.deletions)} should be {entry.counts}"
        if binary and not file.hunks:
            continue
        old, new = (git.blob(blob, mode) for blob, mode in zip(entry.blobs, entry.modes, strict=True))
        yield from (f"{file.path!r}: {fault}" for fault in content_differences(file, old, new))


def content_differences(file: File, old: bytes, new: bytes) -> Iterator[str]:
    old_lines, new_lines = old.split(b"\n"), new.split(b"\n")
    for line in (line for hunk in file.hunks for line in hunk.lines):
        text = line.text.encode("utf-8", "surrogateescape")
        if line.old is not None and old_lines[line.old - 1 : line.old] != [text]:
            yield f"old line {line.old} is not {text!r}"
        if line.new is not None and new_lines[line.new - 1 : line.new] != [text]:
            yield f"new line {line.new} is not {text!r}"
    if file.binary:
        return
    if file.status == "typechange":
        rebuilt = [
            rebuild(old, [hunk for hunk in file.hunks if hunk.deletions]),
            rebuild(b"", [hunk for hunk in file.hunks if hunk.additions]),
        ]
        if rebuilt != [b"", new]:
            yield "the two halves do not give the old file and the new one"
    elif rebuild(old, file.hunks) != new:
        yield "the new file is not the old one with these hunks"


def rebuild(old: bytes, hunks: list[Hunk] | tuple[Hunk, ...]) -> bytes:
    """The new file: the old one's lines, with each hunk's in the place of those it takes."""
    *whole, rest = old.split(b"\n")
    lines = [line + b"\n" for line in whole] + ([rest] if rest else [])
    new: list[bytes] = []
    at = 0
    for hunk in hunks:
        taken = sum(raw[0] in " -" for raw in hunk.body)
        first = hunk.old_start - 1 if taken else hunk.old_start
        new += lines[at:first]
        at = first + taken
        for raw, following in zip(hunk.body, (*hunk.body[1:], ""), strict=True):
            if raw[0] in " +":
                end = b"" if following.startswith("\\") else b"\n"
                new.append(raw[1:].encode("utf-8", "surrogateescape") + end)
    return b"".join(new + lines[at:])


class Trio(NamedTuple):
    """The three commands a walk talks to."""

    patches: Git
    tables: Git
    blobs: Git


def open_trio(repository: Path, *, text: bool) -> Trio:
    tables = (
        "--raw",
        "--no-abbrev",
        "--numstat",
        *(flag for flag in DIFF_FLAGS if flag != "-U3"),
    )  # -U asks for a patch
    return Trio(
        Git(repository, "diff-tree", "--stdin", "-r", "-p", *DIFF_FLAGS, "--text" if text else "--no-text"),
        Git(repository, "diff-tree", "--stdin", "-r", "-z", *tables),
        Git(repository, "cat-file", "--batch"),
    )


def walk(repository: Path, *, commits: int | None, text: bool) -> Figures:
    figures = Figures()
    git = open_trio(repository, text=text)
    for commit, trees in islice(pairs(repository), commits):
        try:
            data, table = git.patches.between(trees), entries(git.tables.between(trees))
        except GitEndedError:
            figures.unread += 1
            for command in git:
                command.close()
            git = open_trio(repository, text=text)
            continue
        figures.commits += 1
        figures.files += len(table)
        figures.octets += len(data)
        if not data and not table:
            continue
        started = time.perf_counter()
        try:
            diff = parse_diff(data)
        except BadDiff as error:
            figures.mismatches.append(f"{commit} {error}")
            continue
        figures.seconds += time.perf_counter() - started
        figures.lines += sum(raw[0] != "\\" for file in diff.files for hunk in file.hunks for raw in hunk.body)
        figures.mismatches += [f"{commit} {what}" for what in differences(git.blobs, table, diff, text=text)]
    for command in git:
        command.close()
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("repository", type=Path)
    parser.add_argument("--commits", type=int, help="only the newest N")
    parser.add_argument("--text", action="store_true", help="have git show binary files as lines too")
    asked = parser.parse_args()
    figures = walk(asked.repository, commits=asked.commits, text=asked.text)
    megabytes = figures.octets / 1e6
    print(
        f"{figures.commits:,} commits ({figures.unread} unread)  {figures.files:,} files  {figures.lines:,} lines  "
        f"{megabytes:.1f} MB  {len(figures.mismatches)} mismatches  {figures.seconds / max(megabytes, 1e-9):.3f} s/MB"
    )
    for mismatch in figures.mismatches:
        print(ascii(mismatch)[1:-1])
    return 1 if figures.mismatches or not figures.files else 0


if __name__ == "__main__":
    sys.exit(main())
