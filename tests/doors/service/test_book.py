"""The book over crashes: a review that begins again asks nothing twice, spends no more than it may, and ends once."""

import asyncio
import json
import logging
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from asking import KEY, MODEL, NETWORK, a_call, base_url
from booked import GPT, USED, Held, Voice, a_job, a_pull, rows
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from stand_in import Raw, StandIn

from reviewbot.change import Change, parse_diff
from reviewbot.council import Access, Call, Invited, Ledger, Lens, Member, Outcome, Reply, Usage, ask_council
from reviewbot.council.attempt import attempt
from reviewbot.council.brief import Brief
from reviewbot.council.budget import Resumed
from reviewbot.council.model import CHALLENGE, Billed
from reviewbot.council.plan import Plan, Sitting
from reviewbot.council.prices import price, worst_case, worst_cost
from reviewbot.council.question import ask_question
from reviewbot.council.seat import Hearing
from reviewbot.doors.pull_request import Done
from reviewbot.doors.service.book import Book
from reviewbot.doors.service.calls import Desk, Entry, digest, reserve
from reviewbot.doors.service.jobs import Job
from reviewbot.doors.service.store import CALLS, CHECKS, METADATA, REVIEWS, Away, Store, make_tables, open_store
from reviewbot.doors.session import Run
from reviewbot.forge.clock import Clock
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord, load_record
from reviewbot.report.schema import to_json
from reviewbot.settings import Budget, Operator

DIFF = b"""diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -1 +1,2 @@
 import bank
+bank.pay(canary_in_the_change)
"""
CHANGE = Change(diff=parse_diff(DIFF))
NOTHING_FOUND = json.dumps({"findings": [], "could_not_judge": []})


def found(_: Call) -> Reply:
    return Reply(outcome="ok", text=NOTHING_FOUND, usage=USED)


def begin(store: Store, *council: Invited, job: Job | None = None, worker: str = "w1", **pull: Any) -> Run:
    """The review of a job, by a process that knows nothing but the database."""
    return Book(store, Held(worker), {}).begin(job or a_job(), a_pull(**pull), "key", council)


async def heard(run: Run, budget: Budget | None = None) -> RunRecord:
    return await hear(CHANGE, Operator(budget=budget or Budget()), run.council, resumed=run.resumed)


def reviews(store: Store) -> list[sa.Row[Any]]:
    with store.look() as connection:
        return list(connection.execute(sa.select(REVIEWS).order_by(REVIEWS.c.started)))


class Killed(Exception):
    """What a kill -9 is to a test: nobody cleans up, for the database is not there any more either."""


