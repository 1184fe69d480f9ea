"""What git makes of odd files and odd repositories, and that nothing in them changes."""

import os
import subprocess
from pathlib import Path

import pytest
from sources.checkout import Checkout, added, deleted, everything_in, files

from reviewbot.errors import BadRange
from reviewbot.sources import Selection, read_worktree

NAMES = {
    "two\nlines.py", 'quo"te.py', "embl\N{LATIN SMALL LETTER E WITH GRAVE}me.py", "-rf", "--upload-pack=x", "ta\tb.py",
    "back\\slash.py", "$(touch x)", ":(exclude)y", ":/z", "x b/y.py", " lead and trail ", "a/b/c.py", "latin\udce9",
}  # fmt: skip


def test_files_keep_their_names_whatever_they_are(checkout: Checkout):
    for name in NAMES:
        checkout.write(name, f"{name!r}\n")
    uncommitted = checkout.review()
    checkout.commit("Named")
    for change in (uncommitted, checkout.review("HEAD^..HEAD")):
        assert {name: added(change, name) for name in files(change)} == {name: [repr(name)] for name in NAMES}


def test_an_ignored_file_is_not_shown(checkout: Checkout):
    checkout.write(".gitignore", "*.env\n/build/\n")
    checkout.write(".git/info/exclude", "local\n")
    for name in ("secret.env", "build/out.js", "local", "shown.py"):
        checkout.write(name)
    assert set(files(checkout.review())) == {".gitignore", "shown.py"}


def test_a_file_ignored_by_the_persons_own_pattern_is_not_shown(checkout: Checkout, home: Path):
    (home / ".gitconfig").write_text('[core]\n\texcludesFile = "~/my \\"ignores\\""\n')
    (home / 'my "ignores"').write_text("*.env\n")
    checkout.write("secret.env")
    checkout.write("shown.py")
    assert list(files(checkout.review())) == ["shown.py"]


def test_a_file_ignored_by_the_default_file_of_the_home_directory_is_not_shown(checkout: Checkout, home: Path):
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("*.env\n")
    checkout.write("secret.env")
    assert checkout.review().diff.files == ()


def test_an_empty_file_is_a_file(checkout: Checkout):
    checkout.write("empty.py", "")
    assert (files(checkout.review())["empty.py"].status, files(checkout.review())["empty.py"].hunks) == ("added", ())


def test_a_mode_change_is_shown(checkout: Checkout):
    (checkout.root / "kept.py").chmod(0o755)
    file = files(checkout.review())["kept.py"]
    assert (file.old_mode, file.new_mode) == ("100644", "100755")


def test_a_rename_keeps_both_names(checkout: Checkout):
    (checkout.root / "kept.py").rename(checkout.root / "moved.py")
    file = files(checkout.review())["moved.py"]
    assert (file.status, file.old_path) == ("renamed", "kept.py")


def test_a_deleted_file_is_shown(checkout: Checkout):
    (checkout.root / "kept.py").unlink()
    assert deleted(checkout.review(), "kept.py") == ["one", "two", "three"]


def test_a_symbolic_link_is_its_target_and_is_not_followed(checkout: Checkout, tmp_path: Path):
    (tmp_path / "outside").write_text("a secret\n")
    (checkout.root / "link").symlink_to(tmp_path / "outside")
    change = checkout.review()
    assert files(change)["link"].new_mode == "120000"
    assert added(change, "link") == [str(tmp_path / "outside")]


def test_a_folder_that_became_a_link_to_its_double_is_shown(checkout: Checkout, tmp_path: Path):
    checkout.commit("Folder", **{"folder/in__py": "same\n"})
    (tmp_path / "double").mkdir()
    (tmp_path / "double" / "in.py").write_text("same\n")
    (checkout.root / "folder" / "in.py").unlink()
    (checkout.root / "folder").rmdir()
    (checkout.root / "folder").symlink_to(tmp_path / "double")
    change = checkout.review()
    assert {path: file.status for path, file in files(change).items()} == {"folder": "added", "folder/in.py": "deleted"}


def test_a_file_that_became_a_folder_is_shown(checkout: Checkout):
    (checkout.root / "kept.py").unlink()
    checkout.write("kept.py/inside.py")
    assert set(files(checkout.review())) == {"kept.py", "kept.py/inside.py"}


