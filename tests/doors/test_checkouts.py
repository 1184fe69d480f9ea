import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewbot.doors.checkouts import DEPTH, PRIVILEGED, holds, refuse_checkout, refuse_policy
from reviewbot.errors import BadSettings


def git(folder: Path, *words: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with a base, the head of a pull request, and GitHub's merge of the two."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "commit", "-q", "--allow-empty", "-m", "base")
    git(folder, "switch", "-qc", "pull")
    git(folder, "commit", "-q", "--allow-empty", "-m", "head\n\nparent 0000000000000000000000000000000000000000")
    git(folder, "switch", "-qc", "merge", "main")
    git(folder, "merge", "-q", "--no-ff", "-m", "merge", "pull")
    return folder


def checked_out(origin: Path, branch: str, folder: Path) -> Path:
    """As actions/checkout leaves it: one commit deep, detached."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q")
    git(folder, "fetch", "-q", "--depth=1", f"file://{origin}", branch)
    git(folder, "checkout", "-q", "--detach", "FETCH_HEAD")
    return folder


@pytest.mark.parametrize(
    ("branch", "place"),
    [("pull", "."), ("merge", "."), ("pull", "source"), ("merge", "src/pr"), ("pull", "/".join("x" * DEPTH))],
)
def test_a_run_with_secrets_refuses_a_checkout_of_the_change(branch: str, place: str, origin: Path, tmp_path: Path):
    workspace = tmp_path / "workspace"
    checked_out(origin, branch, workspace / place)
    head = git(origin, "rev-parse", "pull")
    for event in sorted(PRIVILEGED):
        with pytest.raises(BadSettings, match=r"holds a checkout of the pull request.*remove the step"):
            refuse_checkout(event, workspace, head)


def test_a_checkout_of_the_change_inside_one_of_the_base_is_found(origin: Path, tmp_path: Path):
    workspace = checked_out(origin, "main", tmp_path / "workspace")
    checked_out(origin, "pull", workspace / "build" / "pr")
    with pytest.raises(BadSettings, match="build/pr: holds a checkout"):
        refuse_checkout("issue_comment", workspace, git(origin, "rev-parse", "pull"))


def test_a_folder_that_cannot_be_read_is_passed_by_and_the_rest_is_looked_at(origin: Path, everybodys: Path):
    (everybodys / "data" / ".git").mkdir(parents=True)
    checked_out(origin, "pull", everybodys / "source")
    head = git(origin, "rev-parse", "pull")
    with _unreadable(everybodys / "data"), pytest.raises(BadSettings, match="source: holds a checkout"):
        refuse_checkout("pull_request_target", everybodys, head)


def test_a_link_that_leads_back_is_not_followed(tmp_path: Path):
    (tmp_path / "loop").symlink_to(tmp_path)
    refuse_checkout("pull_request_target", tmp_path, "0" * 40)


def test_a_policy_that_cannot_be_reached_is_an_explained_failure(everybodys: Path):
    (everybodys / "data").mkdir()
    with _unreadable(everybodys / "data"), pytest.raises(BadSettings, match=r"input policy: .*Permission denied"):
        refuse_policy(everybodys / "data" / "policy.yml", "0" * 40)


@pytest.fixture
def everybodys() -> Iterator[Path]:
    """A folder in which every user may look around; pytest's own are its user's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@contextmanager
def _unreadable(folder: Path) -> Iterator[None]:
    """Nobody may look into this folder, also where these tests run as root: then somebody else does meanwhile."""
    folder.chmod(0)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65_534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_checkout_of_the_base_is_nothing_to_refuse(origin: Path, tmp_path: Path):
    workspace = checked_out(origin, "main", tmp_path / "workspace")
    refuse_checkout("pull_request_target", workspace, git(origin, "rev-parse", "pull"))


def test_a_run_without_secrets_may_hold_what_it_likes(origin: Path, tmp_path: Path):
    workspace = checked_out(origin, "merge", tmp_path / "workspace")
    refuse_checkout("pull_request", workspace, git(origin, "rev-parse", "pull"))


def test_no_workspace_and_an_empty_one_hold_nothing(tmp_path: Path):
    refuse_checkout("pull_request_target", tmp_path / "none", "0" * 40)
    refuse_checkout("pull_request_target", tmp_path, "0" * 40)


def test_what_git_cannot_read_is_taken_for_the_change(tmp_path: Path):
    (tmp_path / ".git").write_text("gitdir: nowhere")
    assert holds(tmp_path, "0" * 40)


def test_the_message_of_a_commit_names_no_parents(origin: Path, tmp_path: Path):
    assert not holds(checked_out(origin, "pull", tmp_path / "head"), "0" * 40)


def test_nothing_of_a_checkout_is_run(origin: Path, tmp_path: Path):
    folder = checked_out(origin, "pull", tmp_path / "workspace")
    canary = tmp_path / "canary"
    for key in ("core.fsmonitor", "core.pager", "alias.cat-file", "alias.rev-parse", "core.sshCommand"):
        git(folder, "config", key, f"!touch {canary}")
    assert holds(folder, git(origin, "rev-parse", "pull"))
    assert not canary.exists()


def test_a_policy_that_the_change_brings_with_it_is_refused(origin: Path, tmp_path: Path):
    folder = checked_out(origin, "merge", tmp_path / "workspace")
    (folder / "policies").mkdir()
    with pytest.raises(BadSettings, match=r"input policy: .* comes from the change under review"):
        refuse_policy(folder / "policies" / "strict.yml", git(origin, "rev-parse", "pull"))


def test_a_policy_of_another_checkout_is_taken(origin: Path, tmp_path: Path):
    head = git(origin, "rev-parse", "pull")
    workspace = checked_out(origin, "merge", tmp_path / "workspace")
    refuse_policy(checked_out(origin, "main", workspace / "policies") / "strict.yml", head)
    refuse_policy(tmp_path / "strict.yml", head)
