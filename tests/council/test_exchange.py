"""One question from the first attempt to its answer. The member is a function; waits are real and short."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from asking import a_call

from reviewbot.council import Call, Invited, Ledger, Member, Outcome, Reply, Usage
from reviewbot.council.attempt import LEAST
from reviewbot.council.breaker import Breaker
from reviewbot.council.exchange import ATTEMPTS, REPAIR, Exchange, put
from reviewbot.council.prices import worst_case
from reviewbot.council.seat import LENS_ANSWER
from reviewbot.findings import Answer
from reviewbot.settings import Budget

DRAFT = {
    "title": "t", "body": "b", "severity": "high", "confidence": "likely", "category": "other",
    "path": "a.py", "side": "new", "line": 1, "quote": "x", "fix": None, "assumption": None,
}  # fmt: skip
WHOLE = json.dumps({"findings": [DRAFT], "could_not_judge": []})
UNBOUNDED = Budget()
ONE_OF_TWO = '{"findings": [' + json.dumps(DRAFT) + ', {"title": "cut he'
TWO_OF_THREE = '{"findings": [' + json.dumps(DRAFT) + "," + json.dumps(DRAFT) + ', {"title": "cut he'
COST = Usage(input=100, output=10)
OUTPUT = 1_000
WORST = worst_case(a_call(max_output_tokens=OUTPUT))
ONE_CALL = WORST.cache_written + WORST.output


def says(text: str = WHOLE, outcome: Outcome = "ok", detail: str = "", retry_after: float | None = None) -> Reply:
    return Reply(outcome=outcome, text=text, usage=COST, detail=detail, retry_after=retry_after)


async def put_to(
    replies: Sequence[Reply],
    *,
    budget: Budget = UNBOUNDED,
    seconds: float = 5.0,
    begins: bool = False,
    takes: float = 0.0,
    **facts: object,
) -> tuple[Exchange[Answer], list[Call]]:
    """What came of a question to a member that gives these replies in turn, and the calls it was made."""
    calls: list[Call] = []

    async def ask(call: Call) -> Reply:
        calls.append(call)
        if begins:
            call.started()
        await asyncio.sleep(takes)
        return replies[len(calls) - 1]

    member = Member(name="openai/gpt-6.1-sol", family="openai")
    invited = Invited(member=member, connect=lambda: nullcontext(ask), **facts)
    call = a_call(max_output_tokens=OUTPUT, seconds=60.0)
    deadline = time.monotonic() + seconds
    return await put(call, ask, LENS_ANSWER, invited=invited, ledger=Ledger(budget), deadline=deadline), calls


def found(exchange: Exchange[Answer]) -> int:
    return len(exchange.value.findings) if exchange.value else 0


async def test_an_answer_that_holds_ends_the_question() -> None:
    exchange, calls = await put_to([says()])
    assert (exchange.state, exchange.outcome, found(exchange), len(calls)) == ("ok", "ok", 1, 1)
    assert (exchange.usage, exchange.raw) == (COST, WHOLE)
    assert exchange.usd == pytest.approx(0.0003)


async def test_a_call_has_its_own_time_and_never_more_than_is_left() -> None:
    _, calls = await put_to([says()], seconds=3.0)
    assert 2.5 < calls[0].seconds <= 3.0
    _, calls = await put_to([says()], seconds=1_000.0)
    assert calls[0].seconds == 60.0


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("refused", "refused"),
        ("blocked", "blocked"),
        ("too_long", "config_error"),
        ("auth", "config_error"),
        ("quota", "config_error"),
        ("fatal", "config_error"),
        ("over_budget", "over_budget"),
    ],
)
async def test_what_no_further_attempt_would_better_is_asked_once(outcome: Outcome, state: str) -> None:
    exchange, calls = await put_to([says("", outcome, "who; what; remedy", 0.01)])
    assert (exchange.state, exchange.detail, len(calls)) == (state, "who; what; remedy", 1)
    assert exchange.outcome == outcome


@pytest.mark.parametrize("outcome", ["rate", "transient"])
async def test_passing_faults_are_tried_again_and_then_unavailable(outcome: Outcome) -> None:
    exchange, calls = await put_to([says("", outcome, "busy", 0.01)] * 9)
    assert (exchange.state, exchange.detail, len(calls)) == ("unavailable", "busy", ATTEMPTS)
    assert exchange.usage.input == COST.input * ATTEMPTS, "failed calls may cost too"
    assert [made.outcome for made in exchange.calls] == [outcome] * ATTEMPTS


async def test_the_second_attempt_counts_and_both_are_on_record() -> None:
    exchange, calls = await put_to([says("", "transient", "busy", 0.01), says()])
    assert (exchange.state, exchange.attempts, len(calls)) == ("ok", 2, 2)
    assert [(made.outcome, made.usage) for made in exchange.calls] == [("transient", COST), ("ok", COST)]


async def test_a_wait_past_the_deadline_is_not_waited() -> None:
    began = time.monotonic()
    exchange, calls = await put_to([says("", "rate", "later", 20.0)], seconds=5)
    assert (exchange.state, len(calls)) == ("unavailable", 1)
    assert time.monotonic() - began < 4


async def test_nothing_is_asked_again_once_the_time_is_over() -> None:
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut")], seconds=LEAST + 0.05, takes=0.06)
    assert (exchange.state, found(exchange), len(calls)) == ("truncated", 1, 1)
    exchange, calls = await put_to([], seconds=LEAST - 0.1)
    assert (exchange.state, exchange.calls, calls) == ("unavailable", (), [])


async def test_the_servers_word_is_waited_for_beyond_our_own_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """THREATS L01."""
    monkeypatch.setattr("reviewbot.council.exchange.LONGEST_BACKOFF", 0.01)
    exchange, calls = await put_to([says("", "rate", "later", 0.08), says("", "transient"), says()])
    assert (exchange.state, len(calls)) == ("ok", 3)
    assert 0.09 <= exchange.seconds < 0.5


async def test_a_cut_answer_is_asked_again_once_with_double_the_room() -> None:
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut at 1000"), says()])
    assert (exchange.state, [call.max_output_tokens for call in calls]) == ("ok", [OUTPUT, 2 * OUTPUT])
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut at 1000")] * 3)
    assert (exchange.state, [call.max_output_tokens for call in calls]) == ("truncated", [OUTPUT, 2 * OUTPUT])


async def test_double_the_room_is_no_more_than_the_window_holds() -> None:
    _, calls = await put_to([says(ONE_OF_TWO, "cut"), says()], window=1_800)
    assert OUTPUT < calls[1].max_output_tokens < 1_800
    _, calls = await put_to([says(ONE_OF_TWO, "cut"), says()], most_output=1_500)
    assert calls[1].max_output_tokens == 1_500
    _, calls = await put_to([says(ONE_OF_TWO, "cut")], window=900)
    assert len(calls) == 1


@pytest.mark.parametrize("text", ["", '{"findings": [{"title": "cut he'])
async def test_of_a_cut_answer_with_nothing_whole_nobody_says_it_looked(text: str) -> None:
    exchange, calls = await put_to([says(text, "cut", "cut at 1000")] * 3)
    assert (exchange.state, exchange.value, len(calls)) == ("invalid", None, 2)
    assert exchange.detail == "cut at 1000, and nothing of it is whole"
    exchange, calls = await put_to([says(text, "cut", "cut at 1000")], budget=Budget(tokens=ONE_CALL + 50))
    assert (exchange.state, len(calls)) == ("invalid", 1)
    assert exchange.detail.startswith("cut at 1000, and nothing of it is whole; not asked again: ")


@pytest.mark.parametrize(
    ("second", "kept"), [('{"find', 1), (TWO_OF_THREE, 2), (ONE_OF_TWO, 1)], ids=["none", "more", "as many"]
)
async def test_of_two_cut_answers_the_one_with_more_that_stands_whole_is_kept(second: str, kept: int) -> None:
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut"), says(second, "cut", "cut")])
    assert (exchange.state, found(exchange), len(calls)) == ("truncated", kept, 2)
    exchange, _ = await put_to([says(TWO_OF_THREE, "cut", "cut"), says(ONE_OF_TWO, "cut", "cut")])
    assert found(exchange) == 2


@pytest.mark.parametrize(
    "second",
    [says("", "refused", "no"), says("I'm sorry, I can't help."), says('{"findings": 7}'), says("")],
    ids=["refused", "declined", "invalid", "empty"],
)
async def test_what_stood_whole_in_a_cut_answer_survives_a_second_that_is_none(second: Reply) -> None:
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut"), second])
    assert (exchange.state, found(exchange), len(calls)) == ("truncated", 1, 2)


async def test_without_room_for_a_second_attempt_what_stood_whole_stays_and_both_reasons_are_said() -> None:
    exchange, calls = await put_to([says(ONE_OF_TWO, "cut", "cut at 1000")], budget=Budget(tokens=ONE_CALL + 50))
    assert (exchange.state, found(exchange), len(calls)) == ("truncated", 1, 1)
    assert exchange.detail.startswith("cut at 1000; not asked again: ")
    assert "tokens may be needed" in exchange.detail


async def test_a_whole_answer_to_a_prompt_the_server_cut_is_partial() -> None:
    exchange, calls = await put_to([says(WHOLE, "cut", "the server cut the prompt")])
    assert (exchange.state, found(exchange), len(calls)) == ("partial", 1, 1)


async def test_a_broken_answer_gets_one_repair_round_without_the_change() -> None:
    exchange, calls = await put_to([says('{"findings": 7}'), says()])
    assert exchange.state == "ok"
    assert (calls[1].rules, calls[1].shown, calls[1].cache) == (REPAIR, '{"findings": 7}', False)
    assert "findings" in calls[1].question


async def test_twice_broken_is_invalid_and_keeps_what_was_said() -> None:
    exchange, calls = await put_to([says("{]"), says("{]")])
    assert (exchange.state, exchange.value, exchange.raw, len(calls)) == ("invalid", None, "{]", 2)


@pytest.mark.parametrize("text", ["", "The weather in Paris is lovely today."])
async def test_what_holds_no_object_is_not_sent_back_for_repair(text: str) -> None:
    exchange, calls = await put_to([says(text)])
    assert (exchange.state, len(calls)) == ("invalid", 1)


TWO_BROKEN = json.dumps({"findings": [DRAFT | {"severity": "bad"}, DRAFT]})
NONE = json.dumps({"findings": [], "could_not_judge": []})


@pytest.mark.parametrize(
    ("broken", "mended", "state"),
    [
        (TWO_BROKEN, NONE, "invalid"),
        (TWO_BROKEN, WHOLE, "partial"),
        ("The weather in {Paris} is lovely.", NONE, "invalid"),
        ('{"findings": 7}', NONE, "invalid"),
        ('{"findings": [], "could_not_judge": 7}', NONE, "ok"),
        ('{"findings": [', NONE, "invalid"),
    ],
)
async def test_a_repair_that_says_less_is_a_part_and_one_that_says_nothing_is_no_answer(
    broken: str, mended: str, state: str
) -> None:
    busy = says("", "transient", "busy", 0.01)
    exchange, calls = await put_to([says(broken), busy, says(mended)])
    assert (exchange.state, found(exchange), len(calls)) == (state, int(state == "partial"), 3)
    assert (exchange.detail.startswith("the answer did not hold, and mended it has ")) == (state != "ok")


async def test_a_refusal_in_plain_words_is_no_empty_answer() -> None:
    exchange, calls = await put_to([says("I can't assist with that request.")])
    assert (exchange.state, len(calls)) == ("refused", 1)


async def test_what_broke_off_before_its_bill_keeps_its_room_and_has_no_known_price() -> None:
    broken = Reply(outcome="transient", detail="dropped", retry_after=0.01)
    exchange, calls = await put_to([broken] * 3, begins=True, budget=Budget(tokens=2 * ONE_CALL))
    assert (exchange.state, exchange.usd, len(calls)) == ("over_budget", None, 2)


async def test_what_was_turned_away_at_the_door_costs_nothing() -> None:
    refused = Reply(outcome="transient", detail="503", retry_after=0.01)
    exchange, calls = await put_to([refused] * 3, budget=Budget(tokens=ONE_CALL))
    assert (exchange.usd, len(calls)) == (0.0, 3)


async def test_no_room_in_the_budget_means_no_call() -> None:
    exchange, calls = await put_to([], budget=Budget(tokens=500))
    assert (exchange.state, exchange.outcome, exchange.calls, calls) == ("over_budget", "over_budget", (), [])
    assert "500 are left" in exchange.detail


async def test_an_open_breaker_means_no_call_and_its_words_are_the_reason() -> None:
    breaker = Breaker("example.com")
    busy = says("", "transient", "503", 0.01)
    exchange, calls = await put_to([busy] * 3, breaker=breaker)
    assert (exchange.detail, len(calls)) == ("503", 3)
    exchange, calls = await put_to([busy] * 3, breaker=breaker)
    assert (exchange.state, len(calls)) == ("unavailable", 2), "the fifth in a row opened it"
    assert "example.com failed 5 times in a row" in exchange.detail
    exchange, calls = await put_to([], breaker=breaker)
    assert (exchange.state, exchange.usd, calls) == ("unavailable", 0.0, [])


async def test_a_member_that_reads_no_prompt_is_asked_once_and_needs_no_budget() -> None:
    exchange, _ = await put_to([Reply(outcome="ok", text=WHOLE)], budget=Budget(tokens=0, usd=0), reads_prompts=False)
    assert (exchange.state, exchange.usd) == ("ok", 0.0)
    exchange, calls = await put_to([Reply(outcome="transient", detail="x", retry_after=0.01)], reads_prompts=False)
    assert (exchange.state, len(calls)) == ("unavailable", 1)
