"""GPT over OpenAI's Responses API, streamed; and the opening of the SDK, for `compatible` too.

Source: the SDK 3.54 and PROVIDERS sections 1 to 4. Nothing is stored at the vendor's; no temperature is sent.
"""

import hashlib
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from reviewbot.council.members.credentials import headers_for
from reviewbot.council.members.failures import Peer, Rejection, rejected
from reviewbot.council.members.wishes import Wishes
from reviewbot.council.model import Access, Ask, Caching, Call, Outcome, Reply, Usage

if TYPE_CHECKING:
    from openai import APIStatusError, AsyncOpenAI
    from openai.types.responses import Response

    from reviewbot.council.members.line import Listen, ReadError

BASE_URL = "https://api.openai.com/v1"
BREAKPOINTS_SINCE = (5, 6)
"""The first GPT that takes explicit cache breakpoints, and charges for what it writes to its cache."""
NO_EFFORT = re.compile(r"(gpt-[34]|chatgpt)")
"""Models that do not reason (PROVIDERS section 3)."""
MOST_OUTPUT = {r"gpt-4\.1": 32_768, r"gpt-4o|chatgpt": 16_384, r"o[134]\b": 100_000, r"gpt-([5-9]|\d\d)": 128_000}
ENDED = ("response.completed", "response.incomplete", "response.failed")


def load() -> None:
    """Import the SDK now, so that `connect` need not."""
    import openai  # noqa: F401, PLC0415  0.4 s


class Client(NamedTuple):
    """The SDK's client to a server, and how its errors are read."""

    sdk: "AsyncOpenAI"
    vendor_error: type[Exception]
    read_error: "ReadError"


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:
    """A connection to GPT. Raises BadSettings where there is no key."""
    peer = Peer.of(access, url=BASE_URL)
    key, headers = ("unused", headers_for(peer)) if access.declared else (peer.secret, None)
    listener = partial(partial, _listen, peer=peer)
    async with open_client(peer, listener, wishes=Wishes.of(access), key=key, headers=headers) as ask:
        yield ask


def caching(model: str) -> Caching:  # noqa: ARG001  the port's; it is the same for all
    """When a prefix can be read is not documented: certainly once the first answer has ended."""
    return Caching(1_024, "ended")


def most_output(model: str) -> int | None:
    return next((most for pattern, most in MOST_OUTPUT.items() if re.match(pattern, model)), None)


@asynccontextmanager
async def open_client(
    peer: Peer,
    listener: "Callable[[AsyncOpenAI], Listen]",
    *,
    wishes: Wishes,
    key: str,
    headers: Mapping[str, str] | None = None,
) -> AsyncIterator[Ask]:
    """The asking of a server over the SDK's client; `listener` makes of a client the way to listen.

    `headers` are all that travels, where given; the SDK adds what OPENAI_ORG_ID and its like hold.
    """
    async with open_sdk(peer, key=key, headers=headers) as (sdk, vendor_error, read_error):
        from reviewbot.council.members.line import converse, insist  # noqa: PLC0415  imports httpx2

        listen = partial(insist, listen=listener(sdk), wishes=wishes, read_error=read_error)
        yield partial(converse, listen=listen, peer=peer, vendor_error=vendor_error, read_error=read_error)


@asynccontextmanager
async def open_sdk(
    peer: Peer, *, key: str, headers: Mapping[str, str] | None = None, batches: bool = False
) -> AsyncIterator[Client]:
    """The client, for answers that are streamed or for `batches`."""
    import openai  # noqa: PLC0415  0.4 s, paid only when somebody is seated who speaks through it

    from reviewbot.council.members.line import open_line  # noqa: PLC0415  imports httpx2

    def read_error(error: Exception) -> Rejection | None:
        if isinstance(error, openai.APIStatusError):
            return Rejection(error.status_code, error.response.text, error.response.headers)
        if isinstance(error, openai.APIError) and error.body is not None:  # an error event in the middle of a stream
            status = int(error.code) if error.code and error.code.isdecimal() else 500
            return Rejection.in_stream(status, error.code, error.message)
        return None

    async with open_line(peer, headers, batches=batches) as line:
        sdk = openai.AsyncOpenAI(api_key=key, base_url=peer.url, max_retries=0, http_client=line)
        yield Client(sdk, openai.OpenAIError, read_error)