def test_a_file_with_a_nul_is_binary_and_one_without_is_text(checkout: Checkout):
    checkout.write("image.py", b"a\0b\n")
    checkout.write("latin.py", b"caf\xe9\n")
    change = checkout.review()
    assert (files(change)["image.py"].binary, files(change)["image.py"].hunks) == (True, ())
    assert (files(change)["latin.py"].binary, added(change, "latin.py")) == (False, ["caf\udce9"])


@pytest.mark.parametrize("where", ["attributes", "repository", "person"])
def test_line_ends_that_git_converts_are_no_change(checkout: Checkout, home: Path, where: str):
    if where == "attributes":
        checkout.write(".gitattributes", "* text=auto eol=crlf\n")
        checkout.commit("Line ends")
    elif where == "repository":
        checkout.git("config", "core.autocrlf", "true")
    else:
        (home / ".gitconfig").write_text("[core]\n\tautocrlf\n")
    checkout.write("kept.py", "one\r\ntwo\r\nTHREE\r\n")
    change = checkout.review()
    assert (added(change, "kept.py"), deleted(change, "kept.py")) == (["THREE"], ["three"])


def test_line_ends_that_git_warns_about_are_no_failure(checkout: Checkout):
    checkout.git("config", "core.autocrlf", "true")
    checkout.git("config", "core.safecrlf", "true")
    checkout.write("mixed.py", "one\r\ntwo\n")
    assert added(checkout.review(), "mixed.py") == ["one", "two"]


def test_a_change_of_the_same_size_in_the_same_second_is_seen(checkout: Checkout):
    index = checkout.root / ".git" / "index"
    path = checkout.root / "kept.py"
    facts, moment = path.stat(), index.stat().st_mtime_ns
    os.utime(path, ns=(moment, moment))
    checkout.git("update-index", "--refresh")
    path.write_text("one\nTWO\nthree\n")
    assert path.stat().st_size == facts.st_size
    os.utime(path, ns=(moment, moment))
    os.utime(index, ns=(moment, moment))
    assert added(checkout.review(), "kept.py") == ["TWO"]


def test_a_file_that_cannot_be_read_stops_the_review_and_is_named(somebodys: Checkout):
    somebodys.write("locked.py").chmod(0)
    with pytest.raises(BadRange, match=r"locked\.py.*Permission denied.*; make it readable or ignore it"):
        somebodys.review()


def test_a_folder_that_cannot_be_read_stops_the_review_and_is_named(somebodys: Checkout):
    somebodys.write("locked/in.py")
    (somebodys.root / "locked").chmod(0)
    try:
        with pytest.raises(BadRange, match=r"locked/.*Permission denied"):
            somebodys.review()
        assert somebodys.review(staged=True).diff.files == ()
    finally:
        (somebodys.root / "locked").chmod(0o755)


def test_a_conflict_is_shown_as_it_stands_in_the_file_and_refused_in_the_index(checkout: Checkout):
    checkout.git("switch", "--quiet", "--create", "other")
    checkout.commit("Theirs", kept__py="THEIRS\n")
    checkout.git("switch", "--quiet", "main")
    checkout.commit("Mine", kept__py="MINE\n")
    subprocess.run(["git", "merge", "--quiet", "other"], cwd=checkout.root, check=False, capture_output=True)
    assert "=======" in added(checkout.review(), "kept.py")
    with pytest.raises(BadRange, match=r"unmerged paths \(kept\.py: unmerged.*; resolve them"):
        checkout.review(staged=True)


def test_a_submodule_is_its_commit(checkout: Checkout, submodule: Checkout):
    before = submodule.git("rev-parse", "HEAD")
    after = submodule.commit("Inside", more__py="m\n")
    submodule.write("not committed there")
    change = checkout.review()
    assert (list(files(change)), files(change)["sub"].new_mode) == (["sub"], "160000")
    assert (added(change, "sub"), deleted(change, "sub")) == (
        [f"Subproject commit {after}"],
        [f"Subproject commit {before}"],
    )


def test_a_submodule_that_is_not_checked_out_is_no_change(checkout: Checkout, submodule: Checkout):
    checkout.git("submodule", "--quiet", "deinit", "--force", "sub")
    assert (list(submodule.root.iterdir()), checkout.review().diff.files) == ([], ())


