"""Recorded findings through the product's own merge and rank."""

from reviewbot.evals.council import merge_recorded

LEAK = "The file handle `fd` opened in `load_config` is never closed when parsing throws, so descriptors leak"
SAME = "`load_config` never closes the file handle `fd` when parsing throws an error, which leaks descriptors"
NIT = "Consider a docstring here"
SAID = {"x": (LEAK, NIT, NIT), "y": (SAME, "Typo"), "silent": ()}


def test_every_comment_is_in_exactly_one_cluster_even_one_said_twice():
    clusters = merge_recorded(SAID)
    members = [comment for cluster in clusters for comment in cluster.members]
    assert sorted(members) == [("x", 0), ("x", 1), ("x", 2), ("y", 0), ("y", 1)]
    assert all(cluster.members[0] == cluster.representative for cluster in clusters)


def test_what_two_tools_say_comes_first_and_is_posted_and_the_order_of_tools_is_nothing():
    clusters = merge_recorded(SAID)
    assert set(clusters[0].members) == {("x", 0), ("y", 0)}
    assert [cluster.posted for cluster in clusters] == [True] + [False] * (len(clusters) - 1)
    assert merge_recorded(dict(reversed(SAID.items()))) == clusters


def test_who_was_asked_and_found_nothing_counts_against():
    heard, alone = (merge_recorded(said)[0].probability for said in (SAID, {name: SAID[name] for name in "xy"}))
    assert heard < alone


def test_a_tool_is_no_rule_whatever_it_is_called():
    named = merge_recorded({"rules": SAID["x"], "bandit scanner": SAID["y"], "silent": ()})
    assert [cluster.probability for cluster in named] == [cluster.probability for cluster in merge_recorded(SAID)]


def test_nothing_said_is_nothing_listed():
    assert merge_recorded({"x": (), "y": ()}) == ()
