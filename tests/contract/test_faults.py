"""Transports that break in ways no HTTP library of ours would: each ends in a reply, in time (THREATS L20).

The bytes go over the wire as they stand here. Faults that a well-behaved server can show, too long or compressed
answers, web pages, redirects and errors dressed as a 200, are in test_members, test_keys and members/test_line.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Self

import pytest
from asking import NETWORK, a_call, ask_once
from dialects import STREAMS, Answer, dialect_of
from stand_in import StandIn

from reviewbot.council.members.line import MAX_BODY
from reviewbot.council.model import Outcome, Reply

TEXT = '{"findings": []}'
SECONDS = 0.25
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
OLD = HEAD.replace(b"1.1", b"1.0")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def sized(size: int) -> bytes:
    return HEAD + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % size


@dataclass(frozen=True)
class Fault:
    """What is sent once a request is in, made of the events of a good answer; `again` repeats while it is read."""

    outcomes: tuple[Outcome, ...]
    said: Callable[[bytes], bytes]
    again: bytes = b""


PASSING: tuple[Outcome, ...] = ("transient",)
FAILED: tuple[Outcome, ...] = ("transient", "fatal")
"""Google's SDK tells half an event at the end, or what is no data, from a foreign dialect no more than we could."""
FAULTS = {
    "a chunk of no size": Fault(PASSING, lambda good: CHUNKED + chunk(good[:50]) + b"zz\r\nwhat\r\n"),
    "a chunk cut short": Fault(PASSING, lambda good: CHUNKED + chunk(good)[:-30]),
    "no last chunk": Fault(PASSING, lambda good: CHUNKED + chunk(good[: len(good) // 2])),
    "less than the length": Fault(PASSING, lambda good: sized(len(good) + 99) + good[: len(good) // 2]),
    "more than the length": Fault(FAILED, lambda good: sized(len(good) // 2) + good),
    "an old server that closes": Fault(("ok",), lambda good: OLD + b"\r\n" + good),
    "an old server that closes early": Fault(FAILED, lambda good: OLD + b"\r\n" + good[: len(good) // 2]),
    "another type": Fault(("ok",), lambda good: sized(len(good)).replace(b"event-stream", b"plain") + good),
    "no type": Fault(("ok",), lambda good: b"HTTP/1.1 200 OK\r\n\r\n" + good),
    "no UTF-8": Fault(("ok", *FAILED), lambda good: sized(len(good)) + good.replace(b"ndi", b"\xff\xc3\x80")),
    "no HTTP": Fault(PASSING, lambda _: b"SSH-2.0-OpenSSH_9.6\r\n"),
    "nothing": Fault(PASSING, lambda _: b""),
    "headers without end": Fault(PASSING, lambda _: HEAD, again=b"X-More: " + b"x" * 1_000 + b"\r\n"),
    "pings without end": Fault(FAILED, lambda _: CHUNKED, again=chunk(b": ping\n\n")),
    "promises without end": Fault(PASSING, lambda _: b"", again=b"HTTP/1.1 100 Continue\r\n\r\n"),
    "a line without end": Fault(PASSING, lambda good: CHUNKED + chunk(good[:50]), again=chunk(b"x")),
}


class Breaking(ThreadingTCPServer):
    """A server that breaks so for whoever asks, and counts what it could send."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(("127.0.0.1", 0), Breaks)
        self.fault, self.sent, self.closing = fault, 0, Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class Breaks(StreamRequestHandler):
    server: Breaking

    def handle(self) -> None:
        path = self.rfile.readline().split()[1].decode()
        headers = dict(line.lower().split(b":", 1) for line in iter(self.rfile.readline, b"\r\n"))
        self.rfile.read(int(headers[b"content-length"]))
        good = b"".join(STREAMS[dialect_of(path) or "chat"](Answer(TEXT)))
        fault = self.server.fault
        with suppress(OSError):  # whoever asked may hang up at any time
            self.wfile.write(fault.said(good))
            while fault.again and not self.server.closing.wait(0.001):
                self.wfile.write(fault.again)
                self.server.sent += len(fault.again)


@pytest.mark.parametrize("name", FAULTS)
async def test_whatever_breaks_every_member_has_a_reply_in_time(server: StandIn, name: str) -> None:
    fault = FAULTS[name]

    async def asked(member: str, url: str) -> Reply:
        path = "" if member in ("anthropic", "google") else "/v1"
        return await ask_once(server, member, a_call(seconds=SECONDS), base_url=url + path)

    with Breaking(fault) as broken:
        async with asyncio.timeout(8):
            replies = await asyncio.gather(*(asked(member, broken.url) for member in NETWORK))
    for member, reply in zip(NETWORK, replies, strict=True):
        assert reply.outcome in fault.outcomes, (member, reply)
        assert reply.detail or reply.outcome == "ok"
    assert broken.sent < MAX_BODY
