"""One run of the program that asks in batches, with the time taken out of it."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Any

import pytest
from asking import KEY, a_call, base_url
from pydantic import SecretStr
from stand_in import StandIn

from reviewbot.council.members import BATCHES
from reviewbot.council.members.batch_api import Sent
from reviewbot.council.members.batching import QUIET, Outbox
from reviewbot.council.model import Access, Caching, Invited, Member, Reply

MODELS = {"anthropic": "claude-sonnet-5-5", "openai": "gpt-6.1-sol", "google": "gemini-4-argon"}
every_vendor = pytest.mark.parametrize("vendor", BATCHES)


class Log:
    """Remembers as the table does, for one test."""

    def __init__(self) -> None:
        self.sent: dict[str, Sent] = {}

    def batch_of(self, call: str) -> str | None:
        return self.sent[call].id if call in self.sent else None

    def calls_of(self, batch: str) -> tuple[str, ...]:
        return next(sent.calls for sent in self.sent.values() if sent.id == batch)

    def keep(self, sent: Sent) -> None:
        self.sent |= dict.fromkeys(sent.calls, sent)

    def forget(self, calls: Iterable[str]) -> None:
        for call in calls:
            self.sent.pop(call, None)


class Run:
    """An outbox and one member of it. `pauses` are the seconds it would have slept."""

    def __init__(self, server: StandIn, vendor: str, log: Log | None = None, **access: Any) -> None:
        self.log, self.told, self.pauses = log or Log(), list[str](), list[float]()
        self.gathering, self.looking = asyncio.Event(), asyncio.Event()
        reach: dict[str, Any] = {"model": MODELS[vendor], "api_key": SecretStr(KEY), "key_name": "THE_KEY"}
        reach["base_url"] = base_url(server, vendor)
        self.now = 0.0
        self.outbox = Outbox(self.log, self.told.append, sleep=self._sleep, clock=lambda: self.now)
        self.invited = self.outbox.batched(
            Invited(
                member=Member(name=f"{vendor}/{MODELS[vendor]}", family=vendor),
                connect=lambda: pytest.fail("nobody asks call by call"),
                caching=Caching(1, "begun"),
            ),
            partial(BATCHES[vendor], Access(**reach | access)),
        )

    async def _sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        (self.gathering if seconds == QUIET else self.looking).set()
        for _ in range(20 if seconds == QUIET else 0):
            await asyncio.sleep(0)  # whoever would ask has asked by then, however busy this machine is
        await asyncio.sleep(0 if seconds == QUIET else 0.005)

    async def ask(self, *questions: str, **changes: Any) -> list[Reply]:
        async with self.invited.connect() as ask:
            return await asyncio.gather(
                *(ask(a_call(question=question, **{"seconds": 60.0} | changes)) for question in questions)
            )