def test_a_submodule_that_was_removed_is_deleted(checkout: Checkout, submodule: Checkout):
    checkout.git("rm", "--quiet", "--cached", "sub")
    (submodule.root / ".git").unlink()
    (submodule.root / "in.py").unlink()
    submodule.root.rmdir()
    assert files(checkout.review())["sub"].status == "deleted"


def test_a_review_inside_a_submodule_is_of_the_submodule(submodule: Checkout):
    submodule.write("new.py")
    assert list(files(submodule.review())) == ["new.py"]


def test_a_repository_inside_another_is_its_commit_and_none_of_its_files(checkout: Checkout):
    inner = Checkout(checkout.root / "inner")
    commit = inner.commit("Inner", in__py="i\n")
    change = checkout.review()
    assert added(change, "inner") == [f"Subproject commit {commit}"]
    assert list(files(change)) == ["inner"]


def test_a_repository_inside_another_without_commits_is_named(checkout: Checkout):
    Checkout(checkout.root / "inner")
    with pytest.raises(BadRange, match=r"has no commits.*inner/.*; commit in it, or ignore it"):
        checkout.review()


@pytest.mark.parametrize("sparse_index", ["false", "true"])
def test_files_outside_a_sparse_checkout_are_not_deleted(checkout: Checkout, sparse_index: str):
    checkout.commit("Folders", **{"in/a__py": "a\n", "out/b__py": "b\n"})
    checkout.git("config", "index.sparse", sparse_index)
    checkout.git("sparse-checkout", "set", "--cone", "in")
    assert not (checkout.root / "out").exists()
    checkout.write("in/new.py")
    checkout.write("out/new.py")
    assert set(files(checkout.review())) == {"in/new.py", "out/new.py"}


def test_a_submodule_outside_a_sparse_checkout_is_not_deleted(checkout: Checkout, submodule: Checkout):
    checkout.git("submodule", "--quiet", "deinit", "--force", "sub")
    checkout.git("update-index", "--skip-worktree", "sub")
    submodule.root.rmdir()
    assert checkout.git("ls-files", "-t", "sub") == "S sub"
    assert checkout.review().diff.files == ()


def test_a_linked_work_tree_is_reviewed_and_not_the_main_one(checkout: Checkout, tmp_path: Path):
    checkout.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    (tmp_path / "linked" / "new.py").write_text("linked\n")
    checkout.write("elsewhere.py")
    change = read_worktree(tmp_path / "linked", Selection())
    assert list(files(change)) == ["new.py"]
    assert change.description == "uncommitted work on feature"


def test_a_partial_clone_without_an_object_says_how_to_fetch_it(checkout: Checkout, tmp_path: Path):
    checkout.commit("Second", kept__py="one\ntwo\n3\n")
    checkout.git("config", "uploadpack.allowFilter", "true")
    checkout.git("clone", "--quiet", "--filter=blob:none", f"file://{checkout.root}", str(tmp_path / "partial"))
    before = everything_in(tmp_path / "partial")
    with pytest.raises(BadRange, match=r"an object is missing.*; let git fetch it"):
        read_worktree(tmp_path / "partial", Selection.from_words("HEAD^..HEAD", None, staged=False))
    assert everything_in(tmp_path / "partial") == before


def test_scratch_files_inside_the_work_tree_are_not_part_of_it(checkout: Checkout, monkeypatch: pytest.MonkeyPatch):
    (checkout.root / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(checkout.root / "tmp"))
    checkout.write("new.py")
    assert list(files(checkout.review())) == ["new.py"]
    assert list((checkout.root / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    "configuration", [(), ("core.splitIndex", "true"), ("core.untrackedCache", "true"), ("feature.manyFiles", "true")]
)
def test_nothing_in_the_repository_changes(checkout: Checkout, submodule: Checkout, configuration: tuple[str, ...]):
    if configuration:
        checkout.git("config", *configuration)
    checkout.git("switch", "--quiet", "--create", "feature")
    checkout.commit("Committed", c__py="c\n")
    checkout.write("staged.py")
    checkout.git("add", "staged.py")
    checkout.write("untracked.py")
    submodule.write("inside.py")
    (checkout.root / "kept.py").unlink()
    before = everything_in(checkout.root)
    assert any("sharedindex" in path for path in before) == (configuration == ("core.splitIndex", "true"))
    for change in (checkout.review(), checkout.review(staged=True), checkout.review("main..feature")):
        assert change.diff.files
    assert everything_in(checkout.root) == before
