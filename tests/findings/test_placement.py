import pytest
from findings.samples import FAMILIES, finding

from reviewbot.findings import Cluster, Finding, Severity
from reviewbot.findings.model import Check, Verdict
from reviewbot.findings.placement import Judged, place
from reviewbot.settings import Comments

OPEN = Comments()


def judged(
    *findings: Finding, severity: Severity = "medium", asked: tuple[str, ...] = FAMILIES, probability: float = 0.25
) -> Judged:
    found = findings or (finding(),)
    raised = tuple(sorted({one.family for one in found}))
    return Judged("0" * 12, Cluster(findings=found), severity, probability, raised, tuple(sorted({*asked, *raised})))


def solo(family: str, severity: Severity = "high", probability: float = 0.25) -> Judged:
    return judged(finding(family=family), severity=severity, probability=probability)


@pytest.mark.parametrize(
    ("one", "placement", "reason"),
    [
        (judged(finding(), finding(family="openai")), "inline", "raised by 2 of 3 families asked, quotes the line"),
        (judged(), "inline", "raised by 1 of 3 families asked, quotes the line"),
        (judged(probability=0.24), "summary", "raised by 1 of 3 families asked, medium"),
        (judged(severity="low"), "inline", "raised by 1 of 3 families asked, quotes the line"),
        (judged(severity="low", probability=0.24), "summary", "raised by 1 of 3 families asked, low"),
        (judged(severity="high", probability=0.13), "inline", "raised by 1 of 3 families asked, quotes the line"),
        (judged(severity="high", probability=0.12), "summary", "raised by 1 of 3 families asked, high"),
        (judged(severity="critical", probability=0.07), "inline", "raised by 1 of 3 families asked, quotes the line"),
        (judged(severity="critical", probability=0.06), "summary", "raised by 1 of 3 families asked, critical"),
        (judged(finding(), finding(family="openai"), probability=0.24), "summary",
         "raised by 2 of 3 families asked, medium"),
        (judged(finding(), finding(family="openai"), severity="high", probability=0.01), "inline",
         "raised by 2 of 3 families asked, quotes the line"),
        (judged(finding(line=None), finding(family="openai", line=None)), "summary",
         "raised by 2 of 3 families asked, no precise line"),
        (judged(asked=()), "inline", "raised by the one family asked, quotes the line"),
        (judged(asked=(), probability=0.24), "summary", "raised by the one family asked, medium"),
        (judged(finding(family="rules"), probability=0.01), "inline", "found by a rule, quotes the line"),
        (judged(finding(family="bandit scanner"), asked=("rules",)), "inline", "found by a rule, quotes the line"),
        (judged(finding(family="bandit scanner"), severity="low", asked=("rules",)), "summary",
         "found by a rule, low"),
        (judged(finding(family="rules"), finding(), asked=("anthropic",)), "inline",
         "found by a rule, raised by the one family asked, quotes the line"),
    ],
)  # fmt: skip
def test_a_comment_at_the_line_is_earned_and_the_reason_says_how(one: Judged, placement: str, reason: str) -> None:
    assert place([one], OPEN) == ((placement, reason),)


def test_what_the_policy_finds_too_small_is_in_the_summary() -> None:
    agreed = judged(finding(), finding(family="openai"), severity="low")
    reason = "raised by 2 of 3 families asked, below the policy's min_severity (medium)"
    assert place([agreed], Comments(min_severity="medium")) == (("summary", reason),)
    assert place([agreed], Comments(min_severity="low"))[0][0] == "inline"


@pytest.mark.parametrize("room", [0, 1, 3, 12])
def test_there_are_no_more_comments_than_the_policy_allows(room: int) -> None:
    placed = place([solo("openai")] * 5, Comments(max=room))
    assert [placement for placement, _ in placed] == ["inline"] * min(room, 5) + ["summary"] * (5 - min(room, 5))
    beyond = f"raised by 1 of 3 families asked, beyond the {room} comments the policy allows"
    assert all(reason == beyond for placement, reason in placed if placement == "summary")


