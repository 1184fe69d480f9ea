"""One seat from the first attempt to its state. The member is a function; clock and waits are real and short."""

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext

import pytest

from reviewbot.change import Change, Diff, Gap
from reviewbot.council import Brief, Call, Invited, Ledger, Member, Outcome, Reply, Review, Usage
from reviewbot.council.seat import ATTEMPTS, REPAIR, Hearing, ask_seat
from reviewbot.settings import Budget

DRAFT = {
    "title": "t", "body": "b", "severity": "high", "confidence": "likely", "category": "other",
    "path": "a.py", "side": "new", "line": 1, "quote": "x", "fix": None, "assumption": None,
}  # fmt: skip
WHOLE = json.dumps({"findings": [DRAFT], "could_not_judge": []})
UNBOUNDED = Budget()
ONE_OF_TWO = '{"findings": [' + json.dumps(DRAFT) + ', {"title": "cut he'
COST = Usage(input=100, output=10)


def says(text: str = WHOLE, outcome: Outcome = "ok", detail: str = "", retry_after: float | None = None) -> Reply:
    return Reply(outcome=outcome, text=text, usage=COST, detail=detail, retry_after=retry_after)


async def seated(
    replies: Sequence[Reply],
    *,
    budget: Budget = UNBOUNDED,
    seconds: float = 5.0,
    not_shown: tuple[Gap, ...] = (),
    reads_prompts: bool = True,
    begins: bool = False,
) -> tuple[Review, list[Call]]:
    """The review of a seat whose member gives these replies in turn, and the calls it was made."""
    calls: list[Call] = []

    async def ask(call: Call) -> Reply:
        calls.append(call)
        if begins:
            call.started()
        return replies[len(calls) - 1]

    brief = Brief(
        change=Change(diff=Diff(files=())), rules="rules", shown="shown", schema={}, not_shown=not_shown,
        max_output_tokens=1_000, seconds=seconds,
    )  # fmt: skip
    hearing = Hearing(brief=brief, ledger=Ledger(budget), progress=lambda *_: None, deadline=time.monotonic() + seconds)
    call = Call(
        rules="rules", shown="shown", question="q", lens="security", schema={}, max_output_tokens=1_000,
        seconds=seconds, cache=True, started=lambda: None, change=brief.change,
    )  # fmt: skip
    member = Member(name="openai/gpt-6.1-sol", family="openai")
    invited = Invited(member=member, connect=lambda: nullcontext(ask), reads_prompts=reads_prompts)
    return await ask_seat(invited, ask, call, hearing), calls


async def test_an_answer_that_holds_ends_the_seat() -> None:
    review, calls = await seated([says()])
    assert (review.state, len(review.drafts), len(calls)) == ("ok", 1, 1)
    assert review.usage == COST
    assert review.usd == pytest.approx(0.0003)
    assert review.raw == WHOLE


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("refused", "refused"),
        ("blocked", "blocked"),
        ("too_long", "config_error"),
        ("auth", "config_error"),
        ("quota", "config_error"),
        ("fatal", "config_error"),
    ],
)
async def test_what_no_further_attempt_would_better_is_asked_once(outcome: Outcome, state: str) -> None:
    review, calls = await seated([says("", outcome, "who; what; remedy")])
    assert (review.state, review.detail, len(calls)) == (state, "who; what; remedy", 1)


@pytest.mark.parametrize("outcome", ["rate", "transient"])
async def test_passing_faults_are_tried_again_and_then_unavailable(outcome: Outcome) -> None:
    review, calls = await seated([says("", outcome, "busy", 0.01)] * 9)
    assert (review.state, review.detail, len(calls)) == ("unavailable", "busy", ATTEMPTS)
    assert review.usage.input == COST.input * ATTEMPTS, "failed calls may cost too"


async def test_the_second_attempt_counts() -> None:
    review, calls = await seated([says("", "transient", "busy", 0.01), says()])
    assert (review.state, review.attempts, len(calls)) == ("ok", 2, 2)


async def test_a_wait_past_the_deadline_is_not_waited() -> None:
    began = time.monotonic()
    review, calls = await seated([says("", "rate", "later", 20.0)], seconds=5)
    assert (review.state, len(calls)) == ("unavailable", 1)
    assert time.monotonic() - began < 4


