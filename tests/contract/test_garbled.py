"""Whatever a server streams, a member comes back with a reply: no SDK's confusion reaches the council (THREATS L20)."""

import asyncio
import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from asking import NETWORK, a_call, seated
from dialects import STREAMS, Answer, Dialect
from hypothesis import given, settings
from hypothesis import strategies as st
from stand_in import Raw, StandIn

from reviewbot.council.model import Reply, Usage

DIALECTS: dict[str, Dialect] = {"anthropic": "anthropic", "openai": "openai", "google": "google", "compatible": "chat"}
scalars = st.none() | st.booleans() | st.integers(-3, 10**6) | st.text(max_size=5) | st.floats(allow_nan=False)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner)
)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every node of a JSON value."""
    yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        yield from places(item, (*at, key))


def replaced(value: Any, at: tuple[Any, ...], new: Any) -> Any:
    if not at:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[at[0]] = replaced(copy[at[0]], at[1:], new)
    return copy


@st.composite
def garbled_streams(draw: st.DrawFn, dialect: Dialect) -> bytes:
    """A good stream with one value of one event replaced by something else, and now and then an event lost."""
    used = Usage(input=9, cached=1, output=5, reasoning=2)
    lines = b"".join(STREAMS[dialect](Answer('{"findings": []}', usage=used))).split(b"\n")
    spoilt = draw(st.sampled_from([n for n, line in enumerate(lines) if line.startswith(b"data: {")]))
    event = json.loads(lines[spoilt].removeprefix(b"data: "))
    at = draw(st.sampled_from(list(places(event))))
    lines[spoilt] = b"data: " + json.dumps(replaced(event, at, draw(anything))).encode()
    if draw(st.booleans()):
        del lines[draw(st.integers(0, len(lines) - 1))]
    return b"\n".join(lines)


@pytest.mark.parametrize("member", NETWORK)
def test_a_garbled_stream_is_a_reply(member: str) -> None:
    with StandIn() as server, asyncio.Runner() as runner:
        member_seated = seated(server, member)
        ask = runner.run(member_seated.__aenter__())

        @settings(max_examples=6, deadline=None)
        @given(garbled_streams(DIALECTS[member]))
        def check(stream: bytes) -> None:
            server.respond = lambda _: Raw(stream)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # pydantic and the SDKs warn of what they did not expect
                reply = runner.run(asyncio.wait_for(ask(a_call()), timeout=10))
            assert Reply.model_validate(reply.model_dump()) == reply

        check()
        runner.run(member_seated.__aexit__(None, None, None))
