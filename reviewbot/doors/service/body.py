"""A request's body, held only as far as it may be long, and waited for only as long as it may take (THREATS G03)."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from fastapi import Request
from starlette.requests import ClientDisconnect

from reviewbot.forge.webhook import Refusal

SECONDS: Final = 10.0
"""GitHub gives up after ten; whoever sends more slowly is not GitHub."""
ROOM: Final = 128 * 2**20
"""Bytes of all bodies under way: anybody can send one, before it is known whose it is."""

Take = Callable[[int], bool]
"""Have room for so many bytes more; False where there is none."""


class Room:
    """What all bodies under way may hold together. For one event loop."""

    def __init__(self, size: int = ROOM) -> None:
        self._free = size

    @contextmanager
    def taken(self) -> Iterator[Take]:
        """For one body: what it takes is free again at the end."""
        held = 0

        def take(size: int) -> bool:
            nonlocal held
            if size > self._free:
                return False
            self._free -= size
            held += size
            return True

        try:
            yield take
        finally:
            self._free += held


async def read_body(
    request: Request, most: int, take: Take = lambda _: True, *, seconds: float = SECONDS
) -> bytes | Refusal:
    """All of it, or why not: 413 over `most` bytes, at once where they are announced; 408 after `seconds`; 503."""
    too_long = Refusal(413, f"the body has more than {most:,} bytes")
    if int(request.headers.get("content-length", "0")) > most:
        return too_long
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in request.stream():
                if len(body) + len(part) > most:
                    return too_long
                if not take(len(part)):
                    return Refusal(503, "too much is being sent at the same time; it will be fetched later")
                body += part
    except TimeoutError:
        return Refusal(408, f"the body did not come within {seconds:g} seconds")
    except ClientDisconnect:
        return Refusal(400, "the connection ended before the body")
    return bytes(body)
