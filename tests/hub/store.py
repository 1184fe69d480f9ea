"""The git side of the fake: one bare repository, its commits made without a work tree, its diffs made by git itself.

Knows nothing of pull requests. Diffs are as GitHub's: three lines of context, renames found, odd names quoted.
"""

import itertools
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

DIFF = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames")
CONFIG = """[core]
\trepositoryformatversion = 0
\tbare = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
"""
STATUS = {"A": "added", "D": "removed", "M": "modified", "R": "renamed", "C": "copied", "T": "changed"}
"""Git's letters to GitHub's words."""


class Entry(NamedTuple):
    """What stands at a path, with its mode: 100644, 100755, 120000 (the content is where the link leads), 160000."""

    mode: str
    content: bytes
    """Of a submodule, the hexadecimal name of its commit."""


class Node(NamedTuple):
    """One entry of a git tree."""

    name: str
    mode: str
    kind: str
    sha: str
    size: int | None
    """Bytes of a blob; None for a tree or a submodule."""


class Changed(NamedTuple):
    """One file of a diff."""

    path: str
    old_path: str
    status: str
    sha: str
    """Of the blob after the change; of a deleted file, the one it had."""
    patch: bytes
    """Its hunks, from the first `@@` to the last line feed; empty where git shows no text."""

    @property
    def additions(self) -> int:
        return len(re.findall(rb"^\+", self.patch, re.MULTILINE))

    @property
    def deletions(self) -> int:
        return len(re.findall(rb"^-", self.patch, re.MULTILINE))


_OBJECT: Final = re.compile(r"\^?([0-9a-f]{40})(?:\^\{commit\})?")
"""A word of a git command that means the same in every folder, unlike a branch."""


class Made(NamedTuple):
    """A commit, the number of the story of which it is the end, and the files that git wrote for it."""

    sha: str
    story: int
    objects: tuple[tuple[str, bytes], ...]


_MADE: Final[dict[object, Made]] = {}
"""By all that was committed to a repository: the same commits are the same bytes in every folder."""
_STORIES: Final = itertools.count(1)
_SAID: Final[dict[tuple[str, ...], bytes]] = {}
"""What git said of objects, by their names, which say all of what is in them."""


