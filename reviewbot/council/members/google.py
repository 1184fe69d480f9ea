"""Gemini over Google's generateContent, streamed. Knows its fields; what failures mean is in `failures`.

Source: the SDK 3.4, PROVIDERS sections 1 to 4, THREATS L07. No temperature; the SDK retries nothing by itself.
"""

import math
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from reviewbot.council.members.credentials import headers_for
from reviewbot.council.members.failures import Peer, Rejection
from reviewbot.council.members.wishes import Wishes
from reviewbot.council.model import Access, Ask, Caching, Call, Outcome, Reply, Usage
from reviewbot.settings import Effort

if TYPE_CHECKING:
    from google.genai import Client as Sdk
    from google.genai.types import GenerateContentResponse, GenerateContentResponseUsageMetadata

    from reviewbot.council.members.line import ReadError

BASE_URL = "https://generativelanguage.googleapis.com"
API_VERSION = "v1beta"
"""Where the base URL names none. The SDK's own default, v1, is not known to take every field used (PROVIDERS 9)."""
BUDGETS = {"low": 1_024, "medium": 8_192, "high": 24_576}
"""Tokens of thinking, for models from before there were levels: as Google's own compatible endpoint translates them."""
CUT = {"MAX_TOKENS", "CONTINUATION"}
BLOCKED = {
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "MODEL_ARMOR", "ESCALATION",
    "PUP_LIMITED_DISABLED", "MALFORMED_FUNCTION_CALL",
}  # fmt: skip
PASSING = {"OTHER", "MALFORMED_RESPONSE"}
NOTHING_YET = Reply(outcome="transient", detail="the answer broke off")


def load() -> None:
    """Import the SDK now, so that `connect` need not."""
    from google.genai import Client  # noqa: F401, PLC0415  0.4 s


class Client(NamedTuple):
    """The SDK's client to a server, and how its errors are read."""

    sdk: "Sdk"
    peer: Peer
    vendor_error: type[Exception]
    read_error: "ReadError"


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:
    """A connection to Gemini. Raises BadSettings where there is no key."""
    async with open_client(access) as (sdk, peer, vendor_error, read_error):
        from reviewbot.council.members.line import converse, insist  # noqa: PLC0415  imports httpx2

        # the partial keeps the client referenced: one that nobody holds closes itself in the middle of a call
        listen = partial(_listen, sdk, access.model)
        listen = partial(insist, listen=listen, wishes=Wishes.of(access), read_error=read_error)
        yield partial(converse, listen=listen, peer=peer, vendor_error=vendor_error, read_error=read_error)


@asynccontextmanager
async def open_client(access: Access, *, batches: bool = False) -> AsyncIterator[Client]:
    """The client, for answers that are streamed or for `batches`. Raises BadSettings where there is no key."""
    import httpx2  # noqa: PLC0415  these cost 0.4 s, paid only when Gemini is seated
    from google import genai  # noqa: PLC0415
    from google.genai import errors  # noqa: PLC0415
    from google.genai.types import HttpOptions  # noqa: PLC0415

    from reviewbot.council.members.line import open_line, trusted  # noqa: PLC0415

    peer = Peer.of(access, url=BASE_URL)
    url, version = versioned(peer.url)

    def read_error(error: Exception) -> Rejection | None:
        if not isinstance(error, errors.APIError):
            return None
        if isinstance(error.response, httpx2.Response):
            return Rejection(error.response.status_code, error.response.text, error.response.headers)
        return Rejection.in_stream(error.code, error.status, error.message)

    key, headers = ("unused", headers_for(peer, google=True)) if access.declared else (peer.secret, None)
    async with open_line(peer, headers, batches=batches) as line:
        options = HttpOptions(
            base_url=url,
            api_version=version,
            httpx_async_client=line,
            client_args={"verify": trusted()},  # for what is never used: it would read the certificates two times more
            async_client_args={"ssl": trusted()},
        )
        sdk = genai.Client(enterprise=False, api_key=key, http_options=options)
        yield Client(sdk, peer, errors.APIError, read_error)


