"""Whether a file that is shown without text is binary, by git's own test (THREATS G22).

A repository can have GitHub hide a file of text: one line of `.gitattributes` at the head is enough. Knows nothing of
where a diff came from.
"""

from collections.abc import Iterator

from reviewbot.change import Diff, File
from reviewbot.sources.trees import REGULAR, Entry, Tree

MAX_TESTED_FILES = 20
MAX_TESTED_BYTES = 1_000_000
"""More, or larger, is not fetched to be tested here: what nobody tested is not taken for binary, and git decides."""
_LOOKED_AT = 8_000
"""Bytes; a NUL among them makes a file binary (git, `buffer_is_binary`)."""


def hidden_text(diff: Diff, old: Tree, new: Tree) -> frozenset[str]:
    """Paths of the diff that are shown as binary though neither side of them is known to be."""
    shown_without = [file for file in diff.files if file.binary]
    tested, untested = shown_without[:MAX_TESTED_FILES], shown_without[MAX_TESTED_FILES:]
    return frozenset(file.path for file in (*(f for f in tested if _may_be_text(f, old, new)), *untested))


def _may_be_text(file: File, old: Tree, new: Tree) -> bool:
    """Looks at the new side first: one binary side decides, and a picture seldom becomes text."""
    found = False
    for tree, entry in _sides(file, old, new):
        if entry.mode not in REGULAR:
            return False
        if entry.size <= MAX_TESTED_BYTES and b"\0" in tree.blob(entry)[:_LOOKED_AT]:
            return False
        found = True
    return found


def _sides(file: File, old: Tree, new: Tree) -> Iterator[tuple[Tree, Entry]]:
    names = ((new, None if file.status == "deleted" else file.path), (old, file.old_path))
    for tree, name in names:
        entry = tree.entries(name).get(name) if name else None
        if entry:
            yield tree, entry
