"""How a change is packed: whole hunks, few parts, and every changed line in one of them or named."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, File, Hunk
from reviewbot.council.pack import (
    TOO_WIDE,
    by_stakes,
    cut,
    diff_bytes,
    file_bytes,
    fit,
    halved,
    pack,
    prompt_bytes,
    room_of,
)

BODY = (" a", "-b", "+c", "+d", " e", "-f", "+g", "\\ No newline at end of file")


def file(path: str, *hunks: Hunk, **facts: object) -> File:
    return File.model_validate({"path": path, "old_path": path, "status": "modified", "hunks": hunks} | facts)


def hunk(added: int, start: int = 1, width: int = 1) -> Hunk:
    return Hunk(old_start=start, new_start=start, body=("+" + "x" * width,) * added)


def changed(diff: Diff) -> Iterator[tuple[str, int | None, int | None, str]]:
    """Every changed line with its place."""
    for one in diff.files:
        for piece in one.hunks:
            yield from ((one.path, line.old, line.new, line.text) for line in piece.lines if line.kind != " ")


def test_what_matters_most_is_kept_in_the_order_of_the_diff_and_the_last_hunk_is_cut() -> None:
    moved = file("docs/new.md", status="renamed", old_path="docs/old.md")
    diff = Diff(files=(moved, file("docs/a.md", hunk(9)), file("src/auth/login.py", hunk(5))))
    kept, gaps = fit(diff, 7, paths={}, why="full")
    assert [(one.path, one.additions) for one in kept.files] == [
        ("docs/new.md", 0), ("docs/a.md", 2), ("src/auth/login.py", 5),
    ]  # fmt: skip
    assert [(gap.path, gap.lines) for gap in gaps] == [("docs/a.md", 7)]
    whole = file("a.py", Hunk(old_start=1, new_start=1, body=BODY))
    (cut_off,) = fit(Diff(files=(whole,)), 2, paths={}, why="full")[0].files
    assert cut_off.hunks[0].body == BODY[:3]
    assert fit(Diff(files=(whole,)), 5, paths={}, why="full")[0].files == (whole,), "with the mark of its last line"


def test_a_prompt_is_measured_in_bytes() -> None:
    one = Hunk(old_start=1, new_start=1, body=("+é",))
    assert prompt_bytes(one) - prompt_bytes(hunk(1)) == 1


@given(st.lists(st.lists(st.integers(0, 30), max_size=4), max_size=6), st.integers(0, 80))
@settings(max_examples=30)
def test_every_changed_line_of_a_run_is_kept_or_named(sizes: list[list[int]], room: int) -> None:
    files = tuple(file(f"{n}.py", *(hunk(lines) for lines in hunks)) for n, hunks in enumerate(sizes))
    kept, gaps = fit(Diff(files=files), room, paths={}, why="full")
    assert kept.additions == min(room, Diff(files=files).additions)
    assert kept.additions + sum(gap.lines for gap in gaps) == Diff(files=files).additions
    assert all(gap.lines > 0 and gap.why == "full" for gap in gaps)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 120)), max_size=3), max_size=8),
    st.integers(80, 900),
)
@settings(max_examples=30)
def test_every_changed_line_is_in_one_part_or_named(sizes: list[list[tuple[int, int]]], room: int) -> None:
    files = tuple(
        file(f"{n}.py", *(hunk(lines, 1 + 100 * i, width) for i, (lines, width) in enumerate(hunks)))
        for n, hunks in enumerate(sizes)
    )
    whole = Diff(files=files)
    parts, gaps = pack(whole, room)
    packed = [line for part in parts for line in changed(part)]
    assert len(packed) == len(set(packed)), "no line stands in two parts"
    assert set(packed) <= set(changed(whole)), "each at its own number"
    assert len(packed) + sum(gap.lines for gap in gaps) == whole.additions
    assert all(diff_bytes(part) <= room for part in parts)
    assert {gap.why for gap in gaps} <= {TOO_WIDE}


def test_few_parts_are_made_and_small_files_are_not_torn() -> None:
    files = tuple(file(f"{n}.py", hunk(10)) for n in range(10))
    parts, gaps = pack(Diff(files=files), 3 * file_bytes(files[0]))
    assert [len(part.files) for part in parts] == [3, 3, 3, 1]
    assert not gaps


def test_a_hunk_larger_than_a_part_is_cut_between_lines_at_their_own_numbers() -> None:
    long = Hunk(old_start=10, new_start=20, section="def f():", body=BODY)
    pieces = tuple(cut(long, 45))
    assert [line for piece in pieces for line in piece.lines] == list(long.lines)
    assert len(pieces) > 2
    assert pieces[-1].body[-1].startswith("\\"), "the mark stays behind its line"
    assert len(pieces[-1].body) > 1


def test_a_line_that_no_part_holds_is_named_and_the_others_are_shown() -> None:
    wide = Hunk(old_start=1, new_start=1, body=("+a", "+" + "x" * 500, "+b"))
    (part,), gaps = pack(Diff(files=(file("a.py", wide),)), 200)
    assert [line.text for piece in part.files[0].hunks for line in piece.lines] == ["a", "b"]
    assert [(gap.path, gap.lines, gap.why) for gap in gaps] == [("a.py", 1, TOO_WIDE)]


def test_what_was_too_long_comes_in_smaller_pieces_until_one_line_is_left() -> None:
    diff = Diff(files=(file("a.py", hunk(40, width=20)),))
    pieces, gaps = halved(diff)
    assert len(pieces) == 2
    assert not gaps
    assert sum(piece.additions for piece in pieces) == 40
    pieces, gaps = halved(Diff(files=(file("a.py", hunk(1, width=200)),)))
    assert (pieces, [gap.lines for gap in gaps]) == ((), [1])


def test_what_matters_most_comes_first_and_what_nobody_wrote_last() -> None:
    names = ("package-lock.json", "docs/a.md", "tests/test_pay.py", "src/a.py", "src/payments/pay.py", "vendor/x.py")
    diff = by_stakes(Diff(files=tuple(file(name, hunk(1)) for name in names)))
    order = [one.path for one in diff.files]
    assert order[:2] == ["src/payments/pay.py", "src/a.py"]
    assert set(order[-2:]) == {"package-lock.json", "vendor/x.py"}


@pytest.mark.parametrize(
    ("window", "room"), [(None, (300_000, 16_000)), (200_000, (300_000, 16_000)), (8_000, (9_600, 2_000))]
)
def test_a_small_window_leaves_room_for_the_question_and_the_answer(window: int | None, room: tuple[int, int]) -> None:
    assert room_of(window, prompt_tokens=100_000, answer_tokens=16_000) == room
