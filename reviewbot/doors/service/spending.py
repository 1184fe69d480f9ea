"""What calls have cost, by review, by pull request and by day, and whether the day has room for one more.

All of it is added up from CALLS: what nobody settled counts at its worst case. Days are UTC, by the database's clock.
Knows no vendor and no prices; whoever asks says what a call may cost.
"""

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from reviewbot.council.budget import Allowance, Hold, NoRoom, missing, remainder
from reviewbot.council.prices import Cost
from reviewbot.doors.service.store import CALLS, Store, today
from reviewbot.settings import Budget

CANARY: Final = "canary"
"""The lens of calls that test a member. They are the operator's expense, not that of a pull request."""
TOKENS: Final = CALLS.c.held_tokens + CALLS.c.input + CALLS.c.cached + CALLS.c.cache_written + CALLS.c.output
"""Held or used; a call without any costs nothing."""
_USD: Final = CALLS.c.held_usd + sa.func.coalesce(CALLS.c.usd, 0.0)


def spent_on_review(connection: sa.Connection, review_id: str) -> Hold:
    """All that its calls have cost, and what is held for those of which nobody knows (THREATS L19)."""
    return _sum(connection, (CALLS.c.review_id == review_id) & (CALLS.c.lens != CANARY))


def spent_on_pull(connection: sa.Connection, installation_id: int, repository_id: int, number: int) -> Hold:
    """As `spent_on_review`, over all reviews of a pull request that are kept."""
    ours = (CALLS.c.repository_id == repository_id) & (CALLS.c.number == number)
    return _sum(connection, ours & (CALLS.c.installation_id == installation_id) & (CALLS.c.lens != CANARY))


def room_today(store: Store, budget: Budget, cost: Cost) -> Iterator[sa.ColumnElement[bool]]:
    """What must be so before a call that may cost so much is made."""
    begun_today = CALLS.c.started >= today(store)
    for most, column, more in ((budget.tokens, TOKENS, cost.tokens), (budget.usd, _USD, cost.usd or 0.0)):
        if most is not None:
            spent = sa.select(sa.func.coalesce(sa.func.sum(column), 0)).where(begun_today)
            yield spent.scalar_subquery() + more <= most


def no_room_today(connection: sa.Connection, store: Store, budget: Budget, member: str, cost: Cost) -> NoRoom | None:
    """Why the day has no room; None where it has. What is under way may turn out to cost less than it holds."""
    if budget == Budget():
        return None
    begun_today, under_way = CALLS.c.started >= today(store), CALLS.c.outcome.is_(None)
    settled, held = _sum(connection, begun_today & ~under_way), _sum(connection, begun_today & under_way)
    allowance = Allowance(budget, settled, "of the budget of this day (UTC)")
    return missing(member, cost, allowance, [Cost(held.tokens, held.usd)])


def left_today(connection: sa.Connection, store: Store, budget: Budget) -> Budget:
    """What of the day's budget nobody has spent or set aside."""
    return budget if budget == Budget() else remainder(budget, _sum(connection, CALLS.c.started >= today(store)))


def _sum(connection: sa.Connection, which: sa.ColumnElement[bool]) -> Hold:
    tokens, usd = (sa.func.coalesce(sa.func.sum(column), 0) for column in (TOKENS, _USD))
    row = connection.execute(sa.select(tokens, usd).where(which)).one()
    return Hold(tokens=int(row[0]), usd=float(row[1]))
