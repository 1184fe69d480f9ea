"""Who is asked what: by what is at stake and by the policy."""

from contextlib import nullcontext
from typing import Any

import pytest

from reviewbot.change import Stakes
from reviewbot.council import Invited, Lens, Member
from reviewbot.council.plan import Plan, make_plan
from reviewbot.settings import Operator, Rates, TierName, TierRules

LENSES = tuple(Lens(name=name, title=name, categories=(), text=name) for name in ("one", "two", "three"))
ALL: frozenset[TierName] = frozenset({"low", "standard", "high"})


def member(name: str, dollars: float | None = 1.0, *, tiers: frozenset[TierName] = ALL, **facts: Any) -> Invited:
    return Invited(
        member=Member(name=name, family=name.partition("/")[0]),
        connect=lambda: nullcontext(None),
        rates=None if dollars is None else Rates(input=dollars, output=5 * dollars),
        tiers=tiers,
        **facts,
    )


CHEAP = member("a/cheap", 0.1, tiers=frozenset({"low"}))
USUAL = member("a/usual", 2.0, tiers=frozenset({"standard"}))
STRONG = member("a/strong", 5.0, tiers=frozenset({"high"}))
OTHER = member("b/all", 1.0)
RULES = member("rules/builtin", lenses=("one", "two"), reads_prompts=False)
COUNCIL = (CHEAP, USUAL, STRONG, OTHER, RULES)


def plan(tier: TierName, *council: Invited, **facts: Any) -> Plan:
    rules = facts.pop("rules", TierRules())
    return make_plan(
        council or COUNCIL, LENSES, Stakes(tier=tier, reason="r"), rules=rules, settings=Operator(**facts),
        with_context=True,
    )  # fmt: skip


def seats(one: Plan) -> dict[str, list[str]]:
    return {sitting.invited.member.name: [lens.name for lens in sitting.questions] for sitting in one.sittings}


THREE = ["one", "two", "three"]


@pytest.mark.parametrize(
    ("tier", "seated", "challenge", "effort"),
    [
        ("low", {"a/cheap": ["all"], "rules/builtin": ["one", "two"]}, "none", "low"),
        ("standard", {"a/usual": THREE, "b/all": THREE, "rules/builtin": ["one", "two"]}, "one", "medium"),
        ("high", {"a/strong": THREE, "b/all": THREE, "rules/builtin": ["one", "two"]}, "every", "high"),
    ],
)
def test_what_is_at_stake_decides_who_sits(
    tier: TierName, seated: dict[str, list[str]], challenge: str, effort: str
) -> None:
    one = plan(tier)
    assert (seats(one), one.challenge, one.effort) == (seated, challenge, effort)
    assert one.notes == ()


def test_a_policy_narrows_a_tier_by_name() -> None:
    one = plan("high", rules=TierRules(members=("a/usual",), challenge="none"))
    assert (list(seats(one)), one.challenge) == (["a/usual", "rules/builtin"], "none"), "of models, not of rules"
    one = plan("low", rules=TierRules(members=("a/usual", "b/all", "rules/builtin"), challenge="every"))
    assert (list(seats(one)), one.challenge) == (["a/usual", "b/all", "rules/builtin"], "every")


def test_a_policy_may_have_the_rules_alone() -> None:
    one = plan("standard", rules=TierRules(members=("rules/builtin",)))
    assert (list(seats(one)), one.challengers, one.notes) == (["rules/builtin"], (), ())


def test_a_policy_that_names_nobody_who_is_here_is_told_so() -> None:
    one = plan("standard", rules=TierRules(members=("c/gone",)))
    assert list(seats(one)) == ["a/usual", "b/all", "rules/builtin"]
    assert one.notes == ("The policy's members of tier standard do not sit here, so the operator's do.",)


def test_an_unknown_price_is_not_the_cheapest() -> None:
    assert list(seats(plan("low", member("x/unknown", None), member("b/known", 9.0)))) == ["b/known"]
    assert list(seats(plan("low", member("x/unknown", None)))) == ["x/unknown"]


def test_the_operators_effort_for_a_member_comes_before_the_tiers() -> None:
    thinks = member("c/thinks", effort="high")
    one = plan("low", thinks)
    assert (one.effort_of(thinks), one.effort_of(OTHER)) == ("high", "low")


def test_two_families_challenge_each_other_and_one_has_its_other_models_asked_first() -> None:
    assert [invited.member.name for invited in plan("standard").challengers] == ["a/usual", "b/all"]
    alone = plan("standard", CHEAP, USUAL, STRONG, RULES)
    assert [invited.member.name for invited in alone.challengers] == ["a/strong", "a/cheap", "a/usual"]
    scripted = member("s/script", lenses=("one", "challenge"), reads_prompts=False)
    assert scripted in plan("standard", scripted, OTHER).challengers
    assert plan("standard", challenged=0).challenge == "none"


def test_the_policys_members_are_all_who_are_shown_the_change() -> None:
    named = plan("standard", rules=TierRules(members=("a/usual",)))
    assert [invited.member.name for invited in named.challengers] == ["a/usual"]
    assert named.spare == ()


def test_where_little_is_at_stake_the_other_families_wait_the_cheapest_first() -> None:
    wait = plan("low", CHEAP, USUAL, OTHER, member("b/cheaper", 0.5), member("c/dear", 9.0), RULES).instead
    assert [invited.member.name for invited in wait] == ["b/cheaper", "c/dear"]
    assert plan("standard").instead == plan("low", rules=TierRules(members=("a/cheap",))).instead == ()
