"""Finding the comments that GitHub refuses: what is taken is posted, nothing is lost, nobody is blamed wrongly."""

from itertools import combinations
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.forge.culprits import Search


class Found(NamedTuple):
    calls: int
    posted: list[int]
    culprits: list[int]
    rest: list[int]


def search(count: int, bad: set[int], calls: int = 1_000) -> Found:
    """Posts until nothing is left, against a forge that refuses all that holds a bad one."""
    state, posted, made = Search(tuple(range(count))), [], 0
    while state.batch and made < calls:
        made += 1
        if bad.isdisjoint(state.batch):
            posted += state.batch
            state = state.taken()
        else:
            state = state.refused()
    return Found(made, sorted(posted), sorted(state.culprits), sorted(state.rest))


def test_all_is_posted_at_once_where_nothing_is_bad():
    assert search(20, set()) == Found(1, list(range(20)), [], [])


def test_the_seventh_of_twenty_costs_six_calls():
    assert search(20, {6}) == Found(6, [n for n in range(20) if n != 6], [6], [])


@pytest.mark.parametrize(("bad", "limit"), [(1, 7), (2, 12)])
def test_few_culprits_of_twenty_are_found_within_a_bounded_number_of_calls(bad: int, limit: int):
    assert max(search(20, set(chosen)).calls for chosen in combinations(range(20), bad)) == limit


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_exactly_the_bad_ones_are_left_out(case: tuple[int, set[int]]):
    count, bad = case
    found = search(count, bad)
    assert found.culprits == sorted(bad)
    assert found.posted == sorted(set(range(count)) - bad)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))), st.integers(0, 12))
def test_when_it_ends_early_each_one_is_posted_blamed_rightly_or_left(case: tuple[int, set[int]], calls: int):
    count, bad = case
    found = search(count, bad, calls)
    assert sorted([*found.posted, *found.culprits, *found.rest]) == list(range(count))
    assert set(found.culprits) <= bad


def test_those_found_out_otherwise_are_left_out_of_the_next_post():
    assert Search((1, 2, 3, 4)).refused().without({2, 3}).batch == (1, 4)
