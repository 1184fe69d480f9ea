import subprocess
from pathlib import Path

import pytest

from reviewbot.doors.checkouts import holds, refuse_checkout, refuse_policy
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


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
@pytest.mark.parametrize("branch", ["pull", "merge"])
@pytest.mark.parametrize("place", [".", "source"])
def test_a_run_with_secrets_refuses_a_checkout_of_the_change(
    event: str, branch: str, place: str, origin: Path, tmp_path: Path
):
    workspace = tmp_path / "workspace"
    checked_out(origin, branch, workspace / place)
    with pytest.raises(BadSettings, match=r"holds a checkout of the pull request.*remove the step"):
        refuse_checkout(event, workspace, git(origin, "rev-parse", "pull"))


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
