"""GPT's batches: a file of requests goes up, files of answers and of failures come down, in any order.

Source: the SDK 3.54. What is uploaded and what comes of it is deleted by the vendor after KEPT_SECONDS.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reviewbot.council.members.batch_api import CANCELLED, EXPIRED, BatchApi, Look, Row, Said, Sent
from reviewbot.council.members.failures import Peer, Rejection
from reviewbot.council.members.openai import BASE_URL, open_sdk, read_response, request, whole_response
from reviewbot.council.model import Access, Call

if TYPE_CHECKING:
    from openai import AsyncOpenAI
    from openai.types import Batch

ENDPOINT: Final = "/v1/responses"
KEPT_SECONDS: Final = 3 * 86_400
"""From the upload, and again from the end of the batch: a weekend in which a run can be taken up again."""


@asynccontextmanager
async def open_batches(access: Access) -> AsyncIterator[BatchApi]:
    """The batches of a GPT. Raises BadSettings where there is no key."""
    peer = Peer.of(access, url=BASE_URL)
    async with open_sdk(peer, key=peer.secret, batches=True) as (sdk, vendor_error, read_error):
        send, rows = partial(_send, sdk, peer), partial(_rows, sdk, peer)
        yield BatchApi(send, partial(_look, sdk), rows, peer, vendor_error, read_error)


async def _send(sdk: "AsyncOpenAI", peer: Peer, calls: Mapping[str, Call]) -> str:
    rows = (
        {"custom_id": name, "method": "POST", "url": ENDPOINT, "body": request(peer, call)}
        for name, call in calls.items()
    )
    file = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
    uploaded = await sdk.files.create(
        file=("reviewbot.jsonl", file),
        purpose="batch",
        expires_after={"anchor": "created_at", "seconds": KEPT_SECONDS},
    )
    batch = await sdk.batches.create(
        completion_window="24h",
        endpoint=ENDPOINT,
        input_file_id=uploaded.id,
        output_expires_after={"anchor": "created_at", "seconds": KEPT_SECONDS},
    )
    return batch.id


async def _look(sdk: "AsyncOpenAI", name: str) -> Look:
    batch = await sdk.batches.retrieve(name)
    match batch.status:
        case "completed":
            return Look(ended=True)
        case "expired":
            return Look(ended=True, rest=EXPIRED)
        case "cancelled":
            return Look(ended=True, rest=CANCELLED)
        case "failed":
            return Look(ended=True, rest=_failed(batch))
        case _:
            return Look(ended=False)


def _failed(batch: "Batch") -> Rejection:
    """Nothing of the batch was done: its file did not hold, or was too much for the account."""
    errors = (batch.errors.data if batch.errors else None) or []
    first = next(iter(errors), None)
    return Rejection.in_stream(400, first.code if first else "", first.message if first else "no reason given")


async def _rows(sdk: "AsyncOpenAI", peer: Peer, sent: Sent) -> AsyncIterator[Row]:
    batch = await sdk.batches.retrieve(sent.id)
    for file in filter(None, (batch.output_file_id, batch.error_file_id)):
        for line in (await sdk.files.content(file)).content.split(b"\n"):
            if line.strip():
                row = json.loads(line)
                yield Row(row["custom_id"], partial(_read, row, peer))


def _read(row: Mapping[str, Any], peer: Peer) -> Said:
    if error := row.get("error"):
        known = {"batch_expired": EXPIRED, "batch_cancelled": CANCELLED}
        return known.get(error["code"]) or Rejection.in_stream(500, error["code"], error["message"])
    response = row["response"]
    if response["status_code"] == 200:
        return read_response(whole_response(response["body"]), response.get("request_id"), peer)
    return Rejection(response["status_code"], json.dumps(response["body"]), {})
