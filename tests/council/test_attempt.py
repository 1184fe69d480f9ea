"""One attempt: what is reserved, what is booked, and what was paid for before."""

import asyncio
import time
from contextlib import nullcontext

import pytest
from asking import a_call

from reviewbot.council import Call, Invited, Ledger, Member, Outcome, Reply, Usage
from reviewbot.council.attempt import LEAST, Unmade, attempt
from reviewbot.council.breaker import TRIPS, Breaker
from reviewbot.council.budget import Hold
from reviewbot.council.model import Billed, Recall
from reviewbot.council.prices import worst_cost
from reviewbot.settings import Budget, Rates

GPT = Member(name="openai/gpt-6.1-sol", family="openai")
USED = Usage(input=100, output=10)


def invited(recall: Recall = lambda _: None, **facts: object) -> Invited:
    async def ask(_: Call) -> Reply:
        raise AssertionError("the connection is given apart")

    return Invited(member=GPT, connect=lambda: nullcontext(ask), recall=recall, **facts)


WHOLE = worst_cost(invited(), a_call()).tokens


def saying(reply: Reply, *, begins: bool = True):
    async def ask(call: Call) -> Reply:
        if begins:
            call.started()
        return reply

    return ask


async def unasked(_: Call) -> Reply:
    raise AssertionError("nobody is asked")


async def test_a_bill_takes_the_place_of_what_was_held() -> None:
    ledger = Ledger(Budget(tokens=WHOLE))
    billed = await attempt(saying(Reply(outcome="ok", usage=USED)), a_call(), invited=invited(), ledger=ledger)
    assert billed == (Reply(outcome="ok", usage=USED), pytest.approx(0.0003))
    assert ledger.left().tokens == WHOLE - 110


async def test_the_operators_price_is_what_is_booked() -> None:
    ledger = Ledger(Budget())
    member = invited(rates=Rates(input=10_000.0, output=0.0))
    billed = await attempt(saying(Reply(outcome="ok", usage=USED)), a_call(), invited=member, ledger=ledger)
    assert isinstance(billed, Billed)
    assert (billed.usd, ledger.spent) == (1.0, Hold(tokens=110, usd=1.0))


@pytest.mark.parametrize(("begins", "left"), [(True, 0), (False, WHOLE)])
async def test_an_answer_that_broke_off_before_its_bill_is_booked_as_all_that_was_held(
    *, begins: bool, left: int
) -> None:
    ledger = Ledger(Budget(tokens=WHOLE))
    broken = saying(Reply(outcome="transient"), begins=begins)
    billed = await attempt(broken, a_call(), invited=invited(), ledger=ledger)
    assert isinstance(billed, Billed)
    assert (billed.usd is None) == begins
    assert ledger.left().tokens == left


async def test_a_model_that_thought_for_all_of_its_time_may_have_cost_all_of_its_room() -> None:
    async def ask(call: Call) -> Reply:
        await asyncio.sleep(call.seconds)
        return Reply(outcome="transient", detail="no answer")

    ledger = Ledger(Budget(tokens=WHOLE))
    await attempt(ask, a_call(seconds=0.01), invited=invited(), ledger=ledger)
    assert ledger.left().tokens == 0


async def test_an_interrupted_call_is_booked_as_all_that_was_held_and_says_nothing_of_the_server() -> None:
    async def ask(_: Call) -> Reply:
        await asyncio.sleep(60)
        raise AssertionError

    ledger, breaker = Ledger(Budget(tokens=WHOLE)), Breaker("a")
    running = asyncio.create_task(attempt(ask, a_call(), invited=invited(breaker=breaker), ledger=ledger))
    await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert ledger.left().tokens == 0
    assert not breaker.is_open


async def test_a_call_without_room_is_not_made() -> None:
    said = await attempt(unasked, a_call(), invited=invited(), ledger=Ledger(Budget(tokens=WHOLE - 1)))
    why = f"{WHOLE:,} tokens may be needed, {WHOLE - 1:,} are left"
    assert said == Unmade("over_budget", "over_budget", why)


