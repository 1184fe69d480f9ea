"""One attempt of one member: past its breaker, inside the budget, and settled from its bill.

Retries nothing and reads no answer. What an earlier try of the run has paid for is recalled, and costs nothing here.
"""

import time
from dataclasses import replace
from typing import NamedTuple

from reviewbot.council.budget import Held, Ledger
from reviewbot.council.model import Ask, Billed, Call, Invited, Outcome, Reply, State
from reviewbot.council.prices import cost, is_unbilled, worst_cost

LEAST = 1.0
"""Seconds that every call is given. With fewer left nobody is paid: there would be no answer."""


class Unmade(NamedTuple):
    """Why a call was not made."""

    state: State
    outcome: Outcome
    detail: str


async def attempt(
    ask: Ask, call: Call, *, invited: Invited, ledger: Ledger, deadline: float | None = None
) -> Billed | Unmade:
    """The reply and what it cost, or why there was no call. `ask` is the open connection.

    Room that calls under way hold is waited for until `deadline`, on the monotonic clock. No call begins behind it.
    """
    if recalled := invited.recall(call):
        call.started()
        return recalled
    if not invited.reads_prompts:
        return Billed(await ask(replace(call, seconds=_seconds(call, deadline))), 0.0)
    if late := _too_late(deadline):
        return late
    held = await ledger.reserve(invited.member.name, worst_cost(invited, call), deadline=deadline)
    if isinstance(held, str):
        return Unmade("over_budget", "over_budget", held)
    number = _entered(invited, deadline)
    if isinstance(number, Unmade):
        ledger.release(held)
        return number
    return await _made(ask, call, held, number, invited=invited, ledger=ledger, deadline=deadline)


def _seconds(call: Call, deadline: float | None) -> float:
    """What is left now of the time for the call: waiting for room may have taken of it."""
    left = call.seconds if deadline is None else deadline - time.monotonic()
    return max(LEAST, left) if left < call.seconds else call.seconds


def _entered(invited: Invited, deadline: float | None) -> int | Unmade:
    """The number of the call at the breaker of its server."""
    if late := _too_late(deadline):  # waiting for room may have taken the time
        return late
    number = invited.breaker.enter() if invited.breaker else 0
    return Unmade("unavailable", "transient", number) if isinstance(number, str) else number


def _too_late(deadline: float | None) -> Unmade | None:
    if deadline is None or deadline - time.monotonic() >= LEAST:
        return None
    return Unmade("unavailable", "transient", "no time was left for the call; raise `seconds`")


async def _made(  # noqa: PLR0913  as `attempt`, and what it has taken: room, and a place behind the breaker
    ask: Ask, call: Call, held: Held, number: int, *, invited: Invited, ledger: Ledger, deadline: float | None
) -> Billed:
    """The call itself. Interrupted it may have cost all that was held, and tells nothing about the server.

    So may one that was given up: a model may think for all of its time before its answer begins. Where the run had not
    all of that time left, it tells nothing either.
    """
    begun: list[bool] = []
    sent, seconds = time.monotonic(), _seconds(call, deadline)

    def started() -> None:
        begun.append(True)
        call.started()

    reply: Reply | None = None
    try:
        reply = await ask(replace(call, seconds=seconds, started=started))
    finally:
        given_up = time.monotonic() - sent >= seconds
        if invited.breaker:
            ours = given_up and seconds < call.seconds
            tells = reply is not None and reply.outcome not in ("rate", "over_budget") and not ours
            invited.breaker.leave(number, failed=reply.outcome == "transient" if reply and tells else None)
        if reply is None or is_unbilled(reply, begun=bool(begun) or given_up):
            ledger.keep(held)
            reply_cost = None
        else:
            spent = cost(invited, reply.usage)
            ledger.settle(held, spent)
            reply_cost = spent.usd
    return Billed(reply, reply_cost)
