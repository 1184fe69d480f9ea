"""What this machine's runs spend in a day: a small SQLite file, so that several at once keep one budget (THREATS L19).

It is made only where a budget for the day is set. A day is a UTC day. Knows no member and no run; what a crash leaves
behind stays counted at the most it can have cost, because it may have cost that, and nobody waits for it.
"""

import os
import secrets
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from reviewbot.council.budget import Account, Allowance, Hold, NoRoom, missing, remainder
from reviewbot.council.prices import Cost
from reviewbot.errors import BadSettings
from reviewbot.settings import Budget, Operator

KEPT_DAYS: Final = 31
BUSY: Final = 2.0
"""Seconds that one transaction waits for another's. Who wants room tries again while its run has time."""
WHOSE: Final = "of the budget of this day (UTC)"
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS spending (
    entry TEXT PRIMARY KEY, day TEXT NOT NULL, ends REAL NOT NULL, host TEXT NOT NULL, process INTEGER NOT NULL,
    tokens INTEGER NOT NULL, usd REAL NOT NULL, settled INTEGER NOT NULL
)
"""


def day_accounts(operator: Operator, *, clock: Callable[[], float] = time.time) -> tuple[Account, ...]:
    """The account of this day where the operator set a budget for it, else none. Raises BadSettings."""
    if operator.day_budget == Budget():
        return ()
    if operator.spending is None:
        remedy = "set XDG_STATE_HOME or HOME, or leave day_budget out"
        raise BadSettings("day_budget", "there is no place to keep what was spent", remedy)
    try:
        operator.spending.parent.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise _unusable(operator.spending, e) from e
    account = Day(operator.spending, operator.day_budget, call_seconds=operator.call_seconds, clock=clock)
    account.left()
    return (account,)


def _unusable(path: Path, error: Exception) -> BadSettings:
    if _is_locked(error):
        return BadSettings(str(path), "another program has it locked", "end that program, or run again later")
    return BadSettings(
        str(path), f"cannot be used ({error})", "make it a file that can be written, or leave day_budget out"
    )


def _is_locked(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


class Day:
    """The account of the day on which a call is reserved; it stays that day's, whenever it is settled."""

    def __init__(
        self, path: Path, budget: Budget, *, call_seconds: float, clock: Callable[[], float] = time.time
    ) -> None:
        """`call_seconds` is how long one call takes at the most: after that nobody waits for what it holds."""
        self._path, self._budget, self._call_seconds, self._clock = path, budget, call_seconds, clock

    def reserve(self, member: str, cost: Cost) -> str | NoRoom:
        """Set the cost aside; the name of the entry that holds it, or why there is no room today."""
        entry, now = secrets.token_hex(16), self._clock()
        try:
            with self._writing() as connection:
                spent, held = self._so_far(connection, now)
                if no_room := missing(member, cost, Allowance(self._budget, spent, WHOSE), held):
                    return no_room
                whose = (now + self._call_seconds, socket.gethostname(), os.getpid())
                row = (entry, _day(now), *whose, cost.tokens, cost.usd or 0.0)
                connection.execute("INSERT INTO spending VALUES (?, ?, ?, ?, ?, ?, ?, 0)", row)
                connection.execute("DELETE FROM spending WHERE day < ?", (_day(now - KEPT_DAYS * 86_400),))
        except sqlite3.Error as e:
            return NoRoom(f"what was spent today cannot be read ({self._path}: {e})", may_pass=_is_locked(e))
        return entry

    def settle(self, entry: str, cost: Cost) -> None:
        """Book what a call came to. Where that cannot be written, what was held for it stays held."""
        values = (cost.tokens, cost.usd or 0.0, entry)
        with suppress(sqlite3.Error), self._writing() as connection:
            connection.execute("UPDATE spending SET tokens = ?, usd = ?, settled = 1 WHERE entry = ?", values)

    def left(self) -> Budget:
        """What of the day's budget nobody has spent or set aside. Raises BadSettings where that cannot be read."""
        try:
            with self._writing() as connection:
                spent, held = self._so_far(connection, self._clock())
        except sqlite3.Error as e:
            raise _unusable(self._path, e) from e
        tokens = spent.tokens + sum(cost.tokens for cost in held)
        return remainder(self._budget, Hold(tokens=tokens, usd=spent.usd + sum(cost.usd or 0.0 for cost in held)))

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone: nobody reads a sum between another's reading and writing."""
        with closing(sqlite3.connect(self._path, timeout=BUSY, isolation_level=None)) as connection:
            connection.execute(_TABLE)
            connection.execute("BEGIN IMMEDIATE")
            with connection:  # commits, or rolls back what broke off
                yield connection

    def _so_far(self, connection: sqlite3.Connection, now: float) -> tuple[Hold, list[Cost]]:
        """What counts as spent today, and what calls under way hold."""
        sums = "SELECT TOTAL(tokens), TOTAL(usd) FROM spending WHERE day = ? AND settled = 1"
        tokens, usd = connection.execute(sums, (_day(now),)).fetchone()
        spent = Hold(tokens=int(tokens), usd=usd)
        held = list[Cost]()
        rows = "SELECT tokens, usd, ends, host, process FROM spending WHERE day = ? AND settled = 0"
        for tokens, usd, ends, host, process in connection.execute(rows, (_day(now),)):
            if now < ends and _may_live(host, process):
                held.append(Cost(tokens, usd))
            else:
                spent += Hold(tokens=tokens, usd=usd)
        return spent, held


def _may_live(host: str, process: int) -> bool:
    """Whether the process may still be there. Of another machine nobody knows."""
    if host != socket.gethostname() or os.name != "posix":  # elsewhere a signal 0 ends it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True


def _day(now: float) -> str:
    return datetime.fromtimestamp(now, UTC).date().isoformat()
