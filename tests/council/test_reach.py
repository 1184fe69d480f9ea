"""One member that cannot be reached is words; what is nobody's failure stops everybody."""

import asyncio

import pytest

from reviewbot.council.model import Invited, Member
from reviewbot.council.reach import all_of, reach
from reviewbot.errors import BadSettings


def invited(error: Exception) -> Invited:
    def connect() -> None:
        raise error

    return Invited(member=Member(name="ada/m", family="ada"), connect=connect)


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (OSError("no such proxy"), "no such proxy; check the proxy and certificate settings"),
        (BadSettings("ada/m", "there is no key for it", "set ADA_KEY"), "ada/m: there is no key for it; set ADA_KEY"),
    ],
)
async def test_a_member_that_cannot_be_reached_is_told_in_words(error: Exception, why: str) -> None:
    async with reach(invited(error)) as ask:
        assert ask == f"no connection could be opened: {why}"


async def test_what_breaks_while_a_member_is_asked_is_not_taken_for_a_connection() -> None:
    with pytest.raises(OSError, match="a bug of ours"):
        async with reach(invited(OSError("nobody"))):
            raise OSError("a bug of ours")


async def test_all_are_done_at_the_same_time_and_come_in_their_order() -> None:
    met = asyncio.Barrier(3)

    async def work(number: int) -> int:
        await met.wait()
        return number

    assert await all_of(work(number) for number in range(3)) == [0, 1, 2]


async def test_what_stops_one_stops_all_and_is_raised_as_it_is() -> None:
    stopped: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            stopped.append("it")

    async def breaks() -> None:
        await all_of([fails()])

    async def fails() -> None:
        raise LookupError("once")

    with pytest.raises(LookupError, match="once"):
        await all_of([waits(), breaks()])
    assert stopped == ["it"]
