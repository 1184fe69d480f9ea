import math

import pytest
from findings.samples import alone, finding, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.findings import Cluster, Finding
from reviewbot.findings.model import Check, Prior, Term, Verdict
from reviewbot.findings.probability import families_of, probability_of, problems_by_family, severity_of, terms_of

PLAIN = {"body": "Refunds load what they are given."}


def terms(
    *findings: Finding, asked: int = 3, problems: int = 5, support: float = 0.0, verdicts: tuple[Verdict, ...] = ()
) -> tuple[Term, ...]:
    cluster = Cluster(findings=findings, support=support, verdicts=verdicts)
    return terms_of(cluster, asked=asked, problems=dict.fromkeys(families_of(cluster), problems))


def worth(*findings: Finding, **more: object) -> float:
    return probability_of(terms(*findings, **more))  # type: ignore[arg-type]  those of `terms`


def checked(*checks: Check, **more: object) -> Finding:
    return finding(**more).model_copy(update={"evidence": checks})  # type: ignore[arg-type]  those of `finding`


def check(name: str, *, holds: bool) -> Check:
    return Check.model_validate({"name": name, "holds": holds, "detail": "so"})


def verdict(word: str, importance: int) -> Verdict:
    return Verdict.model_validate(
        {"about": "a", "by": "google", "member": "google/model", "verdict": word, "because": "so",
         "importance": importance, "quote": "x = 1", "quote_stands": True}
    )  # fmt: skip


SEVERE = finding(severity="critical", confidence="certain")
BARE = finding(line=None, severity="low", confidence="possible", **PLAIN)
TOLD = finding(body="When two customers pay at once, `load_order` returns the wrong order, causing a lost refund.")
TWICE = (finding(), finding(family="openai"))


@pytest.mark.parametrize(
    ("value", "percent"),
    [
        (worth(finding()), 9),
        (worth(finding(), asked=1), 17),
        (worth(finding(), asked=8), 5),
        (worth(finding(), problems=1), 16),
        (worth(finding(), problems=20), 5),
        (worth(*TWICE, support=0.5), 26),
        (worth(*TWICE, finding(family="google"), support=0.9), 52),
        (worth(TOLD), 26),
        (worth(SEVERE), 16),
        (worth(BARE), 2),
        (worth(finding(), verdicts=(verdict("upheld", 90),)), 39),
        (worth(*TWICE, support=0.5, verdicts=(verdict("refuted", 10),)), 2),
        (worth(checked(check("absence", holds=False))), 6),
        (worth(finding(family="rules", confidence="likely")), 80),
    ],
)
def test_what_typical_problems_are_worth(value: float, percent: int) -> None:
    assert round(100 * value) == percent


def test_each_reason_has_its_name_and_they_add_up_in_a_fixed_order() -> None:
    every = [*TWICE, checked(check("fix", holds=False), family="google", severity="high", confidence="certain")]
    told = terms(*every, support=0.5, verdicts=(verdict("upheld", 90),))
    assert [term.name for term in told] == [
        "base", "agreement", "families", "asked", "selectivity", "wording", "severity", "confidence", "quote",
        "challenge",
    ]  # fmt: skip
    assert probability_of(told) == pytest.approx(1 / (1 + math.exp(-sum(term.value for term in told))))


def test_what_tells_nothing_is_no_reason() -> None:
    assert {term.name for term in terms(finding(), asked=1, problems=1)} == {"base", "wording", "quote"}


def test_a_rules_precision_is_a_reason_of_its_own() -> None:
    told = terms(finding(family="rules", confidence="certain"))
    assert told[-1].name == "rules"
    assert probability_of(told) == pytest.approx(0.95)
    assert worth(finding(family="rules", confidence="possible"), finding(confidence="certain")) >= 0.5


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"confidence": "certain"}, {"confidence": "likely"}),
        ({"confidence": "likely"}, {"confidence": "possible"}),
        ({"severity": "critical"}, {"severity": "high"}),
        ({"severity": "high"}, {"severity": "medium"}),
        ({"severity": "medium"}, {"severity": "low"}),
        ({"line": 3}, {"line": None}),
        ({"body": "It always throws here."}, {"body": "It may well throw here."}),
        ({"body": "a b c d e f g h i"}, {"body": "a b c d e f"}),
    ],
)
def test_words_and_evidence_move_it(better: dict[str, object], worse: dict[str, object]) -> None:
    high, low = (worth(finding("A defect", **(PLAIN | more))) for more in (better, worse))  # type: ignore[arg-type]
    assert high > low


