from collections import Counter
from collections.abc import Iterable

import pytest
from findings.samples import FAMILIES, diff, everybody, file, finding, flood, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, Hunk
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
    lenses = [said_by("anthropic", OWNER, line=25), said_by("anthropic", trusting, line=10, lens="security")]
    assert len(merge([*lenses, said_by("openai", OWNER, line=40)], NOWHERE)) == 1
    assert len(merge([lenses[1], said_by("openai", OWNER, line=40)], NOWHERE)) == 2


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


@pytest.mark.parametrize(
    ("other", "clusters"),
    [
        ({"line": 30}, 1),
        ({"line": 31}, 2),
        ({"path": "shop/cart.py"}, 2),
        ({"line": None}, 1),
        ({"line": None, "path": "shop/cart.py"}, 2),
        ({"line": 12, "side": "old"}, 2),
    ],
)
def test_place_is_a_gate(other: dict[str, object], clusters: int) -> None:
    assert len(merge([said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN, **other)], NOWHERE)) == clusters


def test_without_a_place_text_alone_decides_over_files() -> None:
    findings = [said_by("anthropic", OWNER, line=None), said_by("openai", OWNER_AGAIN, line=None, path="else.py")]
    assert len(merge(findings, NOWHERE)) == 1


def test_one_hunk_is_one_neighbourhood_on_both_sides() -> None:
    change = diff(file(["+line", "-gone"] * 40, ["+line"]))
    far = said_by("openai", OWNER_AGAIN, line=35)
    assert len(merge([said_by("anthropic", OWNER, line=2), far], change)) == 1
    assert len(merge([said_by("anthropic", OWNER, line=2, side="old"), far], change)) == 1
    assert len(merge([said_by("anthropic", OWNER, line=2), said_by("openai", OWNER_AGAIN, line=101)], change)) == 2


def test_two_hunks_are_two_problems_unless_the_texts_say_clearly_that_they_are_one() -> None:
    hunks = tuple(Hunk(old_start=n, new_start=n, body=("+code",)) for n in (14, 30))
    change = diff(file().model_copy(update={"hunks": hunks}))
    times = ("f3 multiplies where it added", "f3(5) gives 15 and not 8, so every caller that pages by it skips rows.")
    same = ("f7 returns its argument", "f7(5) gives 5 and not 12, so a caller that adds a margin adds none.")
    assert len(merge([said_by("p", times, line=14), said_by("q", same, line=30)], change)) == 2
    assert len(merge([said_by("p", OWNER, line=14), said_by("q", OWNER_AGAIN, line=30)], change)) == 1


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


def test_the_wording_nearest_to_the_others_speaks_then_the_longest() -> None:
    middle = (OWNER[0], OWNER_AGAIN[1])
    three = [said_by("anthropic", OWNER), said_by("google", middle), said_by("openai", OWNER_AGAIN)]
    (cluster,) = merge(three, NOWHERE)
    assert cluster.findings[0].family == "google"
    (pair,) = merge([three[0], said_by("openai", (OWNER[0] + " at all", OWNER[1]))], NOWHERE)
    assert pair.findings[0].family == "openai"


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


DOUBTFUL = (
    said_by("anthropic", ("`refund` trusts its id", "The owner is not compared with the customer of the order.")),
    said_by("openai", ("Money goes to the wrong people", "`load_order` finds the order of another customer."), line=14),
)


def told(about: Finding, same_as: Iterable[Finding], by: str = "google") -> Verdict:
    names = {one.findings[0]: name for one, name in zip(ALONE, identities(ALONE), strict=True)}
    return Verdict(
        about=names[about], by=by, member=f"{by}/model", verdict="upheld", because="so", importance=70,
        same_as=tuple(names[other] for other in same_as),
    )  # fmt: skip


ELSEWHERE = said_by("openai", MAIL, line=200)
ALONE = merge((*DOUBTFUL, ELSEWHERE), NOWHERE)


def test_a_verdict_stays_with_its_problem() -> None:
    said = [told(one.findings[0], ()) for one in ALONE]
    merged = merge(
        (*DOUBTFUL, ELSEWHERE), NOWHERE, verdicts=[*said, said[0].model_copy(update={"about": "no such id"})]
    )
    assert [cluster.verdicts for cluster in merged] == [(one,) for one in said]
    assert [cluster.findings for cluster in merged] == [cluster.findings for cluster in ALONE]


def test_a_doubtful_pair_is_one_problem_when_a_challenge_says_so() -> None:
    assert len(ALONE) == 3
    said = [told(DOUBTFUL[0], [DOUBTFUL[1]]), told(DOUBTFUL[1], [])]
    merged = merge((*DOUBTFUL, ELSEWHERE), NOWHERE, verdicts=said)
    assert sorted(families(merged)) == [["anthropic", "openai"], ["openai"]]
    assert {one.about for one in merged[0].verdicts} == {one.about for one in said}
    assert identities(merged)[0] in identities(ALONE)
    assert merged[0].support > ALONE[0].support
    assert merge((ELSEWHERE, *reversed(DOUBTFUL)), NOWHERE, verdicts=reversed(said)) == merged


def test_a_word_reaches_no_further_than_the_pair_it_was_given_for() -> None:
    """Of three in a chain the two ends have nothing in common, and the third stays apart."""
    told = {frozenset({0, 1}), frozenset({1, 2})}
    chain = [[TOLD if {i, j} in told else 0.0 for j in range(3)] for i in range(3)]
    assert average_linkage([(0,), (1,), (2,)], chain, stop=STOP) == [(0, 1), (2,)]


def test_nobodys_word_joins_what_has_nothing_in_common() -> None:
    """THREATS S17: one member that lays everything to one problem is not believed."""
    everything = [told(one, {*DOUBTFUL, ELSEWHERE} - {one}) for one in (*DOUBTFUL, ELSEWHERE)]
    merged = merge((*DOUBTFUL, ELSEWHERE), NOWHERE, verdicts=everything)
    assert [cluster.findings for cluster in merged if ELSEWHERE in cluster.findings] == [(ELSEWHERE,)]
