"""A real repository, made by the git on PATH, and what is asked of the changes read from it."""

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from reviewbot.change import Change, File
from reviewbot.sources import Selection, read_worktree

AUTHOR = "Ada Untrusted"
MAIL = "ada@untrusted.example"


class Checkout:
    """A repository in a directory, and what a person does in it."""

    def __init__(self, root: Path, *options: str, is_new: bool = True) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        if is_new:
            self.git("init", "--quiet", "--template=", "--initial-branch=main", *options)

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "core.fsync=none", *arguments], cwd=self.root, check=True, capture_output=True
        )
        return os.fsdecode(done.stdout).rstrip("\n")

    def write(self, name: str, content: str | bytes = "text\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else os.fsencode(content))
        return path

    def commit(self, message: str = "A change", **files: str | bytes) -> str:
        """Commit everything, with these files first; `__` in a name is a dot."""
        for name, content in files.items():
            self.write(name.replace("__", "."), content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")

    def configure(self, settings: Mapping[str, str], file: Path | None = None) -> None:
        """What `git config` does for each of them, in this repository or in a file, at once."""
        place = file or Path(self.git("rev-parse", "--absolute-git-dir")) / "config"
        with place.open("a") as config:
            for key, value in settings.items():
                section, _, name = key.rpartition(".")
                head, _, part = section.partition(".")
                config.write(f'[{head} "{part}"]\n' if part else f"[{head}]\n")
                config.write(f'\t{name} = "{value}"\n')
        read = self.git("config", "--file", str(place), "--null", "--list").lower().split("\0")
        assert [key for key, value in settings.items() if f"{key}\n{value}".lower() not in read] == []

    def review(self, range: str | None = None, *, base: str | None = None, staged: bool = False) -> Change:  # noqa: A002
        return read_worktree(self.root, Selection.from_words(range, base, staged))


def files(change: Change) -> dict[str, File]:
    return {file.path: file for file in change.diff.files}


def added(change: Change, path: str) -> list[str]:
    return [line.text for hunk in files(change)[path].hunks for line in hunk.lines if line.kind == "+"]


def deleted(change: Change, path: str) -> list[str]:
    return [line.text for hunk in files(change)[path].hunks for line in hunk.lines if line.kind == "-"]


def everything_in(root: Path) -> dict[str, tuple[int, bytes, int]]:
    """Every file below, `.git` included: its mode, its bytes and its time.

    The times of objects and shared indexes are not compared: git marks those it meets as young, against pruning.
    """
    found = {}
    for path in sorted(root.rglob("*")):
        facts = path.lstat()
        content = (
            b""
            if stat.S_ISDIR(facts.st_mode)
            else os.fsencode(path.readlink())
            if path.is_symlink()
            else path.read_bytes()
        )
        aged = "objects" in path.parts or path.name.startswith("sharedindex.")
        found[str(path)] = (facts.st_mode, content, 0 if aged else facts.st_mtime_ns)
    return found
