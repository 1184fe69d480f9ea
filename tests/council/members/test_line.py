"""The line itself: what it refuses to read, and whom it is opened to. The rest is in tests/contract."""

import gc
import gzip
import json
import ssl
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack

import anyio
import httpx2
import pytest
from asking import NETWORK, a_call, ask_once, seated
from stand_in import Answer, Raw, Request, StandIn

from reviewbot.council.members.failures import Peer
from reviewbot.council.members.line import MAX_BODY, converse, open_line
from reviewbot.council.model import Call, Reply, Usage

PEER = Peer(model="m", url="https://host", variable="K")
STREAM = {"Content-Type": "text/event-stream"}


@pytest.mark.parametrize("member", NETWORK)
@pytest.mark.parametrize("status", [200, 400])
async def test_an_endless_body_is_given_up(server: StandIn, member: str, status: int) -> None:
    server.respond = lambda _: Raw(b": " + b"x" * MAX_BODY, status=status, headers=STREAM)
    reply = await ask_once(server, member)
    assert reply.outcome == "fatal"
    assert f"longer than {MAX_BODY:,} bytes" in reply.detail


@pytest.mark.parametrize("member", NETWORK)
async def test_a_compressed_body_is_not_unpacked(server: StandIn, member: str) -> None:
    bomb = gzip.compress(b"x" * 1_000_000)
    server.script(Raw(bomb, headers={**STREAM, "Content-Encoding": "gzip"}))
    reply = await ask_once(server, member)
    assert reply.outcome == "fatal"
    assert "compressed" in reply.detail
    assert server.requests[0].headers["accept-encoding"] == "identity"


async def test_headers_given_travel_alone(server: StandIn) -> None:
    server.script(Raw(b"data: 1\n\n"))
    async with open_line(PEER, {"Authorization": "Bearer k"}) as line:
        await line.post(server.url, content=b"{}", headers={"X-Trace": "me", "Content-Type": "application/json"})
    (sent,) = server.requests
    assert (sent.headers["authorization"], sent.headers["content-type"]) == ("Bearer k", "application/json")
    assert "x-trace" not in sent.headers


@pytest.mark.parametrize("member", NETWORK)
async def test_an_address_no_request_can_go_to_is_a_setting_to_mend(server: StandIn, member: str) -> None:
    reply = await ask_once(server, member, base_url="ftp://127.0.0.1/v1")
    assert reply.outcome == "fatal"
    assert "base URL" in reply.detail
    assert server.requests == []


async def test_a_reply_may_be_long_if_not_endless(server: StandIn) -> None:
    def answer(_: Request) -> Answer:
        return Answer("x" * 1_000_000)

    server.respond = answer
    assert len((await ask_once(server, "openai")).text) == 1_000_000


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ssl.SSLError("unexpected eof"), "transient"),
        (anyio.EndOfStream(), "transient"),
        (ConnectionResetError("reset by peer"), "transient"),
        (httpx2.ReadError("gone"), "transient"),
        (httpx2.ProxyError("no way through"), "transient"),
        (httpx2.LocalProtocolError("Illegal header value b'hunter2'"), "fatal"),
        (UnicodeEncodeError("ascii", "hunter2", 0, 1, "hunter2 is not ASCII"), "fatal"),
        (json.JSONDecodeError("no JSON", "", 0), "fatal"),
        (KeyError("choices"), "fatal"),
    ],
)
@pytest.mark.parametrize("wrapped", [False, True])
async def test_what_an_sdk_lets_through_or_wraps_is_a_reply(error: Exception, outcome: str, wrapped: bool) -> None:
    class VendorError(Exception):
        pass

    async def listen(_: Call) -> AsyncGenerator[Reply, None]:
        yield Reply(outcome="transient", usage=Usage(input=7), request_id="r1")
        if wrapped:
            raise VendorError("Connection error.") from error
        raise error

    peer = Peer(model="m", url="https://host", variable="K")
    reply = await converse(a_call(), listen=listen, peer=peer, vendor_error=VendorError, read_error=lambda _: None)
    assert (reply.outcome, reply.usage.input, reply.request_id) == (outcome, 7, "r1")
    assert "https://host" in reply.detail
    assert "hunter2" not in reply.detail


async def test_an_error_of_our_own_is_not_hidden() -> None:
    class Bug(Exception):
        pass

    async def listen(_: Call) -> AsyncGenerator[Reply, None]:
        raise Bug
        yield

    with pytest.raises(Bug):
        await converse(a_call(), listen=listen, peer=PEER, vendor_error=OSError, read_error=lambda _: None)


async def test_a_key_for_this_machine_passes_no_proxy(server: StandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    with StandIn() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        server.script(Answer("{}"))
        assert (await ask_once(server, "compatible")).text == "{}"
        assert proxy.connections == 0


def test_no_redirect_is_followed() -> None:
    assert open_line(PEER).follow_redirects is False
    assert open_line(PEER).timeout == httpx2.Timeout(None, connect=10.0)


@pytest.mark.parametrize("member", NETWORK)
async def test_certificates_are_not_read_for_everybody_who_is_seated(server: StandIn, member: str) -> None:
    """A set of them takes 0.9 MB and 20 ms; a service seats hundreds. An SDK may make one for itself."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(seated(server, member))
        before = contexts()
        for _ in range(2):
            await stack.enter_async_context(seated(server, member))
        assert 0 < before <= contexts() <= before + 1


def contexts() -> int:
    return sum(issubclass(type(thing), ssl.SSLContext) for thing in gc.get_objects())
