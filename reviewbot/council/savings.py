"""What a plan gives up where its budget has no room for all of it: in one fixed order, the least loss first. Pure.

Knows what calls usually cost, and at the most. Nothing is held by it: the ledger has the last word of each call. Each
step is a note that a person reads (docs/budgets.md).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from math import ceil
from typing import NamedTuple

from reviewbot.council.model import Invited, Review, Usage
from reviewbot.council.pack import room_of
from reviewbot.council.plan import Plan, Sitting, challengers_of, dearness
from reviewbot.council.prices import BYTES_PER_TOKEN, EXPECTED_OUTPUT, FRAMING, NO_COST, Cost, cost, expected_cost
from reviewbot.settings import Budget, Operator

SHORTER, SHORTEST = 8_000, 4_000
"""Tokens for an answer, thinking included. With the fewest a model is told to think little: what it thought would be
paid, and nothing of the answer be left."""
SMALLER = 25_000
"""Tokens of a prompt. The last call is reckoned with at a token for each byte, which is three times what it comes to:
the budget then has room for four times as many calls beside it."""
QUESTION, QUESTIONS = 500, 1_000
"""Tokens behind the change, to reckon with: one lens, and all lenses in one question."""

AS_FAR = "For the budget, the change was shown as far as there was room for it."


class Load(NamedTuple):
    """How much there is to read, in bytes."""

    around: int
    """In front of the change in every prompt: the rules, the schema, what the author says."""
    change: int
    context: int
    """Of code around the change, if there is any to be had."""


Step = Callable[[Plan], Plan | None]
"""Gives something up; None where there is nothing more of it."""
Fits = Callable[[Plan], bool]


def within_budget(plan: Plan, load: Load, settings: Operator, left: Budget) -> Plan:
    """The plan, or as much of it as fits into what may be spent."""

    def fits(some: Plan) -> bool:
        return _fits(_needed(some, load, settings), left)

    if not plan.models or fits(plan):
        return plan
    whole, taken = _measured(plan, settings), list[Step]()
    less = whole
    for step in _STEPS if left.usd is not None else _SPARING:
        while (fewer := step(less)) is not None:
            less = fewer
            taken.append(step)
            if fits(less):
                return _told(whole, _taken_back(whole, taken, fits))
    pieces = _in_pieces(less, load, settings, left)
    return _told(whole, pieces or less, *([AS_FAR] if pieces else []))


def _measured(plan: Plan, settings: Operator) -> Plan:
    """The plan with the operator's sizes in it."""
    return replace(plan, answer_tokens=settings.max_output_tokens, prompt_tokens=settings.max_prompt_tokens)


def _taken_back(plan: Plan, taken: Sequence[Step], fits: Fits) -> Plan:
    """The plan after these steps, without those that later ones made needless. The greatest loss is mended first."""

    def after(steps: Iterable[Step]) -> Plan:
        some = plan
        for step in steps:
            some = step(some) or some
        return some

    steps = list(taken)
    for number in reversed(range(len(taken))):
        without = [*steps[:number], *steps[number + 1 :]]
        if fits(after(without)):
            steps = without
    return after(steps)


def _shorter_answers(plan: Plan) -> Plan | None:
    return _answers(plan, SHORTER)


def _smaller_prompts(plan: Plan) -> Plan | None:
    return replace(plan, prompt_tokens=SMALLER) if (plan.prompt_tokens or 0) > SMALLER else None


def _without_context(plan: Plan) -> Plan | None:
    return replace(plan, context_tokens=0) if plan.context_tokens else None


def _challenge_last(plan: Plan) -> Plan | None:
    """The challenge is no longer reckoned with: the cheapest are asked, as far as what is left then goes."""
    if plan.challenge == "none" or plan.if_left:
        return None
    return _seated(replace(plan, if_left=True), plan.sittings, plan.spare)


def _at_once(plan: Plan) -> Plan | None:
    """Every member is asked all its lenses in one question."""
    if not any(len(sitting.questions) > 1 for sitting in plan.models):
        return None
    return replace(
        plan, sittings=tuple(replace(sitting, at_once=sitting.invited.reads_prompts) for sitting in plan.sittings)
    )