@pytest.mark.parametrize("waits", [False, True])
async def test_no_call_begins_where_too_little_time_is_left(*, waits: bool) -> None:
    ledger, deadline = Ledger(Budget(tokens=WHOLE)), time.monotonic() + LEAST - (0.1 if not waits else -0.05)
    before = await ledger.reserve("m", worst_cost(invited(), a_call())) if waits else ""
    asked = asyncio.create_task(attempt(unasked, a_call(), invited=invited(), ledger=ledger, deadline=deadline))
    await asyncio.sleep(0.1)
    if not isinstance(before, str):
        ledger.release(before)
    assert await asked == Unmade("unavailable", "transient", "no time was left for the call; raise `seconds`")
    assert ledger.left().tokens == WHOLE


@pytest.mark.parametrize(("seconds", "opens"), [(1.1, False), (0.01, True)])
async def test_a_call_that_the_end_of_the_run_cut_short_says_nothing_of_the_server(
    monkeypatch: pytest.MonkeyPatch, seconds: float, *, opens: bool
) -> None:
    async def ask(call: Call) -> Reply:
        await asyncio.sleep(call.seconds)
        return Reply(outcome="transient", detail="no answer")

    monkeypatch.setattr("reviewbot.council.attempt.LEAST", 0.02)
    breaker, ledger = Breaker("example.com"), Ledger(Budget())
    for _ in range(TRIPS):
        deadline = time.monotonic() + 0.05
        await attempt(ask, a_call(seconds=seconds), invited=invited(breaker=breaker), ledger=ledger, deadline=deadline)
    assert breaker.is_open == opens


async def test_waiting_for_room_takes_of_the_time_of_a_call() -> None:
    calls: list[Call] = []

    async def ask(call: Call) -> Reply:
        calls.append(call)
        return Reply(outcome="ok", usage=USED)

    ledger, began = Ledger(Budget(tokens=WHOLE)), time.monotonic()
    before = await ledger.reserve("m", worst_cost(invited(), a_call()))
    assert not isinstance(before, str)
    waits = asyncio.create_task(
        attempt(ask, a_call(seconds=60.0), invited=invited(), ledger=ledger, deadline=began + 9.0)
    )
    await asyncio.sleep(0.05)
    ledger.release(before)
    await waits
    assert calls[0].seconds <= 8.95


@pytest.mark.parametrize(("outcome", "opens"), [("transient", True), ("rate", False), ("auth", False), ("ok", False)])
async def test_only_passing_faults_open_the_breaker(outcome: Outcome, *, opens: bool) -> None:
    breaker, ledger = Breaker("example.com"), Ledger(Budget(tokens=WHOLE))
    for _ in range(TRIPS):
        ask = saying(Reply(outcome=outcome), begins=False)
        await attempt(ask, a_call(), invited=invited(breaker=breaker), ledger=ledger)
    assert breaker.is_open == opens
    if opens:
        said = await attempt(unasked, a_call(), invited=invited(breaker=breaker), ledger=ledger)
        assert isinstance(said, Unmade)
        assert (said.state, ledger.left().tokens) == ("unavailable", WHOLE), "what was held is given back"


async def test_who_reads_no_prompt_needs_no_room() -> None:
    rules, reply = invited(reads_prompts=False), Reply(outcome="ok")
    billed = await attempt(saying(reply), a_call(), invited=rules, ledger=Ledger(Budget(tokens=0)))
    assert billed == (reply, 0.0)


async def test_what_was_paid_for_is_recalled_without_room_and_the_others_may_begin() -> None:
    began: list[str] = []
    before = Billed(Reply(outcome="ok", usage=USED), 0.5)
    ledger = Ledger(Budget(tokens=0))
    call = a_call(started=lambda: began.append("the others"))
    assert await attempt(unasked, call, invited=invited(lambda _: before), ledger=ledger) == before
    assert began == ["the others"]
