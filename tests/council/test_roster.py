"""Who was named and does not sit is said; so is what a scanner was not asked for."""

from contextlib import nullcontext

import pytest
from pydantic import SecretStr

from reviewbot.council import Invited, Lens, Member
from reviewbot.council.roster import told_of
from reviewbot.settings import MemberSettings, Operator, Policy, TierRules

SECURITY = Lens(name="security", title="", categories=(), text="")
NOBODY = {"openai/gpt-6-astro": MemberSettings(effort="high")}


def member(name: str, family: str = "openai", lenses: tuple[str, ...] | None = None) -> Invited:
    return Invited(member=Member(name=name, family=family), connect=lambda: nullcontext(None), lenses=lenses)


COUNCIL = (
    member("openai/gpt-6-astra"),
    member("rules/builtin", "rules", ("security", "architecture")),
    member("sarif/a.sarif", "gitleaks scanner", ("architecture",)),
)
UNHEARD = "What sarif/a.sarif says through lens architecture was not asked for."


def notes(operator: Operator | None = None, rules: TierRules | None = None, **policy: tuple[str, ...]) -> list[str]:
    operator = (operator or Operator()).model_copy(update={"keys": {"openai": SecretStr("k")}})
    told = told_of(COUNCIL, (SECURITY,), operator, Policy.model_validate(policy), rules or TierRules())
    return [note for note in told if note != UNHEARD]


def test_a_scanner_whose_lens_nobody_asks_for_leaves_a_note() -> None:
    assert told_of(COUNCIL, (SECURITY,), Operator(), Policy(), TierRules()) == (UNHEARD,)


def test_whom_the_policy_names_in_vain_is_said() -> None:
    names = tuple(f"openai/{number}" for number in range(6))
    (note,) = notes(models=("openai/gpt-6-astra", *names), rules=TierRules(members=("b/x", "rules/builtin")))
    assert note == (
        "The policy asks for openai/0, openai/1, openai/2, openai/3, openai/4 and 2 more, "
        "not among those the operator lets it choose from."
    )


@pytest.mark.parametrize(
    ("operator", "said"),
    [
        (Operator(members=NOBODY), "did they mean openai/gpt-6-astra?"),
        (Operator(members=NOBODY, models=("openai/gpt-6-astra",)), "did they mean openai/gpt-6-astra?"),
        (Operator(members={"openai/o5": MemberSettings()}), "it sits where --model or a policy names it."),
        (Operator(members={"openai/o5": MemberSettings()}, models=("openai/gpt-6-astra",)), ""),
        (Operator(members=NOBODY | {"openai/gpt-6-astra": MemberSettings()}, models=("openai/gpt-6-astra",)), ""),
        (Operator(members={"google/gemini": MemberSettings()}), ""),
    ],
)
def test_settings_of_nobody_leave_a_trace(operator: Operator, said: str) -> None:
    told = notes(operator)
    assert len(told) == bool(said)
    assert said in "".join(told)
