"""The same questions to every member that asks over a network, through the real SDKs: one contract, four dialects.

What a vendor does of its own is in tests/council/members. `scripted` answers where the question makes sense for it.
"""

import asyncio
import json
import time
from pathlib import Path

import pytest
from asking import MODEL, NETWORK, SCHEMA, a_call, ask_once, seated
from dialects import STREAMS
from stand_in import Answer, Exchange, Failure, Page, Raw, StandIn, nobody

from reviewbot.council.members import scripted
from reviewbot.council.model import MOST_TOKENS, Access, Outcome, Reply, Usage

TEXT = '{"findings": [], "could_not_judge": ["€"]}'
USED = Usage(input=900, cached=100, output=50, reasoning=20)
JSON = {"Content-Type": "application/json"}

every_member = pytest.mark.parametrize("member", NETWORK)


@every_member
async def test_a_whole_answer_is_ok_with_its_text_and_its_usage(server: StandIn, member: str) -> None:
    server.script(Answer(TEXT, usage=USED))
    reply = await ask_once(server, member)
    assert reply == Reply(outcome="ok", text=TEXT, usage=USED, request_id="req_stand_in")


async def test_one_answer_costs_the_same_in_every_dialect(server: StandIn) -> None:
    server.answer_everything(TEXT, usage=USED)
    replies = [await ask_once(server, member) for member in NETWORK]
    assert {reply.usage for reply in replies} == {USED}


@every_member
async def test_a_bill_that_cannot_be_is_bounded(server: StandIn, member: str) -> None:
    server.script(Answer(TEXT, usage=Usage.model_construct(input=10**19, output=-5)))
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.usage.input, reply.usage.output) == ("ok", MOST_TOKENS, 0)


@pytest.mark.parametrize("member", ["anthropic", "openai", "compatible"])
async def test_what_is_written_to_the_cache_is_counted_apart(server: StandIn, member: str) -> None:
    written = Usage(input=10, cached=100, cache_written=1_000, output=50)
    server.script(Answer(TEXT, usage=written))
    assert (await ask_once(server, member)).usage == written


@every_member
async def test_a_cut_answer_keeps_its_beginning_and_its_cost(server: StandIn, member: str) -> None:
    server.script(Answer('{"findings": [{"ti', ending="cut", usage=USED))
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.text, reply.usage) == ("cut", '{"findings": [{"ti', USED)
    assert "cut" in reply.detail


@pytest.mark.parametrize("member", ["anthropic", "openai", "compatible"])
async def test_a_model_that_declines_has_refused(server: StandIn, member: str) -> None:
    server.script(Answer("I will not look at this.", ending="refused", usage=USED))
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.usage) == ("refused", USED)
    assert "declined" in reply.detail


@pytest.mark.parametrize("member", ["openai", "google", "compatible"])
async def test_what_the_vendor_stops_is_blocked(server: StandIn, member: str) -> None:
    server.script(Answer("", ending="blocked", usage=USED))
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.usage) == ("blocked", USED)


FAILURES: list[tuple[Exchange, Outcome, str]] = [
    (Failure(400, "prompt is too long: 210000 tokens > 200000 maximum"), "too_long", MODEL),
    (Failure(413, "too big", "request_too_large"), "too_long", MODEL),
    (Failure(400, "no", "context_length_exceeded"), "too_long", MODEL),
    (Failure(429, "slow down"), "rate", "slow down"),
    (Failure(429, "no more", "insufficient_quota"), "quota", "KEY"),
    (Failure(429, "no more", "enforced_spend_limit_reached"), "quota", "KEY"),
    (Failure(402, "pay first", "billing_error"), "quota", "KEY"),
    (Failure(408, "too slow"), "transient", "too slow"),
    (Failure(500, "oh"), "transient", "oh"),
    (Failure(503, "busy"), "transient", "busy"),
    (Failure(529, "Overloaded"), "transient", "Overloaded"),
    (Page(502), "transient", "a web page"),
    (Failure(401, "who are you"), "auth", "KEY"),
    (Failure(403, "not you"), "auth", "KEY"),
    (Raw(b"Unauthorized", status=401, headers={}), "auth", "KEY"),
    (Failure(404, "there is no such model"), "fatal", f"unknown model {MODEL} at http://127.0.0.1"),
    (Failure(422, "no such field"), "fatal", "no such field"),
    (Page(200), "fatal", "web page"),
    (Page(403), "fatal", "check the base URL"),
    (Page(404), "fatal", "check the base URL"),
    (Raw(b"404 page not found", status=404, headers={"Content-Type": "text/plain"}), "fatal", "check the base URL"),
    (Raw(b'{"error": {"code": 429, "message": "slow"}}', headers=JSON), "rate", "slow"),
    (Raw(b'{"error": {"message": "no such route"}}', headers=JSON), "fatal", "no such route"),
    (Raw(b""), "transient", "hung up"),
]


