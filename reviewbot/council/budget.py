"""Room for calls: reserved before a call at the most it can cost, and settled from what it did cost (THREATS L19).

A run has allowances of its own (its budget, what is left of its pull request's) and may share accounts with other runs
(a day's). Who asks for room that only calls under way hold waits for them, in the order of asking.
"""

import asyncio
import secrets
import time
from collections.abc import Sequence
from contextlib import ExitStack
from math import fsum
from typing import Final, NamedTuple, Protocol

from reviewbot.council.prices import NO_COST, Cost
from reviewbot.facts import Fact
from reviewbot.settings import Budget, Operator, Policy

LOOK_AGAIN: Final = 1.0
"""Seconds between two looks at an account that other processes hold room in."""


class Hold(Fact):
    """What was spent, or is set aside."""

    tokens: int
    usd: float

    def __add__(self, other: "Hold") -> "Hold":
        return Hold(tokens=self.tokens + other.tokens, usd=self.usd + other.usd)


NOTHING_HELD = Hold(tokens=0, usd=0.0)


class Resumed(Fact):
    """A run that an earlier process began. Its questions are the same, byte for byte, where its id is the same."""

    id: str
    """Nobody can guess it: it fences the change in a prompt (THREATS S04)."""
    spent: Hold = NOTHING_HELD
    """What its calls have cost by now, with all that was held for those of which nobody knows what they cost."""
    pull_spent: Hold = NOTHING_HELD
    """The same of all runs of its pull request by now, this one's earlier tries among them."""
    left: Budget | None = None
    """What its pull request and its day had left when it first began; None where it begins now."""


def anew(pull_spent: Hold = NOTHING_HELD) -> Resumed:
    """A run that begins now, on a pull request whose earlier runs have spent so much."""
    return Resumed(id=secrets.token_hex(16), pull_spent=pull_spent)


class Allowance(NamedTuple):
    """A ceiling, and what counts under it from before."""

    budget: Budget
    spent: Hold = NOTHING_HELD
    of: str = ""
    """Whose it is, behind "left" in a sentence: "of the pull request's budget"; empty is the run's own."""


class NoRoom(NamedTuple):
    """Why a call may not be made. While it `may_pass`, others hold what it needs and may give it back."""

    why: str
    may_pass: bool


class Account(Protocol):
    """Spending shared with other runs, of other processes too. Each method is one transaction, in any thread."""

    def reserve(self, member: str, cost: Cost) -> str | NoRoom:
        """Set the cost aside; the name of the entry that holds it."""
        ...

    def settle(self, entry: str, cost: Cost) -> None:
        """Book what it came to in place of what was held."""
        ...

    def left(self) -> Budget:
        """What nobody has spent or set aside. Raises BadSettings where nobody can say."""
        ...


class Held(NamedTuple):
    """Room set aside for one call."""

    cost: Cost
    entries: tuple[str, ...]
    """In the accounts, in their order."""


class Ledger:
    """What one run has spent and set aside. Both together never pass an allowance, nor an account."""

    def __init__(
        self,
        budget: Budget,
        spent: Hold = NOTHING_HELD,
        *,
        beside: Sequence[Allowance] = (),
        accounts: Sequence[Account] = (),
    ) -> None:
        """`budget` is the run's own; `spent` are the costs of its earlier tries."""
        self._allowances = (Allowance(budget, spent), *beside)
        self._accounts = tuple(accounts)
        self._spent = NO_COST
        self._held: list[Held] = []
        self._turn, self._freed = asyncio.Lock(), asyncio.Event()

    async def reserve(self, member: str, cost: Cost, *, deadline: float | None = None) -> Held | str:
        """Set aside the most a call can cost, or say in words why there is no room for it.

        Waits until `deadline` (on the monotonic clock) while only what calls under way hold is missing. Who came first
        is served first, so that a large call is not starved by small ones.
        """
        async with self._turn:
            while True:
                self._freed.clear()
                held = await self._reserve_now(member, cost)
                if isinstance(held, Held):
                    return held
                left = LOOK_AGAIN if deadline is None else min(LOOK_AGAIN, deadline - time.monotonic())
                if not held.may_pass or left <= 0:
                    return held.why
                try:
                    await asyncio.wait_for(self._freed.wait(), left)
                except TimeoutError:
                    continue  # another process may have given back what it held

    async def _reserve_now(self, member: str, cost: Cost) -> Held | NoRoom:
        for allowance in self._allowances:
            now = allowance._replace(spent=_together(allowance.spent, self._spent))
            if no_room := missing(member, cost, now, [held.cost for held in self._held]):
                return no_room
        entries: list[str] = []
        with ExitStack() as undone:
            undone.callback(self._settle_entries, entries, NO_COST)  # also where somebody interrupts the waiting
            for account in self._accounts:
                entry = await _entered(account, member, cost)
                if isinstance(entry, NoRoom):
                    return entry
                entries.append(entry)
            undone.pop_all()
        held_now = Held(cost, tuple(entries))
        self._held.append(held_now)
        return held_now

    def settle(self, held: Held, cost: Cost) -> None:
        """Book what a call came to in place of what was held for it. A server may say more than that: it is booked."""
        self._settle_entries(held.entries, cost)
        self._held.remove(held)
        self._spent = Cost(self._spent.tokens + cost.tokens, fsum((self._spent.usd or 0.0, cost.usd or 0.0)))
        self._freed.set()

    def keep(self, held: Held) -> None:
        """Book all that was held: nobody knows what the call came to."""
        self.settle(held, held.cost)

    def release(self, held: Held) -> None:
        """The call was not made."""
        self.settle(held, NO_COST)

    @property
    def spent(self) -> Hold:
        """What this process booked, earlier tries of the run not among it."""
        return _together(NOTHING_HELD, self._spent)

    def left(self) -> Budget:
        """What is neither spent nor held, under the tightest ceiling of each kind."""
        left = Budget()
        for budget, before, _ in self._allowances:
            used = _together(before, self._spent, *(held.cost for held in self._held))
            left = left.within(remainder(budget, used))
        for account in self._accounts:
            left = left.within(account.left())
        return left

    def _settle_entries(self, entries: Sequence[str], cost: Cost) -> None:
        for account, entry in zip(self._accounts, entries, strict=False):  # a later account may have had no room
            account.settle(entry, cost)


