import base64
import subprocess
from pathlib import Path

import pytest
from hub.scene import Scene
from hub.server import HubServer
from hub.smart_http import may_fetch
from hub.store import git_environment
from hub.world import BOT, PERSON


def git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, env=git_environment(folder), capture_output=True, text=True, check=False
    )


def basic(token: str) -> str:
    return f"basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode()}"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "clone"
    place.mkdir()
    git(place, "init", "--quiet", "--bare", ".")
    return place


def test_any_commit_can_be_fetched_by_its_name_and_without_its_blobs(
    scene: Scene, hub: HubServer, folder: Path
) -> None:
    url = f"{hub.origin}/octo/shop.git"
    done = git(folder, "fetch", "--quiet", "--depth=1", "--filter=blob:none", url, scene.base, scene.head)
    assert (done.returncode, done.stderr) == (0, "")
    assert git(folder, "cat-file", "-t", scene.head).stdout == "commit\n"
    there = git(folder, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype)").stdout.split()
    assert set(there) == {"commit", "tree"}
    assert git(folder, "fetch", "--quiet", url, "refs/pull/7/head").returncode == 0


def test_a_private_repository_wants_a_token(scene: Scene, hub: HubServer, folder: Path) -> None:
    scene.world.repository = scene.world.repository._replace(private=True)
    url = f"{hub.origin}/octo/shop.git"
    assert git(folder, "fetch", "--quiet", url, scene.head).returncode != 0
    header = f"http.extraHeader=Authorization: {basic(BOT)}"
    assert git(folder, "-c", header, "fetch", "--quiet", url, scene.head).returncode == 0


def test_nothing_is_pushed(scene: Scene, hub: HubServer, folder: Path) -> None:
    url = f"{hub.origin}/octo/shop.git"
    git(folder, "fetch", "--quiet", url, scene.head)
    assert git(folder, "push", url, f"{scene.head}:refs/heads/new").returncode != 0
    assert git(folder, "ls-remote", url, "refs/heads/new").stdout == ""
    assert git(folder, "ls-remote", f"{hub.origin}/octo/other.git").returncode != 0


@pytest.mark.parametrize(
    ("header", "public", "private"),
    [
        (None, True, False), (basic(BOT), True, True), (f"token {PERSON}", True, True), (basic("wrong"), False, False),
        ("basic %%%", False, False), (f"Bearer {BOT}", True, True), ("basic /w==", False, False),
    ],
)  # fmt: skip
def test_a_wrong_token_opens_nothing(scene: Scene, header: str | None, *, public: bool, private: bool) -> None:
    assert may_fetch(scene.world, header) is public
    scene.world.repository = scene.world.repository._replace(private=True)
    assert may_fetch(scene.world, header) is private