def test_one_family_does_not_take_the_room_of_another() -> None:
    order = [solo("openai")] * 20 + [solo("anthropic")] * 3
    placed = [placement for placement, _ in place(order, Comments(max=12))]
    assert placed == ["inline"] * 9 + ["summary"] * 11 + ["inline"] * 3


def test_room_that_the_others_leave_is_open_to_all() -> None:
    order = [solo("openai")] * 11 + [solo("anthropic")]
    assert all(placement == "inline" for placement, _ in place(order, Comments(max=12)))


def test_agreement_is_nobodys_share() -> None:
    agreed = judged(finding(), finding(family="openai"))
    order = [agreed] * 10 + [solo("openai"), solo("anthropic"), solo("google")]
    assert [placement for placement, _ in place(order, Comments(max=12))] == ["inline"] * 12 + ["summary"]


def test_who_is_heard_behind_the_others_is_told_why() -> None:
    late = solo("openai", "low", 0.1)._replace(over_share=True)
    ((_, reason),) = place([late], OPEN)
    assert reason == "raised by 1 of 3 families asked, low, behind the others: openai alone raised too many"


def challenged(one: Judged, **more: object) -> Judged:
    said = Verdict.model_validate(
        {"about": "a", "by": "google", "member": "google/model", "verdict": "upheld", "because": "so",
         "importance": 80, "quote": "x = 1", "quote_stands": True} | more
    )  # fmt: skip
    verdicts = (*one.cluster.verdicts, said)
    return one._replace(cluster=one.cluster.model_copy(update={"verdicts": verdicts}))


REFUTED = {"verdict": "refuted", "importance": 10}
AGREED = judged(finding(), finding(family="openai"), probability=0.24)
ALONE, AGAINST = "raised by 1 of 3 families asked", "raised by 2 of 3 families asked"


@pytest.mark.parametrize(
    ("one", "placement", "reason"),
    [
        (challenged(judged()), "inline", f"{ALONE}, upheld by google, quotes the line"),
        (challenged(judged(), quote_stands=False), "inline", f"{ALONE}, quotes the line"),
        (challenged(solo("google")), "inline", f"{ALONE}, quotes the line"),
        (challenged(solo("openai"), **REFUTED), "summary", f"{ALONE}, refuted by google"),
        (challenged(solo("openai"), **REFUTED, quote_stands=False), "inline", f"{ALONE}, quotes the line"),
        (challenged(solo("openai"), **REFUTED)._replace(directed=True), "inline", f"{ALONE}, quotes the line"),
        (challenged(AGREED, **REFUTED), "summary", f"{AGAINST}, disputed by google"),
        (challenged(AGREED, **REFUTED)._replace(directed=True), "summary", f"{AGAINST}, medium"),
        (challenged(AGREED._replace(probability=0.25), **REFUTED), "inline", f"{AGAINST}, quotes the line"),
        (challenged(AGREED._replace(severity="high"), **REFUTED), "inline", f"{AGAINST}, quotes the line"),
        (challenged(challenged(AGREED._replace(severity="high"), **REFUTED), **REFUTED, by="mistral"), "summary",
         f"{AGAINST}, refuted by google and mistral"),
    ],
)  # fmt: skip
def test_who_was_asked_to_refute_it_earns_it_a_comment_or_costs_it_one(
    one: Judged, placement: str, reason: str
) -> None:
    """THREATS S17: alone a refuter folds what two agree on only where it is neither severe nor probable."""
    assert place([one], OPEN) == ((placement, reason),)


def test_what_was_looked_up_and_does_not_bear_it_out_is_said() -> None:
    checks = [
        Check(name=name, holds=holds, detail=detail)
        for name, holds, detail in (
            ("quote", False, "it quotes no code"),
            ("symbol", True, "`load` stands in the tree"),
            ("fix", False, "its fix is the code as it stands"),
        )
    ]
    one = judged(finding().model_copy(update={"evidence": tuple(checks)}))
    assert place([one], OPEN)[0][1] == f"{ALONE}, quotes the line, but its fix is the code as it stands"
