"""One seat: what a member makes of a lens over all parts of the change, and the one review that comes of it.

Whatever goes wrong is part of the answer: a failed seat is a `Review` with its state, never an exception and never an
empty list (THREATS section 3). How a single question is put is `exchange`'s business, who goes first is `ask`'s.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewbot.change import Gap
from reviewbot.council.answer import begun, read_answer, salvage
from reviewbot.council.brief import NO_ROOM, Brief, Packing, Part
from reviewbot.council.budget import Ledger
from reviewbot.council.exchange import Exchange, Reader, put
from reviewbot.council.model import ASKED, MAX_FINDINGS, Ask, Call, Invited, Outcome, Review, Seat, State, Usage
from reviewbot.council.pack import TOO_WIDE
from reviewbot.findings import Answer

MOST_SPLITS = 3
"""How often a part is made smaller for a server that finds it too long (THREATS L14)."""

Progress = Callable[[Seat, Review | None], None]
"""Told when a seat is asked (None) and when it has ended."""


def _salvaged(text: str) -> Answer | None:
    drafts = salvage(text)
    return Answer(findings=drafts) if drafts else None


LENS_ANSWER = Reader[Answer](
    read=read_answer,
    salvage=_salvaged,
    size=lambda answer: len(answer.findings),
    begun=lambda text: begun(text, "findings"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """One run under way: the brief, and what all its seats share."""

    brief: Brief
    ledger: Ledger
    progress: Progress
    deadline: float
    """On the monotonic clock."""
    too_long: set[tuple[str, str]] = field(default_factory=set, repr=False)
    """Members, and what was shown to them and found too long: nobody asks that again in one piece."""

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def in_pieces(self, invited: Invited, part: Part, outcome: Outcome | None = None) -> Packing | None:
        """The part in smaller ones, where this member's server finds it too long, now or before."""
        name = (invited.member.name, part.shown)
        if outcome == "too_long":
            self.too_long.add(name)
        smaller = self.brief.smaller(part) if name in self.too_long else None
        return smaller if smaller and smaller.parts else None


class Heard(NamedTuple):
    """What came of one question about one part."""

    part: Part
    exchange: Exchange[Answer]


class PartHeard(NamedTuple):
    """What came of one part, asked in one piece or in several smaller ones."""

    heard: tuple[Heard, ...]
    too_long: tuple[Heard, ...] = ()
    """What the server found too long and was asked again in smaller pieces."""
    gaps: tuple[Gap, ...] = ()
    """What of it fitted into no piece."""


async def hear_part(
    part: Part, call_of: Callable[[Part], Call], ask: Ask, *, invited: Invited, hearing: Hearing
) -> PartHeard:
    """Ask about one part; where the server finds it too long, about smaller ones, one after the other."""
    heard, too_long, gaps = list[Heard](), list[Heard](), list[Gap]()
    waiting = [(part, MOST_SPLITS)]
    while waiting:
        one, splits = waiting.pop(0)
        smaller = hearing.in_pieces(invited, one) if splits else None
        if smaller is None:
            exchange = await put(
                call_of(one), ask, LENS_ANSWER, invited=invited, ledger=hearing.ledger, deadline=hearing.deadline
            )
            smaller = hearing.in_pieces(invited, one, exchange.outcome) if splits else None
            (too_long if smaller else heard).append(Heard(one, exchange))
        if smaller:
            waiting = [*((piece, splits - 1) for piece in smaller.parts), *waiting]
            gaps += smaller.gaps
    return PartHeard(tuple(heard), tuple(too_long), tuple(gaps))


def review_of(seat: Seat, parts: Sequence[PartHeard], not_shown: Iterable[Gap], *, seconds: float) -> Review:
    """The seat's one review. A part that failed is a gap beside those that were answered."""
    final = [heard for part in parts for heard in part.heard]
    every = [heard for part in parts for heard in (*part.too_long, *part.heard)]
    gaps = [*not_shown, *(gap for part in parts for gap in part.gaps)]
    state, detail = _ending([heard.exchange for heard in final], gaps)
    if state in ASKED:
        gaps += [gap for heard in final if heard.exchange.state not in ASKED for gap in _unheard(heard)]
    answers = [heard.exchange.value for heard in final if heard.exchange.value]
    if beyond := sum(max(0, len(answer.findings) - MAX_FINDINGS) for answer in answers):
        detail = _all_of((detail, f"{beyond} findings beyond the first {MAX_FINDINGS} were not read"))
    usds = [heard.exchange.usd for heard in every]
    return Review(
        seat=seat,
        state="partial" if state == "ok" and (gaps or beyond) else state,
        detail=detail,
        drafts=tuple(draft for answer in answers for draft in answer.findings[:MAX_FINDINGS]),
        could_not_judge=tuple(page for answer in answers for page in answer.could_not_judge),
        not_covered=tuple(gaps),
        usage=sum((heard.exchange.usage for heard in every), Usage()),
        usd=None if None in usds else sum(usd or 0.0 for usd in usds),
        seconds=round(seconds, 2),
        attempts=sum(heard.exchange.attempts for heard in every),
        raw="\n".join(heard.exchange.raw for heard in final if heard.exchange.raw),
        request_id=final[-1].exchange.request_id if final else None,
        calls=tuple(made.model_copy(update={"part": part.number}) for part, asked in every for made in asked.calls),
    )


def _ending(exchanges: Sequence[Exchange[Answer]], gaps: Iterable[Gap]) -> tuple[State, str]:
    """The state of all parts together, and what a person reads of it."""
    if not exchanges:
        return "config_error", nothing_shown(gaps)
    answered = [exchange for exchange in exchanges if exchange.state in ASKED]
    over = [exchange.detail for exchange in exchanges if exchange.state == "over_budget"]
    others = (exchange.detail for exchange in exchanges if exchange.state != "over_budget")
    detail = _all_of((*others, *over[:1]))  # each part has its own amount
    if not answered:
        return exchanges[0].state, detail
    alike = len({exchange.state for exchange in exchanges}) == 1
    return (answered[0].state if alike else "partial"), detail


def nothing_shown(gaps: Iterable[Gap]) -> str:
    """Why there was nothing to ask a member about."""
    why = dict.fromkeys(gap.why for gap in gaps)
    if why and not {TOO_WIDE, NO_ROOM}.intersection(why):
        return f"nothing of the change is shown to models: {'; '.join(why)}"
    return "nothing of the change fits into one of its prompts; seat a model with a larger window"


def _unheard(heard: Heard) -> Iterable[Gap]:
    """The files of a part that nobody answered for."""
    why = f"{heard.exchange.state}: {heard.exchange.detail}"
    return (Gap(path=file.path, lines=file.additions + file.deletions, why=why) for file in heard.part.diff.files)


def _all_of(details: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(filter(None, details)))
