"""Lines as others write them."""

import pytest

from reviewbot.evals.foreign import lines_of


@pytest.mark.parametrize(
    ("said", "read"),
    [((3, 5), (3, 5)), ((5, 3), (3, 5)), ((None, 4), (4, 4)), ((4, None), (4, 4)), ((0, -1), (None, None))],
)
def test_lines_come_in_order_and_one_stands_for_both(
    said: tuple[int | None, int | None], read: tuple[int | None, int | None]
) -> None:
    assert lines_of(*said) == read
