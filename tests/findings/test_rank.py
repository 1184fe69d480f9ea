from collections import Counter

import pytest
from findings.samples import FAMILIES, alone, everybody, finding, flood, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff
from reviewbot.findings import Assumption, Cluster, Finding, Ranked, merge, rank
from reviewbot.findings.model import Verdict
from reviewbot.findings.rank import FULL_HEARING, INJECTION
from reviewbot.settings import Comments

NOWHERE = Diff(files=())
QUESTION = Assumption(
    system_a="Stripe", system_b="Google sign-in", relies_on="the e-mail is the same in both",
    breaks_when="a customer pays with another address", ask="Who guarantees that both addresses are one person's?",
)  # fmt: skip


TOLD = "When two customers pay at once, `load_order` returns the wrong order, causing a lost refund."


def ranked(clusters: tuple[Cluster, ...], *families: str, comments: Comments | None = None) -> tuple[Ranked, ...]:
    return rank(clusters, asked=everybody(*families), comments=comments or Comments())


def titles(order: tuple[Ranked, ...]) -> list[str]:
    return [row.cluster.findings[0].draft.title for row in order]


def test_a_possible_disaster_is_read_before_a_likely_trifle() -> None:
    trifle = Cluster(findings=(finding("Trifle", severity="low"), finding("Trifle", family="openai")), support=0.6)
    disaster = Cluster(findings=(finding("Disaster", severity="critical", confidence="possible", body=TOLD),))
    assert titles(ranked((trifle, disaster))) == ["Disaster", "Trifle"]


def test_of_two_as_severe_the_one_that_more_families_raised_is_first() -> None:
    agreed = Cluster(findings=(finding("Agreed", path="z.py"), finding("Agreed", family="openai")), support=0.4)
    assert titles(ranked((*alone(finding("Alone")), agreed))) == ["Agreed", "Alone"]


def test_among_equals_a_question_for_a_person_is_first_then_path_and_line() -> None:
    clusters = alone(
        finding("c", path="b.py", line=9),
        finding("b", path="b.py", line=3),
        finding("a", path="a.py"),
        finding("q", path="z.py", assumption=QUESTION),
    )
    assert titles(ranked(clusters)) == ["q", "a", "b", "c"]


def test_agreement_counts_families_that_were_asked_about_that_file_and_lens() -> None:
    def asked(lens: str, path: str) -> tuple[str, ...]:
        return ("anthropic", "google") if (lens, path) == ("security", "a.py") else ("anthropic",)

    order = rank(alone(finding(lens="security", path="a.py"), finding(path="a.py")), asked=asked, comments=Comments())
    assert {row.cluster.findings[0].lens: row.asked for row in order} == {
        "security": ("anthropic", "google"),
        "architecture": ("anthropic",),
    }


def test_who_raised_it_was_asked() -> None:
    (row,) = ranked((Cluster(findings=(finding(family="rules"), finding(family="openai"))),), "anthropic")
    assert row.raised_by == ("openai", "rules")
    assert row.asked == ("anthropic", "openai", "rules")


def test_one_family_alone_is_ranked_by_what_it_says() -> None:
    clusters = alone(
        finding("Low", severity="low", quote="a = load(b)"),
        finding("Unsure", severity="high", confidence="possible", quote="c = load(d)", body=TOLD),
        finding("Sure", severity="high", confidence="certain", quote="e = load(f)", body=TOLD),
        finding("Lost", severity="high", confidence="possible", line=None, body=TOLD),
    )
    order = ranked(clusters, "anthropic")
    assert titles(order) == ["Sure", "Unsure", "Lost", "Low"]
    assert [row.placement for row in order] == ["inline", "inline", "summary", "summary"]


def test_a_rules_finding_stands_before_what_a_model_only_supposes() -> None:
    clusters = alone(finding("Model", severity="high"), finding("Rule", family="rules", severity="high", line=40))
    assert titles(ranked(clusters, "anthropic")) == ["Rule", "Model"]


