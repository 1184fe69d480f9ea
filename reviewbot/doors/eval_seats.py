"""Who reviews and who judges the cases of a suite. What they answer is kept: the same question is asked once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from reviewbot.council import Invited, Member
from reviewbot.council.budget import Account
from reviewbot.errors import BadSettings
from reviewbot.evals.judge import judge_report, name_judge
from reviewbot.evals.model import Case, Judge
from reviewbot.evals.place_judge import JUDGE, judge_by_place
from reviewbot.evals.run import Judging, Opinions, Reviewed, Seat, key_of
from reviewbot.record.answers import Memory, remembered
from reviewbot.report import Report
from reviewbot.settings import Operator, Policy
from reviewbot.wiring import seat_council

CASE: Final = "{case}"
"""In a member's name it stands for the id of the case: answers that were recorded have a file for each."""
Way = Callable[[Invited], Invited]
"""The same member, reached in another way."""


def at_once(invited: Invited) -> Invited:
    """As members are reached in a review: each call by itself, now."""
    return invited


def seats(operator: Operator, policy: Policy, memory: Memory, way: Way = at_once) -> Seat:
    """The council of each case. A member keeps the name it was given, whichever file of its speaks there.

    Raises NoCouncil and BadSettings now, where the same council would be missing in every case.
    """
    if not any(CASE in name for name in operator.models):
        seat_council(operator, policy)
    return partial(_seated, operator=operator, policy=policy, memory=memory, way=way)


def judging_by(
    name: str, operator: Operator, memory: Memory, accounts: Sequence[Account], way: Way = at_once
) -> Judging:
    """A member as the judge, or with "place" none. Raises BadSettings and NoCouncil where it cannot be asked."""
    if name == JUDGE.name:
        return _by_place
    alone = operator.model_copy(update={"models": (name,), "sarif": ()})
    if CASE not in name:
        _one_who_reads(name, seat_council(alone, Policy()))

    async def by_member(case: Case, report: Report) -> Opinions:
        (invited,) = _seated(case, operator=alone, policy=Policy(), memory=memory, way=way)
        return await judge_report(case, report, invited, operator, accounts)

    return by_member


def judge_named(name: str, reviewed: Sequence[Reviewed]) -> Judge:
    """The judge as the result names it, with what it cost; None where the price of some answer is not known."""
    if name == JUDGE.name:
        return JUDGE
    prices = [one.judging_usd for one in reviewed]
    return name_judge(name, None if None in prices else sum(usd or 0.0 for usd in prices))


async def _by_place(case: Case, report: Report) -> Opinions:
    return judge_by_place(case, report)


def _one_who_reads(name: str, council: Sequence[Invited]) -> None:
    if not any(invited.reads_prompts or invited.lenses is not None for invited in council) or name.startswith("rules/"):
        raise BadSettings(f"--judge {name}", "judges nothing", "name a model, or `place` for none")


def _seated(case: Case, *, operator: Operator, policy: Policy, memory: Memory, way: Way) -> tuple[Invited, ...]:
    names = {name.replace(CASE, case.id): name for name in operator.models}
    council = seat_council(operator.model_copy(update={"models": tuple(names)}), policy)
    given = (replace(one, member=_called(one.member, names)) for one in council)
    return tuple(remembered(way(invited), memory, key=key_of(case), at_cost=True) for invited in given)


def _called(member: Member, names: Mapping[str, str]) -> Member:
    return member.model_copy(update={"name": names.get(member.name, member.name)})
