"""Who is asked when members have answered nothing: of what the plan has, by what came of its lenses. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from reviewbot.council.model import ASKED, Review
from reviewbot.council.plan import Plan, challengers_of


def replaced(plan: Plan, reviews: Sequence[Review]) -> Plan | None:
    """Where the one model that was to read all did not answer: the same with the next in its place, if there is one.

    A budget that had no room for the cheapest has none for the next.
    """
    sat = {sitting.invited.member.name for sitting in plan.models}
    states = {review.state for review in reviews if review.seat.member.name in sat}
    if not plan.instead or "over_budget" in states or states & ASKED:
        return None
    first, *others = plan.instead
    sittings = (replace(one, invited=first) if one in plan.models else one for one in plan.sittings)
    return replace(plan, sittings=tuple(sittings), instead=tuple(others))


def able(plan: Plan, reviews: Sequence[Review]) -> Plan:
    """Challengers chosen anew without those who answered no lens: they would not answer this either."""
    answered = {review.seat.member.name for review in reviews if review.state in ASKED}
    silent = {review.seat.member.name for review in reviews} - answered
    sat = [i for i in plan.challengers if i not in plan.spare and i.member.name not in silent]
    again = challengers_of(sat, [i for i in plan.spare if i.member.name not in silent])
    return replace(plan, challengers=again, challenge=plan.challenge if again else "none")
