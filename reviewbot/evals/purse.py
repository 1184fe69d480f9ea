"""What a whole evaluation may cost: one account that all its runs and its judge share."""

from itertools import count
from threading import Lock

from reviewbot.council.budget import NOTHING_HELD, Allowance, NoRoom, missing, remainder
from reviewbot.council.prices import Cost
from reviewbot.settings import Budget


class Purse:
    """An account of this process (`council.budget.Account`). What it holds and has spent never passes its budget."""

    def __init__(self, budget: Budget) -> None:
        self._budget, self._spent = budget, NOTHING_HELD
        self._held: dict[str, Cost] = {}
        self._names, self._turn = count(), Lock()

    def reserve(self, member: str, cost: Cost) -> str | NoRoom:
        with self._turn:
            allowance = Allowance(self._budget, self._spent, "of the budget of this evaluation")
            if no_room := missing(member, cost, allowance, [*self._held.values()]):
                return no_room
            name = str(next(self._names))
            self._held[name] = cost
            return name

    def settle(self, entry: str, cost: Cost) -> None:
        with self._turn:
            del self._held[entry]
            usd = self._spent.usd + (cost.usd or 0.0)
            self._spent = self._spent.model_copy(update={"tokens": self._spent.tokens + cost.tokens, "usd": usd})

    def left(self) -> Budget:
        with self._turn:
            held = sum((cost.usd or 0.0 for cost in self._held.values()), self._spent.usd)
            tokens = sum((cost.tokens for cost in self._held.values()), self._spent.tokens)
            return remainder(self._budget, NOTHING_HELD.model_copy(update={"tokens": tokens, "usd": held}))
