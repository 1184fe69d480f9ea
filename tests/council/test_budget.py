"""Room is held at the worst case and given back: spent and held never pass the ceiling (THREATS L19)."""

import asyncio
import random
import time
from threading import Event

import pytest
from hypothesis import given
from hypothesis import settings as tries
from hypothesis import strategies as st

from reviewbot.council import Ledger
from reviewbot.council.budget import Held, Hold, NoRoom, Resumed, anew, run_ledger
from reviewbot.council.prices import NO_COST, Cost
from reviewbot.settings import Budget, Operator, Policy

SONNET = "anthropic/claude-sonnet-5-5"


def taken(said: Held | str) -> Held:
    assert isinstance(said, Held), said
    return said


class Shared:
    """An account in memory, which refuses when told to."""

    def __init__(self, refusal: NoRoom | None = None) -> None:
        self.refusal, self.entries = refusal, dict[str, Cost]()

    def reserve(self, member: str, cost: Cost) -> str | NoRoom:
        if self.refusal:
            return self.refusal
        self.entries[f"{member} {len(self.entries)}"] = cost
        return list(self.entries)[-1]

    def settle(self, entry: str, cost: Cost) -> None:
        self.entries[entry] = cost

    def left(self) -> Budget:
        return Budget(tokens=7)


