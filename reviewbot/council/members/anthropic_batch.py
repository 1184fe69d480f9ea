"""Claude's batches, over the SDK's `messages.batches`: results in any order, by the name of the call."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from reviewbot.council.members.anthropic import OVERLOADED, open_client, read_message, request
from reviewbot.council.members.batch_api import CANCELLED, EXPIRED, BatchApi, Look, Row, Said, Sent
from reviewbot.council.members.failures import Rejection
from reviewbot.council.model import Access, Call

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic
    from anthropic.types.messages import MessageBatchResult

STATUS_OF: Final[Mapping[str, int]] = {
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "invalid_request_error": 400,
    "rate_limit_error": 429,
    "overloaded_error": OVERLOADED,
}
"""The kind of a failed call, as the status it would have had alone."""


@asynccontextmanager
async def open_batches(access: Access) -> AsyncIterator[BatchApi]:
    """The batches of a Claude. Raises BadSettings where there is no key."""
    async with open_client(access, batches=True) as (sdk, peer, vendor_error, read_error):
        send = partial(_send, sdk, access.model)
        yield BatchApi(send, partial(_look, sdk), partial(_rows, sdk), peer, vendor_error, read_error)


async def _send(sdk: "AsyncAnthropic", model: str, calls: Mapping[str, Call]) -> str:
    requests: list[Any] = [{"custom_id": name, "params": request(model, call)} for name, call in calls.items()]
    return (await sdk.messages.batches.create(requests=requests)).id


async def _look(sdk: "AsyncAnthropic", batch: str) -> Look:
    return Look((await sdk.messages.batches.retrieve(batch)).processing_status == "ended")


async def _rows(sdk: "AsyncAnthropic", sent: Sent) -> AsyncIterator[Row]:
    async for row in await sdk.messages.batches.results(sent.id):
        yield Row(row.custom_id, partial(_read, row.result))


def _read(result: "MessageBatchResult") -> Said:
    match result.type:
        case "succeeded":
            return read_message(result.message)
        case "errored":
            error = result.error.error
            return Rejection.in_stream(STATUS_OF.get(error.type, 500), error.type, error.message)
        case "canceled":
            return CANCELLED
        case "expired":
            return EXPIRED
