"""What differs between servers that call themselves compatible: schemas, counting, cutting, keys (THREATS L24)."""

import json
from math import ceil

import pytest
from asking import KEY, MODEL, SCHEMA, a_call, ask_once, seated
from stand_in import Answer, Exchange, Failure, Raw, Request, StandIn

from reviewbot.council.model import Usage

PROMPT = ceil(len((a_call().rules + a_call().shown + a_call().question).encode()) / 3)
"""Tokens: three bytes each, the safe side for code (PROVIDERS section 6)."""


def format_of(request: Request) -> str:
    return str(request.body.get("response_format", {"type": "text"})["type"])


async def test_the_body_is_this_and_no_more(server: StandIn) -> None:
    server.script(Answer())
    call = a_call()
    await ask_once(server, "compatible", call)
    (sent,) = server.requests
    assert sent.path == "/v1/chat/completions"
    assert sent.body == {
        "model": MODEL,
        "max_tokens": 16_000,
        "stream": True,
        "stream_options": {"include_usage": True},
        "messages": [
            {"role": "system", "content": call.rules},
            {"role": "user", "content": f"{call.shown}\n\n{call.question}"},
        ],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA},
        },
    }


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize(
    ("taken", "asked"),
    [("json_object", ["json_schema", "json_object"]), ("text", ["json_schema", "json_object", "text"])],
)
async def test_a_server_is_asked_for_less_until_it_takes_it(
    server: StandIn, status: int, taken: str, asked: list[str]
) -> None:
    server.respond = lambda request: Answer("{}") if format_of(request) == taken else Failure(status, "not this")
    reply = await ask_once(server, "compatible")
    assert reply.outcome == "ok"
    assert [format_of(request) for request in server.requests] == asked
    assert json.dumps(SCHEMA) in server.requests[-1].texts[0]
    assert json.dumps(SCHEMA) not in server.requests[0].texts[0]


async def test_what_the_server_takes_is_remembered_for_the_connection(server: StandIn) -> None:
    server.respond = lambda request: Answer("{}") if format_of(request) == "text" else Failure(400, "not this")
    async with seated(server, "compatible") as ask:
        await ask(a_call())
        server.requests.clear()
        await ask(a_call(question="Another lens."))
    assert [format_of(request) for request in server.requests] == ["text"]


async def test_a_server_that_will_not_count_is_still_given_the_schema(server: StandIn) -> None:
    def answer(request: Request) -> Exchange:
        if "stream_options" in request.body:
            return Failure(400, "Unrecognized request argument: stream_options")
        return Answer("{}", usage=None)

    server.respond = answer
    reply = await ask_once(server, "compatible")
    assert [format_of(request) for request in server.requests] == ["json_schema", "json_schema"]
    assert reply.outcome == "ok"


async def test_a_server_that_will_not_count_and_does_not_say_so_is_asked_without(server: StandIn) -> None:
    server.respond = lambda request: (
        Failure(400, "no") if "stream_options" in request.body else Answer("{}", usage=None)
    )
    assert (await ask_once(server, "compatible")).outcome == "ok"
    assert len(server.requests) == 4


async def test_tokens_nobody_counted_are_estimated_and_it_is_said(server: StandIn) -> None:
    server.script(Answer('{"findings": []}', usage=None))
    reply = await ask_once(server, "compatible")
    assert reply.usage == Usage(input=PROMPT, output=ceil(16 / 3))
    assert "estimated" in reply.detail


@pytest.mark.parametrize(("counted", "outcome"), [(PROMPT * 59 // 100, "cut"), (ceil(PROMPT * 0.6), "ok")])
async def test_a_prompt_counted_far_too_short_was_cut(server: StandIn, counted: int, outcome: str) -> None:
    server.script(Answer("{}", usage=Usage(input=counted, output=2)))
    reply = await ask_once(server, "compatible")
    assert (reply.outcome, reply.text, reply.usage.input) == (outcome, "{}", counted)
    assert ("cut the prompt" in reply.detail) == (outcome == "cut")


async def test_a_prompt_read_from_the_cache_was_not_cut(server: StandIn) -> None:
    server.script(Answer("{}", usage=Usage(input=5, cached=PROMPT, output=2)))
    assert (await ask_once(server, "compatible")).outcome == "ok"


async def test_an_unknown_model_is_named_when_nothing_less_helped(server: StandIn) -> None:
    server.respond = lambda _: Failure(404, "model not found, try pulling it first")
    reply = await ask_once(server, "compatible")
    assert reply.outcome == "fatal"
    assert f"unknown model {MODEL} at {server.url}/v1" in reply.detail
    assert "pulling" in reply.detail


async def test_a_refusal_of_one_prompt_changes_nothing_for_the_next(server: StandIn) -> None:
    server.script(Failure(400, "the prompt is longer than the maximum context length"), Answer("{}"))
    async with seated(server, "compatible") as ask:
        assert (await ask(a_call())).outcome == "too_long"
        assert (await ask(a_call())).outcome == "ok"
    assert format_of(server.requests[-1]) == "json_schema"


@pytest.mark.parametrize(
    ("status", "words", "outcome"),
    [(401, "no", "auth"), (429, "no", "rate"), (500, "no", "transient"), (400, "your spend limit is reached", "quota")],
)
async def test_a_failure_of_another_kind_asks_for_no_less(
    server: StandIn, status: int, words: str, outcome: str
) -> None:
    server.script(Failure(status, words))
    assert (await ask_once(server, "compatible")).outcome == outcome
    assert len(server.requests) == 1


async def test_a_server_without_a_key_is_sent_none(server: StandIn) -> None:
    server.script(Answer())
    assert (await ask_once(server, "compatible", api_key=None)).outcome == "ok"
    assert "authorization" not in server.requests[0].headers


async def test_nothing_of_an_openai_account_travels_to_another_server(
    server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_ORG_ID", "OPENAI_PROJECT_ID", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "mine")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer mine\nX-Gateway: mine")
    server.script(Answer())
    await ask_once(server, "compatible")
    (sent,) = server.requests
    assert "mine" not in sent.headers.values()
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert not [name for name in sent.headers if name.startswith(("openai-", "x-"))]


@pytest.mark.parametrize("delta", [{"reasoning_content": "hm"}, {"tool_calls": [{"index": 0, "id": "1"}]}, {}])
async def test_an_answer_without_text_has_none(server: StandIn, delta: dict[str, object]) -> None:
    chunks = [
        {"choices": [{"index": 0, "delta": delta}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    ]
    server.script(Raw(b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks)))
    reply = await ask_once(server, "compatible")
    assert (reply.outcome, reply.text) == ("ok", "")


async def test_a_stream_that_ends_without_saying_why_broke_off(server: StandIn) -> None:
    server.script(Raw(b'data: {"choices": [{"index": 0, "delta": {"content": "{"}}]}\n\ndata: [DONE]\n\n'))
    reply = await ask_once(server, "compatible")
    assert (reply.outcome, reply.detail) == ("transient", "the answer broke off")
