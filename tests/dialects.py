"""The four dialects model vendors stream answers and word failures in, as bytes on the wire.

Values in, bytes out: an `Answer` or a `Failure` is written once and said in any dialect. Written by hand from the
vendors' pages linked below; the real SDKs read it back in tests/contract. Knows no server: that is `stand_in`.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reviewbot.council.model import Usage

Dialect = Literal["anthropic", "openai", "chat", "google"]
Ending = Literal["done", "cut", "refused", "blocked"]
ENDINGS: dict[Dialect, dict[str, str]] = {
    "anthropic": {"done": "end_turn", "cut": "max_tokens", "refused": "refusal", "blocked": "refusal"},
    "openai": {"done": "completed", "cut": "max_output_tokens", "refused": "completed", "blocked": "content_filter"},
    "chat": {"done": "stop", "cut": "length", "refused": "stop", "blocked": "content_filter"},
    "google": {"done": "STOP", "cut": "MAX_TOKENS", "refused": "SAFETY", "blocked": "SAFETY"},
}
PIECES = 3
REQUEST_ID = "req_stand_in"
WAYS: dict[str, Dialect] = {
    "/messages": "anthropic",
    "/responses": "openai",
    "/chat/completions": "chat",
    ":streamGenerateContent": "google",
}


def dialect_of(path: str) -> Dialect | None:
    """The dialect spoken at a path, None where nothing is."""
    return next((dialect for way, dialect in WAYS.items() if path.partition("?")[0].endswith(way)), None)


@dataclass(frozen=True)
class Answer:
    """A streamed answer. `reason` is the vendor's own stop word, where none of the endings says it."""

    text: str = "{}"
    ending: Ending = "done"
    usage: Usage | None = field(default_factory=lambda: Usage(input=100, output=10))
    reason: str | None = None
    first_byte: float = 0.0
    seconds: float = 0.0
    drop: bool = False
    """The connection is lost before the last event."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Failure:
    """An error as the vendor words it; `code` is its own word for the cause."""

    status: int
    message: str = "it did not work"
    code: str = "some_error"
    headers: Mapping[str, str] = field(default_factory=dict)
    details: tuple[Mapping[str, Any], ...] = ()
    """Google's `error.details`."""


@dataclass(frozen=True)
class Raw:
    """These bytes, whatever was asked."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})


def Page(status: int = 200) -> Raw:  # noqa: N802  reads like its siblings
    """A web page where an API was expected."""
    body = b"<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>"
    return Raw(body, status=status, headers={"Content-Type": "text/html; charset=utf-8"})


Exchange = Answer | Failure | Raw


def whole(exchange: Exchange, dialect: Dialect | None) -> Raw:
    """What is answered in one piece: a failure in the words of the dialect, raw bytes as they are."""
    if isinstance(exchange, Raw):
        return exchange
    if isinstance(exchange, Answer):
        return Raw(b'{"error": "no such path"}', status=404, headers={"Content-Type": "application/json"})
    error: dict[str, Any] = {"message": exchange.message}
    if dialect == "anthropic":
        error |= {"type": exchange.code, "details": {"error_code": exchange.code}}
    elif dialect == "google":
        error |= {"code": exchange.status, "status": exchange.code, "details": list(exchange.details)}
    else:
        error |= {"type": exchange.code, "code": exchange.code, "param": None}
    body = json.dumps({"type": "error", "error": error} if dialect == "anthropic" else {"error": error}).encode()
    return Raw(body, status=exchange.status, headers={"Content-Type": "application/json", **exchange.headers})


def _event(data: Mapping[str, Any], *, named: bool = False) -> bytes:
    name = f"event: {data['type']}\n" if named else ""
    return f"{name}data: {json.dumps(data)}\n\n".encode()


def _pieces(text: str) -> Iterator[str]:
    size = max(1, -(-len(text) // PIECES))
    return (text[start : start + size] for start in range(0, len(text), size))


def _anthropic(answer: Answer) -> Iterator[bytes]:
    """https://docs.anthropic.com/en/docs/build-with-claude/streaming: usage comes in two parts."""
    used = answer.usage or Usage()
    usage = {
        "input_tokens": used.input,
        "cache_read_input_tokens": used.cached,
        "cache_creation_input_tokens": used.cache_written,
    }
    message: dict[str, Any] = {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in", "content": [], "stop_reason": None,
        "stop_sequence": None, "usage": {**usage, "output_tokens": 1},
    }  # fmt: skip
    yield _event({"type": "message_start", "message": message}, named=True)
    blocks = [("thinking", "thinking_delta", "thinking", ["hm"])] if used.reasoning else []
    if answer.text:
        blocks.append(("text", "text_delta", "text", list(_pieces(answer.text))))
    for index, (kind, delta, key, pieces) in enumerate(blocks):
        start = {"type": kind, key: "", **({"signature": ""} if kind == "thinking" else {})}
        yield _event({"type": "content_block_start", "index": index, "content_block": start}, named=True)
        for piece in pieces:
            change = {"type": delta, key: piece}
            yield _event({"type": "content_block_delta", "index": index, "delta": change}, named=True)
        yield _event({"type": "content_block_stop", "index": index}, named=True)
    reason = answer.reason or ENDINGS["anthropic"][answer.ending]
    details = {"type": "refusal", "category": "cyber", "explanation": None} if reason == "refusal" else None
    ended = {"stop_reason": reason, "stop_sequence": None, "stop_details": details, "container": None}
    output = {"output_tokens": used.output, "output_tokens_details": {"thinking_tokens": used.reasoning}}
    yield _event({"type": "message_delta", "delta": ended, "usage": output}, named=True)
    yield _event({"type": "message_stop"}, named=True)


