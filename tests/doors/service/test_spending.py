"""What the calls of a day and of a pull request come to, and that nobody spends more."""

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from asking import a_call
from booked import Held, Voice, a_job, a_pull, living, rows

from reviewbot.council import Reply, Usage
from reviewbot.council.budget import NoRoom
from reviewbot.council.model import Billed
from reviewbot.council.prices import cost, worst_cost
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.calls import Calls, Desk, Entry, complete, reserve
from reviewbot.doors.service.spending import CANARY, left_today, spent_on_pull, spent_on_review
from reviewbot.doors.service.store import CALLS, Store
from reviewbot.settings import Budget, Rates

ENTRY = Entry("r1", installation_id=1, repository_id=5, number=7)
GPT = Voice().invited
WORST = worst_cost(GPT, a_call())
USD = WORST.usd or 0.0


def a_desk(store: Store, day: Budget, **facts: Any) -> Desk:
    return Desk(**{"store": store, "lease": Held(), "limits": {}, "day": day} | facts)


def shift(store: Store, seconds: float) -> None:
    with store.begin() as connection:
        connection.execute(sa.update(CALLS).values(started=CALLS.c.started - seconds))


@pytest.mark.parametrize("day", [Budget(usd=3.5 * USD), Budget(tokens=3 * WORST.tokens)], ids=["dollars", "tokens"])
def test_calls_of_all_workers_together_never_hold_more_than_the_day_has(each_store: Store, day: Budget) -> None:
    leases = [living(each_store, f"w{number}") for number in range(4)]

    def enter(number: int) -> int | NoRoom | None:
        desk = a_desk(each_store, day, lease=leases[number % 4])
        return reserve(desk, Entry(f"r{number}", number % 2, 5, 7), GPT, a_call())

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(enter, range(12)))
    taken = [row for row in made if isinstance(row, int)]
    assert len(taken) == 3
    assert all(isinstance(row, NoRoom) and row.may_pass for row in made if not isinstance(row, int))
    complete(each_store, taken[0], Billed(Reply(outcome="ok"), 0.0), unbilled=False)
    assert isinstance(enter(20), int)


def test_the_most_is_kept_whatever_calls_come_to_and_whoever_dies(store: Store) -> None:
    dice, leases = random.Random(7), [living(store, f"w{number}") for number in range(3)]  # noqa: S311  a test's luck
    day = Budget(usd=40 * USD)
    open_rows: list[int] = []
    for number in range(300):
        desk = a_desk(store, day, lease=dice.choice(leases))
        row = reserve(desk, Entry(f"r{number}", 1, 5, number % 4), GPT, a_call())
        if isinstance(row, int):
            open_rows.append(row)
        if open_rows and dice.random() < 0.7:  # the others are never heard of again
            used = Usage(input=dice.randrange(100), output=dice.randrange(16_000))
            bill = Billed(Reply(outcome="ok", usage=used), cost(GPT, used).usd)
            complete(store, open_rows.pop(dice.randrange(len(open_rows))), bill, unbilled=dice.random() < 0.2)
    total = sum(row.held_usd + (row.usd or 0.0) for row in rows(store))
    assert 30 * USD < total <= 40 * USD


def test_a_day_that_is_spent_refuses_in_words_and_the_next_one_does_not(each_store: Store) -> None:
    desk = a_desk(each_store, Budget(usd=1.5 * USD))
    first = reserve(desk, ENTRY, GPT, a_call())
    assert isinstance(first, int)
    complete(each_store, first, Billed(Reply(outcome="transient"), None), unbilled=True)
    refused = reserve(desk, ENTRY, GPT, a_call())
    assert isinstance(refused, NoRoom)
    assert not refused.may_pass
    assert f"${USD:.4f} may be needed, ${0.5 * USD:.4f} is left of the budget of this day (UTC)" in refused.why
    shift(each_store, 86_400)
    assert isinstance(reserve(desk, ENTRY, GPT, a_call()), int)


async def test_a_call_without_room_in_the_day_is_not_made_and_says_so(store: Store) -> None:
    voice = Voice()
    async with Calls(a_desk(store, Budget(usd=USD / 2)), ENTRY).seat(voice.invited).connect() as ask:
        reply = await ask(a_call())
    assert (reply.outcome, voice.calls, rows(store)) == ("over_budget", [], [])
    assert "of the budget of this day" in reply.detail


async def test_room_that_others_hold_is_waited_for_as_long_as_the_call_may_take(store: Store) -> None:
    desk = a_desk(store, Budget(usd=1.5 * USD), lease=living(store))
    other = reserve(desk, ENTRY, GPT, a_call(question="under way"))
    async with Calls(desk, ENTRY).seat(Voice().invited).connect() as ask:
        late = await ask(a_call(seconds=0.05))
        assert (late.outcome, "until calls under way have ended" in late.detail) == ("over_budget", True)
        assert isinstance(other, int)
        complete(store, other, Billed(Reply(outcome="ok"), 0.0), unbilled=False)
        assert (await ask(a_call())).outcome == "ok"


def test_a_price_nobody_knows_is_refused_where_dollars_count_and_the_operators_is_a_price(
    store: Store,
) -> None:
    nobodys = Voice(name="ollama/qwen3").invited
    refused = reserve(a_desk(store, Budget(usd=1.0)), ENTRY, nobodys, a_call())
    assert isinstance(refused, NoRoom)
    assert "the price of ollama/qwen3 is not known" in refused.why
    assert isinstance(reserve(a_desk(store, Budget(tokens=10**6)), ENTRY, nobodys, a_call()), int)
    priced = Voice(name="ollama/qwen3", rates=Rates(input=1.0, output=2.0)).invited
    assert isinstance(reserve(a_desk(store, Budget(usd=1.0)), ENTRY, priced, a_call(question="2")), int)
    assert [row.held_usd > 0 for row in rows(store)] == [False, True]


async def test_what_pushes_of_a_pull_request_cost_is_told_to_the_next_one(each_store: Store) -> None:
    book, used = Book(each_store, Held(), {}), Usage(input=100, output=10)
    for delivery, number, lens in (("d1", 7, "security"), ("d2", 7, "security"), ("d3", 8, "x"), ("d4", 7, CANARY)):
        run = book.begin(a_job(delivery, number=number), _pull(number), "key", [Voice().invited])
        async with run.council[0].connect() as ask:
            await ask(a_call(lens=lens))
    again = book.begin(a_job("d2"), _pull(7), "key", [Voice().invited]).resumed
    assert again is not None
    assert (again.spent.tokens, again.pull_spent.tokens) == (110, 220)
    assert again.pull_spent.usd == pytest.approx(2 * (cost(GPT, used).usd or 0))
    with each_store.look() as connection:
        left = left_today(connection, each_store, Budget(usd=1.0, tokens=1_000))
    assert (left.tokens, left.usd) == (1_000 - 4 * 110, pytest.approx(1.0 - 4 * (cost(GPT, used).usd or 0)))
    with each_store.look() as connection:
        assert spent_on_pull(connection, 2, 5, 7).tokens == 0, "another installation"
        assert spent_on_review(connection, again.id) == again.spent


def _pull(number: int) -> Any:
    pull = a_pull()
    return a_pull(address=pull.address._replace(number=number))
