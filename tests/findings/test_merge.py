from collections import Counter
from collections.abc import Iterable

import pytest
from findings.samples import FAMILIES, everybody, finding, flood, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff
from reviewbot.findings import Cluster, Finding, merge
from reviewbot.findings.identity import identities
from reviewbot.findings.linkage import average_linkage
from reviewbot.findings.merge import STOP, TOLD
from reviewbot.findings.model import Verdict

NOWHERE = Diff(files=())
OWNER = ("`refund` loads any order without an owner check", "A signed-in customer can refund the order of another.")
OWNER_AGAIN = ("No owner check in `refund`", "Any signed-in customer can refund an order that is not theirs.")
MAIL = ("The reminder is sent twice", "A retry of the mailer has no idempotency key.")


def said_by(family: str, words: tuple[str, str], **more: object) -> Finding:
    return finding(words[0], body=words[1], family=family, **more)


def families(clusters: tuple[Cluster, ...]) -> list[list[str]]:
    return [sorted(one.family for one in cluster.findings) for cluster in clusters]


def test_two_wordings_of_one_problem_by_two_families_are_one_cluster() -> None:
    findings = [said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN, line=12), said_by("google", MAIL)]
    assert sorted(families(merge(findings, NOWHERE))) == [["anthropic", "openai"], ["google"]]


def test_two_lenses_of_one_family_are_one_voice() -> None:
    findings = [said_by("anthropic", OWNER), said_by("anthropic", OWNER_AGAIN, lens="security")]
    (cluster,) = merge(findings, NOWHERE, asked=everybody())
    assert len(cluster.findings) == 2
    assert cluster.support == 0


def test_the_lenses_of_a_family_are_joined_before_the_families() -> None:
    """Alike across the families first, the third would be left: it is too far from the other family's line."""
    trusting = ("`refund` trusts its id", "The owner is not compared with the customer.")
    lenses = [said_by("anthropic", OWNER, line=20), said_by("anthropic", trusting, line=12, lens="security")]
    assert len(merge([*lenses, said_by("openai", OWNER, line=30)], NOWHERE)) == 1
    assert len(merge([lenses[1], said_by("openai", OWNER, line=30)], NOWHERE)) == 2


def test_different_problems_on_one_line_stay_two() -> None:
    assert len(merge([said_by("anthropic", OWNER), said_by("openai", MAIL)], NOWHERE)) == 2


@pytest.mark.parametrize(
    ("families", "categories", "clusters"),
    [
        (("anthropic", "rules"), ("identity", "identity"), 1),
        (("anthropic", "rules"), ("identity", "time"), 2),
        (("anthropic", "anthropic"), ("identity", "identity"), 2),
        (("anthropic", "rules"), ("other", "other"), 2),
        (("bandit scanner", "rules"), ("identity", "identity"), 1),
        (("bandit scanner", "bandit scanner"), ("identity", "identity"), 2),
    ],
)
def test_two_families_on_the_same_lines_with_the_same_category_mean_one_problem(
    families: tuple[str, str], categories: tuple[str, str], clusters: int
) -> None:
    one, other = (
        said_by(family, words, category=category)
        for family, words, category in zip(families, (OWNER, MAIL), categories, strict=True)
    )
    assert len(merge([one, other], NOWHERE)) == clusters


def test_two_places_of_one_call_stay_two_when_another_family_tells_of_both() -> None:
    twice = [said_by(family, OWNER, line=line) for family in ("anthropic", "openai") for line in (14, 30)]
    merged = merge(twice, NOWHERE)
    assert [{one.anchor.line for one in cluster.findings if one.anchor} for cluster in merged] == [{14}, {30}]
    assert families(merged) == [["anthropic", "openai"]] * 2


def test_a_rule_that_speaks_of_two_places_means_two() -> None:
    hits = [finding("A secret is committed", family="rules", line=line, body="Rotate `it`.") for line in (3, 4, 5)]
    assert len(merge(hits, NOWHERE)) == 3
    assert len(merge([hits[0], finding("A secret is committed", line=3, body="Rotate `it`.")], NOWHERE)) == 1


def test_the_same_words_of_one_call_at_one_place_are_one_problem_whatever_else_differs() -> None:
    twice = [finding("It is lost", body="The cent is gone.", severity=severity) for severity in ("low", "critical")]
    (cluster,) = merge(twice, NOWHERE)
    assert len(cluster.findings) == 2


