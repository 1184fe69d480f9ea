"""git fetches two commits and no more; the token goes to that server and nowhere else."""

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sources.checkout import Checkout
from sources.git_host import GitHost, serving

from reviewbot.change import parse_diff
from reviewbot.errors import BadInput
from reviewbot.forge.model import GitAccess
from reviewbot.sources import fetch
from reviewbot.sources.fetch import fetch_diff
from reviewbot.sources.git import DIFF_FLAGS

TOKEN = "basic eC1hY2Nlc3MtdG9rZW46Y2FuYXJ5"


def two_commits(folder: Path) -> None:
    made = Checkout(folder / "work")
    made.commit("First", a__py="one\ntwo\n", b__py="b\n", old__py="text\n" * 9)
    (made.root / "old.py").rename(made.root / "new name.py")
    made.commit("Second", a__py="one\n2\n", **{"caf\udce9.py": b"caf\xe9\n", "p.png": b"\0"})
    made.configure({"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"})


@pytest.fixture
def origin(copied: Callable[[Callable[[Path], object]], Path]) -> Checkout:
    """A repository with two commits, fetched as `work/.git`."""
    return Checkout(copied(two_commits) / "work", is_new=False)


@pytest.fixture
def host(origin: Checkout) -> Iterator[GitHost]:
    with serving(origin.root.parent, TOKEN) as host:
        yield host


def both(origin: Checkout) -> tuple[str, str]:
    return origin.git("rev-parse", "HEAD^"), origin.git("rev-parse", "HEAD")


def access(host: GitHost, authorization: str | None = TOKEN) -> GitAccess:
    return GitAccess(url=host.url("work/.git"), authorization=authorization)


def test_the_diff_is_the_one_git_prints_where_the_repository_is(origin: Checkout, host: GitHost):
    base, head = both(origin)
    printed = fetch_diff(access(host), base, head)
    assert os.fsdecode(printed).rstrip("\n") == origin.git("diff", *DIFF_FLAGS, base, head)
    assert [file.path for file in parse_diff(printed).files] == ["a.py", "caf\udce9.py", "new name.py", "p.png"]


def test_only_the_contents_that_differ_are_fetched(origin: Checkout, host: GitHost):
    for number in range(3):
        origin.commit(f"Large {number}", **{f"large{number}.bin": os.urandom(200_000)})
    head = origin.commit("Small", a__py="one\n3\n")
    fetch_diff(access(host), origin.git("rev-parse", "HEAD^"), head)
    assert sum(host.sent) < 50_000


def test_a_server_without_filters_sends_all_and_is_read(origin: Checkout, host: GitHost):
    origin.git("config", "uploadpack.allowFilter", "false")
    assert fetch_diff(access(host), *both(origin))


def test_commits_that_do_not_differ_have_an_empty_diff(origin: Checkout, host: GitHost):
    base, _ = both(origin)
    assert fetch_diff(access(host), base, base) == b""


