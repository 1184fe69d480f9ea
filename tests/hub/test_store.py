import subprocess
from pathlib import Path

import pytest
from hub.store import Entry, Store
from hypothesis import given, settings
from hypothesis import strategies as st

ODD = ['a"b', "tab\there", "new\nline", "caf\udce9", "with space", "naïve/ü.py", "back\\slash", "-dash"]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "repo.git")


def test_a_commit_holds_its_parents_files_and_its_own(store: Store) -> None:
    first = store.commit((), {"kept": b"1\n", "dropped": b"2\n"})
    second = store.commit((first,), {"dropped": None, "bin/run": Entry("100755", b"#!"), "link": Entry("120000", b"x")})
    assert [(node.name, node.mode, node.kind) for node in store.tree(second) or ()] == [
        ("bin", "040000", "tree"),
        ("kept", "100644", "blob"),
        ("link", "120000", "blob"),
    ]
    assert store.between(first, second) == (second,)


@pytest.mark.parametrize("name", ODD)
def test_any_name_that_git_holds_can_be_committed(store: Store, name: str) -> None:
    base = store.commit((), {"a": b""})
    changed = store.changes(base, store.commit((base,), {name: b"x\n"}))
    assert [(file.path, file.status, file.additions) for file in changed] == [(name, "added", 1)]


def test_merges_have_their_merge_base(store: Store) -> None:
    root = store.commit((), {"a": b"1\n"})
    left, right = store.commit((root,), {"a": b"2\n"}), store.commit((root,), {"b": b"1\n"})
    merged = store.commit((right, left), {})
    assert store.merge_base(left, right) == root
    assert store.merge_base(merged, left) == left
    assert store.merge_base(root, store.commit((), {"other": b""})) is None
    assert store.merge_base(root, "0" * 40) is None


def test_each_kind_of_change_has_githubs_word_for_it(store: Store) -> None:
    long = b"".join(b"%d\n" % number for number in range(30))
    before = {"m": b"1\n", "d": b"1\n", "r": long, "t": b"1\n", "x": b"1\n", "bin": b"\0\1"}
    base = store.commit((), before)
    head = store.commit(
        (base,),
        {"m": b"2\n", "d": None, "r": None, "r2": long + b"more\n", "n": b"", "bin": b"\0\2"}
        | {"t": Entry("120000", b"m"), "x": Entry("100755", b"1\n"), "sub": Entry("160000", b"1" * 40)},
    )
    words = {file.path: (file.status, file.additions, file.deletions) for file in store.changes(base, head)}
    assert words == {
        "m": ("modified", 1, 1), "d": ("removed", 0, 1), "r2": ("renamed", 1, 0), "n": ("added", 0, 0),
        "bin": ("modified", 0, 0), "t": ("changed", 1, 1), "x": ("modified", 0, 0), "sub": ("added", 1, 0),
    }  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(
    before=st.lists(st.sampled_from([b"a", b"b", b"--- a", b"+++ b", b"@@ -1 +1 @@", b"diff --git a b", b""])),
    after=st.lists(st.sampled_from([b"a", b"-b", b"diff --git x y", b"@@ -1 +1 @@", b"c\r"])),
)
def test_counts_are_those_of_git_whatever_the_lines_say(
    tmp_path_factory: pytest.TempPathFactory, before: list[bytes], after: list[bytes]
) -> None:
    store = Store(tmp_path_factory.mktemp("store"))
    base = store.commit((), {"f": b"\n".join(before), "g": b"same\n"})
    head = store.commit((base,), {"f": b"\n".join(after), "g": b"other\n"})
    told = store.run("diff", "--numstat", base, head).decode().splitlines()
    counted = [f"{file.additions}\t{file.deletions}\t{file.path}" for file in store.changes(base, head)]
    assert counted == told


def test_what_is_not_there_is_none(store: Store) -> None:
    sha = store.commit((), {"a": b"1\n"})
    blob = (store.tree(sha) or ())[0].sha
    assert store.blob(blob) == b"1\n"
    assert [store.blob(sha), store.blob("zz"), store.blob("1" * 40)] == [None] * 3
    assert [store.tree(blob), store.tree("HEAD"), store.find("nowhere")] == [None] * 3
    assert store.find(sha[:10]) == sha


def test_the_same_commits_are_whole_in_every_folder_and_what_one_lacks_the_other_does_not_tell(tmp_path: Path) -> None:
    first, second, third = (Store(tmp_path / name) for name in ("first", "second", "third"))
    for store in (first, second):
        base = store.commit((), {"a": b"1\n", "same": b"3\n"})
        store.commit((base,), {"a": b"2\n"})
        store.point("refs/heads/main", base)
    tip = first.commit((first.commit((base,), {"a": b"4\n"}),), {"a": b"5\n"})
    other = third.commit((), {"a": b"5\n"})
    third.point("refs/heads/main", other)
    second.run("fsck", "--strict", "refs/fake/made")
    assert [file.path for file in second.changes(base, base)] == []
    assert (first.merge_base("main", tip), third.merge_base("main", other)) == (base, other)
    assert (first.find(tip), second.find(tip), third.tree(base)) == (tip, None, None)
    assert [store.commit((), {"a": b"5\n"}) == other for store in (second, Store(tmp_path / "fourth"))] == [False, True]


def test_a_mistake_is_not_swallowed(store: Store) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        store.run("no-such-command")