def test_a_repeat_counts_once_and_is_not_lost() -> None:
    findings = [said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN)]
    (once,) = merge(findings, NOWHERE)
    (again,) = merge(findings * 5, NOWHERE)
    assert tuple(dict.fromkeys(again.findings)) == once.findings
    assert again.support == once.support
    assert len(again.findings) == 10


def test_a_grounded_wording_speaks_for_the_cluster() -> None:
    longer = (OWNER[0], OWNER[1] + " The order's owner is never compared with the user of the session.")
    findings = [said_by("anthropic", longer, line=None), said_by("openai", OWNER)]
    (cluster,) = merge(findings, NOWHERE)
    assert cluster.findings[0].family == "openai"


def test_the_wording_that_says_what_goes_wrong_speaks_then_the_nearest_then_the_longest() -> None:
    middle = (OWNER_AGAIN[0], OWNER[1])
    three = [said_by("anthropic", OWNER), said_by("google", middle), said_by("openai", OWNER_AGAIN)]
    (cluster,) = merge(three, NOWHERE)
    assert cluster.findings[0].family == "google"
    (pair,) = merge([three[0], said_by("openai", (OWNER[0] + " at all", OWNER[1]))], NOWHERE)
    assert pair.findings[0].family == "openai"
    told = said_by("mistral", ("`refund` loads any order when it is called", OWNER[1]))
    (all_four,) = merge([*three, told], NOWHERE)
    assert all_four.findings[0] == told


def test_support_is_averaged_over_the_other_families_that_were_asked() -> None:
    findings = [said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN)]
    (two,) = merge(findings, NOWHERE, asked=everybody("anthropic", "openai"))
    (three,) = merge(findings, NOWHERE, asked=everybody())
    (heard,) = merge(findings, NOWHERE)
    assert 0.3 < two.support == heard.support < 1
    assert three.support == pytest.approx(two.support / 2)


def test_a_family_that_was_not_asked_but_spoke_supports_too() -> None:
    findings = [said_by("anthropic", OWNER), said_by("rules", OWNER_AGAIN)]
    (cluster,) = merge(findings, NOWHERE, asked=everybody("anthropic"))
    assert cluster.support > 0.3


def test_nothing_becomes_nothing() -> None:
    assert merge([], NOWHERE) == ()


def test_a_flood_of_five_hundred_is_merged() -> None:
    findings = [*flood(500, family="openai"), said_by("anthropic", OWNER)]
    clusters = merge(findings, NOWHERE)
    assert sum(len(cluster.findings) for cluster in clusters) == 501
    assert len(clusters) > 400


@settings(max_examples=30, deadline=None)
@given(st.lists(said(), max_size=9), st.data())
def test_clusters_do_not_depend_on_order_or_repeats_and_lose_nothing(
    findings: list[Finding], data: st.DataObject
) -> None:
    clusters = merge(findings, NOWHERE, asked=everybody(*FAMILIES))
    assert Counter(one for cluster in clusters for one in cluster.findings) == Counter(findings)
    assert all(0 <= cluster.support <= 1 for cluster in clusters)
    shuffled = data.draw(st.permutations(findings))
    assert merge(shuffled, NOWHERE, asked=everybody(*FAMILIES)) == clusters
    repeated = merge([*shuffled, *findings[:2]], NOWHERE, asked=everybody(*FAMILIES))
    alike = [(tuple(dict.fromkeys(cluster.findings)), cluster.support) for cluster in clusters]
    assert [(tuple(dict.fromkeys(cluster.findings)), cluster.support) for cluster in repeated] == alike


MONEY = said_by("openai", ("Money goes elsewhere", "`load_order` finds the order of any customer."), line=14)
ELSEWHERE = said_by("openai", MAIL, line=200)
NEARLY = (said_by("anthropic", ("The id is trusted", "The owner is not the customer.")), MONEY)
"""Not quite likely enough to be one problem."""
DOUBTFUL = (said_by("anthropic", ("`refund` trusts its id", "The customer of the order is not its owner.")), MONEY)
"""Likely enough, but not certain."""


def claims(*findings: Finding) -> tuple[Cluster, ...]:
    return merge((*findings, ELSEWHERE), NOWHERE, as_claims=True)