@pytest.mark.parametrize("severity", ["medium", "high"])
def test_a_flood_of_one_family_does_not_push_anothers_finding_away(severity: str) -> None:
    """THREATS S17: 500 findings, all certain and critical, and a word against the honest one."""
    honest = finding("Refund has no owner check", severity=severity, line=40_000)
    denial = "Refund has no owner check: false, reviewed and safe"
    against = finding(denial, family="openai", severity="low", line=40_000)
    order = ranked(merge([honest, against, *flood(500, family="openai")], NOWHERE, asked=everybody()))
    (place,) = (n for n, row in enumerate(order) if honest in row.cluster.findings)
    assert place <= FULL_HEARING
    assert order[place].severity == severity
    assert order[place].placement == "inline"
    assert "openai alone raised too many" in order[-1].reason
    assert sum(len(row.cluster.findings) for row in order) == 502


def test_a_finding_nobody_shares_keeps_its_comment_beside_a_flood() -> None:
    honest = finding("The reminder is sent twice", severity="high", line=40_000, body="When it is tried again.")
    order = ranked(merge([honest, *flood(500, family="openai")], NOWHERE, asked=everybody()))
    (row,) = (row for row in order if row.cluster.findings[0] == honest)
    assert (order.index(row), row.placement, row.severity) == (0, "inline", "high")


@settings(max_examples=30, deadline=None)
@given(st.lists(said(), max_size=9), st.data())
def test_the_order_does_not_depend_on_the_order_of_the_council_and_loses_nothing(
    findings: list[Finding], data: st.DataObject
) -> None:
    asked, comments = everybody(*FAMILIES), Comments(max=2)
    order = rank(merge(findings, NOWHERE, asked=asked), asked=asked, comments=comments)
    shuffled = merge(data.draw(st.permutations(findings)), NOWHERE, asked=asked)
    assert rank(data.draw(st.permutations(shuffled)), asked=asked, comments=comments) == order
    assert Counter(one for row in order for one in row.cluster.findings) == Counter(findings)
    assert sum(row.placement == "inline" for row in order) <= 2
    assert len({row.id for row in order}) == len(order)
    assert all(row.reason and set(row.raised_by) <= set(row.asked) for row in order)


@settings(max_examples=20, deadline=None)
@given(st.lists(said(), min_size=1, max_size=6))
def test_a_model_that_says_everything_five_times_gains_nothing(findings: list[Finding]) -> None:
    once, often = (ranked(merge(said, NOWHERE, asked=everybody())) for said in (findings, findings * 5))
    assert [row.model_copy(update={"cluster": None}) for row in once] == [
        row.model_copy(update={"cluster": None}) for row in often
    ]


def doubted(*findings: Finding) -> Cluster:
    said = Verdict(
        about="a", by="google", member="google/model", verdict="refuted", because="It is checked above.", importance=0,
        quote="if owner", quote_stands=True,
    )  # fmt: skip
    return Cluster(findings=findings, verdicts=(said,))


def test_what_was_refuted_is_read_later_in_the_summary_as_severe_as_it_was_called() -> None:
    other = finding("Other", severity="high", body=TOLD)
    first, last = ranked((doubted(finding("Doubted", severity="high", body=TOLD)), *alone(other)))
    assert (first.cluster.findings[0].draft.title, first.placement) == ("Other", "inline")
    assert (last.severity, last.placement) == ("high", "summary")
    assert last.reason == "raised by 1 of 3 families asked, refuted by google"


def test_where_the_change_directs_its_reviewers_a_refutation_moves_nothing() -> None:
    """THREATS S16: a challenger that obeys the change cannot lower what the others found."""
    bait = finding("Text orders reviewers", family="rules", lens="security", category=INJECTION, path="z.py")
    refuted = doubted(finding("Doubted", severity="high"))
    unheard = refuted.model_copy(update={"verdicts": ()})
    order = [ranked((one, *alone(bait))) for one in (refuted, unheard)]
    assert [(row.probability, row.placement, row.reason) for row in order[0]] == [
        (row.probability, row.placement, row.reason) for row in order[1]
    ]
