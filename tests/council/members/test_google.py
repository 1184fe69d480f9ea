"""What is Google's own: the body, the API version, every finish and block reason, and a client that must be held."""

import gc
import json

import pytest
from asking import KEY, MODEL, SCHEMA, a_call, ask_once, seated
from google.genai.types import BlockedReason, FinishReason
from stand_in import Answer, Failure, Raw, StandIn

from reviewbot.council.members.google import BLOCKED, CUT, PASSING, versioned
from reviewbot.council.model import Outcome, Usage

BASE = "https://generativelanguage.googleapis.com"


async def test_the_body_is_this_and_no_more(server: StandIn) -> None:
    server.script(Answer())
    call = a_call()
    await ask_once(server, "google", call)
    (sent,) = server.requests
    assert sent.path == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert sent.body == {
        "systemInstruction": {"parts": [{"text": call.rules}], "role": "user"},
        "contents": [{"role": "user", "parts": [{"text": call.shown}, {"text": call.question}]}],
        "generationConfig": {
            "maxOutputTokens": 16_000,
            "responseMimeType": "application/json",
            "responseJsonSchema": SCHEMA,
        },
    }
    assert sent.headers["x-goog-api-key"] == KEY


async def test_the_server_is_told_the_seconds_that_are_left(server: StandIn) -> None:
    server.script(Answer())
    await ask_once(server, "google", a_call(seconds=7.0))
    assert server.requests[0].headers["x-server-timeout"] == "7"


@pytest.mark.parametrize(
    ("url", "base", "version"),
    [
        (BASE, BASE, "v1beta"),
        (f"{BASE}/v1", BASE, "v1"),
        (f"{BASE}/v1alpha/", BASE, "v1alpha"),
        ("http://localhost:8080/gemini", "http://localhost:8080/gemini", "v1beta"),
        ("http://localhost:8080/gemini/v1beta", "http://localhost:8080/gemini", "v1beta"),
        ("https://vertex.example", "https://vertex.example", "v1beta"),
    ],
)
def test_the_version_is_the_one_the_base_url_names(url: str, base: str, version: str) -> None:
    assert versioned(url) == (base, version)


async def test_a_base_url_with_a_version_is_not_given_a_second_one(server: StandIn) -> None:
    server.script(Answer())
    await ask_once(server, "google", base_url=server.url + "/v1")
    assert server.requests[0].path.startswith("/v1/models/")


def outcome_of(reason: FinishReason) -> Outcome:
    if reason.value in CUT:
        return "cut"
    if reason.value in BLOCKED:
        return "blocked"
    return "transient" if reason.value in PASSING else "ok"


async def test_every_finish_reason_the_sdk_knows_has_its_outcome(server: StandIn) -> None:
    async with seated(server, "google") as ask:
        for reason in FinishReason:
            server.script(Answer('{"a', reason=reason.value, usage=Usage(input=5)))
            reply = await ask(a_call())
            assert (reply.outcome, reply.text, reply.usage.input) == (outcome_of(reason), '{"a', 5), reason
            assert (reason.value in reply.detail) == (reason is not FinishReason.STOP)


def test_the_reasons_named_are_reasons_the_sdk_knows() -> None:
    assert {reason.value for reason in FinishReason} >= CUT | BLOCKED | PASSING
    assert {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII"} <= BLOCKED


@pytest.mark.filterwarnings("ignore:.*is not a valid FinishReason")
async def test_a_finish_reason_of_next_year_leaves_the_text_to_be_judged(server: StandIn) -> None:
    server.script(Answer("{}", reason="TIRED"))
    reply = await ask_once(server, "google")
    assert (reply.outcome, reply.text) == ("ok", "{}")
    assert "TIRED" in reply.detail


async def test_every_block_reason_the_sdk_knows_blocks(server: StandIn) -> None:
    async with seated(server, "google") as ask:
        for reason in BlockedReason:
            server.script(Answer("", ending="blocked", reason=reason.value, usage=Usage(input=5)))
            reply = await ask(a_call())
            assert (reply.outcome, reply.text, reply.usage.input) == ("blocked", "", 5)
            assert reason.value in reply.detail


@pytest.mark.filterwarnings("ignore:.*is not a valid BlockedReason")
async def test_a_block_reason_of_next_year_blocks_too(server: StandIn) -> None:
    server.script(Answer("", ending="blocked", reason="GRUMPY"))
    assert (await ask_once(server, "google")).outcome == "blocked"


async def test_thoughts_are_output_and_reasoning_and_no_text(server: StandIn) -> None:
    thought = {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "{}"}]}}]
    }
    used = {"promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 5}
    last = {"candidates": [{"finishReason": "STOP"}], "usageMetadata": used}
    server.script(Raw(b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in (thought, last))))
    reply = await ask_once(server, "google")
    assert (reply.outcome, reply.text, reply.usage) == ("ok", "{}", Usage(input=9, output=7, reasoning=5))


async def test_an_answer_that_could_go_on_is_not_followed(server: StandIn) -> None:
    """Each continuation is a paid request; doubling the budget is the council's decision."""
    chunk = {"candidates": [{"content": {"parts": [{"text": "{"}]}, "finishReason": "CONTINUATION",
                             "continuationToken": "dG9rZW4="}]}  # fmt: skip
    server.respond = lambda _: Raw(f"data: {json.dumps(chunk)}\n\n".encode())
    reply = await ask_once(server, "google")
    assert (reply.outcome, reply.text, len(server.requests)) == ("cut", "{", 1)


async def test_the_client_lives_as_long_as_the_connection(server: StandIn) -> None:
    """The SDK's client closes itself when nobody holds it (PROVIDERS section 0, 6)."""
    server.answer_everything("{}")
    async with seated(server, "google") as ask:
        gc.collect()
        assert (await ask(a_call())).outcome == "ok"


async def test_the_wait_google_writes_into_the_body_is_read(server: StandIn) -> None:
    server.script(Failure(429, code="RESOURCE_EXHAUSTED", details=({"@type": "RetryInfo", "retryDelay": "7.5s"},)))
    reply = await ask_once(server, "google")
    assert (reply.outcome, reply.retry_after) == ("rate", 7.5)


async def test_a_bad_key_is_told_from_a_bad_request(server: StandIn) -> None:
    server.script(Failure(400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT"))
    reply = await ask_once(server, "google")
    assert reply.outcome == "auth"
    assert "set GOOGLE_API_KEY" in reply.detail


@pytest.mark.parametrize(("code", "outcome"), [(503, "transient"), (429, "rate"), (402, "quota")])
async def test_an_error_in_the_middle_of_a_stream_is_told_apart(server: StandIn, code: int, outcome: Outcome) -> None:
    error = {"error": {"code": code, "message": "it broke", "status": "UNAVAILABLE"}}
    server.script(Raw(f"data: {json.dumps(error)}\n\n".encode()))
    reply = await ask_once(server, "google")
    assert reply.outcome == outcome
    assert "it broke" in reply.detail
