"""The web process over HTTP: events in, whether it is well, and the pages. It takes and tells; it carries nothing out.

An event is answered with 202 only when it is written down (THREATS G04). There is no page that describes the service
to strangers, and none at all without an admin token (S39). What an event means is `forge.webhook`'s business, how it
is kept is `jobs`'.
"""

import asyncio
import logging
import re
import shutil
from typing import Final

import sqlalchemy as sa
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from reviewbot.doors.service import jobs, logs, metrics, pages, traces
from reviewbot.doors.service.body import Room, read_body
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import Away, Store
from reviewbot.forge.event import Nothing
from reviewbot.forge.webhook import MAX_BODY, Delivery, Refusal, read_delivery

PROBE_SECONDS: Final = 2.0
"""In which the database must answer for the service to be well."""
ROOM: Final = 10 * 2**20
"""Bytes that must be free beside a SQLite file."""
LANES: Final = {"sqlite": 1, "postgresql": 8}
"""Events that are written down at the same time. SQLite has one writer; more of them only get in each other's way."""
_SIGNATURE: Final = re.compile("sha256=[0-9a-f]{64}")
"""As GitHub writes it. Whoever sends no such thing has no body worth reading (THREATS G03)."""


def make_app(store: Store, queue: Queue, config: Config) -> FastAPI:
    """Everything that is served on the public port."""
    app = FastAPI(openapi_url=None, redirect_slashes=False)  # without the first there is no documentation either
    inbox = _Inbox(store, queue, config)
    probe = _Probe(store)

    @app.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        event = request.headers.get("x-github-event", "")
        with traces.span("delivery"):
            status, said = await inbox.answer(request)
        metrics.count_delivery(event, status)
        return JSONResponse({"said": said}, status, headers=_HEADERS.get(status))

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        ill = await probe.ill()
        return JSONResponse({"ok": False, "why": ill} if ill else {"ok": True}, 503 if ill else 200)

    app.include_router(pages.make_pages(store, queue, config))
    return app


_LAST: Final = {"Connection": "close"}  # or what is left of the body would still be read, to be thrown away
_HEADERS: Final = {
    401: _LAST,
    408: _LAST,
    413: _LAST,
    503: {"Retry-After": "10", **_LAST},
}


class _Inbox:
    """Where events are taken."""

    def __init__(self, store: Store, queue: Queue, config: Config) -> None:
        self._store, self._queue, self._config = store, queue, config
        self._secrets = [secret.get_secret_value().encode() for secret in config.webhook_secrets]
        self._lanes = asyncio.Semaphore(LANES[store.engine.dialect.name])
        self._room = Room()

    async def answer(self, request: Request) -> Refusal:
        """Status and one line. 202: it is written down, or there is nothing to do about it."""
        if not _SIGNATURE.fullmatch(request.headers.get("x-hub-signature-256", "")):
            return Refusal(401, "X-Hub-Signature-256 is missing, or no signature: set the webhook's secret")
        with self._room.taken() as take:
            body = await read_body(request, MAX_BODY, take)
            return body if isinstance(body, Refusal) else await self._read(request, body)

    async def _read(self, request: Request, body: bytes) -> Refusal:
        delivery = await asyncio.to_thread(read_delivery, request.headers, body, self._secrets)
        if isinstance(delivery, Refusal):
            return delivery
        if isinstance(delivery.task, Nothing):
            return Refusal(202, delivery.task.why)
        return await self._take(delivery)

    async def _take(self, delivery: Delivery) -> Refusal:
        async with self._lanes:
            try:
                new = await asyncio.to_thread(jobs.receive, self._store, self._queue, delivery, self._config)
            except Away as e:
                logs.tell("a delivery is refused", level=logging.WARNING, job=delivery.guid, why=str(e))
                return Refusal(503, "it cannot be written down now; it will be fetched later, or redeliver it")
        return Refusal(202, "taken" if new else "known already")


class _Probe:
    """Asks the database whether it answers. One question at a time, however many want to know and however it hangs."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asked: asyncio.Task[str | None] | None = None

    async def ill(self) -> str | None:
        """What is wrong, in words that strangers may read; the log has more."""
        if self._asked is None or self._asked.done():
            self._asked = asyncio.create_task(asyncio.to_thread(_illness, self._store))
        await asyncio.wait({self._asked}, timeout=PROBE_SECONDS)
        return self._asked.result() if self._asked.done() else "the database does not answer"


def _illness(store: Store) -> str | None:
    try:
        with store.look() as connection:
            connection.execute(sa.text("SELECT 1 FROM jobs LIMIT 1"))
    except Away as e:
        logs.tell("the service is not well", level=logging.WARNING, why=str(e))
        return "the database does not answer"
    path = store.engine.url.database
    if store.engine.dialect.name == "sqlite" and path and shutil.disk_usage(path).free < ROOM:
        return "the disk is full"
    return None
