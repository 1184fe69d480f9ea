"""A file is read again unless both diffs say the same of it, wherever it stands in the file."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.change.since import moved_by, since, unchanged_since

HUNK = Hunk(old_start=3, new_start=4, section="def f():", body=(" a", "-b", "+c", " d"))
FILE = File(path="f", old_path="f", status="modified", old_mode="100644", new_mode="100644", hunks=(HUNK,))


def moved(hunk: Hunk, by: int) -> Hunk:
    return hunk.model_copy(update={"old_start": hunk.old_start + by, "new_start": hunk.new_start + by})


def same(old: File, new: File) -> bool:
    return unchanged_since(Diff(files=(old,)), Diff(files=(new,))) == {new.path}


def test_a_file_that_says_the_same_is_unchanged():
    assert same(FILE, FILE.model_copy(deep=True))


def test_a_rebase_that_moves_a_hunk_changes_nothing():
    assert same(FILE, FILE.model_copy(update={"hunks": (moved(HUNK, 40),)}))


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "renamed", "old_path": "g"},
        {"new_mode": "100755"},
        {"old_mode": "100755"},
        {"old_mode": None, "new_mode": None},
        {"hunks": ()},
        {"hunks": (HUNK, moved(HUNK, 40))},
        {"hunks": (HUNK.model_copy(update={"body": (" A", "-b", "+c", " d")}),)},
        {"hunks": (HUNK.model_copy(update={"body": (" a", "-b", "+C", " d")}),)},
        {"hunks": (HUNK.model_copy(update={"body": (" a", "-b", "+c", " d", "\\ No newline at end of file")}),)},
        {"hunks": (HUNK.model_copy(update={"section": "def g():"}),)},
        {"binary": True, "hunks": ()},
    ],
)
def test_a_file_of_which_anything_is_said_otherwise_is_changed(changed: dict[str, object]):
    assert not same(FILE, FILE.model_copy(update=changed))
    assert not same(FILE.model_copy(update=changed), FILE)


def test_hunks_in_another_order_are_a_change():
    one, other = HUNK, moved(HUNK, 40).model_copy(update={"body": ("+x",)})
    two = FILE.model_copy(update={"hunks": (one, other)})
    assert not same(two, FILE.model_copy(update={"hunks": (moved(other, -80), one)}))


def test_a_binary_file_is_never_unchanged():
    picture = FILE.model_copy(update={"binary": True, "hunks": ()})
    assert not same(picture, picture)


def test_a_file_under_another_name_is_new():
    assert not same(FILE, FILE.model_copy(update={"path": "g"}))


def test_the_change_keeps_only_what_is_new():
    new, gone = (FILE.model_copy(update={"path": name}) for name in ("new", "gone"))
    change = Change(diff=Diff(files=(FILE, new)), intent="Because", head_sha="2" * 40)
    narrowed, unchanged = since(change, Diff(files=(gone, FILE)))
    assert (narrowed.diff.files, unchanged) == ((new,), ("f",))
    assert narrowed.model_copy(update={"diff": change.diff}) == change


def test_what_was_left_out_before_is_read_again():
    change = Change(diff=Diff(files=(FILE,)))
    assert since(change, change.diff, again=("f",)) == (change, ())


def test_a_line_of_code_that_moved_is_found_where_it_stands_now():
    old = Diff(files=(FILE,))
    new = Diff(files=(FILE.model_copy(update={"hunks": (moved(HUNK, 30),)}),))
    assert [moved_by("f", "new", line, old=old, new=new) for line in (3, 4, 6, 7)] == [0, 30, 30, 0]
    assert [moved_by("f", "old", line, old=old, new=new) for line in (2, 3, 5, 6)] == [0, 30, 30, 0]
    assert moved_by("g", "new", 4, old=old, new=new) == 0


FILES = st.builds(
    lambda path, body, start: FILE.model_copy(
        update={"path": path, "hunks": (HUNK.model_copy(update={"body": body, "new_start": start}),)}
    ),
    st.sampled_from("abcde"),
    st.sampled_from([("+x",), ("-x",), (" y", "+x")]),
    st.integers(1, 99),
)
DIFFS = st.lists(FILES, unique_by=lambda file: file.path).map(lambda files: Diff(files=tuple(files)))


@settings(max_examples=25, deadline=None)
@given(old=DIFFS, new=DIFFS)
def test_every_file_is_either_read_or_unchanged(old: Diff, new: Diff):
    narrowed, unchanged = since(Change(diff=new), old)
    assert sorted([file.path for file in narrowed.diff.files] + list(unchanged)) == sorted(f.path for f in new.files)
    assert since(Change(diff=new), new)[0].diff == Diff(files=())
    assert since(Change(diff=new), Diff(files=()))[0].diff == new
