"""The index or the files of a work tree as a tree object, which can then be compared like any commit.

Works on a copy of the index, and git writes new objects to a directory of ours: the user's repository stays as it is.
Knows what git makes of odd files; knows nothing of revisions.
"""

import os
import shutil
from pathlib import Path

from reviewbot.errors import BadRange
from reviewbot.sources.git import Git, refusal
from reviewbot.sources.repository import Repository


def take_tree(repository: Repository, *, files: bool) -> str:
    """The hash of a tree of what is staged, or with `files` of everything in the work tree that is not ignored.

    Raises BadRange where there is no work tree, something in it cannot be read, or paths in the index are unmerged.
    """
    if repository.top is None:
        raise BadRange(
            str(repository.user.directory),
            "there is no work tree here",
            "run it inside a work tree, or name a range: `reviewbot check A..B`",
        )
    copy = repository.scratch / "index"
    if repository.index.exists():
        shutil.copy2(repository.index, copy)  # with its time: git trusts a file's time only when older than the index's
    git = repository.user.with_environment(GIT_INDEX_FILE=str(copy))
    if files:
        _add_everything(git, repository.top, repository.scratch)
    return git.line("write-tree")


def _add_everything(git: Git, top: Path, scratch: Path) -> None:
    """Bring the copy of the index up to the files as they stand, ignored ones left out.

    Submodules go by `update-index`, because `git add` runs `git status` in each, with the filters of its configuration.
    """
    staged = git.read("ls-files", "--stage", "-z").split(b"\0")
    submodules = sorted({entry.partition(b"\t")[2] for entry in staged if entry.startswith(b"160000 ")})
    left_out = list(submodules)
    if scratch.is_relative_to(top.resolve()):
        left_out.append(os.fsencode(scratch.relative_to(top.resolve()).as_posix()))
    paths = [b":/", *(b":(exclude,top,literal)" + path for path in left_out)]
    output = git.call(
        "add", "--all", "--sparse", "--pathspec-from-file=-", "--pathspec-file-nul", stdin=b"\0".join(paths)
    )
    if output.code or b"Permission denied" in output.err:  # of a directory it cannot enter git only warns
        raise refusal("add", output.err)
    if submodules:
        git.read(
            "update-index",
            "--add",
            "--remove",
            "--ignore-skip-worktree-entries",
            "-z",
            "--stdin",
            stdin=b"".join(path + b"\0" for path in submodules),
        )
