"""How much of a body is taken, and how long it is waited for."""

import asyncio
from collections.abc import Iterable

from fastapi import Request

from reviewbot.doors.service.body import Room, read_body
from reviewbot.forge.webhook import Refusal


def request(parts: Iterable[bytes], *, seconds: float = 0.0, length: int | None = None) -> tuple[Request, list[bytes]]:
    """A request whose body comes in parts, each after so many seconds, and those that were taken."""
    waiting, taken = list(parts), []
    headers = [] if length is None else [(b"content-length", str(length).encode())]

    async def receive():
        await asyncio.sleep(seconds)
        taken.append(waiting.pop(0))
        if taken[-1] == b"(gone)":
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": taken[-1], "more_body": bool(waiting)}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive), taken


async def test_a_body_is_put_together():
    asked, _ = request([b"ab", b"", b"c"])
    assert await read_body(asked, 3) == b"abc"


async def test_a_body_that_is_announced_too_long_is_not_begun():
    asked, taken = request([b"abcd"], length=4)
    assert await read_body(asked, 3) == Refusal(413, "the body has more than 3 bytes")
    assert taken == []


async def test_a_body_that_turns_out_too_long_is_not_read_on():
    asked, taken = request([b"ab", b"cd", b"ef"])
    assert (await read_body(asked, 3)).status == 413
    assert taken == [b"ab", b"cd"]


async def test_all_bodies_together_have_only_so_much_room():
    room = Room(5)
    with room.taken() as one, room.taken() as other:
        assert await read_body(request([b"abc"])[0], 9, one) == b"abc"
        refused, taken = request([b"de", b"f", b"g"])
        assert (await read_body(refused, 9, other)).status == 503
        assert taken == [b"de", b"f"]
    with room.taken() as later:
        assert await read_body(request([b"abcde"])[0], 9, later) == b"abcde"


async def test_a_body_that_drips_is_given_up():
    asked, _ = request([b"a"] * 100, seconds=0.02)
    assert await read_body(asked, 1_000, seconds=0.05) == Refusal(408, "the body did not come within 0.05 seconds")


async def test_a_sender_who_goes_away_sent_nothing():
    asked, _ = request([b"a", b"(gone)"])
    assert (await read_body(asked, 10)).status == 400
