"""A model for any tool: the tests' stand-in, which here also answers in one piece, keeps every prompt, and has a cache.

The cache follows the vendors' own pages. Anthropic: what stands before a mark (`cache_control`) is written, and can be
read once the first answer with it has begun. OpenAI: any 1,024 tokens at the start that were sent before, without a
mark. Nothing here tells good answers from bad ones: every answer is a sentence the caller chose.
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from itertools import takewhile
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from dialects import Answer, Dialect, Exchange, Failure, Raw
from stand_in import Request, StandIn

from reviewbot.council.model import Usage

LETTERS_A_TOKEN = 4
LEAST_CACHED: dict[Dialect, int] = {"anthropic": 512, "openai": 1_024, "chat": 1_024, "google": 4_096}
Said = str | Mapping[str, Any]
"""A text, or a message with calls of tools."""


class Sent(NamedTuple):
    """One call as the model saw it."""

    text: str
    """Every text of the prompt in order; schemas and tools apart."""
    read: int
    """How many letters at its start came from the cache."""
    schema: int
    """Letters of the answer's schema and of the tools."""
    began: float
    ended: float


class Model(StandIn):
    """Answers every call with what `say` makes of its prompt, `seconds` after it came; counts as vendors count."""

    def __init__(self, say: Callable[[str], Said], *, seconds: float = 0.0, first: float = 0.0) -> None:
        super().__init__()
        self.sent: list[Sent] = []
        self.say = say
        self.seconds, self.first = seconds, first
        self._written: list[tuple[float, str]] = []
        self._counting = Lock()

    def exchange(self, request: Request) -> Exchange:
        """A stream where one is asked for, else one piece when its time is over."""
        if not request.dialect or not request.raw:
            return Raw(b'{"data": []}', headers={"Content-Type": "application/json"})
        try:
            return self._answer(request, request.dialect)
        except Exception as e:  # noqa: BLE001  raised again where the run ends
            self.unforeseen.append(e)
            return Failure(500, f"the stand-in failed: {e}")

    def _answer(self, request: Request, dialect: Dialect) -> Exchange:
        body = request.body
        text, marked = _prompt(body)
        with self._counting:
            now = time.monotonic()
            read = self._read(text, marked, dialect, now)
            written = text[:marked] if dialect == "anthropic" else text
            if len(written) >= LEAST_CACHED[dialect] * LETTERS_A_TOKEN:
                self._written.append((now + self.first, written))
            self.sent.append(Sent(text, read, _schema(body), now, now + self.seconds))
        said = self.say(text)
        used = Usage(input=(len(text) - read) // LETTERS_A_TOKEN, cached=read // LETTERS_A_TOKEN, output=50)
        if isinstance(said, str) and (body.get("stream") or "streamGenerate" in request.path):
            return Answer(said, usage=used, first_byte=self.first, seconds=max(0.0, self.seconds - self.first))
        self.closing.wait(self.seconds)
        whole = _anthropic(said, used) if dialect == "anthropic" else _chat(said, used)
        return Raw(json.dumps(whole).encode(), headers={"Content-Type": "application/json"})

    def _read(self, text: str, marked: int, dialect: Dialect, now: float) -> int:
        readable = [written for since, written in self._written if since <= now]
        if dialect == "anthropic":
            return max((len(old) for old in readable if len(old) <= marked and text.startswith(old)), default=0)
        same = max((_common(text, old) for old in readable), default=0)
        return same if same >= LEAST_CACHED[dialect] * LETTERS_A_TOKEN else 0


def _common(one: str, other: str) -> int:
    """How many letters two texts begin with alike; in steps of 128 tokens, as OpenAI counts."""
    step = 128 * LETTERS_A_TOKEN
    starts = range(step, min(len(one), len(other)) + 1, step)
    return sum(step for _ in takewhile(lambda end: one[end - step : end] == other[end - step : end], starts))


def _prompt(body: Mapping[str, Any]) -> tuple[str, int]:
    """Every text a model reads, in order, and where the last mark for the cache stands; whatever the dialect."""
    parts: list[tuple[str, bool]] = []
    for key in ("system", "instructions", "systemInstruction", "messages", "input", "contents"):
        parts.extend(_texts(body.get(key)))
    marked = max((index for index, (_, mark) in enumerate(parts, start=1) if mark), default=0)
    return "".join(text for text, _ in parts), sum(len(text) for text, _ in parts[:marked])


def _texts(value: Any) -> list[tuple[str, bool]]:
    """Texts below a value, each with whether a mark stands at it."""
    if isinstance(value, str):
        return [(value, False)]
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if not isinstance(value, dict):
        return []
    mark = "cache_control" in value or "prompt_cache_breakpoint" in value
    inner = [text for key in ("text", "content", "parts", "tool_calls") for text in _texts(value.get(key))]
    return [(text, one or mark) for text, one in inner]


def _schema(body: Mapping[str, Any]) -> int:
    keys = ("tools", "response_format", "output_config", "output_format", "text", "generationConfig")
    return sum(len(json.dumps(body[key], separators=(",", ":"))) for key in keys if key in body)


def _chat(said: Said, used: Usage) -> dict[str, Any]:
    message = {"role": "assistant", "content": said} if isinstance(said, str) else {"role": "assistant", **said}
    whole = used.input + used.cached
    return {
        "id": "chat_1", "object": "chat.completion", "created": 1, "model": "stand-in",
        "choices": [{
            "index": 0, "message": message, "finish_reason": "stop" if isinstance(said, str) else "tool_calls",
        }],
        "usage": {
            "prompt_tokens": whole, "completion_tokens": used.output, "total_tokens": whole + used.output,
            "prompt_tokens_details": {"cached_tokens": used.cached},
        },
    }  # fmt: skip


def _anthropic(said: Said, used: Usage) -> dict[str, Any]:
    return {
        "id": "msg_1", "type": "message", "role": "assistant", "model": "stand-in", "stop_sequence": None,
        "stop_reason": "end_turn", "content": [{"type": "text", "text": said}],
        "usage": {
            "input_tokens": used.input, "cache_read_input_tokens": used.cached, "cache_creation_input_tokens": 0,
            "output_tokens": used.output,
        },
    }  # fmt: skip
