"""What is done about each failure, through the real SDKs in all four dialects: again, in pieces, mended, or never.

How a failure is worded on the wire is in `dialects`; the loop itself, without a network, is in council/test_exchange.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from asking import MODEL, NETWORK, a_call, base_url, seated
from pydantic import SecretStr
from stand_in import Answer, Exchange, Failure, Raw, Request, StandIn

from reviewbot.change import Change, parse_diff
from reviewbot.council import Call, Hearing, Invited, Ledger, Member, Seat, Usage
from reviewbot.council.answer import Verdicts, read_verdicts
from reviewbot.council.attempt import LEAST
from reviewbot.council.breaker import PAUSE, TRIPS, Breaker
from reviewbot.council.brief import Brief, Part, call_of
from reviewbot.council.exchange import ATTEMPTS, REPAIR, Reader, put
from reviewbot.council.exchange import Exchange as Outcome
from reviewbot.council.model import Access
from reviewbot.council.seat import LENS_ANSWER, hear_part, review_of
from reviewbot.findings import Answer as Findings
from reviewbot.settings import Budget, Rates

every_member = pytest.mark.parametrize("member", NETWORK)
DRAFT = {
    "title": "t", "body": "b", "severity": "high", "confidence": "likely", "category": "other",
    "path": "a.py", "side": "new", "line": 1, "quote": "x", "fix": None, "assumption": None,
}  # fmt: skip
WHOLE = json.dumps({"findings": [DRAFT], "could_not_judge": []})
CUT = WHOLE[: WHOLE.index("]")] + ', {"title": "cut he'
USED = Usage(input=300, output=10)
SOON = {"retry-after-ms": "20"}


def invited(server: StandIn, member: str, **facts: Any) -> Invited:
    access = Access(model=MODEL, api_key=SecretStr("sk-1234567890"), base_url=base_url(server, member))
    return Invited(
        member=Member(name=f"{member}/{MODEL}", family=member), connect=lambda: NETWORK[member].connect(access), **facts
    )


async def put_over(
    server: StandIn, member: str, *exchanges: Exchange, seconds: float = 5.0, call: Call | None = None, **facts: Any
) -> Outcome[Findings]:
    """What comes of a question to this member, whose server answers so."""
    server.script(*exchanges)
    one = invited(server, member, **facts)
    async with one.connect() as ask:
        return await put(
            call or a_call(seconds=60.0), ask, LENS_ANSWER, invited=one, ledger=Ledger(Budget()),
            deadline=time.monotonic() + seconds,
        )  # fmt: skip


def output_limit(request: Request) -> int:
    body = request.body
    names = ("max_tokens", "max_output_tokens", "max_completion_tokens")
    return (
        next(body[name] for name in names if name in body)
        if request.dialect != "google"
        else (body["generationConfig"]["maxOutputTokens"])
    )


@every_member
@pytest.mark.parametrize("status", [429, 503])
async def test_the_wait_a_server_asks_for_is_waited_and_then_it_is_asked_again(
    server: StandIn, member: str, status: int
) -> None:
    """THREATS L01, L03."""
    said = await put_over(server, member, Failure(status, headers={"retry-after-ms": "60"}), Answer(WHOLE))
    assert (said.state, said.attempts) == ("ok", 2)
    assert said.seconds >= 0.06


@every_member
async def test_a_purse_that_is_empty_is_asked_once_whatever_its_status(server: StandIn, member: str) -> None:
    """THREATS L02."""
    empty = (
        Failure(429, "no more", "enforced_spend_limit_reached", headers=SOON),
        Failure(402, "pay first", "billing_error", headers=SOON),
        Failure(400, "You have reached your workspace spend limit", headers=SOON),
    )
    for failure in empty[:2] if member == "compatible" else empty:  # to a 400 it first asks for less, at no cost
        before = len(server.requests)
        said = await put_over(server, member, failure)
        assert (said.state, said.outcome, len(server.requests) - before) == ("config_error", "quota", 1)


@every_member
async def test_a_server_that_stays_busy_is_asked_three_times_and_its_breaker_spares_the_next(
    server: StandIn, member: str
) -> None:
    """THREATS L03: it opens after five faults in a row, and one call tries after the pause."""
    now = [0.0]
    breaker = Breaker("the server", clock=lambda: now[0])
    busy = [Failure(status, headers=SOON) for status in (529, 503, 500, 503, 529)]
    assert (await put_over(server, member, *busy, breaker=breaker)).attempts == ATTEMPTS
    assert (await put_over(server, member, breaker=breaker)).attempts == TRIPS - ATTEMPTS
    turned_away = await put_over(server, member, breaker=breaker)
    assert (turned_away.state, len(server.requests)) == ("unavailable", TRIPS)
    assert "the server failed 5 times in a row and is asked again in 60 s" in turned_away.detail
    now[0] += PAUSE
    assert (await put_over(server, member, Answer(WHOLE), breaker=breaker)).state == "ok"
    assert not breaker.is_open


@every_member
async def test_a_server_that_hangs_has_its_time_and_no_more(server: StandIn, member: str) -> None:
    """THREATS L04: the SDKs' own limits are 600 s, twice again."""
    hangs, rates = Answer(WHOLE, first_byte=30.0), Rates(input=1.0, output=1.0)
    said = await put_over(server, member, hangs, call=a_call(seconds=0.1), seconds=LEAST + 0.7, rates=rates)
    assert (said.state, said.attempts) == ("unavailable", 1)
    assert "no answer within 0.1 s" in said.detail
    assert said.seconds < 9
    assert len(server.requests) <= 1, "on a busy machine its time may pass before anything is sent"


