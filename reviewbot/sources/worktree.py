"""A change from a git repository on this machine: the work tree, the index, or two commits.

The story only. `repository` knows how git is kept from running or changing anything, `revisions` which commits are
meant, `snapshot` how the files become a tree, `pages` what the base commit asks of a review.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Change, Diff, parse_diff
from reviewbot.sources.git import DIFF_FLAGS, Git
from reviewbot.sources.intent import intent_of
from reviewbot.sources.pages import read_pages
from reviewbot.sources.pinned import GitTree
from reviewbot.sources.repository import open_repository
from reviewbot.sources.revisions import Span, resolve
from reviewbot.sources.selection import Selection
from reviewbot.sources.snapshot import take_tree
from reviewbot.sources.trees import tree_of_git


class Opened(NamedTuple):
    """A change, and the files of its head."""

    change: Change
    tree: GitTree


def read_worktree(where: Path, selection: Selection, *, policy_file: Path | None = None) -> Change:
    """Read a change as `open_worktree` does, for whoever needs no more than that."""
    with open_worktree(where, selection, policy_file=policy_file) as opened:
        return opened.change


@contextmanager
def open_worktree(where: Path, selection: Selection, *, policy_file: Path | None = None) -> Iterator[Opened]:
    """Read a change of the repository that `where` is in, and keep its head open. Nothing there runs or changes.

    A repository without commits is compared with nothing: everything in it is new. A change without any difference has
    a diff without files. Raises BadRange where git cannot make the change, BadDiff where its diff cannot be trusted,
    BadPolicy and BadPrompt for pages of the base commit that do not hold.
    """
    with open_repository(where) as repository:
        span = resolve(repository, selection)
        committed = span.head if selection.head == "commit" else None
        tree = committed or take_tree(repository, files=selection.head == "work tree")
        base = span.base or repository.bare.line("hash-object", "-t", "tree", "--stdin")
        data = repository.bare.read("diff", *DIFF_FLAGS, "--end-of-options", base, tree, "--")
        pages = read_pages(tree_of_git(repository.bare, span.base) if span.base else None, policy_file)
        change = Change(
            diff=parse_diff(data) if data else Diff(files=()),
            base_sha=span.base,
            head_sha=committed,
            description=_description(repository.bare, selection, span, tree),
            intent=intent_of(repository.user, span.base, span.head),
            policy=pages.policy,
            policy_from=pages.policy_from,
            invariants=pages.invariants,
            lenses=pages.lenses,
        )
        yield Opened(change, GitTree(repository.bare, tree))


def _description(git: Git, selection: Selection, span: Span, tree: str) -> str:
    if selection.head != "work tree" or span.head is None:
        return span.words
    if tree == git.line("rev-parse", span.head + "^{tree}"):
        return span.words
    return f"uncommitted work on {span.words}" if span.base == span.head else f"{span.words}, with uncommitted work"
