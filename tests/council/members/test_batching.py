"""Calls in batches: who waits gets the reply it would have had, later, and what was paid for is not paid twice."""

import asyncio
import json
from contextlib import suppress

from batch_run import Log, Run, every_vendor
from batch_stand_in import BatchOffice
from stand_in import Answer, Failure, StandIn

from reviewbot.council.members.batching import MOST_BYTES, QUIET


async def test_calls_wait_for_those_that_come_while_it_is_not_quiet(server: StandIn) -> None:
    office, run = BatchOffice(server, lambda _: Answer("{}")), Run(server, "openai")

    async def a_moment_later() -> None:
        await run.gathering.wait()
        await run.ask("two")

    await asyncio.gather(run.ask("one", "one"), a_moment_later())
    assert [len(batch) for batch in office.batches] == [2]
    assert run.pauses == [QUIET, QUIET]


async def test_while_the_process_is_busy_nothing_is_sent(server: StandIn) -> None:
    BatchOffice(server, lambda _: Answer("{}"))
    run = Run(server, "openai")
    asking = asyncio.create_task(run.ask("one"))
    await run.gathering.wait()
    run.now = 3.0
    await asking
    assert run.pauses[:2] == [QUIET, QUIET]


async def test_what_is_too_large_for_one_batch_goes_in_two(server: StandIn) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    replies = await Run(server, "google").ask("1" * (MOST_BYTES // 2), "2" * (MOST_BYTES // 2))
    assert len(office.batches) == 2
    assert {reply.outcome for reply in replies} <= {"ok", "transient"}


@every_vendor
async def test_an_interrupted_run_leaves_its_batch_and_the_next_one_fetches_it(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, lambda question: Answer(f'"{question}"'))
    office.looks, office.names = 10**9, False
    first = Run(server, vendor)
    asking = asyncio.create_task(first.ask("one", "two", "three"))
    await first.looking.wait()
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    assert "goes on; the same command, run again, fetches its answers" in first.told[-1]
    office.looks = 1
    second = Run(server, vendor, first.log)
    replies = await second.ask("three", "four", "two")
    assert [reply.text for reply in replies] == ['"three"', '"four"', '"two"']
    assert [len(batch) for batch in office.batches] == [3, 1]


async def test_a_batch_the_vendor_has_forgotten_is_sent_again(server: StandIn) -> None:
    office, log = BatchOffice(server, lambda _: Answer("{}")), Log()
    await Run(server, "anthropic", log).ask("one")
    office.faults["look"] = [Failure(404, "no such batch")]
    again = Run(server, "anthropic", log)
    assert [reply.outcome for reply in await again.ask("one")] == ["ok"]
    assert len(office.batches) == 2
    assert "which was sent before" in again.told[0]
    assert "is no more" in again.told[1]


@every_vendor
async def test_an_effort_the_vendor_refuses_is_left_out_of_a_second_batch(server: StandIn, vendor: str) -> None:
    office = BatchOffice(server, lambda _: Answer("{}"))
    office.fate = lambda _: (
        Failure(400, "effort: unknown", "invalid_request_error") if len(office.batches) == 1 else Answer("{}")
    )
    replies = await Run(server, vendor).ask("one", "two", effort="low")
    assert [reply.outcome for reply in replies] == ["ok", "ok"]
    assert [json.dumps(batch).lower().count('low"') for batch in office.batches] == [4, 2]  # the schema has one too


async def test_a_call_waits_no_longer_than_it_was_told_to(server: StandIn) -> None:
    BatchOffice(server, lambda _: Answer("{}")).looks = 10**9
    (reply,) = await Run(server, "openai").ask("one", seconds=0.2)
    assert (reply.outcome, reply.detail) == ("transient", "its batch did not end within 0.2 s")


def test_a_member_in_batches_has_half_the_price_and_no_cache_to_wait_for(server: StandIn) -> None:
    invited = Run(server, "openai").invited
    assert (invited.price_share, invited.caching, invited.breaker) == (0.5, None, None)
