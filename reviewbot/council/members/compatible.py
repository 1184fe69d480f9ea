"""Any server that speaks OpenAI's chat completions: Ollama, vLLM, LM Studio, llama.cpp, OpenRouter and their like.

Knows how they differ: which take a JSON schema, which count tokens, which cut a prompt without a word (PROVIDERS 1.3).
What not all of them take is not sent. It speaks through the SDK that `openai` opens.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from reviewbot.council.members.credentials import headers_for
from reviewbot.council.members.failures import Peer, Rejection, is_unexplained
from reviewbot.council.members.openai import BASE_URL, open_client, status_error
from reviewbot.council.members.wishes import Wishes, refused_wish
from reviewbot.council.model import Access, Ask, Caching, Call, Outcome, Reply, Usage
from reviewbot.council.prices import estimate_tokens

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletionChunk

SHORT_PROMPT = 0.6
"""A server that counts less than this share of the estimate has cut the prompt to its window (PROVIDERS 1.3)."""
ROUTER = "openrouter.ai"
"""It sends a request to a host that ignores the schema, unless it is told to send it to none of those."""
IN_WORDS = "\n\nAnswer with one JSON object and nothing else. It must satisfy this JSON schema:\n"


class Rung(NamedTuple):
    """What a request asks of the server beside the answer."""

    format: str = "json_schema"
    counted: bool = True
    """With `stream_options`, so that the server says how many tokens it used."""
    limit: str = "max_tokens"
    """Or `max_completion_tokens`, which reasoning models behind a gateway want."""

    def below(self, error: Exception) -> "Rung | None":
        """What is left to ask after a refusal, the refused thing left out where it is named; None at the bottom."""
        if self.limit == "max_tokens" and "max_completion_tokens" in str(error):
            return self._replace(limit="max_completion_tokens")
        below = {"json_schema": "json_object", "json_object": "text"}.get(self.format)
        if self.counted and (below is None or "stream_options" in str(error)):
            return self._replace(counted=False)
        return self._replace(format=below) if below else None


@dataclass(slots=True)
class Server:
    """A server, and the rung on which it was last found to stand."""

    peer: Peer
    rung: Rung
    extra: Mapping[str, Any]


@asynccontextmanager
async def connect(access: Access) -> AsyncIterator[Ask]:
    """A connection to a server the operator declared, with a key or without."""
    peer = Peer.of(access, url=BASE_URL)
    server = Server(peer, Rung(access.structured or "json_schema"), access.extra)
    listener, headers = partial(partial, _listen, server=server), headers_for(peer)

    async with open_client(peer, listener, wishes=Wishes.of(access), key="unused", headers=headers) as ask:

        async def ask_as_configured(call: Call) -> Reply:
            return await ask(replace(call, effort=access.effort))

        yield ask_as_configured


def caching(model: str) -> Caching:  # noqa: ARG001  the port's; nothing is known by name
    """Engines keep what they computed of a prefix while and after they answer, and gateways pass caches on.

    One call that goes ahead costs the others a moment; where there is no cache at all nothing else is lost.
    """
    return Caching(1_024, "begun", promised=False)


def most_output(model: str) -> int | None:  # noqa: ARG001  as above
    return None


def request(server: Server, call: Call, rung: Rung) -> dict[str, Any]:
    """The body of the request. A schema the server does not take stands in the system prompt."""
    in_words = "" if rung.format == "json_schema" else IN_WORDS + json.dumps(call.schema)
    body: dict[str, Any] = {
        "model": server.peer.model,
        "messages": [
            {"role": "system", "content": call.rules + in_words},
            {"role": "user", "content": f"{call.shown}\n\n{call.question}"},
        ],
        rung.limit: call.max_output_tokens,
    }
    extra = dict(server.extra)
    if rung.format == "json_schema":
        schema = {"name": "answer", "strict": True, "schema": call.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    elif rung.format == "json_object":
        body["response_format"] = {"type": "json_object"}
    if rung.counted:
        body["stream_options"] = {"include_usage": True}
    if call.effort:
        body["reasoning_effort"] = call.effort
    if call.service_tier:
        body["service_tier"] = call.service_tier
    if rung.format != "text" and urlsplit(server.peer.url).hostname == ROUTER:
        extra = {"provider": {"require_parameters": True}} | extra
    return body | ({"extra_body": extra} if extra else {})


async def _open(client: "AsyncOpenAI", server: Server, call: Call) -> "AsyncStream[ChatCompletionChunk]":
    """The answer on the first rung that holds, from the last one that held down."""
    rung = server.rung
    while True:
        try:
            stream: AsyncStream[ChatCompletionChunk] = await client.chat.completions.create(
                **request(server, call, rung), stream=True
            )
        except status_error() as e:
            rejection = Rejection(e.status_code, e.response.text, {})
            of_form = e.status_code in (400, 404, 422) and is_unexplained(rejection)
            below = rung.below(e) if of_form and not refused_wish(call, rejection) else None
            if below is None:
                raise
            rung = below
        else:
            server.rung = rung
            return stream


async def _listen(client: "AsyncOpenAI", call: Call, *, server: Server) -> AsyncGenerator[Reply, None]:
    text, refusal, ending, said = "", "", None, None
    async with await _open(client, server, call) as stream:
        request_id = stream.response.headers.get("x-request-id")
        begun = Reply(outcome="transient", detail="the answer broke off", request_id=request_id)
        async for chunk in stream:
            said = chunk.usage or said
            for choice in chunk.choices[:1]:
                text += choice.delta.content or ""
                refusal += choice.delta.refusal or ""
                ending = choice.finish_reason or ending
            yield begun
    if ending is None and not refusal:
        return
    outcome, detail = _ending(ending, refusal)
    prompt = estimate_tokens(call.rules, call.shown, call.question)
    usage = _usage(said) if said else Usage(input=prompt, output=estimate_tokens(text))
    if said is None:
        detail = f"{detail}; the server counted no tokens, so they are estimated".removeprefix("; ")
    elif outcome == "ok" and said.prompt_tokens < SHORT_PROMPT * prompt:
        outcome, detail = "cut", f"the server cut the prompt to {said.prompt_tokens:,} tokens; give it a larger context"
    yield begun.model_copy(update={"outcome": outcome, "text": text, "usage": usage, "detail": detail})


def _ending(reason: str | None, refusal: str) -> tuple[Outcome, str]:
    if refusal:
        return "refused", f"the model declined to answer: {refusal}"
    if reason == "length":
        return "cut", "the answer was cut at its output limit"
    if reason == "content_filter":
        return "blocked", "the server stopped the answer (content_filter)"
    return "ok", ""


def _usage(said: "CompletionUsage") -> Usage:
    read, written = said.prompt_tokens_details, said.completion_tokens_details
    cached, cache_written = (read.cached_tokens or 0, read.cache_write_tokens or 0) if read else (0, 0)
    return Usage(
        input=max(0, said.prompt_tokens - cached - cache_written),
        cached=cached,
        cache_written=cache_written,
        output=said.completion_tokens,
        reasoning=written.reasoning_tokens or 0 if written else 0,
    )
