"""Calls gathered into batches, which a vendor answers within a day for half the price.

Whoever asks waits for one reply, as ever. Calls that come together go together; a batch that an earlier run sent is
looked after, not sent again. Knows calls and who waits; how a batch is sent is `batch_exchange`. It imports httpx2.
"""

import asyncio
import hashlib
import json
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Protocol

from reviewbot.council.members.batch_api import BatchApi, OpenBatches, Sent
from reviewbot.council.members.batch_exchange import Fetched, Sleep, fetch, opened, send
from reviewbot.council.members.failures import Peer, Rejection, presentable, rejected
from reviewbot.council.members.line import sendable
from reviewbot.council.members.wishes import Wishes
from reviewbot.council.model import Ask, Call, Invited, Reply, Usage
from reviewbot.council.prices import BATCH_SHARE, size_in_bytes

A_BATCH: Final = 90_000.0
"""Seconds that a call must be given to be in one: the vendor's day, and an hour."""
QUIET: Final = 1.0
"""Seconds without a further call after which those that came are sent."""
BUSY: Final = 0.2
"""Seconds that quiet may take longer; beyond it this process was busy, and so was whoever would have asked."""
MOST_CALLS: Final = 10_000
MOST_BYTES: Final = 12_000_000
"""Of texts in one batch: JSON makes more of them, and Google takes 20 MB."""


class SentLog(Protocol):
    """What remembers batches that were sent, beyond the end of this process."""

    def batch_of(self, call: str) -> str | None:
        """The batch that holds the call of this name."""

    def calls_of(self, batch: str) -> tuple[str, ...]:
        """In the order they were sent."""

    def keep(self, sent: Sent) -> None:
        """It has been paid for: this raises nothing."""

    def forget(self, calls: Iterable[str]) -> None:
        """What these came to is worth nothing: when they are asked again, they are sent again. This raises nothing."""


