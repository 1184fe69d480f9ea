"""The head of a pull request is fetched when it is looked at, once, without history or large files, then deleted."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.checkout import Checkout
from sources.git_host import GitHost, serving

from reviewbot.errors import BadInput, NoAccess
from reviewbot.forge.model import GitAccess
from reviewbot.sources import fetch
from reviewbot.sources.head_tree import open_head

TOKEN = "basic eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5"


def two_commits(folder: Path) -> None:
    made = Checkout(folder / "work")
    made.commit("Old", gone__py="charge\n", **{"history.bin": b"\1" * 9})
    (made.root / "gone.py").unlink()
    made.commit("New", a__py="def charge(x):\n    return x\n", large__py="charge\n" * 40_000)
    made.configure({"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"})


@pytest.fixture
def origin(copied: Callable[[Callable[[Path], object]], Path]) -> Checkout:
    return Checkout(copied(two_commits) / "work", is_new=False)


@pytest.fixture
def host(origin: Checkout) -> Iterator[GitHost]:
    with serving(origin.root.parent, TOKEN) as host:
        yield host


def access(host: GitHost, authorization: str = TOKEN) -> GitAccess:
    return GitAccess(url=host.url("work/.git"), authorization=authorization)


def head(origin: Checkout) -> str:
    return origin.git("rev-parse", "HEAD")


def test_nothing_is_fetched_before_somebody_looks_and_then_once(origin: Checkout, host: GitHost):
    with open_head(lambda: access(host), head(origin)) as tree:
        assert host.asked == []
        assert set(tree.paths()) == {"a.py", "history.bin", "large.py"}
        fetched = len(host.asked)
        assert tree.read("a.py", "large.py", "gone.py") == {"a.py": "def charge(x):\n    return x\n"}
        assert [hit.path for hit in tree.search(["charge"], ["a.py"])["charge"]] == ["a.py"]
        unknown = "`nowhere` may stand in the large file, which was not fetched"
        assert tree.files_with(["charge", "nowhere"]) == {"charge": {"a.py"}}, unknown
        assert len(host.asked) == fetched
    assert {one.authorization for one in host.asked} == {TOKEN}


def test_nothing_is_left_behind(origin: Checkout, host: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    with open_head(lambda: access(host), head(origin)) as tree:
        assert tree.paths()
    assert list((tmp_path / "scratch").iterdir()) == []


def test_a_head_that_cannot_be_fetched_is_told_each_time_and_asked_for_once(origin: Checkout, host: GitHost):
    with open_head(lambda: access(host, "basic d3Jvbmc="), head(origin)) as tree:
        for look in (tree.paths, lambda: tree.read("a.py"), lambda: tree.search(["charge"], ["a.py"])):
            with pytest.raises(BadInput) as refused:
                look()
            assert "d3Jvbmc" not in f"{refused.value}{refused.value.__cause__}"
    assert len(host.asked) <= 2


@pytest.mark.parametrize(("name", "told"), [("MAX_COMMIT_BYTES", "0 bytes"), ("COMMIT_SECONDS", "0 seconds")])
def test_a_head_beyond_our_limits_is_not_fetched(
    origin: Checkout, host: GitHost, name: str, told: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetch, name, 0)
    with (
        open_head(lambda: access(host), head(origin)) as tree,
        pytest.raises(BadInput, match=f"takes more than {told}"),
    ):
        tree.paths()


def test_a_forge_that_gives_no_token_is_told(origin: Checkout):
    def refused() -> GitAccess:
        raise NoAccess("GitHub", "no token for contents", "give the App read access to contents")

    with open_head(refused, head(origin)) as tree, pytest.raises(BadInput, match="no token for contents"):
        tree.paths()


@pytest.mark.parametrize("sha", ["HEAD", "--upload-pack=touch x", "", "a" * 39, "a" * 40 + "\n"])
def test_what_is_no_hash_never_reaches_git(host: GitHost, sha: str):
    with open_head(lambda: access(host), sha) as tree, pytest.raises(BadInput, match="is no full hash"):
        tree.paths()
    assert host.asked == []
