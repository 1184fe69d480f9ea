"""One attempt: what is reserved, what is booked, and what was paid for before."""

from contextlib import nullcontext

import pytest
from asking import a_call

from reviewbot.council import Call, Invited, Ledger, Member, Reply, Usage
from reviewbot.council.attempt import attempt
from reviewbot.council.budget import worst_case
from reviewbot.council.model import Billed, Recall
from reviewbot.settings import Budget

GPT = Member(name="openai/gpt-6.1-sol", family="openai")
USED = Usage(input=100, output=10)
WORST = worst_case(a_call())
WHOLE = WORST.cache_written + WORST.output


def invited(recall: Recall = lambda _: None, *, reads_prompts: bool = True) -> Invited:
    async def ask(_: Call) -> Reply:
        raise AssertionError("the connection is given apart")

    return Invited(member=GPT, connect=lambda: nullcontext(ask), recall=recall, reads_prompts=reads_prompts)


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
    assert not isinstance(ledger.reserve(GPT.name, Usage(input=WHOLE - 110)), str)


@pytest.mark.parametrize(("begins", "left"), [(True, 0), (False, WHOLE)])
async def test_an_answer_that_broke_off_before_its_bill_keeps_what_was_held(begins: bool, left: int) -> None:
    ledger = Ledger(Budget(tokens=WHOLE))
    broken = saying(Reply(outcome="transient"), begins=begins)
    billed = await attempt(broken, a_call(), invited=invited(), ledger=ledger)
    assert isinstance(billed, Billed)
    assert (billed.usd is None) == begins
    assert not isinstance(ledger.reserve(GPT.name, Usage(input=left)), str)
    assert isinstance(ledger.reserve(GPT.name, Usage(input=1)), str)


async def test_a_call_without_room_is_not_made() -> None:
    said = await attempt(unasked, a_call(), invited=invited(), ledger=Ledger(Budget(tokens=WHOLE - 1)))
    assert said == f"{WHOLE:,} tokens may be needed, {WHOLE - 1:,} are left"


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
