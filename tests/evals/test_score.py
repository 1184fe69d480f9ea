"""The protocol by hand: what is counted of one ranked list."""

import pytest

from reviewbot.evals.score import Listed, Tally, pairs, tally

GOLDENS = {0: "critical", 1: "low", 2: "high"}


def listed(*places: tuple[set[int], bool]) -> list[Listed]:
    return [Listed(frozenset(goldens), posted) for goldens, posted in places]


def test_hits_false_findings_and_repeats_are_counted_among_what_is_posted():
    counts = tally("pr", listed(({0}, True), (set(), True), ({0}, True), ({1, 2}, False), ({0, 1}, True)), GOLDENS)
    assert (counts.goldens, counts.posted, counts.new, counts.false, counts.repeats) == (3, 4, 2, 1, 1)


def test_the_order_is_judged_over_the_whole_list_whether_posted_or_not():
    counts = tally("pr", listed(({0}, True), (set(), True), ({0}, True), ({1, 2}, False), ({0, 1}, True)), GOLDENS)
    assert (counts.precision_5, counts.precision_10, counts.recall_5, counts.recall_10) == (0.4, 0.2, 1.0, 1.0)
    # gains 4, 0, 0, 1 + 3, 0 by log2 of 2 to 6, of at best 4, 3, 1
    assert counts.ndcg_10 == pytest.approx(5.722706 / 6.392789, abs=1e-6)


def test_the_first_five_and_the_first_ten_end_there():
    nothing = (set(), True)
    late = tally("pr", listed(*[nothing] * 5, ({0}, True), *[nothing] * 4, ({1}, True)), GOLDENS)
    assert (late.precision_5, late.precision_10, late.recall_5, late.recall_10) == (0, 0.1, 0, 1 / 3)
    assert tally("pr", listed(({0}, True)), GOLDENS).precision_5 == 0.2  # of 5 places, even where fewer are listed
    assert late.ndcg_10 == pytest.approx(4 / 2.807355 / 6.392789, abs=1e-6)


def test_where_nothing_is_wrong_every_finding_is_one_too_many():
    loud = tally("pr", listed((set(), True), (set(), True), (set(), False)), {})
    assert (loud.clean, loud.false, loud.alarms, loud.alarmed, loud.murmured) == (1, 2, 2, 1, 1)
    assert tally("pr", listed((set(), False)), {}) == Tally(id="pr", clean=1, murmured=1)
    assert tally("pr", [], {}) == Tally(id="pr", clean=1)


def test_pairs_are_duplicates_where_they_share_a_golden_and_unknown_without_any():
    a, ab, c, none = (frozenset(goldens) for goldens in ({0}, {0, 1}, {2}, set()))
    assert pairs([[a, ab, c, none], [a, none, none]]) == {
        "duplicates": 3,  # a-ab and each of them with the a of the other cluster
        "joined": 8,  # in the first all 6, in the second a with each of none; none-none is not known
        "joined_right": 1,
        "certain_joined": 3,
    }