@every_member
async def test_each_failure_is_told_apart_and_told(server: StandIn, member: str) -> None:
    async with seated(server, member) as ask:
        for exchange, outcome, words in FAILURES:
            server.respond = lambda _, said=exchange: said
            reply = await ask(a_call())
            assert (reply.outcome, reply.text, words in reply.detail) == (outcome, "", True), (exchange, reply)


@every_member
async def test_nothing_is_tried_twice_and_the_wait_asked_for_is_passed_on(server: StandIn, member: str) -> None:
    asked: dict[str, float | None] = {"7": 7.0, "0.5": 0.5, "soon": None}
    server.script(*(Failure(status, headers={"retry-after": wait}) for wait in asked for status in (429, 503)))
    async with seated(server, member) as ask:
        waits = [(await ask(a_call())).retry_after for wait in asked for _ in range(2)]
    assert waits == [seconds for seconds in asked.values() for _ in range(2)]
    assert len(server.requests) == len(waits)


@every_member
async def test_milliseconds_win_over_seconds(server: StandIn, member: str) -> None:
    server.script(Failure(429, headers={"retry-after-ms": "1500", "retry-after": "7"}))
    assert (await ask_once(server, member)).retry_after == 1.5


@every_member
async def test_an_answer_that_breaks_off_is_passing_and_no_success(server: StandIn, member: str) -> None:
    server.script(Answer(TEXT, usage=USED, drop=True))
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.text) == ("transient", "")
    assert "broke" in reply.detail


@every_member
async def test_nobody_listening_is_passing_and_names_the_address(member: str, server: StandIn) -> None:
    address = nobody()
    reply = await ask_once(server, member, base_url=address)
    assert reply.outcome == "transient"
    assert f"cannot connect to {address}" in reply.detail


@every_member
@pytest.mark.parametrize("slow", [Answer(TEXT, first_byte=3.0), Answer(TEXT, seconds=3.0)], ids=["silent", "dripping"])
async def test_a_call_ends_within_its_seconds(server: StandIn, member: str, slow: Answer) -> None:
    server.script(slow)
    async with seated(server, member) as ask:
        began = time.monotonic()
        reply = await ask(a_call(seconds=0.3))
        assert time.monotonic() - began < 2.5, "the answer would have taken 3"
    assert (reply.outcome, reply.detail) == ("transient", "no answer within 0.3 s")


async def test_what_a_late_answer_had_cost_by_then_is_counted(server: StandIn) -> None:
    server.script(Answer(TEXT, usage=USED, seconds=3.0))
    reply = await ask_once(server, "anthropic", a_call(seconds=0.3))
    assert (reply.usage.input, reply.usage.cached) == (USED.input, USED.cached)


@every_member
async def test_a_cancelled_call_is_cancelled(server: StandIn, member: str) -> None:
    server.script(Answer(TEXT, first_byte=3.0))
    async with seated(server, member) as ask:
        asked = asyncio.create_task(ask(a_call()))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked


@every_member
async def test_the_beginning_of_an_answer_is_told_once_and_before_its_end(server: StandIn, member: str) -> None:
    began: list[float] = []
    server.script(Answer(TEXT, seconds=0.3))
    await ask_once(server, member, a_call(started=lambda: began.append(time.monotonic())))
    assert len(began) == 1
    assert time.monotonic() - began[0] > 0.1


@every_member
async def test_an_answer_that_never_began_is_not_told(server: StandIn, member: str) -> None:
    began: list[int] = []
    server.script(Failure(503))
    await ask_once(server, member, a_call(started=lambda: began.append(1)))
    assert began == []


