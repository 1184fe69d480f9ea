"""The files of one commit, as git keeps them: which entry stands at a path, and the bytes of a blob (THREATS S05).

Two makers: a repository on this machine, and a forge. No symbolic link and no submodule is followed, and the file
system is never asked. Knows nothing of what the files mean.
"""

import os
import posixpath
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from reviewbot.forge.model import TreeEntry
from reviewbot.forge.port import Forge
from reviewbot.sources.git import Git

FOLDER, SUBMODULE = "040000", "160000"
REGULAR = frozenset({"100644", "100755"})


class Entry(NamedTuple):
    """One entry of a tree. `size` is in bytes, 0 for what is not a blob: look at it before asking for the blob."""

    mode: str
    sha: str
    size: int
    path: str


class Tree(NamedTuple):
    """The tree of one commit."""

    commit: str
    entries: Callable[..., Mapping[str, Entry]]
    """`entries(*paths)`: what stands at these paths, by path; of a path that ends in a slash, what is in the folder."""
    blob: Callable[[Entry], bytes]


def tree_of_git(git: Git, commit: str) -> Tree:
    """Read through git, which lists all paths in one call."""

    def entries(*paths: str) -> Mapping[str, Entry]:
        found = git.read("ls-tree", "-z", "-l", "--full-tree", "--end-of-options", commit, *paths)
        return {entry.path: entry for entry in map(listed, found.split(b"\0")[:-1])} if paths else {}

    return Tree(commit, entries, lambda entry: git.read("cat-file", "blob", entry.sha))


def listed(record: bytes) -> Entry:
    """One record of `ls-tree -l -z`. A blob that a partial clone has not fetched has no size there."""
    facts, _, name = record.partition(b"\t")
    mode, _, sha, size = facts.decode("ascii").split()
    return Entry(mode, sha, int(size) if size.isdigit() else 0, os.fsdecode(name))


def tree_of_forge(forge: Forge, commit: str) -> Tree:
    """Read through a forge, folder by folder: each is asked for once, and only where a folder stands at its path."""

    @cache
    def inside(sha: str) -> Mapping[str, TreeEntry]:
        return {entry.name: entry for entry in forge.tree(sha)}

    def folder(path: str) -> Mapping[str, TreeEntry]:
        found = inside(commit)
        for name in path.split("/") if path else ():
            below = found.get(name)
            if below is None or below.mode != FOLDER:
                return {}
            found = inside(below.sha)
        return found

    def entries(*paths: str) -> Mapping[str, Entry]:
        found = {}
        for path in paths:
            where, name = posixpath.split(path)
            there = folder(where)
            for entry in there.values() if not name else filter(None, [there.get(name)]):
                full = posixpath.join(where, entry.name)
                found[full] = Entry(entry.mode, entry.sha, entry.size, full)
        return found

    return Tree(commit, entries, lambda entry: forge.blob(entry.sha))
