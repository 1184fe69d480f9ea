"""What a budget buys: what is given up first, what is taken back, and what the challenge has left."""

from contextlib import nullcontext
from typing import Any

import pytest

from reviewbot.change import Stakes
from reviewbot.council import Invited, Lens, Member, Review, Seat
from reviewbot.council.model import CHALLENGE, State
from reviewbot.council.plan import Plan, make_plan
from reviewbot.council.savings import Load, as_asked, within_budget
from reviewbot.report.wording import GIVEN_UP
from reviewbot.settings import Budget, Operator, Rates, TierName, TierRules

LENSES = tuple(Lens(name=name, title=name, categories=(), text=name) for name in ("one", "two", "three"))
LOAD = Load(around=3_000, change=30_000, context=24_000)
ALL: frozenset[TierName] = frozenset({"low", "standard", "high"})


def member(name: str, dollars: float = 1.0, *, tiers: frozenset[TierName] = ALL, **facts: Any) -> Invited:
    return Invited(
        member=Member(name=name, family=name.partition("/")[0]),
        connect=lambda: nullcontext(None),
        rates=Rates(input=dollars, output=5 * dollars),
        tiers=tiers,
        **facts,
    )


CHEAP = member("a/cheap", 0.1, tiers=frozenset({"low"}))
USUAL = member("a/usual", 2.0, tiers=frozenset({"standard"}))
STRONG = member("a/strong", 5.0, tiers=frozenset({"high"}))
OTHER = member("b/all", 1.0)
RULES = member("rules/builtin", lenses=("one", "two"), reads_prompts=False)
COUNCIL = (CHEAP, USUAL, STRONG, OTHER, RULES)


def plan(tier: TierName, *council: Invited, left: Budget, load: Load = LOAD, **facts: Any) -> Plan:
    settings, rules = Operator(**facts), TierRules()
    stakes = Stakes(tier=tier, reason="r")
    whole = make_plan(
        council or COUNCIL, LENSES, stakes, rules=rules, settings=settings, with_context=bool(load.context)
    )
    return within_budget(whole, load, settings, left)


def seats(one: Plan) -> dict[str, int]:
    return {sitting.invited.member.name: len(sitting.questions) for sitting in one.models}


SHORT, NO_CONTEXT = "an answer had room for 8,000 tokens", "no code around the change was shown"
AT_ONCE, CHEAPER = "each model was asked all lenses in one question", "a/cheap sat instead of a/usual"
SHORTEST, GONE = "an answer had room for 4,000 tokens, and the models were told to think little", "b/all did not sit"
BUYS: list[tuple[float, dict[str, int], bool, tuple[str, ...]]] = [
    (0.90, {"a/usual": 3, "b/all": 3}, False, ()),
    (0.58, {"a/usual": 3, "b/all": 3}, False, (SHORT,)),
    (0.44, {"a/usual": 3, "b/all": 3}, False, (SHORT, NO_CONTEXT)),
    (0.38, {"a/usual": 3, "b/all": 3}, True, (SHORT, NO_CONTEXT)),
    (0.23, {"a/usual": 1, "b/all": 1}, True, (SHORT, NO_CONTEXT, AT_ONCE)),
    (0.18, {"a/cheap": 3, "b/all": 3}, False, (SHORT, NO_CONTEXT, CHEAPER)),
    (0.09, {"a/cheap": 1, "b/all": 1}, True, (SHORT, NO_CONTEXT, AT_ONCE, CHEAPER)),
    (0.075, {"a/cheap": 1, "b/all": 1}, True, (SHORTEST, NO_CONTEXT, AT_ONCE, CHEAPER)),
    (0.05, {"a/cheap": 3}, True, (CHEAPER, GONE)),
]
"""Dollars, who sits with how many questions, whether the challenge waits for what is left, and what is given up: what
a later step made needless to give up is taken back."""


@pytest.mark.parametrize(("usd", "seated", "if_left", "given_up"), BUYS)
def test_a_smaller_budget_buys_less_in_one_order_each_step_said(
    usd: float, seated: dict[str, int], if_left: bool, given_up: tuple[str, ...]
) -> None:
    one = plan("standard", left=Budget(usd=usd))
    assert (seats(one), one.if_left) == (seated, if_left)
    assert one.notes == tuple(f"{GIVEN_UP}{what}." for what in given_up)
    assert one.effort == ("low" if SHORTEST in given_up else "medium")


def test_where_one_family_is_left_nobody_dearer_than_it_challenges() -> None:
    one = plan("standard", *COUNCIL[:3], left=Budget(usd=0.20))
    assert (list(seats(one)), one.if_left) == (["a/usual"], True)
    assert [invited.member.name for invited in one.challengers] == ["a/cheap", "a/usual"]


def test_where_tokens_alone_are_counted_no_cheaper_model_sits() -> None:
    one = plan("standard", left=Budget(tokens=50_000))
    assert (list(seats(one)), one.notes[-1]) == (["b/all"], "For the budget, a/usual did not sit.")


def test_a_large_change_comes_in_smaller_prompts_before_some_of_it_is_not_shown() -> None:
    large = LOAD._replace(change=450_000, context=0)
    one = plan("standard", member("a/strong", 5.0), left=Budget(usd=2.1), load=large)
    assert (one.prompt_tokens, one.notes[1]) == (25_000, "For the budget, a prompt had room for 25,000 tokens.")


def test_the_last_step_shows_smaller_prompts_and_the_ledger_says_how_many() -> None:
    large = LOAD._replace(change=3_000_000, context=0)
    one = plan("standard", OTHER, left=Budget(tokens=100_000), load=large, challenged=0)
    assert 10_000 < (one.prompt_tokens or 0) < 25_000
    assert one.notes[-1] == "For the budget, the change was shown as far as there was room for it."
    nothing = plan("standard", OTHER, left=Budget(usd=0.0), load=large)
    assert seats(nothing) == {"b/all": 1}, "the ledger refuses it"
    assert "as far as" not in nothing.notes[-1]


def test_a_long_answer_is_not_reckoned_with_where_the_model_writes_none() -> None:
    short = member("a/short", most_output=2_000)
    assert plan("low", short, left=Budget(tokens=25_000), load=Load(3_000, 6_000, 0)).notes == ()
    assert plan("low", member("a/m"), left=Budget(tokens=25_000), load=Load(3_000, 6_000, 0)).notes != ()


@pytest.mark.parametrize(
    ("states", "if_left", "asked", "told"),
    [
        (("ok", "over_budget"), True, 1, "For the budget, m1 was not asked to refute the findings."),
        (("over_budget", "over_budget"), True, 0, "For the budget, nobody was asked to refute the findings."),
        (("ok", "unavailable"), True, 2, None),
        (("ok", "over_budget"), False, 2, None),
    ],
)
def test_a_challenge_that_nothing_was_left_for_is_a_note(
    states: tuple[State, ...], if_left: bool, asked: int, told: str | None
) -> None:
    reviews = [
        Review(seat=Seat(member=Member(name=f"m{n}", family="f"), lens=CHALLENGE), state=state)
        for n, state in enumerate(states)
    ]
    kept, notes = as_asked(Plan(sittings=(), if_left=if_left), reviews)
    assert (len(kept), notes) == (asked, (told,) if told else ())


def test_rules_cost_nothing_so_no_budget_thins_them() -> None:
    one = plan("standard", RULES, left=Budget(tokens=0))
    assert ([sitting.lenses for sitting in one.sittings], one.notes) == ([LENSES[:2]], ())
