import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.report.blocks import blocks
from reviewbot.report.fitting import cut, fitted, size


def test_size_counts_bytes_so_it_is_never_less_than_characters():
    assert (size("abc"), size("\u754c"), size("\U0001f600")) == (3, 3, 4)


@given(st.lists(st.text(st.characters(exclude_categories=("Cs",)), max_size=9)), st.integers(-5, 99))
def test_the_first_parts_that_fit_are_taken_whole(parts, room):
    kept = fitted(parts, room)
    assert list(kept) == parts[: len(kept)]
    assert not kept or size("\n\n".join(kept)) <= room
    assert len(kept) == len(parts) or size("\n\n".join(parts[: len(kept) + 1])) + 2 > room


def test_parts_that_have_no_room_are_never_made():
    def parts():
        yield "a"
        yield "too long"
        raise AssertionError

    assert fitted(parts(), 5) == ("a",)


@pytest.mark.parametrize(("text", "kept"), [("abc", "abc"), ("abcd ef", "abcd ... 2 more characters"), ("", "")])
def test_a_cut_says_how_much_is_missing(text, kept):
    assert cut(text, 5) == kept


@pytest.mark.parametrize("at", range(2, 60, 7))
def test_no_cut_halves_a_secret(at):
    key = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
    assert key[:8] not in cut(f"{'x' * 30} {key} and more of it", at)


@pytest.mark.parametrize("at", range(4, 40))
def test_a_cut_leaves_no_fence_open(at):
    text = cut("Look:\n```python\nx = 1  # comment\ny = 2\n```\nend", at)
    assert text.count("```") % 2 == 0 or "```" not in text
    assert [type(block).__name__ for block in blocks(text)] in (
        ["Paragraph"], ["Paragraph", "Paragraph"], ["Paragraph", "Code", "Paragraph"],
    )  # fmt: skip
