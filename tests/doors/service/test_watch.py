"""A member that has gone blind is noticed, by planted defects and by what it says of different changes."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace

import pytest
from booked import GPT, USED, Held, Voice, a_job, a_pull, rows

from reviewbot.change import Change, parse_diff
from reviewbot.council import Call, Reply
from reviewbot.council.canary import CANARIES
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.spending import CANARY
from reviewbot.doors.service.store import Store
from reviewbot.doors.service.watch import doubts, try_members
from reviewbot.doors.session import Run
from reviewbot.pipeline import hear
from reviewbot.record import RunRecord
from reviewbot.settings import Budget, Operator

DIFF = b"""diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -1 +1,2 @@
 import bank
+bank.pay(twice)
"""
NOTHING_FOUND = json.dumps({"findings": [], "could_not_judge": [], "verdicts": []})
OPERATOR = Operator(lenses=("security",), challenged=0)
MISSED = f"{GPT} missed a planted defect twice: its silence may mean nothing"


def blind(_: Call) -> Reply:
    return Reply(outcome="ok", text=NOTHING_FOUND, usage=USED)


def sees(call: Call) -> Reply:
    """Finds what is planted, and nothing else."""
    planted = [
        {
            "title": "t", "body": "b", "severity": "high", "confidence": "certain", "category": "other", "side": "new",
            "path": canary.path, "line": canary.line, "quote": canary.mark,
        }
        for canary in CANARIES
        if canary.path in call.shown
    ]  # fmt: skip
    return Reply(outcome="ok", text=json.dumps({"findings": planted}), usage=USED)


class Reviews:
    """Reviews of one pull request after the other, each followed by what is due."""

    def __init__(self, store: Store, every: int) -> None:
        self.store, self.every, self.number, self.book = store, every, 0, Book(store, Held(), {})

    async def one(self, says: Callable[[Call], Reply], operator: Operator = OPERATOR) -> RunRecord:
        self.number += 1
        run, record = await self.heard(says, operator)
        await try_members(run, record, self.store, operator, self.every)
        return run.with_doubts(record)

    async def heard(self, says: Callable[[Call], Reply], operator: Operator = OPERATOR) -> tuple[Run, RunRecord]:
        pull = a_pull(address=a_pull().address._replace(number=self.number))
        run = self.book.begin(a_job(f"d{self.number}", number=self.number), pull, "key", [Voice(says).invited])
        return run, await hear(Change(diff=parse_diff(DIFF)), operator, run.council, resumed=run.resumed)

    @property
    def canaries(self) -> list[int]:
        """After which reviews they were shown."""
        return [row.number for row in rows(self.store) if row.lens == CANARY]


@pytest.fixture
def warnings(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Why members were doubted, as the log has it."""
    caplog.set_level(logging.WARNING)
    return lambda: [record.__dict__["facts"]["why"] for record in caplog.records if record.name == "reviewbot"]


async def test_a_member_that_never_finds_anything_is_told_after_as_many_reviews_as_were_set(
    store: Store, warnings: Callable[[], list[str]]
) -> None:
    """THREATS L17."""
    reviews = Reviews(store, every=4)
    records = [await reviews.one(blind) for _ in range(4)]
    assert [record.notes for record in records] == [()] * 4
    assert (reviews.canaries, warnings()) == ([4, 4], [MISSED])
    assert (await reviews.one(blind)).notes == (MISSED,)
    assert doubts(store, {GPT, "openai/another"}) == {GPT: MISSED}


async def test_one_that_finds_what_is_planted_is_left_in_peace(store: Store, warnings: Callable[[], list[str]]) -> None:
    reviews = Reviews(store, every=2)
    records = [await reviews.one(sees) for _ in range(5)]
    assert reviews.canaries == [2, 4]
    assert ({record.notes for record in records}, warnings()) == ({()}, [])


async def test_the_doubt_is_gone_when_it_finds_one_and_one_miss_is_none(store: Store) -> None:
    reviews = Reviews(store, every=3)
    for _ in range(3):
        await reviews.one(blind)
    assert (await reviews.one(sees)).notes == (MISSED,)
    assert reviews.canaries == [3, 3, 4], "again after the next review"
    assert (await reviews.one(sees)).notes == ()
    once = iter([blind])
    for _ in range(3):
        await reviews.one(lambda call: next(once, sees)(call) if call.lens == CANARY else blind(call))
    assert reviews.canaries[3:] == [7, 7]
    assert doubts(store, {GPT}) == {}


@pytest.mark.parametrize("every", [0, 50])
async def test_nobody_is_tried_before_it_is_due_or_where_it_is_off(store: Store, every: int) -> None:
    reviews = Reviews(store, every=every)
    for _ in range(3):
        await reviews.one(blind)
    assert reviews.canaries == []


async def test_a_canary_is_one_small_call_that_costs_no_pull_request_anything(store: Store) -> None:
    reviews, calls = Reviews(store, every=1), list[Call]()

    def says(call: Call) -> Reply:
        calls.append(call)
        return sees(call)

    await reviews.one(says)
    lens, canary = calls
    assert canary.rules == lens.rules, "it is asked as in a review"
    assert canary.max_output_tokens <= 8_000
    assert len(canary.shown) < 1_200
    pull = a_pull(address=a_pull().address._replace(number=1))
    run = reviews.book.begin(a_job("d1", number=1), pull, "key", [Voice().invited]).resumed
    assert run is not None
    assert (run.spent.tokens, run.pull_spent.tokens) == (110, 110)


async def test_one_that_does_not_answer_is_not_called_blind(store: Store) -> None:
    def away(call: Call) -> Reply:
        return Reply(outcome="auth") if call.lens == CANARY else blind(call)

    reviews = Reviews(store, every=1)
    assert [(await reviews.one(away)).notes for _ in range(3)] == [()] * 3
    poor = Operator(lenses=("security",), challenged=0, context_tokens=0, budget=Budget(tokens=1))
    assert MISSED not in (await reviews.one(blind, poor)).notes
    assert reviews.canaries == [1, 2, 3]


async def test_one_whose_window_holds_no_canary_is_shown_none(store: Store) -> None:
    reviews = Reviews(store, every=1)
    run, record = await reviews.heard(blind)
    small = run._replace(council=(replace(run.council[0], window=1_000),))
    await try_members(small, record, store, OPERATOR, 1)
    assert reviews.canaries == []


async def test_the_same_findings_for_different_pull_requests_are_told(
    store: Store, warnings: Callable[[], list[str]]
) -> None:
    said = json.dumps({"findings": [{"title": "t", "body": "b", "severity": "low", "confidence": "possible",
        "category": "other", "path": "pay.py", "side": "new", "line": 2, "quote": "bank.pay(twice)"}]})  # fmt: skip
    reviews = Reviews(store, every=50)
    for _ in range(3):
        await reviews.one(lambda _: Reply(outcome="ok", text=said, usage=USED))
    (why,) = warnings()
    assert why.startswith(f"{GPT} said the same, to the letter")
    assert (await reviews.one(blind)).notes == (why,)