def test_the_token_is_sent_and_shown_nowhere(
    origin: Checkout, host: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """A `git` before the real one on PATH writes down how it is called."""
    calls, real = tmp_path / "calls", os.environ["PATH"]
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$*" >> "{calls}"\nPATH="{real}" exec git "$@"\n')
    spy.chmod(0o755)
    monkeypatch.setenv("PATH", f"{spy.parent}:{real}")
    fetch_diff(access(host), *both(origin))
    assert {one.authorization for one in host.asked} == {TOKEN}
    said = calls.read_text()
    assert "fetch" in said
    for secret in (TOKEN, TOKEN.split()[1], host.url(""), "extraHeader"):
        assert secret not in said


@pytest.mark.parametrize("wrong", [None, "basic d3Jvbmc="])
def test_a_server_that_refuses_us_is_told_without_the_token(origin: Checkout, host: GitHost, wrong: str | None):
    with pytest.raises(BadInput, match=r"^git fetch: .*; split the change") as refused:
        fetch_diff(access(host, wrong), *both(origin))
    assert "d3Jvbmc" not in f"{refused.value}{refused.value.__cause__}"


def test_a_commit_that_is_not_there_is_told(origin: Checkout, host: GitHost):
    with pytest.raises(BadInput, match="git fetch"):
        fetch_diff(access(host), both(origin)[0], "0" * 39 + "1")


def test_a_redirect_takes_the_token_nowhere(origin: Checkout, host: GitHost, tmp_path: Path):
    with serving(tmp_path) as elsewhere:
        host.moved_to = elsewhere.url("").rstrip("/")
        with pytest.raises(BadInput, match="git fetch"):
            fetch_diff(access(host), *both(origin))
        assert elsewhere.asked == []


@pytest.mark.parametrize("sha", ["HEAD", "--upload-pack=touch x", "", "a" * 39, "A" * 40, "a" * 40 + "\n", "main;id"])
@pytest.mark.parametrize("place", [0, 1])
def test_what_is_no_hash_never_reaches_git(origin: Checkout, host: GitHost, sha: str, place: int):
    names = list(both(origin))
    names[place] = sha
    with pytest.raises(BadInput, match="is no full hash"):
        fetch_diff(access(host), *names)
    assert host.asked == []


@pytest.mark.parametrize(
    "url", ["http://example.com/o/r.git", "file:///srv/r.git", "ext::sh -c id", "/srv/r.git", "ssh://h/r", "git://h/r"]
)
def test_only_https_may_carry_the_token(url: str):
    with pytest.raises(BadInput, match=re.escape("use an https:// server")):
        fetch_diff(GitAccess(url=url, authorization=TOKEN), "a" * 40, "b" * 40)


@pytest.mark.parametrize("name", ["MAX_FETCHED_BYTES", "MAX_DIFF_BYTES"])
def test_a_change_beyond_our_limits_is_told(
    origin: Checkout, host: GitHost, name: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetch, name, 10)
    with pytest.raises(BadInput, match=r"takes [\d,]+ bytes, more than 10; split the change"):
        fetch_diff(access(host), *both(origin))


def test_a_file_too_large_to_compare_is_told_as_binary(
    origin: Checkout, host: GitHost, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(fetch, "MAX_FILE_BYTES", 100)
    base, head = origin.git("rev-parse", "HEAD"), origin.commit("Large", large__sql="x\n" * 100, small__sql="x\n")
    found = {file.path: file.binary for file in parse_diff(fetch_diff(access(host), base, head)).files}
    assert found == {"large.sql": True, "small.sql": False}


def test_nothing_of_a_person_or_of_the_repository_runs(
    origin: Checkout, host: GitHost, home: Path, canary: Path, sang: Callable[[], bool]
):
    (home / ".gitconfig").write_text(
        f'[credential]\n\thelper = "!{canary}"\n[core]\n\tattributesFile = {home}/attributes\n\tpager = {canary}\n'
        f"\thooksPath = {home}/hooks\n\tsshCommand = {canary}\n[diff]\n\texternal = {canary}\n"
        f'[diff "x"]\n\ttextconv = {canary}\n\tcommand = {canary}\n[init]\n\ttemplateDir = {home}/template\n'
        f'[url "file:///"]\n\tinsteadOf = {host.url("")}\n'
    )
    (home / "attributes").write_text("* diff=x filter=x\n")
    for folder in ("hooks", "template/hooks"):
        (home / folder).mkdir(parents=True)
        for hook in ("reference-transaction", "post-checkout", "pre-auto-gc"):
            (home / folder / hook).symlink_to(canary)
    origin.commit("Attributes", **{".gitattributes": "* diff=x filter=x -text\n*.py -diff\n", "a.py": "3\n"})
    printed = fetch_diff(access(host), *both(origin))
    assert b"\n+3\n" in printed
    assert not sang()


def test_nothing_is_left_behind(origin: Checkout, host: GitHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))
    fetch_diff(access(host), *both(origin))
    assert list((tmp_path / "scratch").iterdir()) == []
