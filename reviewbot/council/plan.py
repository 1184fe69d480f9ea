"""Who is asked what, decided before anybody is asked: by what is at stake. Pure.

Knows tiers, members, lenses and which model is dearer. What a budget has no room for is `council.savings`' business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from reviewbot.change import Stakes
from reviewbot.council.model import CHALLENGE, Invited, Lens, Usage
from reviewbot.council.prices import cost
from reviewbot.council.prompt import all_lenses
from reviewbot.settings import Effort, Operator, TierName, TierRules
from reviewbot.settings.policy import ChallengeWord

EFFORT: Final[dict[TierName, Effort]] = {"low": "low", "standard": "medium", "high": "high"}
CHALLENGED: Final[dict[TierName, ChallengeWord]] = {"low": "none", "standard": "one", "high": "every"}
PRICED_BY: Final = Usage(input=10_000, output=1_000)
"""A usual call, by which members are told cheap from dear."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A member and what it is asked."""

    invited: Invited
    lenses: tuple[Lens, ...]
    at_once: bool = False
    """All lenses in one question."""
    instead_of: str = ""
    """The dearer model of its family that would sit, had the budget room for it."""

    @property
    def questions(self) -> tuple[Lens, ...]:
        """What is asked, one call for each part of the change."""
        return (all_lenses(self.lenses),) if self.at_once and len(self.lenses) > 1 else self.lenses


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole council of one run."""

    sittings: tuple[Sitting, ...]
    challenge: ChallengeWord = "none"
    if_left: bool = False
    """The budget is not known to have room for the challenge: it is asked for what the lenses leave."""
    challengers: tuple[Invited, ...] = ()
    """Who may be asked to refute, by preference. Where one family sits alone, models that do not sit come first."""
    spare: tuple[Invited, ...] = ()
    """Models that do not sit and may be asked to refute, should one family be left."""
    instead: tuple[Invited, ...] = ()
    """Where one model is to read all: those of other families that are asked, in turn, when it does not answer."""
    challenged: int = 0
    """Findings that are put to them at most."""
    effort: Effort | None = None
    """Of members the operator said nothing about."""
    context_tokens: int = 0
    """For code around the change."""
    answer_tokens: int | None = None
    """For one answer, where the budget has room for a shorter one only; None is what the operator allows."""
    prompt_tokens: int | None = None
    """Of one prompt, where the budget has room for a smaller one only; None is what the operator allows."""
    notes: tuple[str, ...] = ()
    """What a person should know of it."""

    def effort_of(self, invited: Invited) -> Effort | None:
        """The same for all calls of a member in one run: another one reads no cache."""
        return invited.effort or self.effort

    def questions_of(self, invited: Invited) -> int:
        """How many lens questions a member is asked about each part; 0 where it only challenges."""
        return sum(len(sitting.questions) for sitting in self.sittings if sitting.invited is invited)

    @property
    def models(self) -> tuple[Sitting, ...]:
        """Those who read prompts, and cost."""
        return tuple(sitting for sitting in self.sittings if sitting.invited.reads_prompts)


def make_plan(  # noqa: PLR0913  all that a plan depends on
    council: Sequence[Invited],
    lenses: Sequence[Lens],
    stakes: Stakes,
    *,
    rules: TierRules,
    settings: Operator,
    with_context: bool,
) -> Plan:
    """Who sits, which questions, who challenges. `rules` narrow the tier; code around the change may not be had."""
    notes = list[str]()
    sitting = _sitting(council, stakes.tier, rules, notes)
    at_once = stakes.tier == "low"
    challenge = rules.challenge or CHALLENGED[stakes.tier]
    unseated = [i for i in council if i.reads_prompts and i not in sitting]
    if any(i.member.name in (rules.members or ()) for i in sitting):
        unseated = []  # the policy keeps the change from the others
    spare = sorted(unseated, key=lambda invited: "high" not in invited.tiers)
    return Plan(
        sittings=tuple(
            Sitting(invited=invited, lenses=asked, at_once=at_once and invited.reads_prompts)
            for invited in sitting
            if (asked := tuple(lens for lens in lenses if invited.lenses is None or lens.name in invited.lenses))
        ),
        challenge=challenge if settings.challenged else "none",
        challengers=challengers_of(sitting, spare),
        spare=tuple(spare),
        instead=_instead(unseated, sitting) if at_once else (),
        challenged=settings.challenged,
        effort=EFFORT[stakes.tier],
        context_tokens=settings.context_tokens if with_context else 0,
        notes=tuple(notes),
    )


def _sitting(council: Sequence[Invited], tier: TierName, rules: TierRules, notes: list[str]) -> list[Invited]:
    """The members of the council that sit in a tier, in their order. A policy leaves out models, nobody else."""
    models = [invited for invited in council if invited.reads_prompts]
    seated = [invited for invited in models if tier in invited.tiers] or models
    if rules.members is not None and any(invited.member.name in rules.members for invited in council):
        seated = [invited for invited in models if invited.member.name in rules.members]
    elif rules.members is not None and models:
        notes.append(f"The policy's members of tier {tier} do not sit here, so the operator's do.")
    elif tier == "low":
        seated = sorted(seated, key=dearness)[:1]
    chosen = {id(invited) for invited in seated}
    return [invited for invited in council if id(invited) in chosen or not invited.reads_prompts]


def dearness(invited: Invited) -> float:
    """Dollars of a usual call; a price that nobody knows counts as the dearest."""
    usd = cost(invited, PRICED_BY).usd
    return float("inf") if usd is None else usd


def _instead(unseated: Sequence[Invited], sitting: Sequence[Invited]) -> tuple[Invited, ...]:
    """The cheapest model of each family that has none here, the cheapest first."""
    seen = {invited.member.family for invited in sitting}
    low = [invited for invited in unseated if "low" in invited.tiers]
    first = {i.member.family: i for i in sorted(low, key=dearness, reverse=True) if i.member.family not in seen}
    return tuple(sorted(first.values(), key=dearness))


def challengers_of(sitting: Sequence[Invited], spare: Sequence[Invited]) -> tuple[Invited, ...]:
    """Those who sit; where they are of one family, models that do not sit before them, the strong ones first."""
    able = [i for i in sitting if i.reads_prompts or (i.lenses is not None and CHALLENGE in i.lenses)]
    return (*spare, *able) if len({invited.member.family for invited in able}) == 1 else tuple(able)
