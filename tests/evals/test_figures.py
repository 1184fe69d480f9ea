"""Figures are functions of sums, and their intervals come of drawing changes."""

import pytest

from reviewbot.evals.figures import difference, measure
from reviewbot.evals.score import Tally


def change(number: int, **counts: float) -> Tally:
    return Tally(id=str(number), **counts)


def halves(found: int, count: int = 40) -> list[Tally]:
    """So many changes with one golden each, found in the first of them."""
    return [change(n, goldens=1, with_goldens=1, new=n < found, posted=1, false=n >= found) for n in range(count)]


def test_precision_recall_and_f1_are_of_the_sums_not_means_of_changes():
    one = change(1, goldens=3, with_goldens=1, new=2, false=1, repeats=1, posted=4, precision_5=0.4, ndcg_10=0.9)
    other = change(2, goldens=1, with_goldens=1, false=4, posted=4, precision_5=0.2, ndcg_10=0.1)
    quiet = change(3, clean=1, alarms=3, alarmed=1, murmured=1, posted=3, false=3)
    values = {name: measured.value for name, measured in measure([one, other, quiet, change(4, clean=1)]).items()}
    assert values == pytest.approx(
        {
            "F1": 4 / 15, "P": 2 / 11, "R": 2 / 4, "board P": 2 / 10, "P@5": 0.3, "P@10": 0, "R@5": 0, "R@10": 0,
            "nDCG@10": 0.5, "posted": 11 / 4, "alarms": 3 / 2, "alarmed": 1 / 2, "murmured": 1 / 2,
        },
        abs=1e-6,
    )  # fmt: skip


def test_pair_figures_and_shares_of_labels():
    counted = {"duplicates": 4, "joined": 6, "joined_right": 3, "certain_joined": 4}
    values = measure([change(1, posted=4, labelled=4, plausible=1, unjudged=2, **counted)])
    told = {name: values[name].value for name in ("pair P", "pair R", "pair F1", "certain F1", "plausible", "unjudged")}
    assert told == {
        "pair P": 0.5, "pair R": 0.75, "pair F1": 0.6, "certain F1": 0.75, "plausible": 0.25, "unjudged": 0.5,
    }  # fmt: skip


def test_who_posts_nothing_has_no_precision_and_no_recall():
    values = measure([change(1, goldens=2, with_goldens=1)])
    assert [values[name].value for name in ("F1", "P", "R")] == [0, 0, 0]


def test_the_interval_holds_95_of_100_draws_and_is_the_same_every_time():
    recall = measure(halves(20))["R"]
    assert (recall.value, recall.low, recall.high) == (0.5, 0.35, 0.65)  # sigma is .079
    assert measure(halves(20))["R"] == recall


def test_a_single_change_and_its_twin_tell_of_no_interval():
    assert measure(halves(1, 1))["R"].low is None
    assert measure(halves(1, 2), ["a", "a"])["R"].low is None
    assert measure(halves(1, 2), ["a", "b"])["R"].low == 0


def test_a_difference_is_drawn_over_pairs_of_the_same_changes():
    same = difference(halves(20), halves(20))["R"]
    assert (same.value, same.low, same.high) == (0, 0, 0)
    gain = difference(halves(20), halves(28))["R"]
    assert (gain.value, gain.low, gain.high) == (0.2, 0.1, 0.325)  # sigma is .063 by pairs, .107 were they apart