def judged(*findings: Finding, by: str = "google", same_as: Iterable[tuple[int, int]] = ()) -> list[Verdict]:
    """A verdict on each of these as a claim; pairs of them are called one."""
    names = {one.findings[0]: name for one, name in zip(claims(*findings), identities(claims(*findings)), strict=True)}
    return [
        Verdict(
            about=names[one], by=by, member=f"{by}/model", verdict="upheld", because="so", importance=70,
            same_as=tuple(names[findings[j]] for i, j in same_as if i == n),
        )
        for n, one in enumerate(findings)
    ]  # fmt: skip


def after(*findings: Finding, verdicts: Iterable[Verdict] = ()) -> list[list[str]]:
    return families(merge((*findings, ELSEWHERE), NOWHERE, verdicts=verdicts))


TWO, ONE = [["anthropic"], ["openai"], ["openai"]], [["anthropic", "openai"], ["openai"]]


def test_claims_are_joined_only_where_nobody_has_to_be_asked() -> None:
    assert (after(*NEARLY), after(*DOUBTFUL)) == (TWO, ONE)
    assert families(claims(*DOUBTFUL)) == TWO
    assert families(claims(said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN))) == ONE


def test_a_verdict_stays_with_its_problem() -> None:
    said = judged(*NEARLY, ELSEWHERE)
    merged = merge((*NEARLY, ELSEWHERE), NOWHERE, verdicts=[*said, said[0].model_copy(update={"about": "no such id"})])
    assert [cluster.verdicts for cluster in merged] == [(one,) for one in said]


def test_a_pair_not_quite_likely_is_one_problem_when_a_challenge_says_so() -> None:
    said = judged(*NEARLY, same_as=[(0, 1)])
    merged = merge((*NEARLY, ELSEWHERE), NOWHERE, verdicts=said)
    assert families(merged) == ONE
    assert {one.about for one in merged[0].verdicts} == {one.about for one in said}
    assert identities(merged)[0] in {one.about for one in said}
    assert merged[0].support == TOLD > merge((*NEARLY, ELSEWHERE), NOWHERE)[0].support
    assert merge((ELSEWHERE, *reversed(NEARLY)), NOWHERE, verdicts=reversed(said)) == merged


def test_who_judged_both_of_a_doubtful_pair_and_is_silent_parts_it() -> None:
    said = judged(*DOUBTFUL)
    assert after(*DOUBTFUL, verdicts=said) == TWO
    assert after(*DOUBTFUL, verdicts=judged(*DOUBTFUL, same_as=[(1, 0)])) == ONE
    assert after(*DOUBTFUL, verdicts=said[:1]) == ONE
    assert after(*DOUBTFUL, verdicts=[said[0], said[1].model_copy(update={"by": "mistral"})]) == ONE


def test_who_is_told_apart_still_supports_what_sounds_alike() -> None:
    """THREATS S17: silence is cheap, so it takes a vote and not the agreement of the texts."""
    (joined, _), (parted, *_) = (
        merge((*DOUBTFUL, ELSEWHERE), NOWHERE, verdicts=said) for said in ((), judged(*DOUBTFUL))
    )
    assert parted.support == joined.support > 0.3


def test_nobody_parts_by_silence_what_he_raised_himself() -> None:
    """THREATS S17: he could talk another's agreement away."""
    assert after(*DOUBTFUL, verdicts=judged(*DOUBTFUL, by="openai")) == ONE


def test_nobodys_word_parts_what_is_certainly_one() -> None:
    certain = said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN)
    assert after(*certain, verdicts=judged(*claims(*certain)[0].findings[:1], ELSEWHERE)) == ONE


def test_a_word_reaches_no_further_than_the_pair_it_was_given_for() -> None:
    """Of three in a chain the two ends have nothing in common, and the third stays apart."""
    told = {frozenset({0, 1}), frozenset({1, 2})}
    chain = [[TOLD if {i, j} in told else 0.0 for j in range(3)] for i in range(3)]
    assert average_linkage([(0,), (1,), (2,)], chain, stop=STOP) == [(0, 1), (2,)]


def test_nobodys_word_joins_what_has_nothing_in_common() -> None:
    """THREATS S17: one member that lays everything to one problem is not believed."""
    beside = said_by("mistral", MAIL, line=12)
    everything = judged(*NEARLY, ELSEWHERE, beside, same_as=[(0, 1), (0, 2), (1, 2), (0, 3), (1, 3)])
    assert sorted(after(*NEARLY, beside, verdicts=everything)) == [["anthropic", "openai"], ["mistral"], ["openai"]]
