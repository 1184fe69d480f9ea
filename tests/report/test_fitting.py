import pytest
from hypothesis import given
from hypothesis import strategies as st

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
