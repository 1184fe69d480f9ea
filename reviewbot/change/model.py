"""What is under review: a diff whose every line is placed, and what people said about it.

Knows nothing of git, GitHub or models. A `Diff` is only ever made by `parse_diff`.
"""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from reviewbot.facts import Fact
from reviewbot.settings import Policy, TierName

Status = Literal["added", "deleted", "modified", "renamed", "copied", "typechange"]
Side = Literal["new", "old"]


class Line(NamedTuple):
    """One line of a hunk. `old` and `new` are 1-based line numbers, None on the side where the line is not."""

    kind: Literal["+", "-", " "]
    old: int | None
    new: int | None
    text: str
    """Without the kind and without the line feed; bytes that are not UTF-8 stand as lone surrogates."""


class Hunk(Fact):
    """A run of lines. Numbers are counted, not stored: a million lines cost little more than their text."""

    old_start: int
    new_start: int
    section: str = ""
    """What git prints behind the second `@@`: usually the enclosing function."""
    body: tuple[str, ...]
    """The lines as in the diff, each with its kind in front; `\\` marks the missing line feed of the line before."""

    @property
    def lines(self) -> Iterator[Line]:
        """The lines with their numbers on both sides, in order."""
        old, new = self.old_start, self.new_start
        for raw in self.body:
            kind, text = raw[0], raw[1:]
            if kind == "+":
                yield Line("+", None, new, text)
                new += 1
            elif kind == "-":
                yield Line("-", old, None, text)
                old += 1
            elif kind == " ":
                yield Line(" ", old, new, text)
                old, new = old + 1, new + 1

    @property
    def additions(self) -> int:
        return sum(raw[0] == "+" for raw in self.body)

    @property
    def deletions(self) -> int:
        return sum(raw[0] == "-" for raw in self.body)


class File(Fact):
    """One changed file. A rename, copy or typechange is one file, not a deletion and an addition."""

    path: str
    """The name after the change; of a deleted file, the name it had."""
    old_path: str | None
    """The name before the change; None for an added file."""
    status: Status
    binary: bool = False
    """Git showed no text: `hunks` is empty and the content was not seen."""
    old_mode: str | None = None
    new_mode: str | None = None
    """Six octal digits where the diff names them: 100644, 100755, 120000 a symbolic link, 160000 a submodule."""
    hunks: tuple[Hunk, ...] = ()

    @property
    def additions(self) -> int:
        return sum(hunk.additions for hunk in self.hunks)

    @property
    def deletions(self) -> int:
        return sum(hunk.deletions for hunk in self.hunks)


class Diff(Fact):
    files: tuple[File, ...]

    @property
    def additions(self) -> int:
        return sum(file.additions for file in self.files)

    @property
    def deletions(self) -> int:
        return sum(file.deletions for file in self.files)


class Anchor(Fact):
    """A place in a diff that a comment can hang on: lines of one side of one hunk, `start_line <= line`."""

    path: str
    side: Side
    start_line: int
    line: int


class Gap(Fact):
    """Something of the change that nobody, or a named seat, did not look at."""

    path: str
    lines: int
    """Changed lines not looked at; 0 where nobody can count them (a binary file)."""
    why: str


class Stakes(Fact):
    """How much depends on a change, and why, in words for a person."""

    tier: TierName
    reason: str


HiddenKind = Literal["tag", "bidi", "invisible", "variation", "control"]
"""Tag letters that spell words nobody sees, marks that turn the direction of text, zero-width and variation marks, what
a terminal obeys."""


class Hidden(Fact):
    """Characters of the change that a person does not see. In the diff they stand as `<U+E0041>`."""

    path: str
    """Empty where they stand in what the author says of the change."""
    side: Side
    line: int
    kind: HiddenKind
    count: int


class Excerpt(Fact):
    """Code around the change that helps to judge it, as it stands at the head. It is not under review."""

    path: str
    start_line: int
    kind: Literal["enclosing", "definition", "caller", "tree"]
    """The function around a hunk, what the change calls, who calls what it changed, names of files beside it."""
    about: str
    """The symbol it is shown for."""
    text: str


class Document(Fact):
    """A page people wrote: an invariants page, a repository's own lens. Read at the base commit, never at the head."""

    path: str
    text: str


class Change(Fact):
    """Everything the council may know of one change."""

    diff: Diff
    unread: tuple[Gap, ...] = ()
    """Files of the change that are not in `diff`, because no source gave their text."""
    policy: Policy = Policy()
    policy_from: str = "defaults"
    """Where the policy was read, in words: "defaults", ".reviewbot.yml at 1a2b3c4d", "--policy mine.yml"."""
    repository: str | None = None
    number: int | None = None
    base_sha: str | None = None
    head_sha: str | None = None
    """None where the head is not a commit: a work tree, a patch file."""
    description: str = ""
    """What is reviewed, in words for a person: "feature since main, with uncommitted work", "email.diff"."""
    intent: str = ""
    """What the author says the change is for. Data, never instruction."""
    hidden: tuple[Hidden, ...] = ()
    context: tuple[Excerpt, ...] = ()
    """The most useful first; secrets redacted."""
    invariants: tuple[Document, ...] = ()
    lenses: tuple[Document, ...] = ()