@every_member
async def test_all_lenses_begin_with_the_same_bytes(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    lenses = ("First lens.", "Second lens.")
    async with seated(server, member) as ask:
        for lens in lenses:
            await ask(a_call(question=lens, lens=lens))
    first, second = (request.raw for request in server.requests)
    assert first.partition(b"First lens.")[0] == second.partition(b"Second lens.")[0]
    prefixes = {request.raw.partition(lens.encode())[0] for request, lens in zip(server.requests, lenses, strict=True)}
    assert len(prefixes) == 1
    assert all("€" in text for text in ("".join(request.texts) for request in server.requests))


@every_member
async def test_rules_change_and_lens_are_sent_in_this_order_and_whole(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    call = a_call()
    await ask_once(server, member, call)
    texts = server.requests[0].texts
    assert texts[0] == call.rules
    assert "\n\n".join(texts[1:]) == f"{call.shown}\n\n{call.question}"


@every_member
async def test_the_schema_is_sent_as_it_is(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    await ask_once(server, member)
    body = server.requests[0].body
    sent = {
        "anthropic": lambda: body["output_config"]["format"]["schema"],
        "openai": lambda: body["text"]["format"]["schema"],
        "google": lambda: body["generationConfig"]["responseJsonSchema"],
        "compatible": lambda: body["response_format"]["json_schema"]["schema"],
    }[member]()
    assert json.dumps(sent) == json.dumps(SCHEMA)


@every_member
async def test_no_temperature_is_sent_and_nothing_is_stored(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    await ask_once(server, member)
    request = server.requests[0]
    assert b"temperature" not in request.raw
    assert b"top_p" not in request.raw
    assert request.body.get("store", False) is False
    assert ("store" in request.body) == (member == "openai")


@every_member
async def test_bytes_that_were_not_utf_8_do_not_stop_a_call(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    reply = await ask_once(server, member, a_call(shown="1+caf\udce9"))
    assert reply.outcome == "ok"
    assert "caf?" in "".join(server.requests[0].texts)


@every_member
async def test_a_detail_is_one_line_of_bearable_length(server: StandIn, member: str) -> None:
    server.respond = lambda _: Failure(500, "word\r\n" * 1_000)
    detail = (await ask_once(server, member)).detail
    assert len(detail) == 300
    assert not set("\r\n") & set(detail)


@every_member
async def test_calls_at_the_same_time_do_not_mix(server: StandIn, member: str) -> None:
    server.respond = lambda request: Answer(request.question[-2:], seconds=0.1)
    async with seated(server, member) as ask:
        replies = await asyncio.gather(*(ask(a_call(question=f"lens {n:02}")) for n in range(8)))
    assert [reply.text for reply in replies] == [f"{n:02}" for n in range(8)]


@every_member
async def test_lenses_one_after_the_other_share_a_connection(server: StandIn, member: str) -> None:
    server.answer_everything(TEXT)
    async with seated(server, member) as ask:
        for _ in range(3):
            await ask(a_call())
    assert server.connections == 1


async def test_scripted_keeps_the_same_contract(tmp_path: Path) -> None:
    page = tmp_path / "script.json"
    answer = {"answer": {"findings": [], "could_not_judge": []}, "seconds": 0.3, "usage": USED.model_dump()}
    page.write_text(json.dumps({"family": "ada", "answers": {"assumptions": answer}}))
    began: list[float] = []
    async with scripted.connect(Access(model=str(page))) as ask:
        reply = await ask(a_call(started=lambda: began.append(time.monotonic())))
        assert time.monotonic() - began[0] > 0.2
        late = await ask(a_call(seconds=0.1))
    assert reply == Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}', usage=USED)
    assert (late.outcome, late.detail, len(began)) == ("transient", "no answer within 0.1 s", 1)


@every_member
async def test_a_character_cut_in_two_between_events_is_whole_again(server: StandIn, member: str) -> None:
    """Servers of UTF-16 stream half a character in one event and half in the next; half a one alone is replaced."""
    server.respond = lambda request: Raw(
        b"".join(STREAMS[request.dialect or "chat"](Answer("abc<>d<")))
        .replace(b"<", rb"\ud83d")
        .replace(b">", rb"\ude00")
    )
    reply = await ask_once(server, member)
    assert (reply.outcome, reply.text) == ("ok", "abc\N{GRINNING FACE}d\N{REPLACEMENT CHARACTER}")