class Store:
    """A bare repository in a folder. Answers about commits are kept, for every folder: commits do not change."""

    def __init__(self, root: Path) -> None:
        self.path = root
        self._commits = self._story = 0
        self._here: set[str] = set()
        """Commits that were made in this folder, and what was seen below them."""
        self._changes: dict[tuple[str, str, str], tuple[Changed, ...]] = {}
        self._answers: dict[tuple[str, ...], str] = {}
        for folder in ("objects", "refs/heads"):  # by hand: `git init` in every test would cost more than the test
            (root / folder).mkdir(parents=True)
        (root / "HEAD").write_text("ref: refs/heads/main\n")
        (root / "config").write_text(CONFIG)

    def run(self, *arguments: str, given: bytes = b"") -> bytes:
        """The output of one git command. Raises CalledProcessError."""
        done = subprocess.run(
            ["git", "-c", "core.fsync=none", *arguments],
            cwd=self.path, input=given, env=git_environment(self.path), capture_output=True, check=True,
        )  # fmt: skip
        return done.stdout

    def commit(
        self, parents: tuple[str, ...], files: Mapping[str, bytes | Entry | None], message: str = "A change"
    ) -> str:
        """Make a commit that differs from its first parent by these files: bytes, an `Entry`, None to delete."""
        self._commits += 1
        key = (self._story, parents, tuple(files.items()), message)
        if key in _MADE and self._here.issuperset(parents):
            made = self._copied(_MADE[key])
        else:
            before = self._objects()
            sha = self._imported(parents, files, message.encode())
            new = [(name, self.path / name) for name in sorted(self._objects() - before)]
            made = Made(sha, next(_STORIES), tuple((name, path.read_bytes()) for name, path in new))
            if not any("/pack/" in name for name, _ in new):
                _MADE[key] = made
        self._story = made.story
        self._here.add(made.sha)
        return made.sha

    def _objects(self) -> set[str]:
        return {path.relative_to(self.path).as_posix() for path in self.path.glob("objects/*/*")}

    def _copied(self, made: Made) -> Made:
        for name, content in made.objects:
            (self.path / name).parent.mkdir(exist_ok=True)
            (self.path / name).write_bytes(content)
        self.point("refs/fake/made", made.sha)
        return made

    def _imported(self, parents: tuple[str, ...], files: Mapping[str, bytes | Entry | None], text: bytes) -> str:
        who = f"Ada <ada@example.test> {1_790_000_000 + self._commits} +0000"
        lines = [b"commit refs/fake/made", b"mark :1", f"committer {who}".encode(), b"data %d" % len(text), text]
        lines += [f"{'merge' if place else 'from'} {parent}".encode() for place, parent in enumerate(parents)]
        lines += [_file_command(path, content) for path, content in files.items()]
        before = b"" if parents else b"reset refs/fake/made\n"
        return self.run(
            "fast-import", "--quiet", "--force", given=before + b"\n".join(lines) + b"\nget-mark :1\ndone\n"
        ).decode().strip()  # fmt: skip

    def diff(self, base: str, head: str) -> bytes:
        """The text of the diff between two commits, as they stand."""
        return self._said(*DIFF, base, head)

    def changes(self, base: str, head: str) -> tuple[Changed, ...]:
        """The files of `diff`, in its order."""
        return self._changed(base, head, "--unified=3")

    def moved_lines(self, before: str, after: str) -> tuple[Changed, ...]:
        """As `changes`, without any context: which lines of each file stand where afterwards."""
        return self._changed(before, after, "--unified=0")

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor; None for unrelated histories and unknown commits."""
        return self._answer("merge-base", one, other) or None

    def between(self, base: str, head: str) -> tuple[str, ...]:
        """The commits of head that base does not have, oldest first."""
        return tuple(self._answer("rev-list", "--reverse", head, f"^{base}").split())

    def is_ancestor(self, old: str, new: str) -> bool:
        return self.merge_base(old, new) == old

    def find(self, revision: str) -> str | None:
        """The commit that a name or a hexadecimal prefix means; None where there is none."""
        ask = self._answer if re.fullmatch(r"[0-9a-f]{40}", revision) else self._ask  # a name may come to mean another
        return ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") or None

    def tree(self, sha: str) -> tuple[Node, ...] | None:
        """What is directly in a tree, or in the root of a commit; None where there is no such thing."""
        if not re.fullmatch(r"[0-9a-f]{40}", sha) or self._answer("cat-file", "-t", sha) not in {"tree", "commit"}:
            return None
        listed = os.fsdecode(self._said("ls-tree", "-z", "-l", sha)).split("\0")[:-1]
        nodes = tuple(_node(*line.split("\t", 1)) for line in listed)
        if sha in self._here:
            self._here.update(node.sha for node in nodes if node.kind != "commit")
        return nodes

    def blob(self, sha: str) -> bytes | None:
        if not re.fullmatch(r"[0-9a-f]{40}", sha) or self._answer("cat-file", "-t", sha) != "blob":
            return None
        return self._said("cat-file", "-p", sha)

    def point(self, ref: str, sha: str) -> None:
        """Let a name, "refs/heads/main", mean a commit."""
        place = self.path / ref
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{sha}\n")

    def _changed(self, base: str, head: str, context: str) -> tuple[Changed, ...]:
        key = (base, head, context)
        if key not in self._changes:
            text = self._said(*DIFF, context, base, head)
            sections = re.split(rb"^(?=diff --git )", text, flags=re.MULTILINE)[1:]
            raw = self._said(*DIFF, "--raw", "--no-abbrev", "-z", base, head)
            self._changes[key] = tuple(_changes(raw, sections))
        return self._changes[key]

    def _answer(self, *arguments: str) -> str:
        if not self._answers.get(arguments):
            self._answers[arguments] = self._ask(*arguments)
        return self._answers[arguments]

    def _said(self, *arguments: str) -> bytes:
        """The output of a git command that reads. Of what stands here it is what it was of the same elsewhere."""
        about = [_OBJECT.fullmatch(word) for word in arguments[1:] if not word.startswith("-")]
        if not all(name and name[1] in self._here for name in about):
            return self.run(*arguments)
        if arguments not in _SAID:
            _SAID[arguments] = self.run(*arguments)
        return _SAID[arguments]

    def _ask(self, *arguments: str) -> str:
        """The answer of a command that may have none."""
        try:
            return os.fsdecode(self._said(*arguments)).strip()
        except subprocess.CalledProcessError:
            return ""


def git_environment(home: Path) -> dict[str, str]:
    """Nothing of the person who runs the tests: no configuration, no hooks, no prompts."""
    return {
        "PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), "LC_ALL": "C", "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.test", "GIT_TERMINAL_PROMPT": "0",
    }  # fmt: skip


def _file_command(path: str, content: bytes | Entry | None) -> bytes:
    name = b'"%s"' % re.sub(rb'[\\"\n]', lambda odd: b"\\%03o" % ord(odd[0]), os.fsencode(path))
    if content is None:
        return b"D " + name
    entry = content if isinstance(content, Entry) else Entry("100644", content)
    if entry.mode == "160000":
        return b"M 160000 %s %s" % (entry.content, name)
    return b"M %s inline %s\ndata %d\n%s" % (entry.mode.encode(), name, len(entry.content), entry.content)


def _changes(raw: bytes, sections: list[bytes]) -> list[Changed]:
    """`git diff --raw -z` beside the sections of the patch. A change of type has two sections and one entry."""
    words, found = os.fsdecode(raw).split("\0")[:-1], []
    rest = iter(sections)
    while words:
        facts, *words = words
        _, _, old_sha, new_sha, letter = facts.split(" ")
        old_path, *words = words
        path, *words = words if letter[0] in "RC" else [old_path, *words]
        shown = b"".join(_hunks(next(rest)) for _ in range(2 if letter == "T" else 1))
        sha = old_sha if letter == "D" else new_sha
        found.append(Changed(path, old_path, STATUS[letter[0]], sha, shown))
    return found


def _hunks(section: bytes) -> bytes:
    start = re.search(rb"^@@ ", section, re.MULTILINE)
    return section[start.start() :] if start else b""


def _node(facts: str, name: str) -> Node:
    mode, kind, sha, size = facts.split()
    return Node(name, mode, kind, sha, int(size) if size.isdigit() else None)