class Slow(Shared):
    """One that answers when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.may_answer = Event(), Event()

    def reserve(self, member: str, cost: Cost) -> str | NoRoom:
        self.asked.set()
        self.may_answer.wait(5)
        return super().reserve(member, cost)


async def test_a_call_without_room_is_refused_in_words_and_at_once() -> None:
    ledger = Ledger(Budget(tokens=100))
    assert await ledger.reserve(SONNET, Cost(110, 0.1)) == "110 tokens may be needed, 100 are left"
    ledger = Ledger(Budget(usd=0.05))
    assert await ledger.reserve(SONNET, Cost(110, 0.1)) == "$0.1000 may be needed, $0.0500 is left"


async def test_a_settled_call_gives_back_what_it_did_not_use() -> None:
    ledger = Ledger(Budget(tokens=100))
    held = taken(await ledger.reserve(SONNET, Cost(100, 0.1)))
    ledger.settle(held, Cost(25, 0.02))
    taken(await ledger.reserve(SONNET, Cost(75, 0.1)))
    assert ledger.spent == Hold(tokens=25, usd=0.02)
    assert ledger.left() == Budget(tokens=0)


async def test_who_misses_only_what_is_held_waits_for_it_in_the_order_of_asking() -> None:
    ledger, served = Ledger(Budget(tokens=100)), list[str]()
    first = taken(await ledger.reserve(SONNET, Cost(90, 0.0)))

    async def wants(name: str, tokens: int) -> None:
        held = taken(await ledger.reserve(SONNET, Cost(tokens, 0.0)))
        served.append(name)
        ledger.settle(held, Cost(1, 0.0))

    waiting = [asyncio.create_task(wants("large", 95)), asyncio.create_task(wants("small", 5))]
    await asyncio.sleep(0.01)
    assert served == [], "a small call does not overtake a large one that waits"
    ledger.settle(first, Cost(2, 0.0))
    await asyncio.wait_for(asyncio.gather(*waiting), 2)
    assert served == ["large", "small"]


async def test_who_waits_is_refused_once_it_can_never_fit() -> None:
    ledger = Ledger(Budget(tokens=100))
    first = taken(await ledger.reserve(SONNET, Cost(90, 0.0)))
    waits = asyncio.create_task(ledger.reserve(SONNET, Cost(50, 0.0)))
    await asyncio.sleep(0)
    ledger.keep(first)
    assert await asyncio.wait_for(waits, 2) == "50 tokens may be needed, 10 are left"


async def test_waiting_ends_at_the_deadline_with_words_that_say_what_was_waited_for() -> None:
    ledger = Ledger(Budget(tokens=100))
    taken(await ledger.reserve(SONNET, Cost(90, 0.0)))
    said = await ledger.reserve(SONNET, Cost(50, 0.0), deadline=time.monotonic() + 0.02)
    assert said == "50 tokens may be needed, 10 are left, until calls under way have ended"


async def test_who_is_interrupted_while_waiting_holds_up_nobody() -> None:
    ledger = Ledger(Budget(tokens=100))
    first = taken(await ledger.reserve(SONNET, Cost(90, 0.0)))
    waits = asyncio.create_task(ledger.reserve(SONNET, Cost(50, 0.0)))
    await asyncio.sleep(0)
    waits.cancel()
    taken(await asyncio.wait_for(ledger.reserve(SONNET, Cost(10, 0.0)), 2))
    ledger.release(first)
    taken(await ledger.reserve(SONNET, Cost(90, 0.0)))


async def test_a_server_that_says_more_than_was_held_is_booked_and_ends_the_spending() -> None:
    ledger = Ledger(Budget(tokens=100))
    ledger.settle(taken(await ledger.reserve(SONNET, Cost(50, 0.0))), Cost(5_000, 1.0))
    assert await ledger.reserve(SONNET, Cost(1, 0.0)) == "1 tokens may be needed, 0 are left"


async def test_a_ceiling_in_dollars_keeps_out_members_of_unknown_price_and_says_the_remedy() -> None:
    said = await Ledger(Budget(usd=5.0)).reserve("ollama/qwen3", Cost(1, None))
    assert said == (
        "the price of ollama/qwen3 is not known, so the budget could not be kept; "
        "set `price:` for ollama/qwen3 under `members:`"
    )


async def test_the_tightest_of_all_ceilings_decides_and_says_whose_it_is() -> None:
    settings = Operator(budget=Budget(tokens=900), pull_budget=Budget(tokens=1_000))
    run = Resumed(id="r", spent=Hold(tokens=100, usd=0.0), pull_spent=Hold(tokens=700, usd=0.0))
    ledger = run_ledger(settings, Policy(budget=Budget(tokens=500)), run)
    assert ledger.left() == Budget(tokens=300)
    assert await ledger.reserve(SONNET, Cost(401, 0.0)) == "401 tokens may be needed, 400 are left"
    said = "301 tokens may be needed, 300 are left of the budget of this pull request"
    assert await ledger.reserve(SONNET, Cost(301, 0.0)) == said


async def test_a_run_that_begins_now_has_a_name_nobody_knows_and_spent_nothing() -> None:
    spent = Hold(tokens=5, usd=0.1)
    one, other = anew(spent), anew(spent)
    assert (one.spent.tokens, one.pull_spent, len(one.id)) == (0, spent, 32)
    assert one.id != other.id


async def test_accounts_hold_and_book_what_the_run_does() -> None:
    account = Shared()
    ledger = Ledger(Budget(), accounts=(account,))
    held = taken(await ledger.reserve("m", Cost(50, 0.5)))
    assert account.entries == {"m 0": Cost(50, 0.5)}
    ledger.settle(held, Cost(10, 0.1))
    assert account.entries == {"m 0": Cost(10, 0.1)}
    assert ledger.left() == Budget(tokens=7)


async def test_an_account_without_room_gives_back_what_the_one_before_held() -> None:
    first, full = Shared(), Shared(NoRoom("the day is spent", may_pass=False))
    ledger = Ledger(Budget(), accounts=(first, full))
    assert await ledger.reserve("m", Cost(50, 0.5)) == "the day is spent"
    assert first.entries == {"m 0": NO_COST}


async def test_who_is_interrupted_while_an_account_is_asked_holds_nothing_there() -> None:
    first, slow = Shared(), Slow()
    waits = asyncio.create_task(Ledger(Budget(), accounts=(first, slow)).reserve("m", Cost(50, 0.5)))
    await asyncio.to_thread(slow.asked.wait, 5)
    waits.cancel()
    await asyncio.sleep(0)
    slow.may_answer.set()
    with pytest.raises(asyncio.CancelledError):
        await waits
    assert (first.entries, slow.entries) == ({"m 0": NO_COST}, {"m 0": NO_COST})


async def test_an_account_that_others_hold_is_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reviewbot.council.budget.LOOK_AGAIN", 0.01)
    account = Shared(NoRoom("others hold it", may_pass=True))
    ledger = Ledger(Budget(), accounts=(account,))
    assert await ledger.reserve("m", Cost(1, 0.0), deadline=time.monotonic() + 0.03) == "others hold it"
    waits = asyncio.create_task(ledger.reserve("m", Cost(1, 0.0)))
    await asyncio.sleep(0)
    account.refusal = None
    taken(await asyncio.wait_for(waits, 2))


@tries(max_examples=20)
@given(st.integers(0, 2**32), st.integers(0, 200_000))
def test_spent_never_passes_the_ceiling(seed: int, ceiling: int) -> None:
    dice = random.Random(seed)  # noqa: S311  a test, the same each time
    ledger, most = Ledger(Budget(tokens=ceiling, usd=ceiling / 1e5)), 0

    async def asks() -> None:
        nonlocal most
        wanted = Cost(dice.randrange(80_000), dice.random())
        held = await ledger.reserve(SONNET, wanted)
        await asyncio.sleep(0)
        if isinstance(held, Held):
            share = dice.choice([0.0, dice.random(), 1.0])
            ledger.settle(held, Cost(int(wanted.tokens * share), (wanted.usd or 0.0) * share))
        most = max(most, ledger.spent.tokens)

    async def run() -> None:
        async with asyncio.timeout(5):
            await asyncio.gather(*(asks() for _ in range(8)))

    asyncio.run(run())
    assert most <= ceiling
    assert ledger.spent.usd <= ceiling / 1e5 + 1e-9