def status_error() -> "type[APIStatusError]":
    """The SDK's error for a request that was refused; `compatible` cannot import it, being no importer of the SDK."""
    import openai  # noqa: PLC0415  as above

    return openai.APIStatusError


def whole_response(body: Mapping[str, Any]) -> "Response":
    """A response that came as JSON, with whatever fields it has."""
    from openai.types.responses import Response  # noqa: PLC0415  as above

    return Response.construct(**body)


def request(peer: Peer, call: Call) -> dict[str, Any]:
    """The body of the request. The cache fields are OpenAI's own: other servers may refuse what they do not know."""
    shown: dict[str, Any] = {"type": "input_text", "text": call.shown}
    body: dict[str, Any] = {
        "model": peer.model,
        "instructions": call.rules,
        "input": [{"role": "user", "content": [shown, {"type": "input_text", "text": call.question}]}],
        "max_output_tokens": min(call.max_output_tokens, most_output(peer.model) or call.max_output_tokens),
        "store": False,
        "text": {"format": {"type": "json_schema", "name": "answer", "strict": True, "schema": call.schema}},
    }
    if call.effort and not NO_EFFORT.match(peer.model):
        body["reasoning"] = {"effort": call.effort}
    if call.service_tier:
        body["service_tier"] = call.service_tier
    if call.cache and urlsplit(peer.url).hostname == "api.openai.com":
        body["prompt_cache_key"] = hashlib.sha256((call.rules + call.shown).encode()).hexdigest()[:32]
        if _version(peer.model) >= BREAKPOINTS_SINCE:
            body["prompt_cache_options"] = {"mode": "explicit"}
            shown["prompt_cache_breakpoint"] = {"mode": "explicit"}
    return body


def _version(model: str) -> tuple[int, int]:
    numbers = re.match(r"gpt-(\d+)(?:\.(\d+))?", model)
    return (int(numbers[1]), int(numbers[2] or 0)) if numbers else (0, 0)


async def _listen(client: "AsyncOpenAI", call: Call, *, peer: Peer) -> AsyncGenerator[Reply, None]:
    async with await client.responses.create(**request(peer, call), stream=True) as stream:
        request_id = stream.response.headers.get("x-request-id")
        async for event in stream:
            if event.type == "response.created":
                yield Reply(outcome="transient", detail="the answer broke off", request_id=request_id)
            elif event.type in ENDED:
                yield read_response(event.response, request_id, peer)
            elif event.type == "error":
                yield rejected(Rejection.in_stream(500, event.code, event.message), peer)


def read_response(response: "Response", request_id: str | None, peer: Peer) -> Reply:
    outcome, detail = _ending(response, peer)
    return Reply(
        outcome=outcome, text=response.output_text, usage=_usage(response), detail=detail, request_id=request_id
    )


def _usage(response: "Response") -> Usage:
    if response.usage is None:
        return Usage()
    read, written = response.usage.input_tokens_details, response.usage.output_tokens_details
    cached, cache_written = (read.cached_tokens or 0, getattr(read, "cache_write_tokens", 0) or 0) if read else (0, 0)
    return Usage(
        input=max(0, response.usage.input_tokens - cached - cache_written),
        cached=cached,
        cache_written=cache_written,
        output=response.usage.output_tokens,
        reasoning=written.reasoning_tokens or 0 if written else 0,
    )


def _ending(response: "Response", peer: Peer) -> tuple[Outcome, str]:
    """Why the model stopped, by the status of the response and the parts it is made of."""
    parts = [part for item in response.output if item.type == "message" for part in item.content]
    if refusal := next((part.refusal for part in parts if part.type == "refusal"), None):
        return "refused", f"the model declined to answer: {refusal}"
    reason = response.incomplete_details.reason if response.incomplete_details else None
    if response.status == "incomplete" and reason in ("content_filter", "steered"):
        return "blocked", f"the vendor stopped the answer ({reason})"
    if response.status == "incomplete":
        return "cut", f"the answer was cut ({reason or 'no reason given'})"
    if response.status == "failed":
        error = response.error
        code, message = (error.code, error.message) if error else ("", "no reason given")
        if "policy" in code:
            return "blocked", f"the vendor stopped the answer ({code}: {message})"
        status = 500 if code in ("server_error", "rate_limit_exceeded", "") else 400
        reply = rejected(Rejection.in_stream(status, code, message), peer)
        return reply.outcome, reply.detail
    return "ok", ""
