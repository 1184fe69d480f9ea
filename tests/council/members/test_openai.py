"""What is OpenAI's own: the body, who is sent cache fields, the endings of a response."""

import json

import pytest
from asking import KEY, MODEL, SCHEMA, a_call, ask_once
from stand_in import Answer, Raw, StandIn

from reviewbot.council.members.failures import Peer
from reviewbot.council.members.openai import BASE_URL, request
from reviewbot.council.model import Outcome, Usage


def peer(model: str, url: str = BASE_URL) -> Peer:
    return Peer(model=model, url=url, variable="OPENAI_API_KEY")


async def test_the_body_is_this_and_no_more(server: StandIn) -> None:
    server.script(Answer())
    call = a_call()
    await ask_once(server, "openai", call)
    (sent,) = server.requests
    assert sent.path == "/v1/responses"
    assert sent.body == {
        "model": MODEL,
        "max_output_tokens": 16_000,
        "stream": True,
        "store": False,
        "instructions": call.rules,
        "input": [
            {
                "role": "user",
                "content": [
                    {"type": "input_text", "text": call.shown},
                    {"type": "input_text", "text": call.question},
                ],
            }
        ],
        "text": {"format": {"type": "json_schema", "name": "answer", "strict": True, "schema": SCHEMA}},
    }
    assert sent.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    ("model", "url", "cache", "fields"),
    [
        ("gpt-6.1-sol", BASE_URL, True, {"prompt_cache_key", "prompt_cache_options", "prompt_cache_breakpoint"}),
        ("gpt-5.6-luna", BASE_URL, True, {"prompt_cache_key", "prompt_cache_options", "prompt_cache_breakpoint"}),
        ("gpt-10", BASE_URL, True, {"prompt_cache_key", "prompt_cache_options", "prompt_cache_breakpoint"}),
        ("gpt-5.5", BASE_URL, True, {"prompt_cache_key"}),
        ("o3-mini", BASE_URL, True, {"prompt_cache_key"}),
        ("gpt-6.1-sol", BASE_URL, False, set()),
        ("gpt-6.1-sol", "https://gateway.example/v1", True, set()),
        ("gpt-6.1-sol", "https://api.openai.com.example/v1", True, set()),
    ],
)
def test_cache_fields_go_to_openai_and_models_that_take_them(
    model: str, url: str, cache: bool, fields: set[str]
) -> None:
    body = json.dumps(request(peer(model, url), a_call(cache=cache)))
    known = {"prompt_cache_key", "prompt_cache_options", "prompt_cache_breakpoint"}
    assert {field for field in known if f'"{field}"' in body} == fields


def test_the_breakpoint_stands_behind_the_change_and_before_the_lens() -> None:
    shown, question = request(peer("gpt-6.1-sol"), a_call())["input"][0]["content"]
    assert shown["prompt_cache_breakpoint"] == {"mode": "explicit"}
    assert "prompt_cache_breakpoint" not in question


def test_the_cache_key_is_the_prefix_and_not_the_lens() -> None:
    def key(**changes: str) -> str:
        return str(request(peer("gpt-6.1-sol"), a_call(**changes))["prompt_cache_key"])

    assert key() == key(question="another", lens="another")
    assert len({key(), key(rules="other"), key(shown="other")}) == 3
    assert len(key()) <= 64


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("max_output_tokens", "cut"),
        ("max_messages", "cut"),
        ("content_filter", "blocked"),
        ("steered", "blocked"),
        ("a_reason_of_next_year", "cut"),
    ],
)
async def test_each_reason_to_be_incomplete_has_its_outcome(server: StandIn, reason: str, outcome: Outcome) -> None:
    used = Usage(input=5, output=3)
    server.script(Answer('{"findings": [', reason=reason, usage=used))
    reply = await ask_once(server, "openai")
    assert (reply.outcome, reply.text, reply.usage) == (outcome, '{"findings": [', used)


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("server_error", "transient"),
        ("rate_limit_exceeded", "transient"),
        ("bio_policy", "blocked"),
        ("misalignment_policy_violation", "blocked"),
        ("context_length_exceeded", "too_long"),
        ("invalid_prompt", "fatal"),
    ],
)
async def test_each_way_to_fail_has_its_outcome(server: StandIn, code: str, outcome: Outcome) -> None:
    server.script(Answer(code, reason="failed", usage=Usage(input=5)))
    reply = await ask_once(server, "openai")
    assert (reply.outcome, reply.usage) == (outcome, Usage(input=5))
    assert "it failed" in reply.detail


async def test_the_words_of_a_refusal_are_its_detail_and_no_answer(server: StandIn) -> None:
    server.script(Answer("I cannot help with that.", ending="refused"))
    reply = await ask_once(server, "openai")
    assert (reply.outcome, reply.text) == ("refused", "")
    assert "I cannot help with that." in reply.detail


@pytest.mark.parametrize(("code", "outcome"), [("server_error", "transient"), ("insufficient_quota", "quota")])
async def test_an_error_event_is_told_apart(server: StandIn, code: str, outcome: Outcome) -> None:
    event = {"type": "error", "sequence_number": 1, "code": code, "message": "it broke", "param": None}
    server.script(Raw(f"event: error\ndata: {json.dumps(event)}\n\n".encode()))
    reply = await ask_once(server, "openai")
    assert reply.outcome == outcome
    assert "it broke" in reply.detail


async def test_a_response_that_counts_nothing_costs_nothing(server: StandIn) -> None:
    server.script(Answer("{}", usage=None))
    assert (await ask_once(server, "openai")).usage == Usage()
