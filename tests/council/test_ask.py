"""All members at once; the lenses of a member behind one prefix. Order is watched, not timed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.council import (
    Ask,
    Brief,
    Call,
    Hearing,
    Invited,
    Ledger,
    Lens,
    Member,
    Plan,
    Progress,
    Reply,
    Review,
    Seat,
    Sitting,
    ask_council,
)
from reviewbot.council.ask import AT_ONCE
from reviewbot.council.model import Caching
from reviewbot.errors import BadSettings
from reviewbot.settings import Budget

EMPTY = Reply(outcome="ok", text=json.dumps({"findings": [], "could_not_judge": []}))
LENSES = tuple(Lens(name=name, title=name, categories=(), text=f"Lens: {name}.") for name in ("one", "two", "three"))
KEPT = Caching(1, "begun")


def files(count: int) -> Diff:
    hunk = Hunk(old_start=0, new_start=1, body=tuple(f"+line {n}" for n in range(60)))
    return Diff(files=tuple(File(path=f"{n}.py", old_path=None, status="added", hunks=(hunk,)) for n in range(count)))


def brief(count: int = 1) -> Brief:
    return Brief(
        change=Change(diff=files(count)), rules="r", schema={}, key="k", max_output_tokens=1_000, seconds=5,
        max_prompt_tokens=100_000,
    )  # fmt: skip


def member(name: str, ask: Callable[[Call], Awaitable[Reply]], **facts: object) -> Invited:
    @asynccontextmanager
    async def connect() -> AsyncIterator[Ask]:
        yield ask

    opened: Callable[[], AbstractAsyncContextManager[Ask]] = connect
    return Invited(member=Member(name=name, family=name), connect=opened, **facts)


async def ask_all(
    *council: Invited,
    lenses: Sequence[Lens] = LENSES,
    count: int = 1,
    at_once: bool = False,
    progress: Progress = lambda *_: None,
) -> tuple[Review, ...]:
    sittings = tuple(Sitting(invited=invited, lenses=tuple(lenses), at_once=at_once) for invited in council)
    hearing = Hearing(brief=brief(count), ledger=Ledger(Budget()), progress=progress, deadline=time.monotonic() + 5)
    return await ask_council(Plan(sittings=sittings), hearing)


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

    reviews = await ask_all(member("m", ask, caching=KEPT))
    assert happened == ["asked one", "asked two", "asked three"]
    assert all(review.state == "ok" for review in reviews)


@pytest.mark.parametrize(("count", "first"), [(1, ["+one", "+two", "+three"]), (120, ["+one", "-one", "+two"])])
async def test_an_answer_is_waited_for_to_its_end_only_where_that_pays(count: int, first: list[str]) -> None:
    happened: list[str] = []

    async def ask(call: Call) -> Reply:
        happened.append(f"+{call.lens}")
        call.started()
        await asyncio.sleep(0.005)
        happened.append(f"-{call.lens}")
        return EMPTY

    await ask_all(member("m", ask, caching=Caching(1, "ended")), count=count)
    assert happened[:3] == first


@pytest.mark.parametrize("caching", [KEPT, None])
async def test_a_first_call_that_fails_does_not_hang_the_rest(caching: Caching | None) -> None:
    async def ask(call: Call) -> Reply:
        return Reply(outcome="auth", detail="wrong key") if call.lens == "one" else EMPTY

    reviews = await ask_all(member("m", ask, caching=caching))
    assert [review.state for review in reviews] == ["config_error", "ok", "ok"]


async def test_nobody_waits_where_nothing_is_known_of_a_cache() -> None:
    together = asyncio.Barrier(3)

    async def ask(call: Call) -> Reply:
        assert not call.cache, "a mark that nobody reads is paid for"
        await asyncio.wait_for(together.wait(), 2)
        return EMPTY

    assert len(await ask_all(member("m", ask))) == 3


async def test_members_do_not_wait_for_each_other() -> None:
    both = asyncio.Barrier(2)

    async def ask(call: Call) -> Reply:
        if call.lens == "one":
            await asyncio.wait_for(both.wait(), 2)
        return EMPTY

    assert len(await ask_all(member("a", ask), member("b", ask))) == 6


async def test_every_lens_of_a_member_shares_the_same_prefix() -> None:
    prefixes = set()

    async def ask(call: Call) -> Reply:
        prefixes.add((call.rules, call.shown, str(call.schema), call.cache, call.effort))
        return EMPTY

    await ask_all(member("m", ask, caching=KEPT, effort="low"))
    ((rules, shown, schema, cache, effort),) = prefixes
    assert (rules, schema, cache, effort) == ("r", "{}", True, "low")
    assert "line 59" in shown


async def test_the_parts_of_a_member_are_asked_side_by_side_and_make_one_review_a_lens() -> None:
    under_way, most = 0, 0

    async def ask(_: Call) -> Reply:
        nonlocal under_way, most
        under_way, most = under_way + 1, max(most, under_way + 1)
        await asyncio.sleep(0.002)
        under_way -= 1
        return EMPTY

    reviews = await ask_all(member("m", ask, window=8_000, lenses=None), lenses=LENSES[:1], count=120)
    (review,) = reviews
    assert {made.part for made in review.calls} == set(range(len(review.calls)))
    assert len(review.calls) > AT_ONCE
    assert most == AT_ONCE
    assert review.not_covered == ()


async def test_all_lenses_in_one_question_are_one_seat_that_covers_them() -> None:
    asked: list[Call] = []

    async def ask(call: Call) -> Reply:
        asked.append(call)
        return EMPTY

    (review,) = await ask_all(member("m", ask, caching=KEPT), at_once=True)
    assert (review.seat.lens, review.seat.covers) == ("all", ("one", "two", "three"))
    (call,) = asked
    assert all(lens.text in call.question for lens in LENSES)
    assert not call.cache


async def test_a_single_lens_asks_for_no_cache_it_would_never_read() -> None:
    asked: list[Call] = []

    async def ask(call: Call) -> Reply:
        asked.append(call)
        return EMPTY

    await ask_all(member("m", ask, caching=KEPT), lenses=LENSES[:1])
    assert [call.cache for call in asked] == [False]


async def test_progress_is_told_when_a_seat_is_asked_and_when_it_ends() -> None:
    told: list[tuple[str, str | None]] = []

    def progress(seat: Seat, review: Review | None) -> None:
        told.append((seat.lens, review and review.state))

    async def ask(_: Call) -> Reply:
        return EMPTY

    await ask_all(member("m", ask), lenses=LENSES[:1], progress=progress)
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
    assert set(stopped) == {"thinks"}
