import pytest
from findings.samples import alone, finding, said
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.findings import Cluster, Finding
from reviewbot.findings.model import Verdict
from reviewbot.findings.probability import families_of, probability_of, problems_by_family, severity_of


def worth(*findings: Finding, asked: int = 3, problems: int = 5, support: float = 0.0) -> float:
    cluster = Cluster(findings=findings, support=support)
    return probability_of(cluster, asked=asked, problems=dict.fromkeys(families_of(cluster), problems))


def test_agreement_is_worth_more_than_any_word() -> None:
    emphatic = finding(severity="critical", confidence="certain")
    agreed = worth(finding(), finding(family="openai"), support=0.4)
    assert agreed > worth(emphatic) > worth(finding())


def test_a_family_that_was_asked_and_did_not_say_it_lowers_it_a_little() -> None:
    assert worth(finding(), asked=1) > worth(finding(), asked=3) > worth(finding(), asked=8) > worth(finding()) / 2


def test_who_says_little_means_it() -> None:
    assert worth(finding(), problems=1) > worth(finding(), problems=10) > worth(finding(), problems=500)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"confidence": "certain"}, {"confidence": "likely"}),
        ({"confidence": "likely"}, {"confidence": "possible"}),
        ({"severity": "critical"}, {"severity": "high"}),
        ({"severity": "medium"}, {"severity": "low"}),
        ({"line": 3}, {"line": None}),
        ({"body": "It always throws here."}, {"body": "It may well throw here."}),
        ({"body": "`load_order` ignores it."}, {"body": "Loading it ignores it."}),
    ],
)
def test_words_and_evidence_move_it(better: dict[str, object], worse: dict[str, object]) -> None:
    high, low = (worth(finding("A defect", **({"body": "b"} | more))) for more in (better, worse))
    assert high > low


def test_a_rule_is_precise() -> None:
    assert worth(finding(family="rules", confidence="certain")) >= 0.95
    assert worth(finding(family="rules", confidence="possible"), finding(confidence="certain")) >= 0.5


def test_the_worst_severity_any_voice_gave_is_the_severity() -> None:
    voices = (finding(severity="low"), finding(family="openai", severity="high"), finding(lens="b", severity="medium"))
    assert severity_of(Cluster(findings=voices)) == "high"


def test_a_problem_told_through_two_lenses_is_one_problem_of_its_family() -> None:
    both = Cluster(findings=(finding(), finding(lens="security"), finding(family="openai")))
    assert problems_by_family((both, *alone(finding("Another")))) == {"anthropic": 2, "openai": 1}


@settings(max_examples=50, deadline=None)
@given(st.lists(said(), min_size=1, max_size=4), said())
def test_a_voice_that_joins_lowers_neither_probability_nor_severity(findings: list[Finding], joining: Finding) -> None:
    """THREATS S17: nobody can talk another's finding down."""
    joining = joining.model_copy(update={"family": "newcomer"})
    before, after = Cluster(findings=tuple(findings)), Cluster(findings=(*findings, joining))
    problems = dict.fromkeys(families_of(after), 4)
    assert probability_of(after, asked=4, problems=problems) >= probability_of(before, asked=4, problems=problems)
    assert severity_of(after) in {severity_of(before), joining.draft.severity}


@settings(max_examples=25, deadline=None)
@given(st.lists(said(), min_size=1, max_size=4), st.floats(0, 1), st.integers(1, 9))
def test_it_is_a_probability_and_repeats_do_not_move_it(findings: list[Finding], support: float, asked: int) -> None:
    value = worth(*findings, support=support, asked=asked)
    assert 0 < value < 1
    assert worth(*findings, *findings, support=support, asked=asked) == pytest.approx(value)


def test_a_challenge_moves_more_than_the_authors_own_words() -> None:
    def challenged(word: str, importance: int) -> float:
        said = Verdict.model_validate(
            {"about": "a", "by": "google", "member": "google/model", "verdict": word, "because": "so",
             "importance": importance, "quote": "x = 1", "quote_stands": True}
        )  # fmt: skip
        cluster = Cluster(findings=(finding(),), verdicts=(said,))
        return probability_of(cluster, asked=3, problems={"anthropic": 5})

    assert challenged("refuted", 5) < worth(finding(confidence="possible", severity="low")) < worth(finding())
    assert worth(finding()) < worth(finding(confidence="certain", severity="critical")) < challenged("upheld", 95)