async def test_a_cut_answer_is_asked_again_with_double_the_room() -> None:
    review, calls = await seated([says(ONE_OF_TWO, "cut", "cut at 1000"), says()])
    assert (review.state, [call.max_output_tokens for call in calls]) == ("ok", [1_000, 2_000])


async def test_what_stands_whole_in_a_cut_answer_is_kept() -> None:
    review, calls = await seated([says(ONE_OF_TWO, "cut", "cut"), says('{"find', "cut", "cut")])
    assert (review.state, len(review.drafts), len(calls)) == ("truncated", 1, 2)


async def test_findings_of_a_cut_answer_survive_a_failing_second_attempt() -> None:
    review, _ = await seated([says(ONE_OF_TWO, "cut", "cut"), says("", "refused", "no")])
    assert (review.state, len(review.drafts)) == ("truncated", 1)


@pytest.mark.parametrize("second", ["I'm sorry, I can't help.", '{"findings": 7}', ""])
async def test_findings_of_a_cut_answer_survive_a_second_answer_that_is_none(second: str) -> None:
    review, _ = await seated([says(ONE_OF_TWO, "cut", "cut"), says(second)])
    assert (review.state, len(review.drafts)) == ("truncated", 1)


async def test_a_flood_is_cut_and_said_to_be() -> None:
    flood = json.dumps({"findings": [DRAFT] * 500, "could_not_judge": []})
    review, _ = await seated([says(flood)])
    assert (review.state, len(review.drafts)) == ("partial", 200)
    assert review.detail == "300 findings beyond the first 200 were not read"


async def test_an_empty_answer_is_not_sent_back_for_repair() -> None:
    review, calls = await seated([says("")])
    assert (review.state, len(calls)) == ("invalid", 1)


async def test_what_broke_off_before_its_bill_keeps_its_room_and_has_no_known_price() -> None:
    broken = Reply(outcome="transient", detail="dropped", retry_after=0.01)
    review, calls = await seated([broken] * 3, begins=True, budget=Budget(tokens=2_500))
    assert (review.usd, len(calls)) == (None, 2)


async def test_what_was_turned_away_at_the_door_costs_nothing() -> None:
    refused = Reply(outcome="transient", detail="503", retry_after=0.01)
    review, calls = await seated([refused] * 3, budget=Budget(tokens=2_500))
    assert (review.usd, len(calls)) == (0.0, 3)


async def test_a_whole_answer_to_a_prompt_the_server_cut_is_partial() -> None:
    review, calls = await seated([says(WHOLE, "cut", "the server cut the prompt")])
    assert (review.state, len(review.drafts), len(calls)) == ("partial", 1, 1)


async def test_a_broken_answer_gets_one_repair_round_without_the_change() -> None:
    review, calls = await seated([says('{"findings": 7}'), says()])
    assert review.state == "ok"
    assert calls[1].rules == REPAIR
    assert calls[1].shown == '{"findings": 7}'
    assert "findings" in calls[1].question


async def test_twice_broken_is_invalid_and_keeps_what_was_said() -> None:
    review, calls = await seated([says("{]"), says("{]")])
    assert (review.state, review.drafts, review.raw, len(calls)) == ("invalid", (), "{]", 2)


async def test_a_refusal_in_plain_words_is_no_empty_review() -> None:
    review, calls = await seated([says("I can't assist with that request.")])
    assert (review.state, len(calls)) == ("refused", 1)


async def test_no_room_in_the_budget_means_no_call() -> None:
    review, calls = await seated([], budget=Budget(tokens=500))
    assert (review.state, calls) == ("over_budget", [])
    assert "500 are left" in review.detail


async def test_a_member_that_reads_no_prompt_needs_no_budget() -> None:
    free = Reply(outcome="ok", text=WHOLE)
    review, _ = await seated([free], budget=Budget(tokens=0, usd=0), reads_prompts=False)
    assert (review.state, review.usd) == ("ok", 0.0)


async def test_a_seat_that_was_not_shown_everything_is_partial() -> None:
    gap = Gap(path="b.py", lines=3, why="does not fit in one prompt")
    review, _ = await seated([says()], not_shown=(gap,))
    assert (review.state, review.not_covered) == ("partial", (gap,))
