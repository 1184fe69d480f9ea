"""A tree is read through git and through nothing else: what is not a regular file in it is not there."""

import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sources.checkout import Checkout

from reviewbot.errors import BadInput
from reviewbot.sources import Selection, pinned
from reviewbot.sources.pinned import GitTree
from reviewbot.sources.worktree import open_worktree


@pytest.fixture
def tree(checkout: Checkout) -> Iterator[GitTree]:
    """A work tree with something uncommitted, and with what must not be followed."""
    checkout.commit("Links", **{"shop/a.py": "def charge(x):\n    return x\n", "shop/b.go": "charge()\n"})
    (checkout.root / "link.py").symlink_to("/etc/passwd")
    (checkout.root / "folder").symlink_to("/etc")
    checkout.write("shop/new [1].py", "charge(1)  # h\u00e9\ncharged\n")
    checkout.write("caf\udce9.py", b"charge\xff\n")
    checkout.write("blob.py", b"charge\0")
    checkout.write("large.py", "charge\n" * 40_000)
    checkout.write("README.md", "charge\n")
    with open_worktree(checkout.root, Selection.from_words(None, None, staged=False)) as opened:
        yield opened.tree


def test_regular_files_are_there_uncommitted_ones_too(tree: GitTree):
    names = {"README.md", "blob.py", "caf\udce9.py", "kept.py", "large.py", "shop/a.py", "shop/b.go", "shop/new [1].py"}
    assert set(tree.paths()) == names


def test_nothing_beyond_the_tree_can_be_read(tree: GitTree):
    """THREATS S05."""
    outside = (
        "/proc/self/environ", "../../etc/passwd", "link.py", "folder/passwd", ".git/config", "shop", "",
        "shop/../kept.py", "HEAD:kept.py", "kept.py\nshop/a.py", "--textconv",
    )  # fmt: skip
    assert tree.read(*outside) == {}
    assert tree.read("kept.py", *outside) == {"kept.py": "one\ntwo\nthree\n"}


def test_a_submodule_is_no_file(submodule: Checkout):
    top = submodule.root.parent
    with open_worktree(top, Selection.from_words("HEAD^..HEAD", None, staged=False)) as opened:
        assert set(opened.tree.paths()) == {".gitmodules", "kept.py"}
        assert opened.tree.read("sub", "sub/in.py") == {}


def test_binary_and_large_files_are_not_read_and_odd_bytes_are_replaced(tree: GitTree):
    read = tree.read("blob.py", "large.py", "caf\udce9.py", "shop/new [1].py")
    assert read == {"caf\udce9.py": "charge\ufffd\n", "shop/new [1].py": "charge(1)  # h\u00e9\ncharged\n"}


def test_whole_words_are_found_in_code_of_the_same_language(tree: GitTree):
    found = tree.search(["charge", "three", "nowhere", "a|b", "-e"], ["shop/a.py"])
    assert [(hit.path, hit.line, hit.text) for hit in found["charge"] if hit.path != "large.py"] == [
        ("caf\udce9.py", 1, "charge\ufffd"),
        ("shop/a.py", 1, "def charge(x):"),
        ("shop/new [1].py", 1, "charge(1)  # h\u00e9"),
    ]
    assert [hit.path for hit in found["three"]] == ["kept.py"]
    assert found["nowhere"] == []
    assert set(found) == {"charge", "three", "nowhere"}
    assert [hit.path for hit in tree.search(["charge"], ["x.go"])["charge"]] == ["shop/b.go"]


def test_words_are_looked_up_in_every_text_of_the_tree(tree: GitTree):
    found = tree.files_with(["charge", "charged", "three", "nowhere", "a|b", "-e", ".*"])
    assert found == {
        "charge": {"README.md", "caf\udce9.py", "large.py", "shop/a.py", "shop/b.go", "shop/new [1].py"},
        "charged": {"shop/new [1].py"}, "three": {"kept.py"}, "nowhere": frozenset(),
    }  # fmt: skip
    assert tree.files_with(["a|b"]) == {}


def test_a_word_that_was_not_found_is_unknown_where_not_all_was_searched(
    tree: GitTree, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pinned, "MAX_FOUND_BYTES", 1_000)
    assert set(tree.files_with(["charge", "nowhere"])) == {"charge"}


def test_with_nothing_to_look_for_nothing_is_found(tree: GitTree):
    for words, near in (([], ["a.py"]), (["a|b"], ["a.py"]), (["charge"], []), (["one"], ["a.md"])):
        assert tree.search(words, near) == {}


def test_of_a_repository_too_large_the_folders_nearest_to_the_change_are_searched(
    tree: GitTree, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pinned, "MAX_SEARCHED_BYTES", 1_000)
    found = tree.search(["charge", "two"], ["shop/a.py"])
    assert {hit.path for hit in found["charge"]} == {"shop/a.py", "shop/new [1].py"}
    assert found["two"] == []


def test_what_is_found_is_bounded(tree: GitTree, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pinned, "MAX_FOUND_BYTES", 1_000)
    assert 0 < len(tree.search(["charge"], ["a.py"])["charge"]) < 30


def test_a_tree_that_was_stopped_is_looked_at_no_more(tree: GitTree, tmp_path: Path):
    """A `git` before the real one on PATH never ends by itself."""
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    endless = GitTree(tree._git.with_environment(PATH=f"{tmp_path}:{os.environ['PATH']}"), tree._tree)  # noqa: SLF001  another git
    stopping = threading.Timer(0.05, endless.stop)
    stopping.start()
    began = time.monotonic()
    with pytest.raises(BadInput, match="git ls-tree: was stopped"):
        endless.paths()
    assert time.monotonic() - began < 5
    stopping.join()


def test_a_repository_is_read_in_few_calls_of_git(tree: GitTree, tmp_path: Path):
    """A `git` before the real one on PATH writes down how it is called."""
    calls, real = tmp_path / "calls", os.environ["PATH"]
    spy = tmp_path / "bin" / "git"
    spy.parent.mkdir()
    spy.write_text(f'#!/bin/sh\nprintf "%s\\n" "$1" >> "{calls}"\nPATH="{real}" exec git "$@"\n')
    spy.chmod(0o755)
    spied = GitTree(tree._git.with_environment(PATH=f"{spy.parent}:{real}"), tree._tree)  # noqa: SLF001  counts its calls
    assert spied.read(*spied.paths())
    assert spied.search(["charge", "two", "three"], list(spied.paths()))["charge"]
    assert calls.read_text().split() == ["ls-tree", "cat-file", "grep"]