def _cheaper_model(plan: Plan) -> Plan | None:
    """The dearest that can gives its place to the next cheaper model of its family."""
    for dear in _dearest_first(plan):
        own, usd = dear.invited, dearness(dear.invited)
        below = [i for i in plan.spare if i.member.family == own.member.family and dearness(i) < usd]
        if below and own.lenses is None:
            next_one = max(below, key=dearness)
            seat = replace(dear, invited=next_one, instead_of=dear.instead_of or own.member.name)
            sittings = [seat if sitting is dear else sitting for sitting in plan.sittings]
            return _seated(plan, sittings, [i for i in plan.spare if i is not next_one])
    return None


def _shortest_answers(plan: Plan) -> Plan | None:
    shorter = _answers(plan, SHORTEST)
    return replace(shorter, effort="low") if shorter else None


def _fewer_members(plan: Plan) -> Plan | None:
    """The dearest leaves; of those that cost as much, the last."""
    if len(plan.models) < 2:
        return None
    dearest = _dearest_first(plan)[0]
    return _seated(plan, [sitting for sitting in plan.sittings if sitting is not dearest], plan.spare)


_STEPS: tuple[Step, ...] = (
    _shorter_answers,
    _smaller_prompts,
    _without_context,
    _challenge_last,
    _at_once,
    _cheaper_model,
    _shortest_answers,
    _fewer_members,
)
"""What is given up, the least loss first. Last comes `_in_pieces`."""
_SPARING = tuple(step for step in _STEPS if step is not _cheaper_model)
"""Where tokens are counted alone, of which a cheaper model needs as many."""


def _answers(plan: Plan, tokens: int) -> Plan | None:
    return replace(plan, answer_tokens=tokens) if (plan.answer_tokens or 0) > tokens else None


def _dearest_first(plan: Plan) -> list[Sitting]:
    """Of those that cost as much, the last."""
    rows = sorted(enumerate(plan.models), key=lambda row: (dearness(row[1].invited), row[0]), reverse=True)
    return [sitting for _, sitting in rows]


def _seated(plan: Plan, sittings: Sequence[Sitting], spare: Sequence[Invited]) -> Plan:
    """The plan with these who sit and these who may challenge beside them."""
    sit = [sitting.invited for sitting in sittings]
    if plan.if_left:
        most = max(dearness(sitting.invited) for sitting in sittings if sitting.invited.reads_prompts)
        sit, spare = sorted(sit, key=dearness), sorted((i for i in spare if dearness(i) <= most), key=dearness)
    return replace(plan, sittings=tuple(sittings), spare=tuple(spare), challengers=challengers_of(sit, spare))


def _told(whole: Plan, less: Plan, *further: str) -> Plan:
    """The plan with a note of each thing that was given up, in the order of the steps."""
    here = {one.instead_of or one.invited.member.name: one for one in less.models}
    at_once = any(len(one.questions) > 1 for one in whole.models) and any(one.at_once for one in less.models)
    little = ", and the models were told to think little" if less.effort != whole.effort else ""
    told = [
        (less.answer_tokens != whole.answer_tokens, f"an answer had room for {less.answer_tokens:,} tokens{little}"),
        (less.prompt_tokens != whole.prompt_tokens, f"a prompt had room for {less.prompt_tokens:,} tokens"),
        (less.context_tokens != whole.context_tokens, "no code around the change was shown"),
        (at_once, "each model was asked all lenses in one question"),
        *((one.instead_of != "", f"{one.invited.member.name} sat instead of {name}") for name, one in here.items()),
        *((name not in here, f"{name} did not sit") for name in (one.invited.member.name for one in whole.models)),
    ]
    return replace(
        less, notes=(*whole.notes, *(f"For the budget, {what}." for given_up, what in told if given_up), *further)
    )


def as_asked(plan: Plan, challenged: Sequence[Review]) -> tuple[tuple[Review, ...], tuple[str, ...]]:
    """Where the challenge had what was left: the reviews of those it was enough for, and a note of the others."""
    unasked = [one for one in challenged if plan.if_left and one.state == "over_budget" and not one.attempts]
    asked = tuple(one for one in challenged if one not in unasked)
    names = ", ".join(one.seat.member.name for one in unasked) if asked else "nobody"
    were = "were" if asked and len(unasked) > 1 else "was"
    note = f"For the budget, {names} {were}{' not' if asked else ''} asked to refute the findings."
    return asked, (note,) if unasked else ()


