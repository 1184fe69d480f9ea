"""Reaching members, and asking several at once. Knows neither what they are asked nor what their answers mean."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

from reviewbot.council.model import Ask, Invited
from reviewbot.errors import ReviewbotError

T = TypeVar("T")


@asynccontextmanager
async def reach(invited: Invited) -> AsyncIterator[Ask | str]:
    """The open connection, or in words why there is none.

    A proxy, a certificate or a key that cannot be used is one member's failure, not the council's.
    """
    async with AsyncExitStack() as stack:
        try:
            found: Ask | str = await stack.enter_async_context(invited.connect())
        except (OSError, ImportError, ValueError, ReviewbotError) as e:
            why = str(e) if isinstance(e, ReviewbotError) else f"{e}; check the proxy and certificate settings"
            found = f"no connection could be opened: {why}"
        yield found


async def all_of(works: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What each comes to, in their order, done at the same time. What stops one stops all, and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as e:
        raise _first(e) from e
    return [task.result() for task in tasks]


def _first(error: Exception) -> Exception:
    """What stopped the tasks, out of the groups it comes in."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