@every_member
async def test_a_cut_answer_is_asked_again_with_double_the_room_and_what_stood_whole_is_kept(
    server: StandIn, member: str
) -> None:
    """THREATS L05."""
    said = await put_over(server, member, *[Answer(CUT, ending="cut")] * 2, call=a_call(max_output_tokens=2_000))
    assert (said.state, said.value and len(said.value.findings)) == ("truncated", 1)
    assert list(map(output_limit, server.requests)) == [2_000, 4_000]


@every_member
async def test_a_refusal_in_plain_words_with_a_200_is_asked_once_and_is_no_empty_answer(
    server: StandIn, member: str
) -> None:
    """THREATS L06."""
    said = await put_over(server, member, Answer("I'm sorry, but I can't help with that."))
    assert (said.state, said.value, len(server.requests)) == ("refused", None, 1)


@every_member
async def test_an_answer_that_does_not_hold_is_mended_in_one_round_that_shows_no_code(
    server: StandIn, member: str
) -> None:
    """THREATS L09."""
    said = await put_over(server, member, Answer('{"findings": 7}'), Answer(WHOLE))
    assert (said.state, len(server.requests)) == ("ok", 2)
    texts = "\n".join(server.requests[1].texts)
    assert REPAIR in texts
    assert '{"findings": 7}' in texts
    assert "<change" not in texts


async def test_one_loop_serves_every_kind_of_question(server: StandIn) -> None:
    reader = Reader[Verdicts](read=read_verdicts, salvage=lambda _: None)
    verdict = {"claim": "c1", "verdict": "upheld", "because": "b", "importance": 80}
    server.script(Failure(503, headers=SOON), Answer(json.dumps({"findings": [], "verdicts": [verdict]})))
    one = invited(server, "anthropic")
    async with one.connect() as ask:
        said = await put(
            a_call(), ask, reader, invited=one, ledger=Ledger(Budget()), deadline=time.monotonic() + 5
        )  # fmt: skip
    assert (said.state, said.value and said.value.verdicts[0].importance, said.attempts) == ("ok", 80, 2)


FILE = "diff --git a/{0}.py b/{0}.py\n--- a/{0}.py\n+++ b/{0}.py\n@@ -1,40 +1,40 @@\n" + "-old = 1\n+new = 2\n" * 40


