"""What a call wishes for beside its answer: sent in each vendor's words, given up where the server refuses it."""

from typing import Any

import pytest
from asking import NETWORK, a_call, ask_once, seated
from stand_in import Answer, Exchange, Failure, Request, StandIn

from reviewbot.council.members.failures import Rejection
from reviewbot.council.members.wishes import Wishes, refused_wish

every_member = pytest.mark.parametrize("member", NETWORK)
MODELS = {"anthropic": "claude-sonnet-5-5", "openai": "gpt-6.1-sol", "google": "gemini-4-argon", "compatible": "m"}
WORDS: dict[str, tuple[str, Any]] = {
    "anthropic": ("effort", "high"),
    "openai": ("reasoning", {"effort": "high"}),
    "google": ("thinkingConfig", {"thinking_level": "HIGH"}),
    "compatible": ("reasoning_effort", "high"),
}


def field_of(request: Request, name: str) -> object:
    """Of the body, wherever it stands."""
    body = request.body
    return (body | body.get("output_config", {}) | body.get("generationConfig", {})).get(name)


def wishing(member: str, **access: Any) -> dict[str, Any]:
    return {"model": MODELS[member], "effort": "high", **access}


@every_member
async def test_effort_is_said_in_the_words_of_the_vendor(server: StandIn, member: str) -> None:
    server.answer_everything("{}")
    await ask_once(server, member, a_call(effort="high"), **wishing(member))
    await ask_once(server, member, a_call(), **wishing(member, effort=None))
    name, words = WORDS[member]
    assert [field_of(request, name) for request in server.requests] == [words, None]


@pytest.mark.parametrize(
    ("member", "model", "field", "sent"),
    [
        ("anthropic", "claude-haiku-4-5-20251001", "effort", None),
        ("anthropic", "claude-opus-4-1-20250805", "effort", None),
        ("anthropic", "claude-opus-4-6", "effort", "low"),
        ("anthropic", "anthropic.claude-haiku-5-5", "effort", "low"),
        ("openai", "gpt-4.1", "reasoning", None),
        ("openai", "o4-mini", "reasoning", {"effort": "low"}),
        ("openai", "our-deployment", "reasoning", {"effort": "low"}),
        ("google", "gemini-2.5-pro", "thinkingConfig", {"thinking_budget": 1_024}),
        ("google", "gemini-3.8-flash", "thinkingConfig", {"thinking_level": "LOW"}),
        ("google", "gemini-2.0-flash", "thinkingConfig", None),
        ("google", "gemma-4", "thinkingConfig", None),
    ],
)
async def test_a_model_is_told_no_more_than_it_knows(
    server: StandIn, member: str, model: str, field: str, sent: object
) -> None:
    server.answer_everything("{}")
    await ask_once(server, member, a_call(effort="low"), model=model)
    assert field_of(server.requests[0], field) == sent


async def test_a_compatible_server_is_told_what_the_operator_says_and_nothing_of_the_tier(server: StandIn) -> None:
    server.answer_everything("{}")
    await ask_once(server, "compatible", a_call(effort="high"))
    assert field_of(server.requests[0], "reasoning_effort") is None


@every_member
async def test_an_effort_the_server_refuses_is_left_out_once_and_for_all(server: StandIn, member: str) -> None:
    name, _ = WORDS[member]

    def answer(request: Request) -> Exchange:
        refused = field_of(request, name) is not None
        return Failure(400, "this model takes no thinking or reasoning_effort") if refused else Answer("{}")

    server.respond = answer
    async with seated(server, member, **wishing(member)) as ask:
        replies = [await ask(a_call(effort="high")) for _ in range(2)]
    assert [reply.outcome for reply in replies] == ["ok", "ok"]
    assert [field_of(request, name) is None for request in server.requests] == [False, True, True]


