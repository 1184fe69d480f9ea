"""The second hearing: the first problems in rank order go to somebody else, blind, to be refuted.

Asked behind the prefix that the member's lenses were asked behind. Each member's claims end in one review with a state;
a challenge that failed is said, and leaves the findings as they were. What a verdict does is the business of
`findings.verdicts`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import NamedTuple

from reviewbot.change import Anchor, Diff, Hunk
from reviewbot.council.answer import Verdicts, begun, read_verdicts, salvage_verdicts
from reviewbot.council.brief import Part, call_of
from reviewbot.council.caching import is_kept
from reviewbot.council.claims import PAGE, Claim, assign, claims_of, question_of, verdicts_of
from reviewbot.council.exchange import Exchange, Reader, put
from reviewbot.council.model import ASKED, CHALLENGE, Ask, Invited, Review, Seat, State, Usage
from reviewbot.council.plan import Plan
from reviewbot.council.prompt import read_page
from reviewbot.council.reach import all_of, reach
from reviewbot.council.seat import MOST_SPLITS, Hearing
from reviewbot.findings import Ranked, is_rule
from reviewbot.findings.model import Verdict
from reviewbot.findings.quotes import stands


def _salvaged(text: str) -> Verdicts | None:
    verdicts = salvage_verdicts(text)
    return Verdicts(verdicts=verdicts) if verdicts else None


VERDICTS = Reader[Verdicts](
    read=read_verdicts,
    salvage=_salvaged,
    size=lambda answer: len(answer.verdicts),
    begun=lambda text: begun(text, "verdicts"),
)


class Sheet(NamedTuple):
    """The claims about one part of the change, as one member is asked about them."""

    part: Part
    claims: tuple[Claim, ...]
    wanted: frozenset[str]


class Judged(NamedTuple):
    sheet: Sheet
    exchange: Exchange[Verdicts]
    verdicts: tuple[Verdict, ...]
    again: bool = False
    """It was too long, and asked again in pieces."""


async def challenge(ranked: Sequence[Ranked], plan: Plan, hearing: Hearing) -> tuple[Review, ...]:
    """One review for each member that was asked, all at the same time; nothing where there is nobody or nothing to ask.

    What stops a member that is no failure of a member is raised.
    """
    if plan.challenge == "none":
        return ()
    claims = claims_of(ranked, key=hearing.brief.key, most=plan.challenged)
    able = plan.challengers
    tasks = assign(claims, [invited.member for invited in able], every=plan.challenge == "every")
    rows = (_judge(able[task.challenger], claims, task.wanted, plan, hearing) for task in tasks)
    return tuple(await all_of(rows))


def told_of(reviews: Sequence[Review]) -> tuple[str, ...]:
    """What a person should know of who challenged, where one family alone had answered: no other was among it.

    `reviews` are all of the run.
    """
    lenses = [review for review in reviews if review.seat.lenses and not is_rule(review.seat.member.family)]
    heard = {review.seat.member for review in lenses if review.state in ASKED}
    judges = {review.seat.member for review in reviews if review.verdicts}
    families = {member.family for member in heard}
    if not judges or len(families) != 1:
        return ()
    names = ", ".join(sorted(member.name for member in judges))
    if not {member.family for member in judges} & families:
        whose = "another family"
    else:
        whose = "the same model" if judges == heard and len(heard) == 1 else "another model of the same family"
    did = "sat" if {review.seat.member.family for review in lenses} == families else "answered"
    return (f"One family {did}, so its findings were challenged by {whose}: {names}.",)


async def _judge(
    invited: Invited, claims: Sequence[Claim], wanted: frozenset[str], plan: Plan, hearing: Hearing
) -> Review:
    """One member's review, whether it can be reached or not."""
    seat, began = Seat(member=invited.member, lens=CHALLENGE), time.monotonic()
    hearing.progress(seat, None)
    sheets = sheets_of(hearing.brief.parts(invited), claims, wanted)
    async with reach(invited) as ask:
        if isinstance(ask, str):
            review = Review(seat=seat, state="config_error", detail=ask)
        else:
            ask_once = partial(_ask_once, ask=ask, invited=invited, plan=plan, hearing=hearing)
            rows = await asyncio.gather(*(_ask_about(sheet, ask_once, invited, hearing) for sheet in sheets))
            judged = [*chain.from_iterable(rows)]
            review = _review(seat, judged, wanted, seconds=time.monotonic() - began)
    hearing.progress(seat, review)
    return review