@every_member
async def test_a_change_too_long_for_the_server_is_seen_in_smaller_pieces(server: StandIn, member: str) -> None:
    """THREATS L14: every file is in a piece that was answered for."""
    diff = parse_diff("".join(FILE.format(name) for name in "abcd").encode())
    brief = Brief(change=Change(diff=diff), rules="r", schema={}, key="k" * 32, max_output_tokens=2_000, seconds=5.0)
    long = 3_000

    def respond(request: Request) -> Exchange:
        if sum(map(len, request.texts)) > long:
            return Failure(400, "prompt is too long: 9000 tokens > 8000 maximum")
        return Answer(WHOLE, usage=Usage(input=800, output=10))

    server.respond = respond

    def call(part: Part) -> Call:
        return call_of(brief, part, question="q", lens="security", effort=None, cache=False, seconds=5.0)

    one = invited(server, member)
    (part,) = brief.parts(one)
    hearing = Hearing(brief=brief, ledger=Ledger(Budget()), progress=lambda *_: None, deadline=time.monotonic() + 5)
    async with one.connect() as ask:
        heard = await hear_part(part, call, ask, invited=one, hearing=hearing)
    review = review_of(Seat(member=one.member, lens="security"), [heard], (), seconds=0.0)
    assert (review.state, review.not_covered) == ("ok", ())
    answered = [request for request in server.requests if sum(map(len, request.texts)) <= long]
    shown = "\n".join("\n".join(request.texts) for request in answered)
    assert all(f"=== {name}.py" in shown for name in "abcd")
    assert shown.count("+new = 2") == 4 * 40


async def test_of_several_at_once_each_has_its_own_end(server: StandIn) -> None:
    """THREATS L16: one vendor down, one that refuses, one that talks nonsense, one that answers."""
    said = {
        "anthropic": Failure(503, headers=SOON), "openai": Answer("No.", ending="refused"),
        "google": Answer("well, {]"), "chat": Answer(WHOLE),
    }  # fmt: skip
    server.respond = lambda request: said[request.dialect or "chat"]
    ended = await asyncio.gather(*(put_over(server, member) for member in NETWORK))
    states = dict(zip(NETWORK, (one.state for one in ended), strict=True))
    assert states == {"anthropic": "unavailable", "openai": "refused", "google": "invalid", "compatible": "ok"}


async def test_a_connection_is_shared_by_all_attempts_of_a_question(server: StandIn) -> None:
    server.script(Failure(503, headers=SOON), Answer(WHOLE))
    async with seated(server, "openai") as ask:
        one = invited(server, "openai")
        said = await put(
            a_call(), ask, LENS_ANSWER, invited=one, ledger=Ledger(Budget()), deadline=time.monotonic() + 5
        )
    assert (said.state, server.connections) == ("ok", 1)


def chunks(*deltas: dict[str, Any]) -> Raw:
    """A chat stream of these pieces that ends well and counts nothing."""
    rows = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    rows.append({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    return Raw(b"".join(f"data: {json.dumps(row)}\n\n".encode() for row in rows))


def form_of(request: Request) -> str:
    return str(request.body.get("response_format", {}).get("type", "text"))


CALLED = {"tool_calls": [{"index": 0, "id": "1", "function": {"name": "answer", "arguments": WHOLE}}]}
SERVERS: dict[str, tuple[Callable[[Request], Exchange], str, str]] = {
    "a schema": (lambda _: Answer(WHOLE, usage=USED), "ok", ""),
    "objects only": (
        lambda one: Failure(400) if form_of(one) == "json_schema" else Answer(WHOLE, usage=USED),
        "ok",
        "",
    ),
    "prose only": (
        lambda one: Failure(422) if form_of(one) != "text" else Answer(f"Here:\n```json\n{WHOLE}\n```", usage=USED),
        "ok",
        "",
    ),
    "no counts": (lambda _: Answer(WHOLE, usage=None), "ok", "estimated"),
    "thoughts apart": (lambda _: chunks({"reasoning_content": "{]"}, {"content": WHOLE}), "ok", "estimated"),
    "tool calls only": (lambda _: chunks(CALLED), "invalid", "no JSON object"),
}


@pytest.mark.parametrize("name", SERVERS)
async def test_a_server_of_another_dialect_answers_or_is_said_not_to(server: StandIn, name: str) -> None:
    """THREATS L24. A server that counted nothing is never taken for one that cost nothing."""
    server.respond, state, detail = SERVERS[name]
    said = await put_over(server, "compatible")
    assert (said.state, detail in said.detail) == (state, True), said
    assert said.usage.input > 0
