"""Where a change comes from when no forge is asked: a git work tree, or a patch file."""

from reviewbot.sources.patch import read_patch
from reviewbot.sources.selection import Selection
from reviewbot.sources.worktree import read_worktree

__all__ = ["Selection", "read_patch", "read_worktree"]