@every_member
async def test_another_refusal_is_not_tried_without_an_effort(server: StandIn, member: str) -> None:
    server.respond = lambda _: Failure(401, "no reasoning with this key")
    reply = await ask_once(server, member, a_call(effort="high"), **wishing(member))
    assert (reply.outcome, len(server.requests)) == ("auth", 1)


@every_member
@pytest.mark.parametrize(
    "refusal", [Failure(429, "no room", "resource_unavailable"), Failure(503), Failure(400, "service_tier: unknown")]
)
async def test_a_tier_that_is_not_to_be_had_is_paid_at_the_standard_price_and_told(
    server: StandIn, member: str, refusal: Failure
) -> None:
    tier = {"google": "serviceTier"}.get(member, "service_tier")
    server.respond = lambda request: refusal if tier in request.body else Answer("{}")
    async with seated(server, member, service_tier="flex") as ask:
        first, second = [await ask(a_call()) for _ in range(2)]
    assert (first.outcome, second.outcome, len(server.requests)) == ("ok", "ok", 3)
    assert first.detail.endswith("flex was not to be had, so the standard price was paid")
    assert server.requests[0].body[tier] == "flex"


async def test_an_empty_purse_is_no_matter_of_tiers(server: StandIn) -> None:
    server.respond = lambda _: Failure(429, "no more", "insufficient_quota")
    assert (await ask_once(server, "openai", service_tier="flex")).outcome == "quota"
    assert len(server.requests) == 1


def test_a_wish_that_another_call_gave_up_is_not_sent_again() -> None:
    wishes, rejection = Wishes(service_tier="flex"), Rejection(429, "", {})
    sent = wishes.added(a_call(effort="low"))
    assert (sent.service_tier, refused_wish(sent, rejection)) == ("flex", "tier")
    assert wishes.less(sent, rejection)
    assert wishes.added(a_call(effort="low")).service_tier is None
    assert not wishes.less(wishes.added(a_call(effort="low")), rejection)


@pytest.mark.parametrize(
    ("member", "model", "most"),
    [
        ("anthropic", "claude-sonnet-5-5", 128_000), ("anthropic", "claude-opus-4-1-20250805", 32_000),
        ("anthropic", "claude-haiku-4-5", 64_000), ("anthropic", "claude-opus-4-6", 128_000),
        ("openai", "gpt-6.1-sol", 128_000), ("openai", "gpt-4o", 16_384), ("google", "gemini-4-argon", 65_536),
        ("openai", "our-deployment", 200_000), ("compatible", "m", 200_000),
    ],
)  # fmt: skip
async def test_no_more_output_is_asked_for_than_the_model_has(
    server: StandIn, member: str, model: str, most: int
) -> None:
    server.answer_everything("{}")
    await ask_once(server, member, a_call(max_output_tokens=200_000), model=model)
    body = server.requests[0].body
    limits = body | body.get("generationConfig", {})
    assert (
        next(limits[name] for name in ("max_tokens", "max_output_tokens", "maxOutputTokens") if name in limits) == most
    )


@pytest.mark.parametrize(
    ("member", "model", "least", "ready"),
    [
        ("anthropic", "claude-haiku-5-5", 512, "begun"), ("anthropic", "claude-opus-5", 512, "begun"),
        ("anthropic", "claude-sonnet-4-5", 1_024, "begun"), ("anthropic", "claude-opus-4-7", 2_048, "begun"),
        ("anthropic", "claude-haiku-4-5", 4_096, "begun"), ("anthropic", "claude-next", 4_096, "begun"),
        ("openai", "gpt-6.1-sol", 1_024, "ended"),
        ("google", "gemini-4-argon", 4_096, "begun"), ("google", "gemini-2.5-pro", 2_048, "begun"),
        ("compatible", "m", 1_024, "begun"),
    ],
)  # fmt: skip
def test_what_is_known_of_each_cache(member: str, model: str, least: int, ready: str) -> None:
    known = NETWORK[member].caching(model)
    assert known is not None
    assert (known.least, known.ready) == (least, ready)
    assert known.promised == (member in ("anthropic", "openai"))