async def _entered(account: Account, member: str, cost: Cost) -> str | NoRoom:
    """Room in an account, whose file others may be writing: nobody else waits for that. Interrupted, it is given back.

    The transaction itself cannot be interrupted, so it is waited for, and it has its own patience.
    """
    entering = asyncio.get_running_loop().run_in_executor(None, account.reserve, member, cost)
    try:
        return await asyncio.shield(entering)
    except asyncio.CancelledError:
        entry = await entering
        if isinstance(entry, str):
            account.settle(entry, NO_COST)
        raise


def run_ledger(settings: Operator, policy: Policy, run: Resumed | None, accounts: Sequence[Account] = ()) -> Ledger:
    """The ledger of one run: its own budget, what is left of its pull request's, and what it shares."""
    spent, pull_spent = (run.spent, run.pull_spent) if run else (NOTHING_HELD, NOTHING_HELD)
    pull = Allowance(settings.pull_budget, pull_spent, "of the budget of this pull request")
    return Ledger(settings.budget.within(policy.budget), spent, beside=(pull,), accounts=accounts)


def missing(member: str, cost: Cost, allowance: Allowance, held: Sequence[Cost]) -> NoRoom | None:
    """Why the cost does not fit under a ceiling beside what is spent and held; None where it does."""
    budget, spent, whose = allowance
    if budget.usd is not None and cost.usd is None:
        remedy = f"set `price:` for {member} under `members:`"
        return NoRoom(f"the price of {member} is not known, so the budget could not be kept; {remedy}", may_pass=False)
    for used, may_pass in ((spent, False), (_together(spent, *held), True)):
        rest = remainder(budget, used)
        behind = (f" {whose}" if whose else "") + (", until calls under way have ended" if may_pass else "")
        if budget.tokens is not None and used.tokens + cost.tokens > budget.tokens:
            return NoRoom(f"{cost.tokens:,} tokens may be needed, {rest.tokens:,} are left{behind}", may_pass)
        if budget.usd is not None and used.usd + (cost.usd or 0.0) > budget.usd:
            return NoRoom(f"${cost.usd:.4f} may be needed, ${rest.usd:.4f} is left{behind}", may_pass)
    return None


def remainder(budget: Budget, used: Hold) -> Budget:
    """What is left of a budget; nothing where more was used than it has."""
    return Budget(
        usd=None if budget.usd is None else max(0.0, budget.usd - used.usd),
        tokens=None if budget.tokens is None else max(0, budget.tokens - used.tokens),
    )


def to_plan_with(run: Resumed, own: Budget, ledger: Ledger) -> Budget:
    """What a run's plan may come to. One that begins again plans as it did at first, whatever was spent since.

    Another plan would ask other questions, to which no answer is there; what was bought is recalled. `own` is the
    run's own budget. Whether a call may still be made is the ledger's business.
    """
    return ledger.left() if run.left is None else own.within(run.left)


def _together(before: Hold, *costs: Cost) -> Hold:
    return Hold(
        tokens=before.tokens + sum(cost.tokens for cost in costs),
        usd=fsum((before.usd, *(cost.usd or 0.0 for cost in costs))),
    )
