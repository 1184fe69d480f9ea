"""All members at once; the lenses of a member behind one prefix. Order is watched, not timed."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from reviewbot.change import Change, Diff
from reviewbot.council import Ask, Brief, Call, Invited, Ledger, Lens, Member, Reply, Review, Seat, ask_council
from reviewbot.errors import BadSettings
from reviewbot.settings import Budget

EMPTY = Reply(outcome="ok", text=json.dumps({"findings": [], "could_not_judge": []}))
LENSES = tuple(Lens(name=name, title=name, categories=(), text=f"Lens: {name}.") for name in ("one", "two", "three"))
BRIEF = Brief(
    change=Change(diff=Diff(files=())),
    rules="r",
    shown="s",
    schema={},
    not_shown=(),
    max_output_tokens=1_000,
    seconds=5,
)


def member(name: str, ask: Callable[[Call], Awaitable[Reply]], **facts: object) -> Invited:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Ask]:
        yield ask

    opened: Callable[[], AbstractAsyncContextManager[Ask]] = connect
    return Invited(member=Member(name=name, family=name), connect=opened, reads_prompts=False, **facts)


async def ask_all(*council: Invited) -> tuple[Review, ...]:
    return await ask_council(council, LENSES, BRIEF, ledger=Ledger(Budget()), progress=lambda *_: None)


async def test_reviews_stand_member_by_member_in_the_order_of_the_lenses() -> None:
    async def slow(_: Call) -> Reply:
        await asyncio.sleep(0.01)
        return EMPTY

    async def quick(_: Call) -> Reply:
        return EMPTY

    reviews = await ask_all(member("slow", slow), member("quick", quick))
    assert [(r.seat.member.name, r.seat.lens) for r in reviews] == [
        (name, lens) for name in ("slow", "quick") for lens in ("one", "two", "three")
    ]


async def test_the_other_lenses_wait_for_the_first_answer_to_begin_and_no_longer() -> None:
    happened: list[str] = []
    others_asked = asyncio.Event()

    async def ask(call: Call) -> Reply:
        happened.append(f"asked {call.lens}")
        if call.lens == "one":
            await asyncio.sleep(0.01)
            assert happened == ["asked one"], "nobody else may ask before the cache can be read"
            call.started()
            await asyncio.wait_for(others_asked.wait(), 2)  # they are asked while this answer is still coming
        elif call.lens == "three":
            others_asked.set()
        return EMPTY

    reviews = await ask_all(member("m", ask))
    assert happened == ["asked one", "asked two", "asked three"]
    assert all(review.state == "ok" for review in reviews)


async def test_a_first_call_that_fails_does_not_hang_the_rest() -> None:
    async def ask(call: Call) -> Reply:
        return Reply(outcome="auth", detail="wrong key") if call.lens == "one" else EMPTY

    assert [review.state for review in await ask_all(member("m", ask))] == ["config_error", "ok", "ok"]


async def test_members_do_not_wait_for_each_other() -> None:
    both = asyncio.Barrier(2)

    async def ask(call: Call) -> Reply:
        if call.lens == "one":
            await asyncio.wait_for(both.wait(), 2)
        return EMPTY

    assert len(await ask_all(member("a", ask), member("b", ask))) == 6


async def test_a_member_is_asked_only_through_lenses_it_can_answer() -> None:
    async def ask(_: Call) -> Reply:
        return EMPTY

    reviews = await ask_all(member("m", ask, lenses=("two",)), member("none", ask, lenses=("four",)))
    assert [review.seat.lens for review in reviews] == ["two"]


async def test_every_lens_of_a_member_shares_the_same_prefix() -> None:
    prefixes = set()

    async def ask(call: Call) -> Reply:
        prefixes.add((call.rules, call.shown, str(call.schema), call.cache))
        return EMPTY

    await ask_all(member("m", ask))
    assert prefixes == {("r", "s", "{}", True)}


async def test_a_single_lens_asks_for_no_cache_it_would_never_read() -> None:
    asked: list[Call] = []

    async def ask(call: Call) -> Reply:
        asked.append(call)
        return EMPTY

    await ask_council([member("m", ask)], LENSES[:1], BRIEF, ledger=Ledger(Budget()), progress=lambda *_: None)
    assert [call.cache for call in asked] == [False]


async def test_progress_is_told_when_a_seat_is_asked_and_when_it_ends() -> None:
    told: list[tuple[str, str | None]] = []

    def progress(seat: Seat, review: Review | None) -> None:
        told.append((seat.lens, review and review.state))

    async def ask(_: Call) -> Reply:
        return EMPTY

    await ask_council([member("m", ask)], LENSES[:1], BRIEF, ledger=Ledger(Budget()), progress=progress)
    assert told == [("one", None), ("one", "ok")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ImportError("socksio is missing"), "socksio is missing; check the proxy"),
        (FileNotFoundError(2, "No such file", "/c.pem"), "/c.pem"),
        (BadSettings("m", "there is no key", "set K"), "m: there is no key; set K"),
    ],
)
async def test_a_member_nobody_can_reach_fails_alone(error: Exception, said: str) -> None:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Ask]:
        raise error
        yield

    async def ask(_: Call) -> Reply:
        return EMPTY

    gone = Invited(member=Member(name="gone", family="gone"), connect=connect)
    reviews = await ask_all(gone, member("here", ask))
    assert [review.state for review in reviews] == ["config_error"] * 3 + ["ok"] * 3
    assert said in reviews[0].detail


async def test_interrupting_the_council_interrupts_its_calls() -> None:
    ended: list[str] = []

    async def ask(call: Call) -> Reply:
        call.started()
        try:
            await asyncio.sleep(60)
        finally:
            ended.append(call.lens)
        return EMPTY

    running = asyncio.create_task(ask_all(member("m", ask)))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sorted(ended) == ["one", "three", "two"]


async def test_what_is_no_members_failure_stops_all_and_is_raised_as_it_is() -> None:
    class Stop(Exception):
        pass

    stopped: list[str] = []

    async def stops(call: Call) -> Reply:
        call.started()
        await asyncio.sleep(0.01)
        raise Stop

    async def thinks(_: Call) -> Reply:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.append("thinks")
        return EMPTY

    with pytest.raises(Stop):
        await ask_all(member("a", stops), member("b", thinks))
    assert stopped == ["thinks"]
