"""Checkouts in a runner's workspace, and whether one of them holds the change under review.

The Action reads a change through the API and runs nothing of it. Where a run has secrets, a checkout of the change is
how others lose them (THREATS S09), and a policy that stands in one was written by the change's author (S07, S08).
"""

import re
from collections.abc import Iterator
from pathlib import Path

from reviewbot.errors import BadSettings
from reviewbot.sources.git import Git, configured, environment

PRIVILEGED = frozenset({"pull_request_target", "workflow_run"})
"""Events whose runs have the repository's secrets, whoever's pull request caused them."""


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
    folder = next((parent for parent in policy.absolute().parents if (parent / ".git").exists()), None)
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
    """The workspace itself and the folders in it, where actions/checkout puts them."""
    if workspace.is_dir():
        folders = (workspace, *sorted(folder for folder in workspace.iterdir() if folder.is_dir()))
        yield from (folder for folder in folders if (folder / ".git").exists())