async def _ask_about(
    sheet: Sheet,
    ask_once: Callable[[Sheet], Awaitable[Judged]],
    invited: Invited,
    hearing: Hearing,
    splits: int = MOST_SPLITS,
) -> list[Judged]:
    """One sheet; where the server finds it too long, or found it so for a lens, one for each smaller piece."""
    judged = list[Judged]()
    smaller = hearing.in_pieces(invited, sheet.part) if splits else None
    if smaller is None:
        one = await ask_once(sheet)
        smaller = hearing.in_pieces(invited, sheet.part, one.exchange.outcome) if splits else None
        judged.append(one._replace(again=smaller is not None))
    for piece in sheets_of(smaller.parts, sheet.claims, sheet.wanted) if smaller else ():
        judged += await _ask_about(piece, ask_once, invited, hearing, splits - 1)
    return judged


async def _ask_once(sheet: Sheet, *, ask: Ask, invited: Invited, plan: Plan, hearing: Hearing) -> Judged:
    brief = hearing.brief
    call = call_of(
        brief,
        sheet.part,
        question=question_of(read_page(PAGE), sheet.claims, sheet.wanted, key=brief.key),
        lens=CHALLENGE,
        effort=plan.effort_of(invited),
        cache=is_kept(brief, sheet.part, invited, questions=plan.questions_of(invited)),
        seconds=brief.call_seconds,
    )
    exchange = await put(call, ask, VERDICTS, invited=invited, ledger=hearing.ledger, deadline=hearing.deadline)
    said = exchange.value.verdicts if exchange.value else ()
    around = [excerpt.text for excerpt in brief.change.context if excerpt.kind != "tree"]
    was_shown = partial(stands, diff=sheet.part.diff, around=around)
    verdicts = verdicts_of(said, sheet.claims, sheet.wanted, member=invited.member, was_shown=was_shown)
    return Judged(sheet, exchange, verdicts)


def sheets_of(parts: Sequence[Part], claims: Iterable[Claim], wanted: frozenset[str]) -> tuple[Sheet, ...]:
    """The claims by the part that shows their code; those without a line by the one that shows their file.

    A part with no claim that is wanted is not asked about. A claim whose code this member is not shown is on no sheet.
    """
    found: dict[int, list[Claim]] = {}
    for claim in claims:
        place, path = claim.finding.anchor, claim.finding.path
        shown = (n for n, part in enumerate(parts) if (_holds(part.diff, place) if place else _names(part.diff, path)))
        number = next(shown, None if place else 0)
        if number is not None and parts:
            found.setdefault(number, []).append(claim)
    sheets = (
        Sheet(parts[number], tuple(held), wanted & {claim.name for claim in held})
        for number, held in sorted(found.items())
    )
    return tuple(sheet for sheet in sheets if sheet.wanted)


def _names(diff: Diff, path: str) -> bool:
    return any(file.path == path for file in diff.files)


def _holds(diff: Diff, anchor: Anchor) -> bool:
    def numbers(hunk: Hunk) -> Iterable[int | None]:
        return (line.new if anchor.side == "new" else line.old for line in hunk.lines)

    hunks = (hunk for file in diff.files if file.path == anchor.path for hunk in file.hunks)
    return any(anchor.line in numbers(hunk) for hunk in hunks)


def _review(seat: Seat, judged: Sequence[Judged], wanted: frozenset[str], *, seconds: float) -> Review:
    exchanges = [one.exchange for one in judged]
    verdicts = tuple(verdict for one in judged for verdict in one.verdicts)
    state, detail = _ending(judged, len(wanted) - len(verdicts), len(wanted))
    prices = [exchange.usd for exchange in exchanges]
    return Review(
        seat=seat,
        state=state,
        detail=detail,
        verdicts=verdicts,
        usage=sum((exchange.usage for exchange in exchanges), Usage()),
        usd=None if None in prices else sum(usd or 0.0 for usd in prices),
        seconds=round(seconds, 2),
        attempts=sum(exchange.attempts for exchange in exchanges),
        raw="\n".join(exchange.raw for exchange in exchanges if exchange.raw),
        request_id=exchanges[-1].request_id if exchanges else None,
        calls=tuple(
            made.model_copy(update={"part": one.sheet.part.number}) for one in judged for made in one.exchange.calls
        ),
    )


def _ending(judged: Sequence[Judged], missing: int, wanted: int) -> tuple[State, str]:
    """How all sheets of a member ended together, and how many of its claims are left without a verdict."""
    if not judged:
        return "config_error", f"what the {wanted} claims are about fits into none of its prompts; seat a larger window"
    last = [one.exchange for one in judged if not one.again] or [judged[-1].exchange]
    states = {exchange.state for exchange in last}
    details = dict.fromkeys(exchange.detail for exchange in last if exchange.detail)
    if not states & ASKED:
        return last[0].state, "; ".join(details)
    left = f"no verdict on {missing} of {wanted} claims" if missing else ""
    whole = states == {"ok"} and not missing
    state: State = states.pop() if whole or (len(states) == 1 and "ok" not in states) else "partial"
    return state, "; ".join(filter(None, (*details, left)))
