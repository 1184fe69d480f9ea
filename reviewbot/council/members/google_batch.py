"""Gemini's batches: the requests travel inside one call, the answers come back inside the job, in the same order.

Source: the SDK 3.4. An answer carries the name of its call; where a server leaves that out, its place tells it.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reviewbot.council.members.batch_api import CANCELLED, EXPIRED, BatchApi, Look, Row, Said, Sent
from reviewbot.council.members.failures import Rejection
from reviewbot.council.members.google import open_client, read_chunk, request
from reviewbot.council.model import Access, Call

if TYPE_CHECKING:
    from google.genai import Client
    from google.genai.types import InlinedResponse

NAME: Final = "call"
OF_ONE_CALL: Final = ("automatic_continuation", "http_options")
"""What the SDK is told of a single call, and a batch has no place for."""
FAILED: Final = Rejection.in_stream(400, "JOB_STATE_FAILED", "the batch failed, for no reason given")
RESTS: Final[Mapping[str, Said]] = {
    "JOB_STATE_FAILED": FAILED,
    "JOB_STATE_CANCELLED": CANCELLED,
    "JOB_STATE_EXPIRED": EXPIRED,
}
STATUS_OF: Final = {3: 400, 4: 504, 5: 404, 7: 403, 8: 429, 9: 400, 11: 400, 13: 500, 14: 503, 16: 401}
"""The codes of gRPC, by which a row may fail, as statuses of HTTP (https://grpc.io/docs/guides/status-codes)."""


@asynccontextmanager
async def open_batches(access: Access) -> AsyncIterator[BatchApi]:
    """The batches of a Gemini. Raises BadSettings where there is no key."""
    async with open_client(access, batches=True) as (sdk, peer, vendor_error, read_error):
        send = partial(_send, sdk, access.model)
        yield BatchApi(send, partial(_look, sdk), partial(_rows, sdk), peer, vendor_error, read_error)


async def _send(sdk: "Client", model: str, calls: Mapping[str, Call]) -> str:
    batch = await sdk.aio.batches.create(model=model, src=[_row(model, name, call) for name, call in calls.items()])
    return batch.name or ""


def _row(model: str, name: str, call: Call) -> Any:
    body = request(model, call)
    config = {field: value for field, value in body["config"].items() if field not in OF_ONE_CALL}
    return {**body, "config": config, "metadata": {NAME: name}}


async def _look(sdk: "Client", name: str) -> Look:
    job = await sdk.aio.batches.get(name=name)
    state = job.state.value if job.state else ""
    if state in RESTS:
        return Look(ended=True, rest=RESTS[state])
    return Look(ended=state in ("JOB_STATE_SUCCEEDED", "JOB_STATE_PARTIALLY_SUCCEEDED"))


async def _rows(sdk: "Client", sent: Sent) -> AsyncIterator[Row]:
    job = await sdk.aio.batches.get(name=sent.id)
    for place, row in enumerate((job.dest.inlined_responses if job.dest else None) or []):
        yield Row((row.metadata or {}).get(NAME) or sent.calls[place], partial(_read, row))


def _read(row: "InlinedResponse") -> Said:
    if row.response:
        return read_chunk(row.response)
    code = (row.error.code if row.error else None) or 500
    return Rejection.in_stream(STATUS_OF.get(code, code), code, row.error.message if row.error else "no reason given")
