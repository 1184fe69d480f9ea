"""One batch, from sending it to the answers it holds. Knows time and broken connections, as `line` does of one call.

Whatever goes wrong is a reply that says so. Faults that pass are waited out while a batch is under way: it is paid for.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Final, NamedTuple, TypeVar

from reviewbot.change import Change, Diff
from reviewbot.council.members.batch_api import BatchApi, OpenBatches, Row, Said, Sent
from reviewbot.council.members.line import GARBLED, converse
from reviewbot.council.model import Call, Reply
from reviewbot.errors import ReviewbotError

FIRST_PAUSE: Final = 5.0
LONGEST_PAUSE: Final = 60.0
GROWTH: Final = 1.5
"""Seconds between two looks at a batch, and by how much they grow."""
STEP_SECONDS: Final = 600.0
"""That one step may take: sending a batch, a look at it, fetching its answers."""
PASSING: Final = ("rate", "transient")
STEP: Final = Call(
    rules="",
    shown="",
    question="",
    lens="",
    schema={},
    max_output_tokens=0,
    seconds=STEP_SECONDS,
    cache=False,
    started=lambda: None,
    change=Change(diff=Diff(files=())),
)
"""What `converse` is told of a step: its time."""
Sleep = Callable[[float], Awaitable[object]]
T = TypeVar("T")


class Fetched(NamedTuple):
    """What a batch that has ended came to."""

    said: Mapping[str, Said]
    rest: Said
    """What became of the calls that are not in it."""


@asynccontextmanager
async def opened(open_api: OpenBatches) -> AsyncIterator[BatchApi | Reply]:
    """The connection, or in words why there is none."""
    async with AsyncExitStack() as stack:
        try:
            found: BatchApi | Reply = await stack.enter_async_context(open_api())
        except (OSError, ImportError, ValueError, ReviewbotError) as e:
            found = Reply(outcome="fatal", detail=f"no connection could be opened: {e}")
        yield found


async def send(api: BatchApi, calls: Mapping[str, Call]) -> Sent | Reply:
    """The batch that these calls now are, or why they are none."""

    async def step() -> Sent:
        batch = await api.send(calls)
        if not batch:
            raise ValueError("no id was given to the batch")
        return Sent(batch, tuple(calls))

    return await _tried(api, step)


async def fetch(api: BatchApi, sent: Sent, sleep: Sleep) -> Fetched | Reply:
    """What a batch came to, once it has ended; or why nobody can look."""
    pause = FIRST_PAUSE
    while True:
        found = await _tried(api, partial(_looked, api, sent))
        if isinstance(found, Fetched) or (found and found.outcome not in PASSING):
            return found
        await sleep(pause)
        pause = min(LONGEST_PAUSE, pause * GROWTH)


async def _looked(api: BatchApi, sent: Sent) -> Fetched | None:
    """None where the batch is under way."""
    look = await api.look(sent.id)
    return Fetched({row.call: _read(row) async for row in api.rows(sent)}, look.rest) if look.ended else None


def _read(row: Row) -> Said:
    """One row that cannot be read spoils no other."""
    try:
        return row.read()
    except GARBLED as e:
        return Reply(outcome="fatal", detail=f"the batch holds an answer that nobody here can read ({e})")


async def _tried(api: BatchApi, step: Callable[[], Awaitable[T]]) -> T | Reply:
    """What the step came to, or why it failed."""
    come_to: list[T] = []

    async def listen(_: Call) -> AsyncGenerator[Reply, None]:
        come_to.append(await step())
        yield Reply(outcome="ok")

    reply = await converse(STEP, listen=listen, peer=api.peer, vendor_error=api.vendor_error, read_error=api.read_error)
    return come_to[0] if come_to else reply
