"""What is Anthropic's own: the body, the cache breakpoint, the stop reasons, errors in the middle of a stream."""

import json

import pytest
from asking import KEY, MODEL, SCHEMA, a_call, ask_once
from stand_in import Answer, Raw, StandIn

from reviewbot.council.members.anthropic import request
from reviewbot.council.model import Outcome, Usage


async def test_the_body_is_this_and_no_more(server: StandIn) -> None:
    server.script(Answer())
    call = a_call()
    await ask_once(server, "anthropic", call)
    (sent,) = server.requests
    assert sent.path == "/v1/messages"
    assert sent.body == {
        "model": MODEL,
        "max_tokens": 16_000,
        "stream": True,
        "system": call.rules,
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": call.shown, "cache_control": {"type": "ephemeral"}},
                    {"type": "text", "text": call.question},
                ],
            }
        ],
        "output_config": {"format": {"type": "json_schema", "schema": SCHEMA}},
    }
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.headers["anthropic-version"] == "2026-10-21"


def test_a_lens_alone_pays_for_no_cache() -> None:
    assert "cache_control" not in json.dumps(request(MODEL, a_call(cache=False)))


async def test_a_large_output_budget_is_streamed_and_so_not_refused_by_the_sdk(server: StandIn) -> None:
    server.script(Answer())
    assert (await ask_once(server, "anthropic", a_call(max_output_tokens=64_000))).outcome == "ok"


async def test_thinking_is_counted_and_is_no_text(server: StandIn) -> None:
    server.script(Answer("{}", usage=Usage(input=1, output=30, reasoning=25)))
    reply = await ask_once(server, "anthropic")
    assert (reply.text, reply.usage.reasoning, reply.usage.output) == ("{}", 25, 30)


@pytest.mark.parametrize(
    ("reason", "text", "outcome"),
    [
        ("end_turn", "{}", "ok"),
        ("stop_sequence", "{}", "ok"),
        ("max_tokens", "{", "cut"),
        ("max_tokens", "", "cut"),
        ("model_context_window_exceeded", "{", "cut"),
        ("model_context_window_exceeded", "", "too_long"),
        ("refusal", "no", "refused"),
        ("a_reason_of_next_year", "{}", "ok"),
    ],
)
async def test_each_stop_reason_has_its_outcome(server: StandIn, reason: str, text: str, outcome: Outcome) -> None:
    server.script(Answer(text, reason=reason))
    reply = await ask_once(server, "anthropic")
    assert (reply.outcome, reply.text) == (outcome, text)


async def test_a_refusal_says_its_category(server: StandIn) -> None:
    server.script(Answer("", ending="refused"))
    assert "cyber" in (await ask_once(server, "anthropic")).detail


@pytest.mark.parametrize(
    ("kind", "outcome"), [("overloaded_error", "transient"), ("api_error", "transient"), ("billing_error", "quota")]
)
async def test_an_error_in_the_middle_of_a_stream_is_told_apart(server: StandIn, kind: str, outcome: Outcome) -> None:
    error = json.dumps({"type": "error", "error": {"type": kind, "message": "Overloaded"}})
    server.script(Raw(f"event: error\ndata: {error}\n\n".encode()))
    reply = await ask_once(server, "anthropic")
    assert reply.outcome == outcome
    assert "Overloaded" in reply.detail
