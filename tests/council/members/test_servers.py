"""Every server that docs/members.md has an example for: the line there, and the request it makes."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest
from asking import a_call
from stand_in import Answer, Failure, StandIn

from reviewbot.council.members.compatible import Rung, Server, request
from reviewbot.council.members.failures import Peer
from reviewbot.settings import Policy, load_operator
from reviewbot.wiring import seat_council

PAGE = (Path(__file__).parents[3] / "docs" / "members.md").read_text()
DECLARED = dict(re.findall(r'REVIEWBOT_SERVERS="([a-z]+)=([^"]+)"', PAGE))
BEARER = {"authorization": "Bearer the-key"}
GOOGLE = "/v1/projects/PROJECT/locations/global"


class Example(NamedTuple):
    name: str
    model: str
    path: str
    family: str
    headers: dict[str, str] = BEARER


EXAMPLES = [
    Example("ollama", "qwen3:8b", "/v1/chat/completions", "alibaba"),
    Example("vllm", "Qwen/Qwen3-Coder-30B", "/v1/chat/completions", "alibaba"),
    Example("lmstudio", "openai/gpt-oss-20b", "/v1/chat/completions", "openai"),
    Example("llamacpp", "gemma-4", "/v1/chat/completions", "google"),
    Example("litellm", "house-blend", "/v1/chat/completions", "litellm"),
    Example("claude", "claude-sonnet-5-5", "/v1/messages", "anthropic", BEARER | {"anthropic-version": "2026-10-21"}),
    Example("openrouter", "qwen/qwen3-coder", "/api/v1/chat/completions", "alibaba"),
    Example("github", "openai/gpt-5", "/inference/chat/completions", "openai"),
    Example("azure", "gpt-6.1-sol", "/openai/v1/responses", "openai"),
    Example("foundry", "claude-opus-5-5", "/anthropic/v1/messages", "anthropic"),
    Example("bedrock", "anthropic.claude-sonnet-5-5", "/anthropic/v1/messages", "anthropic"),
    Example("mantle", "openai.gpt-6.1-sol", "/openai/v1/responses", "openai"),
    Example(
        "vertex", "gemini-4-argon", GOOGLE + "/publishers/google/models/gemini-4-argon:streamGenerateContent?alt=sse",
        "google", {"x-goog-api-key": "the-key", "x-server-timeout": "5"},
    ),
    Example("garden", "google/gemini-4-argon", GOOGLE + "/endpoints/openapi/chat/completions", "google"),
]  # fmt: skip


def test_every_example_of_the_page_is_tried_here() -> None:
    assert {example.name for example in EXAMPLES} == set(DECLARED)


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
async def test_a_declared_server_is_asked_in_its_dialect_with_its_key_alone(
    server: StandIn, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ANTHROPIC_CUSTOM_HEADERS", "OPENAI_CUSTOM_HEADERS"):
        monkeypatch.setenv(name, "X-Account: mine")
    monkeypatch.setenv("OPENAI_ORG_ID", "mine")
    address = re.sub(r"https?://[^/]+", server.url, DECLARED[example.name])
    environ = {
        "REVIEWBOT_SERVERS": f"{example.name}={address}",
        f"REVIEWBOT_{example.name.upper()}_API_KEY": "the-key",
        "OPENAI_API_KEY": "another",
        "ANTHROPIC_API_KEY": "another",
    }
    operator = load_operator(environ, flags={"models": (f"{example.name}/{example.model}",)})
    (invited,) = seat_council(operator, Policy())
    server.script(Answer("{}"))
    async with invited.connect() as ask:
        reply = await ask(a_call())
    (sent,) = server.requests
    assert (reply.outcome, sent.path, invited.member.family) == ("ok", example.path, example.family)
    assert sent.headers.items() >= example.headers.items()
    assert not {"mine", "another", "Bearer another"} & set(sent.headers.values())
    assert sent.body.get("model", example.model) == example.model


@pytest.mark.parametrize("dialect", ["chat", "anthropic", "openai", "google"])
async def test_a_server_without_a_key_is_sent_none_in_any_dialect(server: StandIn, dialect: str) -> None:
    environ = {"REVIEWBOT_SERVERS": f"box={dialect}+{server.url}/v1", "OPENAI_API_KEY": "a", "ANTHROPIC_API_KEY": "a"}
    (invited,) = seat_council(load_operator(environ, flags={"models": ("box/m",)}), Policy())
    server.script(Answer("{}"))
    async with invited.connect() as ask:
        assert (await ask(a_call())).outcome == "ok"
    assert not {"authorization", "x-api-key", "api-key", "x-goog-api-key"} & server.requests[0].headers.keys()


@pytest.mark.parametrize(
    ("url", "form", "extra", "sent"),
    [
        ("https://openrouter.ai/api/v1", "json_schema", {}, {"provider": {"require_parameters": True}}),
        ("https://openrouter.ai/api/v1", "json_schema", {"provider": {"order": ["a"]}}, {"provider": {"order": ["a"]}}),
        ("https://openrouter.ai/api/v1", "text", {}, None),
        ("https://openrouter.ai.example/v1", "json_schema", {}, None),
        ("https://box/v1", "json_schema", {"temperature": 0.2}, {"temperature": 0.2}),
    ],
)
def test_a_router_is_told_to_keep_to_the_schema(
    url: str, form: str, extra: dict[str, object], sent: dict[str, object] | None
) -> None:
    server = Server(Peer(model="m", url=url, variable="KEY"), Rung(form), extra)
    assert request(server, a_call(), server.rung).get("extra_body") == sent


async def test_what_the_operator_says_of_a_server_is_in_its_request(server: StandIn) -> None:
    environ = {
        "REVIEWBOT_SERVERS": f"box={server.url}/v1",
        "REVIEWBOT_MEMBERS": "box/m: {effort: low, service_tier: flex, structured: json_object, extra: {top_k: 3}}",
    }
    (invited,) = seat_council(load_operator(environ, flags={"models": ("box/m",)}), Policy())
    server.script(Answer("{}"))
    async with invited.connect() as ask:
        await ask(a_call(effort="high"))
    body = server.requests[0].body
    assert (body["reasoning_effort"], body["service_tier"], body["top_k"]) == ("low", "flex", 3)
    assert body["response_format"] == {"type": "json_object"}


async def test_a_server_that_counts_its_limit_otherwise_is_told_it_so(server: StandIn) -> None:
    words = "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    environ = {"REVIEWBOT_SERVERS": f"box={server.url}/v1"}
    (invited,) = seat_council(load_operator(environ, flags={"models": ("box/m",)}), Policy())
    server.respond = lambda sent: Failure(400, words) if "max_tokens" in sent.body else Answer("{}")
    async with invited.connect() as ask:
        assert (await ask(a_call())).outcome == "ok"
    assert server.requests[-1].body["max_completion_tokens"] == 16_000
    assert server.requests[-1].body["response_format"]["type"] == "json_schema"