class Mortal:
    """A process with a connection of its own to the database, until it dies."""

    def __init__(self, store: Store) -> None:
        self.dead = False
        self.store = open_store(store.url)
        event.listen(self.store.engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous=OFF"))
        event.listen(self.store.engine, "begin", self._refuse)
        time = [0.0]
        self.clock = Clock(now=lambda: time[0], sleep=lambda seconds: time.append(time.pop() + 1_000 * seconds))

    def die(self) -> None:
        self.dead = True

    def _refuse(self, _: sa.Connection) -> None:
        if self.dead:
            raise OperationalError("BEGIN", {}, OSError("killed"))


def test_a_review_keeps_its_id_and_another_job_has_another(each_store: Store) -> None:
    first, again = begin(each_store), begin(each_store)
    other = begin(each_store, job=a_job("d2"))
    ids = [run.resumed.id for run in (first, again, other) if run.resumed]
    assert ids[0] == ids[1] != ids[2]
    assert {len(name) for name in ids} == {32}
    (row, _) = reviews(each_store)
    assert (row.id, row.job_id, row.state, row.key, row.head_sha) == (ids[0], "d1", "running", "key", "a" * 40)
    assert (row.installation_id, row.repository_id, row.repository, row.number) == (1, 5, "octo/shop", 7)


async def test_what_was_paid_for_is_not_bought_twice_when_the_process_dies(each_store: Store) -> None:
    def dies_at_the_last(call: Call) -> Reply:
        if call.lens == "assumptions":
            raise Killed
        return found(call)

    before, after = Voice(dies_at_the_last), Voice(found)
    with pytest.raises(Killed):
        await heard(begin(each_store, before.invited))
    record = await heard(begin(each_store, after.invited, worker="w2"))
    assert [call.lens for call in after.calls] == ["assumptions"]
    assert [review.state for review in record.reviews] == ["ok"] * 3
    assert [review.usage for review in record.reviews] == [USED] * 3
    assert sum(review.usd or 0 for review in record.reviews) == pytest.approx(3 * (price(GPT, USED) or 0))
    assert [row.outcome for row in rows(each_store)] == ["ok", "ok", "lost", "ok"]
    assert {before.calls[0].shown, after.calls[0].shown} == {after.calls[0].shown}, "the same fence"


@pytest.mark.parametrize(("ceiling", "number"), [("day", 8), ("pull", 7)])
async def test_what_others_spend_in_between_makes_no_other_plan(store: Store, ceiling: str, number: int) -> None:
    """Another plan would ask other questions, and all that was paid for would be bought again."""
    before, after = Voice(found), Voice(found)
    runs = [Book(store, Held(), {}, **{ceiling: Budget(tokens=1_000_000)}) for _ in range(2)]
    await heard(runs[0].begin(a_job(), a_pull(), "key", [before.invited]))
    others = Entry("other", installation_id=1, repository_id=5, number=number)
    reserve(Desk(store, Held(), {}), others, before.invited, a_call(max_output_tokens=995_000))
    run = runs[1].begin(a_job(), a_pull(), "key", [after.invited])
    assert run.resumed
    assert run.resumed.left == Budget(tokens=1_000_000)
    tight = Operator(pull_budget=Budget(tokens=1_000_000) if ceiling == "pull" else Budget())
    record = await hear(CHANGE, tight, run.council, resumed=run.resumed)
    assert (len(before.calls), after.calls) == (3, [])
    assert ([review.state for review in record.reviews], record.notes) == (["ok"] * 3, ())


async def test_a_crash_between_the_lenses_and_the_challenge_buys_nothing_twice(each_store: Store) -> None:
    def says(call: Call) -> Reply:
        raised = {
            "title": "Paid twice", "body": "b", "severity": "high", "confidence": "likely", "category": "other",
            "path": "pay.py", "side": "new", "line": 2, "quote": "bank.pay(canary_in_the_change)",
        }  # fmt: skip
        text = json.dumps({"findings": [raised] if call.lens == "security" else []})
        return Reply(outcome="ok", text=text, usage=USED)

    def upholds(_: Call) -> Reply:
        said = {"claim": "c1", "verdict": "upheld", "because": "b", "importance": 80}
        return Reply(outcome="ok", text=json.dumps({"findings": [], "verdicts": [said]}), usage=USED)

    def dies_when_challenged(call: Call) -> Reply:
        if call.lens == CHALLENGE:
            raise Killed
        return says(call)

    before = [Voice(dies_when_challenged, name) for name in MEMBERS[:2]]
    with pytest.raises(Killed):
        await heard(begin(each_store, *(voice.invited for voice in before)))
    after = [Voice(upholds, name) for name in MEMBERS[:2]]
    record = await heard(begin(each_store, *(voice.invited for voice in after), worker="w2"))
    assert {call.lens for voice in after for call in voice.calls} == {CHALLENGE}
    assert {verdict.verdict for review in record.reviews for verdict in review.verdicts} == {"upheld"}
    assert {call.shown for voice in after for call in voice.calls} <= {call.shown for call in before[0].calls}
    silent = [Voice(upholds, name) for name in MEMBERS[:2]]
    assert told(await heard(begin(each_store, *(voice.invited for voice in silent)))) == told(record)
    assert [voice.calls for voice in silent] == [[], []]


async def test_pushes_of_a_pull_request_share_its_budget(store: Store) -> None:
    voice = Voice(found)

    async def push(name: str, budget: Budget, **pull: Any) -> RunRecord:
        run = begin(store, voice.invited, job=a_job(name), **pull)
        operator = Operator(lenses=("security",), challenged=0, context_tokens=0, pull_budget=budget)
        return await hear(CHANGE, operator, run.council, resumed=run.resumed)

    await push("first", Budget())
    tight = Budget(tokens=worst_cost(voice.invited, voice.calls[0]).tokens + 150)
    states = [(await push(name, tight)).reviews[0].state for name in ("second", "third", "third")]
    assert states == ["ok", "over_budget", "over_budget"]
    (review,) = (await push("third", tight)).reviews
    assert "of the budget of this pull request" in review.detail
    assert (await push("another", tight, repository_id=6)).reviews[0].state == "ok"


async def test_what_a_crash_left_held_changes_nothing_of_what_is_asked(store: Store) -> None:
    """Else the answers that are there would be answers to other questions."""
    budget = Budget(tokens=50_000)

    def dies_at_the_second(call: Call) -> Reply:
        if call.lens != before.calls[0].lens:
            raise Killed
        return found(call)

    before, after = Voice(dies_at_the_second), Voice(found)
    with pytest.raises(Killed):
        await heard(begin(store, before.invited), budget)
    record = await heard(begin(store, after.invited), budget)
    assert len(record.reviews) == 3
    assert [review.state for review in record.reviews].count("ok") == 3 - len(before.calls[1:])
    assert after.calls == [], "two calls are lost, and hold what is left"
    assert record.notes == ()


async def test_a_review_that_was_whole_is_repeated_to_the_letter(store: Store) -> None:
    said = iter([Reply(outcome="rate", retry_after=0.01), Reply(outcome="refused", detail="no"), found(a_call())])

    def says(_: Call) -> Reply:
        return next(said, Reply(outcome="transient", retry_after=0.01))

    whole = await heard(begin(store, Voice(says).invited))
    silent = Voice(says)
    again = await heard(begin(store, silent.invited))
    assert silent.calls == []
    assert {review.state for review in whole.reviews} == {"ok", "refused", "unavailable"}
    assert told(again) == told(whole)


def told(record: RunRecord) -> list[dict[str, Any]]:
    """All that seats came to, but how long it took."""
    timed: Any = {"seconds": True, "calls": {"__all__": {"seconds"}}}
    return [review.model_dump(exclude=timed) for review in record.reviews]


@pytest.mark.parametrize("outcome", ["rate", "transient", "auth", "quota", "fatal", "too_long"])
async def test_a_later_attempt_asks_again_where_the_world_was_in_the_way(store: Store, outcome: Outcome) -> None:
    book, job = Book(store, Held(), {}), a_job()
    down = Voice(lambda call: found(call) if call.lens == "security" else Reply(outcome=outcome, retry_after=0.01))
    await heard(book.begin(job, a_pull(), "key", [down.invited]))
    book.end(job, "failed", "no seat answered", done=None)
    up = Voice(found)
    record = await heard(book.begin(job, a_pull(), "key", [up.invited]))
    assert sorted(call.lens for call in up.calls) == ["architecture", "assumptions"]
    assert {review.state for review in record.reviews} == {"ok"}


@pytest.mark.parametrize("outcome", ["cut", "refused", "blocked"])
async def test_what_a_model_said_of_this_change_stays_said(store: Store, outcome: Outcome) -> None:
    book, job, voice = Book(store, Held(), {}), a_job(), Voice(lambda _: Reply(outcome=outcome, usage=USED))
    first = await heard(book.begin(job, a_pull(), "key", [voice.invited]))
    book.end(job, "failed", "it could not be posted", done=None)
    silent = Voice(found)
    again = await heard(book.begin(job, a_pull(), "key", [silent.invited]))
    assert silent.calls == []
    assert told(again) == told(first)


async def test_two_installations_share_no_row_and_no_answer(store: Store) -> None:
    mine, theirs = Voice(found), Voice(found)
    await heard(begin(store, mine.invited, job=a_job("d1", installation_id=1)))
    await heard(begin(store, theirs.invited, job=a_job("d2", installation_id=2), repository_id=6))
    assert len(mine.calls) == len(theirs.calls) == 3
    owners = {(row.review_id, row.installation_id, row.repository_id) for row in rows(store)}
    assert [owner[1:] for owner in sorted(owners, key=lambda owner: owner[1])] == [(1, 5), (2, 6)]
    asked = [{row.question for row in rows(store) if row.installation_id == owner} for owner in (1, 2)]
    assert not asked[0] & asked[1]


async def test_only_who_reads_prompts_is_kept(store: Store) -> None:
    rules = Voice(found).invited
    rules = Invited(member=rules.member, connect=rules.connect, reads_prompts=False)
    run = begin(store, rules)
    assert run.council == (rules,)


async def test_a_question_to_the_council_is_not_bought_twice_either(store: Store) -> None:
    words = Reply(outcome="ok", text='{"answer": "yes", "unsure_about": null}', usage=USED)
    first, silent = Voice(lambda _: words), Voice(lambda _: words)
    for voice in (first, silent):
        run = begin(store, voice.invited, job=a_job(kind="command"))
        answered = await ask_question(CHANGE, "Is it safe?", run.council, Operator(), run.resumed)
        assert answered.words is not None
        assert (answered.words.answer, answered.usage) == ("yes", USED)
    assert (len(first.calls), len(silent.calls)) == (1, 0)


async def test_how_a_review_ended_is_in_the_book(store: Store, tmp_path: Path) -> None:
    book, job = Book(store, Held(), {}), a_job()
    record = await heard(book.begin(job, a_pull(), "key", [Voice(found).invited]))
    report = judge(record)
    done = Done("2 findings", report, record=record, posted=True, summary_url="https://host/1")
    book.end(job, "posted", "2 findings", done=done)
    (row,) = reviews(store)
    assert (row.state, row.said, row.summary_url) == ("posted", "2 findings", "https://host/1")
    assert row.started <= row.ended
    (tmp_path / "record.json").write_text(row.record)
    assert load_record(tmp_path / "record.json") == record
    assert row.report == to_json(report)


async def test_characters_no_database_takes_do_not_keep_a_review_open(each_store: Store) -> None:
    book, job, odd = Book(each_store, Held(), {}), a_job(), "\ud800 \0"
    run = book.begin(job, a_pull(), "key", [Voice(lambda _: Reply(outcome="refused", detail="\0")).invited])
    change = CHANGE.model_copy(update={"intent": odd})
    record = await hear(change, Operator(lenses=("security",)), run.council, resumed=run.resumed)
    book.end(job, "kept", odd, done=Done(odd, judge(record), record=record))
    (row,) = reviews(each_store)
    assert (row.state, row.said) == ("kept", "<U+D800> <U+0000>")
    assert row.record


def test_a_review_that_ends_leaves_no_call_under_way(store: Store) -> None:
    book, job = Book(store, Held(), {}), a_job()
    resumed = book.begin(job, a_pull(), "key", []).resumed
    entry = Entry(resumed.id if resumed else "", 1, 5, 7)
    assert reserve(Desk(store, Held(), {}), entry, Voice().invited, a_call())
    book.end(job, "superseded", "a later push", done=None)
    assert [row.outcome for row in rows(store)] == ["lost"]


def test_a_job_that_began_no_review_ends_none(store: Store) -> None:
    Book(store, Held(), {}).end(a_job(), "failed", "GitHub is away", done=None)
    assert reviews(store) == []


async def test_nothing_of_what_was_asked_is_stored(store: Store) -> None:
    """Of the change the record keeps what is redacted; the calls keep nothing of it (THREATS S25, S40)."""
    voice = Voice(found)
    await heard(begin(store, voice.invited))
    assert "canary_in_the_change" in voice.calls[0].shown
    with store.look() as connection:
        kept = [row for table in METADATA.sorted_tables for row in connection.execute(sa.select(table))]
    assert len(kept) == 5
    assert "canary" not in repr(kept)
    assert voice.calls[0].question[:30] not in repr(kept)


@pytest.mark.parametrize("status", [401, 500])
async def test_a_key_that_servers_echo_is_in_no_row_no_record_and_no_log(
    store: Store, server: StandIn, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """THREATS L21. What is posted is made of the report."""
    caplog.set_level(logging.DEBUG)
    said = json.dumps({"error": {"message": f"bad key {KEY}, header Bearer {KEY}", "code": status}}).encode()
    server.respond = lambda _: Raw(said, status=status, headers={"Content-Type": "application/json"})
    council = []
    for name, provider in NETWORK.items():
        access = Access(model=MODEL, api_key=SecretStr(KEY), base_url=base_url(server, name))
        member = Member(name=f"{name}/{MODEL}", family=name)
        council.append(Invited(member=member, connect=partial(provider.connect, access)))
    book = Book(store, Held(), {})
    run = book.begin(a_job(), a_pull(), "key", council)
    record = await hear(CHANGE, Operator(lenses=("security",), seconds=60.0), run.council, resumed=run.resumed)
    book.end(a_job(), "failed", "nobody answered", done=Done("", judge(record), record=record))
    assert len(rows(store)) >= len(NETWORK)
    assert "***" in "".join(row.reply for row in rows(store))
    with store.look() as connection:
        kept = repr([row for table in METADATA.sorted_tables for row in connection.execute(sa.select(table))])
    for told in (kept, to_json(judge(record)), caplog.text):
        assert KEY[:10] not in told


def test_a_worker_that_lost_its_lease_begins_nothing(store: Store) -> None:
    class Taken(Exception):
        pass

    with pytest.raises(Taken):
        Book(store, Held(taken=Taken()), {}).begin(a_job(), a_pull(), "key", [])
    assert reviews(store) == []


def test_a_check_run_is_on_record_from_before_it_is_made_until_it_is_known_to_have_ended(each_store: Store) -> None:
    def keys() -> list[str]:
        with each_store.look() as connection:
            return sorted(connection.scalars(sa.select(CHECKS.c.key)))

    book, job, ended = Book(each_store, Held(), {}), a_job(), Done("", check_closed=True)
    for key in ("first", "first", "second"):
        book.begin(job, a_pull(), key, [])
    assert keys() == ["first", "second"]
    book.end(job, "failed", "it broke off", done=None)
    book.end(job, "failed", "its check could not be closed", done=Done(""))
    assert keys() == ["first", "second"]
    book.end(job, "posted", "done", done=ended)
    assert keys() == ["first"], "the sweep looks at the other"


MEMBERS = ("anthropic/claude-sonnet-5-5", GPT, "google/gemini-4-argon", "ollama/qwen3")
OUTCOMES: tuple[Outcome, ...] = ("ok", "ok", "ok", "cut", "rate", "transient", "transient", "refused", "auth")
budgets = st.builds(Budget, usd=st.floats(0, 0.5) | st.none(), tokens=st.integers(0, 60_000) | st.none())


class Bank:
    """Vendors that answer as a seed has it, bill what they like up to the worst case, and remember every bill."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  a test's luck
        self.answered: Counter[tuple[str, str]] = Counter()
        self.tokens, self.usd = 0, 0.0

    def voice(self, name: str, process: Mortal, deaths: float) -> Invited:
        def says(call: Call) -> Reply:
            worst, dice = worst_case(call), self.dice
            outcome = dice.choice(OUTCOMES)
            used = Usage(input=dice.randint(0, worst.input + worst.cache_written), output=dice.randint(0, worst.output))
            told = Usage() if outcome in ("rate", "transient", "auth") else used
            if outcome in ("rate", "auth"):
                used = Usage()
            self.tokens += used.input + used.output
            self.usd += price(name, used) or 0.0
            if process.dead or dice.random() < deaths:
                process.die()
                raise Killed
            if dice.random() < deaths:
                process.die()  # it answered, and nobody is there to write it down
            elif outcome in ("ok", "cut", "refused"):
                self.answered[name, digest(name, call)] += 1
            text = '{"findings": [' if outcome == "cut" else NOTHING_FOUND
            return Reply(outcome=outcome, text=text, usage=told, retry_after=0.0001)

        return Voice(says, name).invited


def booked(store: Store, review_id: str) -> tuple[int, float]:
    used = CALLS.c.input + CALLS.c.cached + CALLS.c.cache_written + CALLS.c.output + CALLS.c.held_tokens
    usd = CALLS.c.held_usd + sa.func.coalesce(CALLS.c.usd, 0.0)
    with store.look() as connection:
        sums = sa.select(sa.func.sum(used), sa.func.sum(usd)).where(CALLS.c.review_id == review_id)
        row = connection.execute(sums).one()
    return row[0] or 0, row[1] or 0.0


@pytest.fixture(scope="module")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """One database for all examples: each is a job of its own."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('ledgers')}/l.sqlite")
    make_tables(store)
    yield store
    store.engine.dispose()


async def asked_again_and_again(store: Store, budget: Budget, seed: int, *, deaths: float) -> Bank:
    """One job whose processes die now and then, or end an attempt that is put off, until the fifth."""
    bank, job = Bank(seed), a_job(f"{seed}/{uuid4()}")
    lenses = tuple(Lens(name=name, title=name, categories=(), text=name) for name in ("a", "b"))
    for n in range(5):
        process = Mortal(store)
        book = Book(process.store, Held(f"w{n}"), {}, clock=process.clock)
        run = book.begin(job, a_pull(), "key", [bank.voice(name, process, deaths) for name in MEMBERS])
        resumed = run.resumed or Resumed(id="")
        brief = Brief(change=CHANGE, rules="rules", schema={}, key=resumed.id, max_output_tokens=4_000, seconds=9)
        hearing = Hearing(
            brief=brief, ledger=Ledger(budget, resumed.spent), progress=lambda *_: None, deadline=time.monotonic() + 9
        )  # fmt: skip
        sittings = tuple(Sitting(invited=invited, lenses=lenses) for invited in run.council)
        with suppress(Killed, Away):
            await ask_council(Plan(sittings=sittings), hearing)
        if not process.dead:
            book.end(job, "failed", "it is tried again", done=None)
        process.store.engine.dispose()
        kept(store, resumed.id, budget, bank)
    return bank


def kept(store: Store, review_id: str, budget: Budget, bank: Bank) -> None:
    """Neither what the rows say nor what was really billed is more than the budget, and nothing was bought twice."""
    tokens, usd = booked(store, review_id)
    assert max(tokens, bank.tokens) <= (tokens if budget.tokens is None else budget.tokens)
    assert bank.tokens <= tokens
    assert max(usd, bank.usd) <= (usd if budget.usd is None else budget.usd) + 1e-9
    assert bank.usd <= usd + 1e-9
    assert set(bank.answered.values()) <= {1}


@given(budgets, st.integers(0, 2**32), st.sampled_from([0.0, 0.1, 0.3]))
@example(Budget(tokens=5_164), 1, 0.0)
@settings(max_examples=5, deadline=None)
def test_over_any_deaths_no_more_is_spent_than_the_budget(
    ledgers: Store, budget: Budget, seed: int, deaths: float
) -> None:
    asyncio.run(asked_again_and_again(ledgers, budget, seed, deaths=deaths))


def test_under_a_tight_budget_deaths_neither_waste_nor_repeat_what_was_paid_for(ledgers: Store) -> None:
    """What a death left held may fill the budget: nothing new is asked then, and every answer there was counts."""
    job, worst = a_job("tight"), worst_case(a_call())
    budget = Budget(tokens=worst.cache_written + worst.output + 1_000)
    asked = ("a", "b")

    async def answers(process: Mortal, *, dies: bool) -> list[str]:
        def says(call: Call) -> Reply:
            if dies and call.lens == "b":
                process.die()
                raise Killed
            return Reply(outcome="ok", text=NOTHING_FOUND, usage=USED)

        run = Book(process.store, Held(), {}, clock=process.clock).begin(job, a_pull(), "k", [Voice(says).invited])
        (invited,), resumed = run.council, run.resumed or Resumed(id="")
        ledger, said = Ledger(budget, resumed.spent), list[str]()
        async with invited.connect() as ask:
            for lens in asked:
                billed = await attempt(ask, a_call(lens=lens), invited=invited, ledger=ledger)
                said.append(billed.reply.outcome if isinstance(billed, Billed) else billed.detail)
        return said

    with pytest.raises(Killed):
        asyncio.run(answers(Mortal(ledgers), dies=True))
    first, second = asyncio.run(answers(Mortal(ledgers), dies=False))
    assert first == "ok"
    assert "tokens may be needed" in second