@pytest.mark.parametrize("name", ["fix", "absence", "symbol", "unchanged"])
def test_a_failed_check_takes_less_than_a_second_family_gives(name: str) -> None:
    failed = check(name, holds=False)
    assert worth(checked(failed)) < worth(finding()) < worth(checked(failed), finding(family="b"), support=0.4)
    assert worth(checked(failed, *(check(more, holds=False) for more in ("absence", "symbol")))) > worth(finding()) / 3


def evidence_of(*checks: Check) -> float:
    return next((term.value for term in terms(checked(*checks)) if term.name == "evidence"), 0.0)


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"fix": False}, -0.3),
        ({"absence": False}, -0.4),
        ({"symbol": False}, -0.4),
        ({"unchanged": False}, -0.1),
        ({"quote": False}, 0.0),
        ({"absence": True}, 0.2),
        ({"symbol": True, "fix": True, "quote": True, "unchanged": True}, 0.0),
        ({"fix": False, "unchanged": False}, -0.4),
        ({"fix": False, "absence": False, "symbol": False, "unchanged": False}, -0.6),
    ],
)
def test_what_each_check_is_worth_and_what_all_of_them_take_at_most(told: dict[str, bool], value: float) -> None:
    assert evidence_of(*(check(name, holds=holds) for name, holds in told.items())) == pytest.approx(value)


def test_who_raised_it_gives_it_a_prior_that_moves_less_than_half() -> None:
    liked = [Prior(member="anthropic/model", lens="architecture", wanted=90, unwanted=1)]
    others = [Prior(member="openai/model", lens="architecture", wanted=1, unwanted=90)]
    (cluster,) = alone(finding())
    (prior,) = (
        term for term in terms_of(cluster, asked=3, problems={"anthropic": 5}, priors=[*liked, *others])
        if term.name == "priors"
    )  # fmt: skip
    assert 0 < prior.value <= 0.5


def test_the_worst_severity_any_voice_gave_is_the_severity() -> None:
    voices = (finding(severity="low"), finding(family="openai", severity="high"), finding(lens="b", severity="medium"))
    assert severity_of(Cluster(findings=voices)) == "high"


def test_a_problem_told_through_two_lenses_is_one_problem_of_its_family() -> None:
    both = Cluster(findings=(finding(), finding(lens="security"), finding(family="openai")))
    assert problems_by_family((both, *alone(finding("Another")))) == {"anthropic": 2, "openai": 1}


@settings(max_examples=25, deadline=None)
@given(st.lists(said(), min_size=1, max_size=4), said(), st.booleans())
def test_a_voice_that_joins_lowers_neither_probability_nor_severity(
    findings: list[Finding], joining: Finding, refuted: bool
) -> None:
    """THREATS S17: nobody can talk another's finding down."""
    failed = (check("symbol", holds=False),) if refuted else ()
    joining = joining.model_copy(update={"family": "newcomer", "evidence": failed})
    assert worth(*findings, joining, asked=4, problems=4) >= worth(*findings, asked=4, problems=4)
    voices = Cluster(findings=(*findings, joining))
    assert severity_of(voices) in {severity_of(Cluster(findings=tuple(findings))), joining.draft.severity}


@settings(max_examples=25, deadline=None)
@given(st.lists(said(), min_size=1, max_size=4), st.floats(0, 1), st.integers(1, 9))
def test_it_is_a_probability_and_repeats_do_not_move_it(findings: list[Finding], support: float, asked: int) -> None:
    value = worth(*findings, support=support, asked=asked)
    assert 0 < value < 1
    assert worth(*findings, *findings, support=support, asked=asked) == pytest.approx(value)


def test_a_challenge_moves_more_than_the_authors_own_words() -> None:
    upheld, refuted = (worth(finding(), verdicts=(one,)) for one in (verdict("upheld", 95), verdict("refuted", 5)))
    assert refuted < worth(finding(confidence="possible", severity="low")) < worth(finding()) < worth(SEVERE) < upheld
