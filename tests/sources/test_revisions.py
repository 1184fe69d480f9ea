"""Which commits are compared, and what a person is told where there are none."""

from pathlib import Path

import pytest
from sources.checkout import Checkout, files

from reviewbot.errors import BadRange
from reviewbot.sources import Selection, read_worktree


@pytest.fixture
def clone(checkout: Checkout, tmp_path: Path) -> Checkout:
    """A clone of `checkout`, on a branch of its own with one commit."""
    checkout.git("clone", "--quiet", str(checkout.root), str(tmp_path / "clone"))
    made = Checkout(tmp_path / "clone", "--quiet")
    made.git("switch", "--quiet", "--create", "feature")
    made.commit("Mine", mine__py="m\n")
    return made


def test_the_remotes_default_branch_comes_first(clone: Checkout):
    clone.git("branch", "--force", "main", "feature")
    change = clone.review()
    assert list(files(change)) == ["mine.py"]
    assert change.description == "feature since origin/main"


def test_commits_on_the_default_branch_that_are_not_pushed_are_reviewed(clone: Checkout):
    clone.git("switch", "--quiet", "main")
    clone.commit("Not pushed", ahead__py="a\n")
    change = clone.review()
    assert list(files(change)) == ["ahead.py"]
    assert change.description == "main since origin/main"


def test_the_remote_upstream_comes_next(clone: Checkout):
    clone.git("remote", "rename", "origin", "upstream")
    assert clone.review().description == "feature since upstream/main"


def test_a_remote_that_names_no_default_branch_is_asked_for_main(clone: Checkout):
    clone.git("remote", "set-head", "origin", "--delete")
    assert clone.review().description == "feature since origin/main"


def test_a_default_branch_that_is_gone_is_passed_over(clone: Checkout):
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert clone.review().description == "feature since origin/main"


@pytest.mark.parametrize("name", ["main", "master"])
def test_without_a_remote_the_local_branch_is_the_default(checkout: Checkout, name: str):
    checkout.git("branch", "--move", name)
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    assert checkout.review().description == f"feature since {name}"


@pytest.mark.parametrize("whose", ["repository", "person"])
def test_the_configured_name_is_the_last_resort(checkout: Checkout, home: Path, whose: str):
    checkout.git("branch", "--move", "trunk")
    if whose == "person":
        (home / ".gitconfig").write_text("[init]\n\tdefaultBranch = trunk\n")
    else:
        checkout.git("config", "init.defaultBranch", "trunk")
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    assert checkout.review().description == "feature since trunk"


def test_no_default_branch_asks_for_a_base(checkout: Checkout):
    checkout.git("branch", "--move", "trunk")
    with pytest.raises(BadRange, match=r"no default branch was found.*--base REF"):
        checkout.review()
    assert checkout.review(base="trunk").diff.files == ()


def test_a_branch_named_like_the_beginning_of_another_is_not_taken_for_it(checkout: Checkout):
    checkout.git("branch", "--move", "main/one")
    with pytest.raises(BadRange, match="no default branch was found"):
        checkout.review()


def test_a_detached_head_is_named_by_its_commit(checkout: Checkout):
    commit = checkout.git("rev-parse", "HEAD")
    checkout.git("switch", "--quiet", "--detach")
    checkout.commit("Third", third__py="3\n")
    change = checkout.review()
    assert list(files(change)) == ["third.py"]
    assert change.base_sha == commit
    assert change.description == f"{checkout.git('rev-parse', '--short', 'HEAD')} since main"


def test_an_unknown_base_suggests_the_nearest_name(checkout: Checkout):
    checkout.git("branch", "release-2.0")
    with pytest.raises(BadRange, match=r"relaese-2.0: names no commit here; did you mean release-2.0\?"):
        checkout.review(base="relaese-2.0")


def test_an_unknown_revision_of_a_range_is_named(checkout: Checkout):
    with pytest.raises(BadRange, match=r"zzz: names no commit here; name a branch"):
        checkout.review("main..zzz")


@pytest.mark.parametrize("revision", ["--upload-pack=x", "-rf", "--output=x", "--all"])
def test_a_revision_that_begins_with_a_dash_is_refused(checkout: Checkout, revision: str):
    for selection in (Selection(since=revision), Selection(head="commit", since="main", until=revision)):
        with pytest.raises(BadRange, match="none begins with a dash"):
            read_worktree(checkout.root, selection)


@pytest.mark.parametrize("revision", ["^main", "main^{tree}", "HEAD:kept.py", "main\nmain", "$(touch x)", " ", "@{9}"])
def test_what_names_no_commit_is_refused(checkout: Checkout, revision: str):
    with pytest.raises(BadRange, match="names no commit here"):
        checkout.review(base=revision)


def test_a_branch_named_like_a_command_is_only_a_name(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "$(touch${IFS}x)")
    checkout.commit("Mine", mine__py="m\n")
    assert checkout.review().description == "$(touch${IFS}x) since main"
    assert not (checkout.root / "x").exists()


def test_a_shallow_clone_without_a_merge_base_says_how_to_deepen_it(checkout: Checkout, tmp_path: Path):
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    checkout.git("switch", "--quiet", "main")
    checkout.commit("Theirs", theirs__py="t\n")
    source = f"file://{checkout.root}"
    checkout.git("clone", "--quiet", "--depth=1", "--no-single-branch", source, str(tmp_path / "shallow"))
    shallow = Checkout(tmp_path / "shallow", "--quiet")
    shallow.git("switch", "--quiet", "feature")
    with pytest.raises(BadRange, match=r"shallow clone does not reach the merge base.*; run `git fetch --unshallow`"):
        shallow.review()
    assert set(files(shallow.review("origin/main..feature"))) == {"mine.py", "theirs.py"}


def test_a_history_with_a_hole_is_not_taken_for_an_unrelated_one(checkout: Checkout):
    hole = checkout.git("rev-parse", "HEAD")
    for number in range(2):
        checkout.git("switch", "--quiet", "--create", f"side{number}", hole)
        checkout.commit(f"Side {number}")
    (checkout.root / ".git" / "objects" / hole[:2] / hole[2:]).unlink()
    with pytest.raises(BadRange, match=rf"an object is missing.*{hole}"):
        checkout.review("side0...side1")


def test_unrelated_histories_are_compared_only_when_asked_for(checkout: Checkout):
    checkout.git("switch", "--quiet", "--orphan", "other")
    checkout.commit("Other", other__py="o\n")
    with pytest.raises(BadRange, match="have no commit in common"):
        checkout.review()
    assert set(files(checkout.review("main..other"))) == {"kept.py", "other.py"}


def test_an_orphan_branch_without_commits_is_all_new_and_has_no_base(checkout: Checkout):
    checkout.git("switch", "--quiet", "--orphan", "other")
    checkout.write("new.py")
    assert list(files(checkout.review())) == ["new.py"]
    with pytest.raises(BadRange, match="has no commits yet"):
        checkout.review(base="main")


def test_a_range_in_a_repository_without_commits_is_explained(tmp_path: Path):
    with pytest.raises(BadRange, match="names no commit here"):
        Checkout(tmp_path / "young").review("main..HEAD")
