import difflib

from hub.places import Hunk, carried, hunks
from hypothesis import given, settings
from hypothesis import strategies as st


def test_a_hunk_covers_its_lines_on_both_sides() -> None:
    assert hunks(b"@@ -7,7 +7,6 @@ def f\n a\n@@ -30 +29,0 @@\n-b\n") == (
        Hunk(range(7, 14), range(7, 13)),
        Hunk(range(30, 31), range(30, 30)),
    )


def test_hunks_that_touch_are_two() -> None:
    first, second = hunks(b"@@ -1,7 +1,7 @@\n@@ -8,7 +8,7 @@\n")
    assert first.right.stop == second.right.start


def test_a_line_that_looks_like_a_header_is_none() -> None:
    assert len(hunks(b"@@ -1,2 +1,2 @@\n @@ -9,9 +9,9 @@\n-@@ -1 +1 @@\n+x\n")) == 1


def test_a_new_file_has_no_left_lines() -> None:
    assert hunks(b"@@ -0,0 +1,2 @@\n+a\n+b\n") == (Hunk(range(1, 1), range(1, 3)),)


@settings(max_examples=30)
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.lists(st.integers(0, 12), max_size=4))
def test_a_line_is_carried_to_where_it_stands(kept: list[bool], inserted: list[int]) -> None:
    before = [f"line {number}\n" for number in range(len(kept))]
    after = [line for line, stays in zip(before, kept, strict=True) if stays]
    for count, place in enumerate(inserted):
        after.insert(min(place, len(after)), f"new {count}\n")
    diff = difflib.unified_diff(before, after, n=0, lineterm="\n")
    moves = hunks("".join(line for line in diff if not line.startswith(("---", "+++"))).encode())
    for number, line in enumerate(before, start=1):
        expected = after.index(line) + 1 if line in after else None
        assert carried(moves, number) == expected