def caching(model: str) -> Caching:
    """What begins alike is kept without being asked, and nothing is promised."""
    return Caching(2_048 if "gemini-2.5" in model else 4_096, "begun", promised=False)


def most_output(model: str) -> int | None:
    return 65_536 if re.search(r"gemini-(2\.5|[3-9])", model) else None


def versioned(url: str) -> tuple[str, str]:
    """The base URL and the API version, where its path names one; at Vertex with the project behind it."""
    named = re.fullmatch(r"(.+?)/(v\d\w*(?:/(?:projects|publishers)/.+?)?)/?", url)
    return (named[1], named[2]) if named else (url, API_VERSION)


def request(model: str, call: Call) -> dict[str, Any]:
    """What the SDK makes the body of. Gemini caches by itself whatever begins alike: nothing is marked."""
    return {
        "model": model,
        "contents": [{"role": "user", "parts": [{"text": call.shown}, {"text": call.question}]}],
        "config": {
            "system_instruction": call.rules,
            "max_output_tokens": min(call.max_output_tokens, most_output(model) or call.max_output_tokens),
            "response_mime_type": "application/json",
            "response_json_schema": call.schema,
            "automatic_continuation": False,  # more output is the council's decision: it costs
            "http_options": {"timeout": math.ceil(call.seconds * 1000)},  # milliseconds; the server is told too
        }
        | _thinking(model, call.effort)
        | ({"service_tier": call.service_tier} if call.service_tier else {}),
    }


def _thinking(model: str, effort: Effort | None) -> dict[str, Any]:
    """Levels since Gemini 3, tokens in 2.5, nothing before it and for Gemma."""
    if effort and "gemini-2.5" in model:
        return {"thinking_config": {"thinking_budget": BUDGETS[effort]}}
    if effort and re.search(r"gemini-([3-9]|pro-latest|flash)", model):
        return {"thinking_config": {"thinking_level": effort.upper()}}
    return {}


async def _listen(client: "Sdk", model: str, call: Call) -> AsyncGenerator[Reply, None]:
    """Every chunk may bring text, usage, a finish reason or a block; what one left out, another brought."""
    reply = NOTHING_YET
    async for chunk in await client.aio.models.generate_content_stream(**request(model, call)):
        reply = read_chunk(chunk, reply)
        yield reply


def read_chunk(chunk: "GenerateContentResponse", reply: Reply = NOTHING_YET) -> Reply:
    """What is known of an answer with this chunk of it; a whole one is a chunk too."""
    news: dict[str, Any] = {"request_id": chunk.response_id or reply.request_id}
    if chunk.usage_metadata:
        news["usage"] = _usage(chunk.usage_metadata)
    if chunk.prompt_feedback and (reason := chunk.prompt_feedback.block_reason):
        news |= {"outcome": "blocked", "detail": f"the vendor blocked the prompt ({reason.value})"}
    for candidate in (chunk.candidates or [])[:1]:
        parts = (candidate.content.parts if candidate.content else None) or []
        news["text"] = reply.text + "".join(part.text or "" for part in parts if not part.thought)
        if candidate.finish_reason:
            news["outcome"], news["detail"] = _ending(candidate.finish_reason.value)
    return reply.model_copy(update=news)


def _usage(said: "GenerateContentResponseUsageMetadata") -> Usage:
    cached, thoughts = said.cached_content_token_count or 0, said.thoughts_token_count or 0
    return Usage(
        input=max(0, (said.prompt_token_count or 0) - cached),
        cached=cached,
        output=(said.candidates_token_count or 0) + thoughts,
        reasoning=thoughts,
    )


def _ending(reason: str) -> tuple[Outcome, str]:
    """Why the model stopped. A word nobody knows is `ok`: whether its text is an answer is judged by reading it."""
    if reason in CUT:
        return "cut", f"the answer was cut ({reason})"
    if reason in BLOCKED:
        return "blocked", f"the vendor stopped the answer ({reason})"
    if reason in PASSING:
        return "transient", f"the model stopped without an answer ({reason})"
    return "ok", "" if reason == "STOP" else f"the model stopped for a reason nobody here knows ({reason})"
