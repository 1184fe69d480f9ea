"""What is under review for each selection, and that nothing hides or colours it: real repositories."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources.checkout import Checkout, added, deleted, files

from reviewbot.sources import Selection, read_worktree


def test_the_default_is_everything_since_the_default_branch_uncommitted_included(checkout: Checkout):
    base = checkout.git("rev-parse", "HEAD")
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Committed", committed__py="c\n")
    checkout.write("staged.py", "s\n")
    checkout.git("add", "staged.py")
    checkout.write("untracked.py", "u\n")
    checkout.write("kept.py", "one\ntwo\n3\n")

    change = checkout.review()

    assert {path: file.status for path, file in files(change).items()} == {
        "committed.py": "added",
        "staged.py": "added",
        "untracked.py": "added",
        "kept.py": "modified",
    }
    assert (added(change, "kept.py"), deleted(change, "kept.py")) == (["3"], ["three"])
    assert (change.base_sha, change.head_sha) == (base, None)
    assert change.description == "feature since main, with uncommitted work"


def test_what_others_did_on_the_default_branch_since_is_not_shown_as_undone(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    checkout.git("switch", "--quiet", "main")
    checkout.commit("Theirs", theirs__py="t\n")
    checkout.git("switch", "--quiet", "feature")
    change = checkout.review()
    assert list(files(change)) == ["mine.py"]
    assert change.description == "feature since main"


def test_a_base_replaces_the_default_branch(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "stack")
    middle = checkout.commit("Below", below__py="b\n")
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Mine", mine__py="m\n")
    checkout.write("open.py")
    change = checkout.review(base="stack")
    assert set(files(change)) == {"mine.py", "open.py"}
    assert change.base_sha == middle


def test_staged_is_the_index_and_nothing_of_the_files(checkout: Checkout):
    checkout.write("kept.py", "one\nSTAGED\nthree\n")
    checkout.git("add", "kept.py")
    checkout.write("kept.py", "one\nLATER\nthree\n")
    checkout.write("untracked.py")
    checkout.write("meant.py")
    checkout.git("add", "--intent-to-add", "meant.py")
    change = checkout.review(staged=True)
    assert list(files(change)) == ["kept.py"]
    assert added(change, "kept.py") == ["STAGED"]
    assert change.description == "staged changes on main"


def test_two_dots_compare_two_commits_as_they_are(checkout: Checkout):
    checkout.git("branch", "other")
    head = checkout.commit("Mine", mine__py="m\n")
    checkout.git("switch", "--quiet", "other")
    base = checkout.commit("Theirs", theirs__py="t\n")
    checkout.write("uncommitted.py")
    change = checkout.review("other..main")
    assert {path: file.status for path, file in files(change).items()} == {"mine.py": "added", "theirs.py": "deleted"}
    assert (change.base_sha, change.head_sha, change.description) == (base, head, "other..main")


def test_three_dots_compare_with_the_merge_base(checkout: Checkout):
    first = checkout.git("rev-parse", "HEAD")
    checkout.git("branch", "other")
    head = checkout.commit("Mine", mine__py="m\n")
    checkout.git("switch", "--quiet", "other")
    checkout.commit("Theirs", theirs__py="t\n")
    change = checkout.review("other...main")
    assert list(files(change)) == ["mine.py"]
    assert (change.base_sha, change.head_sha) == (first, head)


def test_a_side_left_out_of_a_range_is_head(checkout: Checkout):
    checkout.commit("Second", second__py="2\n")
    assert list(files(checkout.review("HEAD^.."))) == ["second.py"]
    assert files(checkout.review("..HEAD^"))["second.py"].status == "deleted"


def test_a_change_without_a_difference_is_empty_and_no_failure(checkout: Checkout):
    change = checkout.review()
    assert change.diff.files == ()
    assert change.description == "main"


def test_on_the_default_branch_itself_uncommitted_work_is_reviewed(checkout: Checkout):
    checkout.write("new.py")
    change = checkout.review()
    assert list(files(change)) == ["new.py"]
    assert change.description == "uncommitted work on main"


@pytest.mark.parametrize("staged", [False, True])
def test_a_repository_without_commits_is_all_new(tmp_path: Path, staged: bool):
    checkout = Checkout(tmp_path / "young")
    checkout.write("first.py", "1\n")
    checkout.git("add", "first.py")
    change = checkout.review(staged=staged)
    assert added(change, "first.py") == ["1"]
    assert (change.base_sha, change.policy_from, change.intent) == (None, "defaults", "")
    assert change.description == "main, which has no commits yet"


def test_a_repository_with_nothing_in_it_is_an_empty_change(tmp_path: Path):
    assert Checkout(tmp_path / "void").review().diff.files == ()


def test_a_sha256_repository_is_read_like_any_other(tmp_path: Path):
    checkout = Checkout(tmp_path / "work", "--object-format=sha256")
    checkout.write("young.py")
    assert list(files(checkout.review())) == ["young.py"]
    base = checkout.commit("First")
    checkout.write("young.py", "changed\n")
    assert (len(base), added(checkout.review(), "young.py")) == (64, ["changed"])


def test_a_folder_below_the_top_reviews_the_whole_repository(checkout: Checkout):
    checkout.write("deep/down/new.py")
    checkout.write("top.py")
    change = read_worktree(checkout.root / "deep" / "down", Selection())
    assert set(files(change)) == {"deep/down/new.py", "top.py"}


ATTRIBUTES = "[attr]hidden -diff\na.py -diff\nb.py binary\nc.py diff=evil\nd.py hidden\n*.py linguist-generated\n"


@pytest.mark.parametrize("way", ["files", "index", "commits", "info"])
def test_attributes_hide_nothing(checkout: Checkout, way: str):
    checkout.git("config", "diff.evil.binary", "true")
    checkout.write(".git/info/attributes" if way == "info" else ".gitattributes", ATTRIBUTES)
    for name in "abcd":
        checkout.write(f"{name}.py", "evil()\n")
    if way == "commits":
        checkout.commit("Hide")
    if way == "index":
        checkout.git("add", "--all")
    change = checkout.review("HEAD^..HEAD" if way == "commits" else None, staged=way == "index")
    assert [added(change, f"{name}.py") for name in "abcd"] == [["evil()"]] * 4


def test_attributes_would_have_hidden_it(checkout: Checkout):
    checkout.write(".gitattributes", ATTRIBUTES)
    checkout.write("a.py", "evil()\n")
    checkout.git("add", "--all")
    assert "evil()" not in checkout.git("diff", "--cached", "a.py")


def test_replaced_objects_are_not_believed(checkout: Checkout):
    checkout.commit("Evil", kept__py="evil()\n")
    checkout.git("replace", checkout.git("rev-parse", "HEAD:kept.py"), checkout.git("rev-parse", "HEAD^:kept.py"))
    friendly = checkout.git("commit-tree", "HEAD^{tree}", "-p", "HEAD^", "-m", "Nothing to see")
    checkout.git("replace", "HEAD", friendly)
    change = checkout.review("HEAD^..HEAD")
    assert added(change, "kept.py") == ["evil()"]
    assert change.intent == "Evil"


def test_a_persons_own_attributes_hide_nothing(checkout: Checkout, home: Path):
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "attributes").write_text("* -diff\n")
    checkout.write("evil.py", "evil()\n")
    assert added(checkout.review(), "evil.py") == ["evil()"]


ODD = ["a", "b", "", "\r", "+x", "-y", "@@ -1 +1 @@", "diff --git a/x b/x", "\x0b", "\u2028"]
LINES = st.lists(st.sampled_from(ODD), max_size=8)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(old=LINES, new=LINES, ended=st.booleans())
def test_every_line_of_the_change_is_a_line_of_the_files(tmp_path: Path, old: list[str], new: list[str], ended: bool):
    name = hashlib.sha256(repr((old, new, ended)).encode()).hexdigest()
    checkout = Checkout(tmp_path / name)
    checkout.commit("Old", file="\n".join(old) + "\n" * ended)
    checkout.write("file", "\n".join(new) + "\n" * ended)
    sides = {"old": "\n".join(old).split("\n"), "new": "\n".join(new).split("\n")}
    for file in checkout.review().diff.files:
        for hunk in file.hunks:
            for line in hunk.lines:
                assert line.new is None or sides["new"][line.new - 1] == line.text
                assert line.old is None or sides["old"][line.old - 1] == line.text
