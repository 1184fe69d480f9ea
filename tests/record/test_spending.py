"""A day's budget over several runs of one machine, at once and one after the other, and after a crash."""

import asyncio
import sqlite3
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from reviewbot.council import Ledger
from reviewbot.council.budget import Held, NoRoom
from reviewbot.council.prices import NO_COST, Cost
from reviewbot.errors import BadSettings
from reviewbot.record.spending import KEPT_DAYS, Day, day_accounts
from reviewbot.settings import Budget, Operator

NOON = 1_700_000_000.0 - 1_700_000_000.0 % 86_400 + 43_200
M = "openai/gpt-6.1-sol"


class Clock:
    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def day(tmp_path: Path, clock: Clock) -> Day:
    return Day(tmp_path / "spending.sqlite", Budget(tokens=100, usd=1.0), call_seconds=300.0, clock=clock)


def taken(said: str | NoRoom) -> str:
    assert isinstance(said, str), said
    return said


def test_what_one_run_spends_another_has_no_more(day: Day, tmp_path: Path, clock: Clock) -> None:
    day.settle(taken(day.reserve(M, Cost(90, 0.2))), Cost(60, 0.1))
    other = Day(tmp_path / "spending.sqlite", Budget(tokens=100, usd=1.0), call_seconds=300.0, clock=clock)
    assert other.left() == Budget(tokens=40, usd=0.9)
    why = "41 tokens may be needed, 40 are left of the budget of this day (UTC)"
    assert other.reserve(M, Cost(41, 0.2)) == NoRoom(why, may_pass=False)
    taken(other.reserve(M, Cost(40, 0.2)))


def test_what_calls_under_way_hold_may_come_back(day: Day) -> None:
    entry = taken(day.reserve(M, Cost(10, 0.9)))
    said = day.reserve(M, Cost(10, 0.2))
    assert isinstance(said, NoRoom)
    assert (said.may_pass, "$0.1000 is left of the budget of this day" in said.why) == (True, True)
    day.settle(entry, NO_COST)
    taken(day.reserve(M, Cost(10, 0.2)))


@pytest.mark.parametrize(
    ("process", "host", "seconds", "waits"),
    [
        ("dead", "", 0.0, False),
        ("alive", "", 299.0, True),
        ("alive", "", 301.0, False),
        ("dead", "elsewhere", 299.0, True),
        ("dead", "elsewhere", 301.0, False),
    ],
)
def test_what_a_crash_left_behind_stays_counted_and_nobody_waits_for_it(
    day: Day, tmp_path: Path, clock: Clock, *, process: str, host: str, seconds: float, waits: bool
) -> None:
    taken(day.reserve(M, Cost(90, 0.9)))
    with sqlite3.connect(tmp_path / "spending.sqlite") as connection:
        if process == "dead":
            gone = subprocess.Popen([sys.executable, "-c", ""])  # nobody waited for: its id is not given away yet
            gone.wait()
            connection.execute("UPDATE spending SET process = ?", (gone.pid,))
        if host:
            connection.execute("UPDATE spending SET host = ?", (host,))
    clock.now += seconds
    said = day.reserve(M, Cost(20, 0.05))
    assert isinstance(said, NoRoom)
    assert said.may_pass == waits
    assert day.left().tokens == 10


async def test_a_file_that_another_program_has_locked_is_waited_for_and_nobody_else_waits(
    day: Day, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reviewbot.record.spending.BUSY", 0.1)
    monkeypatch.setattr("reviewbot.council.budget.LOOK_AGAIN", 0.01)
    taken(day.reserve(M, Cost(1, 0.0)))
    ledger, others = Ledger(Budget(), accounts=(day,)), list[float]()

    async def work() -> None:
        while True:
            others.append(time.monotonic())
            await asyncio.sleep(0.01)

    working = asyncio.create_task(work())
    with closing(sqlite3.connect(tmp_path / "spending.sqlite", isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        said = await ledger.reserve(M, Cost(1, 0.0), deadline=time.monotonic() + 0.1)
        with pytest.raises(BadSettings, match="another program has it locked"):
            day.left()
    working.cancel()
    assert isinstance(said, str)
    assert "database is locked" in said
    assert len(others) > 2
    assert isinstance(await ledger.reserve(M, Cost(1, 0.0)), Held)


def test_a_new_day_has_all_of_its_budget_and_a_late_bill_is_the_old_ones(day: Day, clock: Clock) -> None:
    entry = taken(day.reserve(M, Cost(90, 0.9)))
    clock.now += 86_400
    assert day.left() == Budget(tokens=100, usd=1.0)
    day.settle(entry, Cost(95, 0.9))
    assert day.left() == Budget(tokens=100, usd=1.0)


def test_old_days_are_forgotten(day: Day, tmp_path: Path, clock: Clock) -> None:
    for _ in range(2):
        taken(day.reserve(M, Cost(1, 0.0)))
        clock.now += (KEPT_DAYS + 1) * 86_400
    taken(day.reserve(M, Cost(1, 0.0)))
    with sqlite3.connect(tmp_path / "spending.sqlite") as connection:
        assert connection.execute("SELECT COUNT(*) FROM spending").fetchone() == (1,)


def test_many_at_once_never_pass_the_budget(tmp_path: Path, clock: Clock) -> None:
    def run(number: int) -> int:
        day = Day(tmp_path / "spending.sqlite", Budget(tokens=100), call_seconds=300.0, clock=clock)
        entry = day.reserve(M, Cost(30, None))
        if isinstance(entry, str) and number % 2:
            day.settle(entry, Cost(20, None))
        return isinstance(entry, str)

    with ThreadPoolExecutor(8) as threads:
        made = sum(threads.map(run, range(24)))
    with sqlite3.connect(tmp_path / "spending.sqlite") as connection:
        (total,) = connection.execute("SELECT SUM(tokens) FROM spending").fetchone()
    assert 3 <= made <= 5
    assert total <= 100


def test_a_price_nobody_knows_is_refused_where_dollars_are_kept(day: Day) -> None:
    said = day.reserve("ollama/x", Cost(1, None))
    assert isinstance(said, NoRoom)
    assert "price of ollama/x is not known" in said.why


def test_a_file_that_breaks_makes_no_room_and_says_so(day: Day, tmp_path: Path) -> None:
    entry = taken(day.reserve(M, Cost(10, 0.1)))
    (tmp_path / "spending.sqlite").write_bytes(b"no database at all, but some text of a person" * 10)
    day.settle(entry, NO_COST)
    said = day.reserve(M, Cost(1, 0.0))
    assert isinstance(said, NoRoom)
    assert (said.may_pass, "cannot be read" in said.why) == (False, True)


def test_without_a_budget_for_the_day_nothing_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state" / "spending.sqlite"
    assert day_accounts(Operator(spending=path)) == ()
    assert not path.parent.exists()
    assert len(day_accounts(Operator(spending=path, day_budget=Budget(usd=1.0)))) == 1
    assert path.exists()


def test_a_place_that_cannot_be_used_is_said_before_anything_is_paid_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path, said in [(tmp_path / "file" / "x.sqlite", "cannot be used"), (None, "there is no place")]:
        with pytest.raises(BadSettings, match=said):
            day_accounts(Operator(spending=path, day_budget=Budget(usd=1.0)))