def _in_pieces(plan: Plan, load: Load, settings: Operator, left: Budget) -> Plan | None:
    """Prompts of the size in which the most of the change should fit; what has least at stake comes last.

    How many of them are asked the ledger says, call by call: what they come to is known by then. None
    where not one would fit.
    """
    best, most, size = None, 0, settings.max_prompt_tokens
    while size * BYTES_PER_TOKEN > load.around:
        smaller = replace(plan, prompt_tokens=size)
        shown = max(_shown(smaller, sitting.invited, load, settings) for sitting in plan.models)
        parts = _most_parts(smaller, shown.parts, load, settings, left)
        if (covered := parts * shown.each) > most:
            best, most = smaller, covered
        size = size * 3 // 4
    return best


def _most_parts(plan: Plan, needed: int, load: Load, settings: Operator, left: Budget) -> int:
    """The largest number of prompts that should fit; 0 where none does."""
    return bisect_right(
        range(1, needed + 1), False, key=lambda most: not _fits(_needed(plan, load, settings, most), left)
    )


def _fits(cost: Cost, left: Budget) -> bool:
    """A price that nobody knows counts for nothing here: the ledger refuses its call in words."""
    return (left.tokens is None or cost.tokens <= left.tokens) and (left.usd is None or (cost.usd or 0.0) <= left.usd)


class _Shown(NamedTuple):
    """In how many prompts a member is shown the change, and how many bytes of it one holds: usually, and at most."""

    parts: int
    each: int
    largest: int


def _shown(plan: Plan, invited: Invited, load: Load, settings: Operator) -> _Shown:
    size = plan.prompt_tokens or settings.max_prompt_tokens
    room = room_of(invited.window, prompt_tokens=size, answer_tokens=_answer(plan, invited, settings))
    free = max(1, room.prompt_bytes - load.around - _context(plan, load))
    needed = max(1, ceil(load.change / free))
    return _Shown(needed, ceil(load.change / needed), min(load.change, free))


def _answer(plan: Plan, invited: Invited, settings: Operator) -> int:
    """Tokens of the longest answer it is asked for."""
    longest = plan.answer_tokens or settings.max_output_tokens
    return min(longest, invited.most_output or longest)


def _context(plan: Plan, load: Load) -> int:
    return min(plan.context_tokens * BYTES_PER_TOKEN, load.context)


def _needed(plan: Plan, load: Load, settings: Operator, most: int | None = None) -> Cost:
    """What the plan will usually come to, with room for the last call at its worst: without that it is not made.

    A change in more than `most` prompts is reckoned with as far as these hold it.
    """
    total, margin = NO_COST, NO_COST
    asked = [(sitting.invited, len(sitting.questions), sitting.at_once) for sitting in plan.models]
    if plan.challenge != "none" and not plan.if_left:
        spare = [i for i in plan.challengers if i.reads_prompts and i in plan.spare]
        asked = [(invited, questions + (questions > 1 and not spare), at_once) for invited, questions, at_once in asked]
        asked += [(invited, 1, False) for invited in spare[:1] or [i for i, questions, _ in asked if questions == 1]]
    for invited, questions, at_once in asked:
        (parts, each, largest), around = _shown(plan, invited, load, settings), load.around + _context(plan, load)
        own, output = (QUESTIONS, 2 * EXPECTED_OUTPUT) if at_once else (QUESTION, EXPECTED_OUTPUT)
        answer = _answer(plan, invited, settings)
        parts, output = min(parts, most or parts), min(output, answer)
        shared = (around + each) // BYTES_PER_TOKEN
        usual = expected_cost(invited, shared=shared, own=own, questions=questions, output=output)
        total = _sum(total, Cost(parts * usual.tokens, parts * (usual.usd or 0.0)))
        dearest = Usage(cache_written=around + largest + FRAMING, input=4 * own, output=answer)
        worst = cost(invited, dearest)
        one = expected_cost(invited, shared=shared, own=own, output=output)
        usd = max(margin.usd or 0.0, (worst.usd or 0.0) - (one.usd or 0.0))
        margin = Cost(max(margin.tokens, worst.tokens - one.tokens), usd)
    return _sum(total, margin)


def _sum(one: Cost, other: Cost) -> Cost:
    """A price that nobody knows adds nothing here: the ledger refuses its call in words."""
    return Cost(one.tokens + other.tokens, (one.usd or 0.0) + (other.usd or 0.0))
