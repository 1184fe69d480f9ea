"""Checkouts in a runner's workspace, and whether one of them holds the change under review.

The Action reads a change through the API and runs nothing of it. Where a run has secrets, a checkout of the change is
how others lose them (THREATS S09), and a policy that stands in one was written by the change's author (S07, S08).
"""

import os
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from reviewbot.errors import BadSettings
from reviewbot.sources.git import Git, configured, environment

PRIVILEGED = frozenset(
    {
        "check_run", "check_suite", "issue_comment", "pull_request_target", "repository_dispatch", "schedule",
        "workflow_dispatch", "workflow_run",
    }
)  # fmt: skip
"""Events whose runs have the repository's secrets, whoever's pull request they are about."""
DEPTH = 4
"""Folders between the workspace and a checkout that is still looked for."""
FOLDERS = 20_000
"""Of a workspace, which are looked into: below a second's work."""


def refuse_checkout(event: str, workspace: Path, head: str) -> None:
    """Raise BadSettings where a run with secrets has checked out the head of a pull request, or a merge of it."""
    if event not in PRIVILEGED:
        return
    for folder in _checkouts(workspace):
        if holds(folder, head):
            raise BadSettings(
                f"{event}: {folder}",
                "holds a checkout of the pull request, in a run that has secrets and may write to the repository",
                "remove the step that checks it out: reviewbot reads the change through the API and needs none",
            )


def refuse_policy(policy: Path, head: str) -> None:
    """Raise BadSettings where a policy file stands in a checkout of the change it is to judge."""
    try:
        folder = next((parent for parent in policy.absolute().parents if (parent / ".git").exists()), None)
    except OSError as e:
        raise BadSettings("input policy", f"{policy}: {e.strerror}", "name a file that this run can read") from e
    if folder and holds(folder, head):
        raise BadSettings(
            "input policy",
            f"{policy} comes from the change under review",
            "check another repository or the base branch out beside it, or commit .reviewbot.yml to the base branch",
        )


def holds(folder: Path, head: str) -> bool:
    """Whether a checkout stands at this commit or at a merge of it, which GitHub makes for `refs/pull/N/merge`.

    A checkout that git cannot read is taken for one that does.
    """
    git = Git(folder, environment(**configured({"safe.directory": "*"})))  # a container's user may not own it
    said = git.call("cat-file", "commit", "HEAD")
    at = git.call("rev-parse", "--verify", "--quiet", "HEAD")
    parents = re.findall(rb"^parent ([0-9a-f]+)$", said.out.partition(b"\n\n")[0], re.MULTILINE)  # also if shallow
    return bool(said.code or at.code) or head.encode() in {at.out.strip(), *parents}


def _checkouts(workspace: Path) -> Iterator[Path]:
    """The workspace and the folders in it, the outer first, also one inside another.

    It ends at DEPTH and at FOLDERS and follows no link: what it looks for is a workflow's mistake, which stands where
    `actions/checkout` was told to put it.
    """
    queue = deque([(workspace, 0)])
    for _ in range(FOLDERS):
        if not queue:
            return
        folder, depth = queue.popleft()
        is_checkout, inner = _look_into(folder)
        if is_checkout:
            yield folder
        if depth < DEPTH:
            queue.extend((one, depth + 1) for one in inner)


def _look_into(folder: Path) -> tuple[bool, list[Path]]:
    """Whether a checkout stands here, and the folders in it. What cannot be read, such as a service's, has neither."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
            inner = [Path(one.path) for one in found if one.name != ".git" and one.is_dir(follow_symlinks=False)]
            return any(one.name == ".git" for one in found), inner
    except OSError:
        return False, []
