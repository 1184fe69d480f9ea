"""Where a change comes from: a git work tree, a patch file, or a pull request on a forge (`pull_request`)."""

from reviewbot.sources.patch import read_patch
from reviewbot.sources.selection import Selection
from reviewbot.sources.worktree import read_worktree

__all__ = ["Selection", "read_patch", "read_worktree"]
