"""A call and its row: written before it is made, completed with its bill, recalled where it was paid for."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from asking import SCHEMA, a_call
from booked import GPT, USED, Held, Voice, living, rows
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from reviewbot.council import Call, Invited, Member, Reply, Usage
from reviewbot.council.model import MOST_TOKENS, Billed
from reviewbot.council.prices import price, worst_case, worst_cost
from reviewbot.doors.service.calls import Calls, Desk, Entry, Kept, complete, digest, reserve
from reviewbot.doors.service.config import Limit
from reviewbot.doors.service.store import Away, Store
from reviewbot.forge.clock import Clock

ENTRY = Entry("r1", installation_id=1, repository_id=5, number=7)
SEATED = Voice().invited
WORST = worst_case(a_call())
HELD = WORST.cache_written + WORST.output


def a_desk(store: Store, **facts: Any) -> Desk:
    return Desk(**{"store": store, "lease": Held(), "limits": {}} | facts)


def entered(desk: Desk, call: Call) -> int:
    row = reserve(desk, ENTRY, SEATED, call)
    assert isinstance(row, int)
    return row


async def put(invited: Invited, call: Call) -> Reply:
    async with invited.connect() as ask:
        return await ask(call)


def member(ask: Callable[[Call], Awaitable[Reply]], name: str = GPT) -> Invited:
    return Invited(member=Member(name=name, family="f"), connect=lambda: nullcontext(ask))


async def test_a_call_is_on_record_at_its_worst_while_it_is_made_and_at_its_bill_afterwards(each_store: Store) -> None:
    under_way = []

    def says(_: Call) -> Reply:
        under_way.extend(rows(each_store))
        return Reply(outcome="ok", text="{}", usage=USED)

    reply = await put(Calls(a_desk(each_store), ENTRY).seat(Voice(says).invited), a_call())
    (before,), (after,) = under_way, rows(each_store)
    assert (before.outcome, before.held_tokens, before.usd) == (None, HELD, None)
    assert before.held_usd == pytest.approx(worst_cost(SEATED, a_call()).usd)
    assert (after.outcome, after.held_tokens, after.held_usd) == ("ok", 0, 0.0)
    assert (after.input, after.output, after.usd) == (100, 10, pytest.approx(price(GPT, USED)))
    assert (after.provider, after.member, after.lens, after.worker) == ("openai", GPT, "assumptions", "w1")
    assert (after.review_id, after.installation_id, after.repository_id, after.number) == ENTRY
    assert Reply.model_validate_json(after.reply) == reply
    assert before.started <= after.ended


async def test_the_same_question_put_again_is_its_next_turn(each_store: Store) -> None:
    calls = Calls(a_desk(each_store), ENTRY)
    for lens in ("a", "a", "b"):
        await put(calls.seat(Voice().invited), a_call(question=lens))
    assert [row.turn for row in rows(each_store)] == [1, 2, 1]


@pytest.mark.parametrize(
    "change",
    [
        {"rules": "other"},
        {"shown": "other"},
        {"question": "other"},
        {"lens": "other"},
        {"schema": SCHEMA | {"required": []}},
        {"max_output_tokens": 16_001},
        {"effort": "high"},
    ],
)
def test_an_answer_to_anything_else_is_not_recalled(store: Store, change: dict[str, Any]) -> None:
    kept = Kept(digest(GPT, a_call()), Billed(Reply(outcome="ok"), 0.0))
    seated = Calls(a_desk(store), ENTRY, [kept]).seat(Voice().invited)
    assert seated.recall(replace(a_call(), **change)) is None
    other = Voice(name="openai/gpt-6-astra").invited
    assert Calls(a_desk(store), ENTRY, [kept]).seat(other).recall(a_call()) is None
    later = replace(a_call(), seconds=0.1, started=lambda: None)
    assert seated.recall(later) == kept.billed


def test_answers_are_recalled_in_their_order_and_each_once(store: Store) -> None:
    said = [Billed(Reply(outcome=outcome), 0.0) for outcome in ("rate", "ok")]
    kept = [Kept(digest(GPT, a_call()), billed) for billed in said]
    recall = Calls(a_desk(store), ENTRY, kept).seat(Voice().invited).recall
    assert [recall(a_call()) for _ in range(3)] == [*said, None]


def test_a_question_that_was_not_utf_8_has_a_digest_too() -> None:
    assert digest(GPT, a_call(shown="caf\udce9")) != digest(GPT, a_call(shown="caf\udcea"))


async def test_what_broke_off_before_its_bill_stays_held(store: Store) -> None:
    voice = Voice(lambda _: Reply(outcome="transient"))
    await put(Calls(a_desk(store), ENTRY).seat(voice.invited), a_call())
    (row,) = rows(store)
    assert (row.outcome, row.held_tokens, row.usd) == ("transient", HELD, None)


async def test_what_never_began_cost_nothing(store: Store) -> None:
    async def unreachable(_: Call) -> Reply:
        return Reply(outcome="transient")

    await put(Calls(a_desk(store), ENTRY).seat(member(unreachable)), a_call())
    assert [(row.held_tokens, row.usd) for row in rows(store)] == [(0, 0.0)]


async def test_a_cancelled_call_is_lost_at_its_worst_case(store: Store) -> None:
    asked_it = asyncio.Event()

    async def thinks(_: Call) -> Reply:
        asked_it.set()
        await asyncio.sleep(60)
        raise AssertionError("nobody waits so long")

    asked = asyncio.create_task(put(Calls(a_desk(store), ENTRY).seat(member(thinks)), a_call()))
    await asked_it.wait()
    asked.cancel("a later push")
    with pytest.raises(asyncio.CancelledError, match="a later push"):
        await asked
    (row,) = rows(store)
    assert (row.outcome, row.held_tokens, row.reply) == ("lost", HELD, None)


async def test_a_bug_passes_and_its_call_is_lost(store: Store) -> None:
    async def breaks(_: Call) -> Reply:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await put(Calls(a_desk(store), ENTRY).seat(member(breaks)), a_call())
    assert [row.outcome for row in rows(store)] == ["lost"]


async def test_a_worker_that_lost_its_lease_asks_nobody(store: Store) -> None:
    class Taken(Exception):
        pass

    voice, lease = Voice(), Held(taken=Taken())
    with pytest.raises(Taken):
        await put(Calls(a_desk(store, lease=lease), ENTRY).seat(voice.invited), a_call())
    assert (voice.calls, rows(store)) == ([], [])


async def test_a_lease_lost_while_the_row_was_written_stops_the_call(store: Store) -> None:
    class Taken(Exception):
        pass

    class Late(Held):
        def check(self) -> None:
            super().check()
            self.taken = Taken()

    voice = Voice()
    with pytest.raises(Taken):
        await put(Calls(a_desk(store, lease=Late()), ENTRY).seat(voice.invited), a_call())
    assert (voice.calls, [row.outcome for row in rows(store)]) == ([], ["lost"])


async def test_what_others_gave_up_as_lost_stays_lost(store: Store) -> None:
    row = entered(a_desk(store), a_call())
    with store.begin() as connection:
        connection.execute(sa.text("UPDATE calls SET outcome = 'lost'"))
    complete(store, row, Billed(Reply(outcome="ok", usage=USED), 0.1), unbilled=False)
    (lost,) = rows(store)
    assert (lost.outcome, lost.held_tokens, lost.reply, lost.usd) == ("lost", HELD, None, None)


class Outage:
    """The database as it is when nobody answers, while it lasts."""

    def __init__(self, store: Store) -> None:
        self.lasts = 0
        event.listen(store.engine, "begin", self._refuse)

    def _refuse(self, _: sa.Connection) -> None:
        self.lasts -= 1
        if self.lasts >= 0:
            raise OperationalError("BEGIN", {}, OSError("gone"))


async def test_a_paid_answer_waits_for_the_database(store: Store) -> None:
    outage, waited = Outage(store), list[float]()
    clock = Clock(now=lambda: sum(waited), sleep=waited.append)

    def says(_: Call) -> Reply:
        outage.lasts = 3
        return Reply(outcome="ok", usage=USED)

    await put(Calls(a_desk(store, clock=clock), ENTRY).seat(Voice(says).invited), a_call())
    assert waited
    assert [row.outcome for row in rows(store)] == ["ok"]


async def test_a_database_that_stays_away_is_told(store: Store) -> None:
    outage, waited = Outage(store), list[float]()
    outage.lasts = 10**6
    voice, clock = Voice(), Clock(now=lambda: sum(waited), sleep=waited.append)
    with pytest.raises(Away):
        await put(Calls(a_desk(store, clock=clock), ENTRY).seat(voice.invited), a_call())
    assert voice.calls == []


def test_no_more_calls_are_under_way_than_the_limit_whoever_asks(each_store: Store) -> None:
    leases = [living(each_store, f"w{n}") for n in range(4)]
    limits = {"openai": Limit(at_once=3)}

    def turn(n: int) -> int | None:
        desk = a_desk(each_store, lease=leases[n % 4], limits=limits)
        row = reserve(desk, ENTRY._replace(review_id=f"r{n}"), SEATED, a_call())
        return row if isinstance(row, int) else None

    with ThreadPoolExecutor(8) as threads:
        taken = [row for row in threads.map(turn, range(16)) if row is not None]
    assert len(taken) == 3
    complete(each_store, taken[0], Billed(Reply(outcome="ok"), 0.0), unbilled=False)
    assert [turn(n) is not None for n in (16, 17)] == [True, False]


def test_limits_are_a_providers_own_and_the_dead_do_not_count(store: Store) -> None:
    alive, limits = living(store), {"openai": Limit(at_once=1)}
    assert reserve(a_desk(store, lease=Held("dead"), limits=limits), ENTRY, SEATED, a_call())
    assert reserve(a_desk(store, lease=alive, limits=limits), ENTRY, SEATED, a_call(question="one"))
    assert reserve(a_desk(store, lease=alive, limits=limits), ENTRY, SEATED, a_call(question="two")) is None
    assert reserve(
        a_desk(store, lease=alive, limits=limits), ENTRY, Voice(name="google/gemini-4-argon").invited, a_call()
    )


def test_no_more_calls_begin_in_a_minute_than_the_limit(each_store: Store) -> None:
    desk = a_desk(each_store, limits={"openai": Limit(per_minute=2)})
    made = [reserve(desk, ENTRY, SEATED, a_call(question=str(n))) is not None for n in range(3)]
    assert made == [True, True, False]
    with each_store.begin() as connection:
        connection.execute(sa.text("UPDATE calls SET started = started - 61 WHERE turn = 1 AND id % 2 = 0"))
    assert reserve(desk, ENTRY, SEATED, a_call(question="a minute later"))


async def test_a_call_waits_for_room_and_says_so_where_none_comes(store: Store) -> None:
    desk = a_desk(store, lease=living(store), limits={"openai": Limit(at_once=1)})
    other = entered(desk, a_call(question="under way"))
    voice = Voice()
    seated = Calls(desk, ENTRY).seat(voice.invited)
    late = await put(seated, a_call(seconds=0.05))
    assert (late.outcome, voice.calls) == ("rate", [])
    assert "limits this service sets for openai" in late.detail
    waiting = asyncio.create_task(put(seated, a_call()))
    await asyncio.sleep(0.02)
    complete(store, other, Billed(Reply(outcome="ok"), 0.0), unbilled=False)
    assert (await waiting).outcome == "ok"
    assert voice.calls[0].seconds < a_call().seconds


async def test_a_price_nobody_knows_is_not_nothing(store: Store) -> None:
    await put(Calls(a_desk(store), ENTRY).seat(Voice(name="ollama/qwen3").invited), a_call())
    assert [(row.usd, row.held_usd, row.input) for row in rows(store)] == [(None, 0.0, 100)]


async def test_a_bill_that_cannot_be_has_a_row_and_can_be_added_to_others(each_store: Store) -> None:
    used = Usage(input=10**19, cached=10**30, output=-1)
    voice = Voice(lambda _: Reply(outcome="ok", text="{}", usage=used))
    await put(Calls(a_desk(each_store), ENTRY).seat(voice.invited), a_call())
    (row,) = rows(each_store)
    assert (row.outcome, row.input, row.cached, row.output) == ("ok", MOST_TOKENS, MOST_TOKENS, 0)
