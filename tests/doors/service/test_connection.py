"""Connections that are opened and not used."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from doors.service.listening import Web, listening

from reviewbot.doors.service.connection import Connection


class Hasty(Connection):
    looks = 0.1


async def slow(scope, _receive, send):
    """Answers after several looks."""
    if scope["type"] == "http":
        await asyncio.sleep(0.3)
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@pytest.fixture(scope="module")
def web() -> Iterator[Web]:
    with listening(slow, http=Hasty) as web:
        yield web


@pytest.mark.parametrize("sent", [b"", b"POST /webhook HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_connection_on_which_no_request_comes_is_closed(web, sent):
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(sent)
        assert connection.recv(100) == b""


def test_a_request_under_way_is_let_finish_and_the_next_one_waited_for_in_vain(web):
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 204 ")
        began = time.monotonic()
        while connection.recv(100):
            continue
        assert time.monotonic() - began < 2