class Outbox:
    """The batches of one run. Belongs to one event loop."""

    def __init__(
        self,
        log: SentLog,
        told: Callable[[str], None],
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`told` hears, for a person, of every batch that was sent, and of those nobody waits for any more."""
        self._log, self._told, self._sleep, self._clock = log, told, sleep, clock
        self._gatherings: dict[str, _Gathering] = {}

    def batched(self, invited: Invited, open_api: OpenBatches) -> Invited:
        """The same member, asked in batches at half the price. Whoever asks must give a call the time of A_BATCH.

        All calls are under way at once, so there is no cache to wait for.
        """
        name = invited.member.name
        if name not in self._gatherings:
            self._gatherings[name] = _Gathering(name, open_api, self._log, self._told, self._sleep, self._clock)
        connect = partial(_connected, self._gatherings[name].ask)
        return replace(invited, connect=connect, caching=None, breaker=None, price_share=BATCH_SHARE)


@asynccontextmanager
async def _connected(ask: Ask) -> AsyncIterator[Ask]:
    """A batch opens a connection of its own when it is sent."""
    yield ask


def name_of(member: str, call: Call) -> str:
    """The call's name at the vendor: SHA-256 of all that decides its answer. 64 characters, the most they allow."""
    said = (member, call.rules, call.shown, call.question, call.schema, call.max_output_tokens, call.effort)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A call, and all who wait for its reply."""

    call: Call
    replies: list[asyncio.Future[Reply]]


_Lot = dict[str, _Asked]
"""Calls by their names."""


@dataclass(slots=True)
class _Gathering:
    """The calls of one member, until each has its reply."""

    member: str
    open_api: OpenBatches
    log: SentLog
    told: Callable[[str], None]
    sleep: Sleep
    clock: Callable[[], float]
    wishes: Wishes = field(default_factory=Wishes)
    waiting: _Lot = field(default_factory=dict)
    size: int = 0
    """Bytes of what waits."""
    arrived: int = 0
    """Calls that ever came: in quiet it stays the same."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def ask(self, call: Call) -> Reply:
        """The reply, when its batch has ended. A member's failure is one; what else goes wrong is raised."""
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._add(replace(sendable(call), cache=False), [reply])
        try:
            async with asyncio.timeout(call.seconds):
                said = await reply
        except TimeoutError:
            return Reply(outcome="transient", detail=f"its batch did not end within {round(call.seconds, 1):g} s")
        if said.text or said.usage != Usage():  # what was never begun costs nothing
            call.started()
        return said

    def _add(self, call: Call, replies: list[asyncio.Future[Reply]]) -> None:
        call = self.wishes.added(call)
        size = size_in_bytes(call.rules, call.shown, call.question, str(call.schema))
        if len(self.waiting) >= MOST_CALLS or self.size + size > MOST_BYTES:
            self._post()
        if not self.waiting:
            self._begin(self._post_when_quiet(), self.waiting)
        self.waiting.setdefault(name_of(self.member, call), _Asked(call, [])).replies.extend(replies)
        self.size += size
        self.arrived += 1

    def _begin(self, work: Coroutine[Any, Any, None], lot: _Lot) -> None:
        """Work on a lot, beside everything else. Whoever waits for the lot is stopped by what stops the work."""

        def ended(task: asyncio.Task[None]) -> None:
            self.tasks.discard(task)
            error = asyncio.CancelledError() if task.cancelled() else task.exception()
            for reply in _unanswered(lot.values()) if error else ():
                reply.set_exception(error) if isinstance(error, Exception) else reply.cancel()

        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(ended)

    async def _post_when_quiet(self) -> None:
        lot, came, late = self.waiting, -1, False
        while came != self.arrived or late:
            came, began = self.arrived, self.clock()
            await self.sleep(QUIET)
            late = self.clock() - began > QUIET + BUSY
        if self.waiting is lot:  # else it became too large, and is under way
            self._post()

    def _post(self) -> None:
        """What waits goes, each call with its batch where it was sent before."""
        lot, self.waiting, self.size = self.waiting, {}, 0
        parts: dict[str | None, _Lot] = defaultdict(dict)
        for name, asked in lot.items():
            parts[self.log.batch_of(name)][name] = asked
        for batch, part in parts.items():
            if batch:
                self.told(f"{self.member}: waits for batch {batch}, which was sent before")
            self._begin(self._deliver(part, Sent(batch, self.log.calls_of(batch)) if batch else None), part)

    async def _deliver(self, lot: _Lot, before: Sent | None) -> None:
        """One batch to the last of its answers; `before` is it, where it was sent before."""
        async with opened(self.open_api) as api:
            if isinstance(api, Reply):
                _answer(lot.values(), api)
                return
            sent = before or await self._send(api, lot)
            found = sent if isinstance(sent, Reply) else await self._fetch(api, sent)
            if isinstance(found, Fetched):
                self._settle(lot, found, api.peer)
            elif before and found.outcome == "fatal":
                self.told(f"{self.member}: batch {before.id} is no more ({found.detail}); its calls are sent again")
                self.log.forget(lot)
                self._add_again(lot.values())
            else:
                _answer(lot.values(), found)

    async def _send(self, api: BatchApi, lot: _Lot) -> Sent | Reply:
        sent = await send(api, {name: asked.call for name, asked in lot.items()})
        if isinstance(sent, Sent):
            self.log.keep(sent)
            self.told(f"{self.member}: sent batch {sent.id} of {len(lot)} calls, which may take a day")
        return sent

    async def _fetch(self, api: BatchApi, sent: Sent) -> Fetched | Reply:
        """Interrupted, it leaves the batch where it is: what is paid for is fetched by the next run."""
        try:
            return await fetch(api, sent, self.sleep)
        except asyncio.CancelledError:
            self.told(f"{self.member}: batch {sent.id} goes on; the same command, run again, fetches its answers")
            raise

    def _settle(self, lot: _Lot, found: Fetched, peer: Peer) -> None:
        """To each what it came to. What a member's server refused for a wish goes again without it."""
        for name, asked in lot.items():
            said = found.said.get(name, found.rest)
            again = isinstance(said, Rejection) and self.wishes.less(asked.call, said)
            reply = presentable(rejected(said, peer) if isinstance(said, Rejection) else said, peer)
            if again or reply.outcome != "ok":
                self.log.forget([name])
            if again:
                self._add_again([asked])
            else:
                _answer([asked], reply)

    def _add_again(self, lot: Iterable[_Asked]) -> None:
        for asked in lot:
            self._add(asked.call, asked.replies)


def _answer(lot: Iterable[_Asked], reply: Reply) -> None:
    for waiting in _unanswered(lot):
        waiting.set_result(reply)


def _unanswered(lot: Iterable[_Asked]) -> list[asyncio.Future[Reply]]:
    return [reply for asked in lot for reply in asked.replies if not reply.done()]
