"""Claude over Anthropic's Messages API, streamed. Knows its fields; what failures mean is in `failures`.

Source: the SDK 2.12 and PROVIDERS sections 1 to 4. No temperature: the API refuses it.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewbot.council.members.credentials import headers_for
from reviewbot.council.members.failures import Peer, Rejection
from reviewbot.council.members.wishes import Wishes
from reviewbot.council.model import Access, Ask, Caching, Call, Outcome, Reply, Usage

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types import Message

    from reviewbot.council.members.line import ReadError

BASE_URL = "https://api.anthropic.com"
OVERLOADED = 529
LEAST_PREFIX = {
    r"claude-\w+-5-[1-9]|claude-opus-5\b": 512,
    r"claude-opus-4-8|claude-sonnet-(5|4-[56])\b": 1_024,
    r"claude-opus-4-7": 2_048,
}
"""Tokens from which a prefix is kept (PROVIDERS 2.1)."""
LEAST_PREFIX_ELSE = 4_096
"""The longest of any model: a mark that keeps nothing is not paid for, one too few costs no more than no cache."""
MOST_OUTPUT = {
    r"claude-\w+-5\b|claude-opus-4-[678]": 128_000,
    r"claude-opus-4(-[01])?\b(?!-\d\b)": 32_000,
    r"claude-\w+-4": 64_000,
}
NO_EFFORT = re.compile(r"claude-(?:[123]\b|(?:haiku|sonnet)-4-5|\w+-4(?:-[01])?(?:-20\d{6})?$)")
"""Models from before there were levels (PROVIDERS section 3)."""


def load() -> None:
    """Import the SDK now, so that `connect` need not."""
    import anthropic  # noqa: F401, PLC0415  0.9 s


class Client(NamedTuple):
    """The SDK's client to a server, and how its errors are read."""

    sdk: "AsyncAnthropic"
    peer: Peer
    vendor_error: type[Exception]
    read_error: "ReadError"


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:
    """A connection to Claude. Raises BadSettings where there is no key."""
    async with open_client(access) as (sdk, peer, vendor_error, read_error):
        from reviewbot.council.members.line import converse, insist  # noqa: PLC0415  imports httpx2

        listen = partial(_listen, sdk, access.model)
        listen = partial(insist, listen=listen, wishes=Wishes.of(access), read_error=read_error)
        yield partial(converse, listen=listen, peer=peer, vendor_error=vendor_error, read_error=read_error)


@asynccontextmanager
async def open_client(access: Access, *, batches: bool = False) -> AsyncIterator[Client]:
    """The client, for answers that are streamed or for `batches`. Raises BadSettings where there is no key."""
    import anthropic  # noqa: PLC0415  0.9 s, paid only when Claude is seated

    from reviewbot.council.members.line import open_line  # noqa: PLC0415  imports httpx2

    peer = Peer.of(access, url=BASE_URL)
    key = "unused" if access.declared else peer.secret

    def read_error(error: Exception) -> Rejection | None:
        if not isinstance(error, anthropic.APIStatusError):
            return None
        if error.response.is_success:  # an error event in the middle of a stream
            return Rejection.in_stream(OVERLOADED, error.type, error.api_message)
        return Rejection(error.status_code, error.response.text, error.response.headers)

    async with open_line(peer, headers_for(peer) if access.declared else None, batches=batches) as line:
        sdk = anthropic.AsyncAnthropic(api_key=key, base_url=peer.url, max_retries=0, http_client=line)
        yield Client(sdk, peer, anthropic.AnthropicError, read_error)


def caching(model: str) -> Caching:
    """A prefix can be read as soon as the first answer to it has begun."""
    known = (least for pattern, least in LEAST_PREFIX.items() if re.search(pattern, model))
    return Caching(next(known, LEAST_PREFIX_ELSE), "begun")


def most_output(model: str) -> int | None:
    return next((most for pattern, most in MOST_OUTPUT.items() if re.search(pattern, model)), None)


def request(model: str, call: Call) -> dict[str, Any]:
    """The body of the request. The cache breakpoint stands behind the change, the lens behind it (PROVIDERS 2.1)."""
    shown: dict[str, Any] = {"type": "text", "text": call.shown}
    if call.cache:
        shown["cache_control"] = {"type": "ephemeral"}
    effort = {"effort": call.effort} if call.effort and not NO_EFFORT.search(model) else {}
    body = {
        "model": model,
        "max_tokens": min(call.max_output_tokens, most_output(model) or call.max_output_tokens),
        "system": call.rules,
        "messages": [{"role": "user", "content": [shown, {"type": "text", "text": call.question}]}],
        "output_config": {**effort, "format": {"type": "json_schema", "schema": call.schema}},
    }
    return body | ({"service_tier": call.service_tier} if call.service_tier else {})


async def _listen(client: "AsyncAnthropic", model: str, call: Call) -> AsyncGenerator[Reply, None]:
    async with client.messages.stream(**request(model, call)) as stream:
        async for event in stream:
            if event.type in ("message_start", "message_delta"):
                yield read_message(stream.current_message_snapshot, stream.request_id)


def read_message(message: "Message", request_id: str | None = None) -> Reply:
    """A message, whole or as far as it has come."""
    usage = message.usage
    details = usage.output_tokens_details
    outcome, detail = _ending(message)
    return Reply(
        outcome=outcome,
        text="".join(block.text for block in message.content if block.type == "text"),
        usage=Usage(
            input=usage.input_tokens,
            cached=usage.cache_read_input_tokens or 0,
            cache_written=usage.cache_creation_input_tokens or 0,
            output=usage.output_tokens,
            reasoning=details.thinking_tokens if details else 0,
        ),
        detail=detail,
        request_id=request_id,
    )


def _ending(message: "Message") -> tuple[Outcome, str]:
    """Why the model stopped. A word nobody knows is `ok`: whether its text is an answer is judged by reading it."""
    match message.stop_reason:
        case None:
            return "transient", "the answer broke off"
        case "refusal":
            category = message.stop_details.category if message.stop_details else None
            return "refused", f"the model declined to answer ({category or 'no category given'})"
        case "max_tokens":
            return "cut", "the answer was cut at its output limit"
        case "model_context_window_exceeded":
            return ("cut" if message.content else "too_long"), "the context window was full before the answer was whole"
        case _:
            return "ok", ""