def _prompt_counts(used: Usage) -> tuple[int, dict[str, int]]:
    """OpenAI counts the whole prompt, and says what of it was read from and written to the cache."""
    whole = used.input + used.cached + used.cache_written
    return whole, {"cached_tokens": used.cached, "cache_write_tokens": used.cache_written}


def _openai(answer: Answer) -> Iterator[bytes]:
    """https://platform.openai.com/docs/api-reference/responses-streaming: the last event holds the whole response."""
    begun = {"id": "resp_1", "object": "response", "created_at": 1, "model": "stand-in", "output": [], "tools": []}
    yield _event({"type": "response.created", "sequence_number": 0, "response": {**begun, "status": "in_progress"}})
    refused = answer.ending == "refused"
    part = {"type": "refusal", "refusal": answer.text} if refused else {"type": "output_text", "text": answer.text}
    place = {"item_id": "item_1", "output_index": 0, "content_index": 0}
    for n, piece in enumerate(_pieces(answer.text), start=1):
        kind = "response.refusal.delta" if refused else "response.output_text.delta"
        yield _event({"type": kind, "sequence_number": n, "delta": piece, "logprobs": [], **place})
    reason = answer.reason or ENDINGS["openai"][answer.ending]
    status = reason if reason in ("completed", "failed") else "incomplete"
    content = [{**part, "annotations": []}] if answer.text else []
    message = {"type": "message", "id": "item_1", "role": "assistant", "status": status, "content": content}
    ended: dict[str, Any] = {**begun, "status": status, "output": [message]}
    if status == "incomplete":
        ended["incomplete_details"] = {"reason": reason}
    if status == "failed":
        ended["error"] = {"code": answer.text, "message": "it failed"}
    if answer.usage:
        whole, details = _prompt_counts(answer.usage)
        ended["usage"] = {
            "input_tokens": whole, "input_tokens_details": details, "output_tokens": answer.usage.output,
            "output_tokens_details": {"reasoning_tokens": answer.usage.reasoning}, "total_tokens": whole,
        }  # fmt: skip
    yield _event({"type": f"response.{status}", "sequence_number": 9, "response": ended})


def _chat(answer: Answer) -> Iterator[bytes]:
    """https://platform.openai.com/docs/api-reference/chat-streaming: usage in a last chunk without choices."""
    begun = {"id": "chat_1", "object": "chat.completion.chunk", "created": 1, "model": "stand-in"}
    key = "refusal" if answer.ending == "refused" else "content"
    for delta in ({"role": "assistant"}, *({key: piece} for piece in _pieces(answer.text))):
        yield _event({**begun, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    if not answer.drop:
        reason = answer.reason or ENDINGS["chat"][answer.ending]
        yield _event({**begun, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
    if answer.usage:
        whole, details = _prompt_counts(answer.usage)
        usage = {
            "prompt_tokens": whole, "completion_tokens": answer.usage.output, "total_tokens": whole,
            "prompt_tokens_details": details,
            "completion_tokens_details": {"reasoning_tokens": answer.usage.reasoning},
        }  # fmt: skip
        yield _event({**begun, "choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _google(answer: Answer) -> Iterator[bytes]:
    """https://ai.google.dev/api/generate-content: each chunk is a response; a blocked prompt has no candidates."""
    used = answer.usage or Usage()
    usage = {
        "promptTokenCount": used.input + used.cached + used.cache_written,
        "cachedContentTokenCount": used.cached,
        "candidatesTokenCount": used.output - used.reasoning,
        "thoughtsTokenCount": used.reasoning,
    }
    begun: dict[str, Any] = {"responseId": REQUEST_ID, "modelVersion": "stand-in"}
    counted = {"usageMetadata": usage} if answer.usage else {}
    if answer.ending == "blocked":
        yield _event({**begun, "promptFeedback": {"blockReason": answer.reason or "PROHIBITED_CONTENT"}})
        yield _event({**begun, **counted})
        return
    for piece in ("", *_pieces(answer.text)):
        yield _event({**begun, "candidates": [{"index": 0, "content": {"role": "model", "parts": [{"text": piece}]}}]})
    reason = answer.reason or ENDINGS["google"][answer.ending]
    yield _event({**begun, "candidates": [{"index": 0, "finishReason": reason}], **counted})


STREAMS: dict[Dialect, Callable[[Answer], Iterator[bytes]]] = {
    "anthropic": _anthropic,
    "openai": _openai,
    "chat": _chat,
    "google": _google,
}
"""Dialect to the events of an answer, in order."""
