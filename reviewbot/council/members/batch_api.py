"""What a vendor's batches look like from outside: sent under an id, looked after, read row by row.

Knows no vendor and sends nothing; how calls come together is `batching`'s business.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final, NamedTuple

from reviewbot.council.members.failures import Peer, Rejection
from reviewbot.council.model import Call, Reply

if TYPE_CHECKING:
    from reviewbot.council.members.line import ReadError

Said = Reply | Rejection
"""What became of one call."""
CANCELLED: Final = Reply(outcome="fatal", detail="the batch was cancelled at the vendor; run again to send it anew")
EXPIRED: Final = Reply(outcome="transient", detail="the vendor did not come to it within the day that a batch has")
UNANSWERED: Final = Reply(outcome="transient", detail="the batch ended and holds no answer to it")


class Sent(NamedTuple):
    """A batch at the vendor."""

    id: str
    calls: tuple[str, ...]
    """The names of its calls, in the order they were sent."""


class Look(NamedTuple):
    """How a batch stands."""

    ended: bool
    rest: Said = UNANSWERED
    """What became of the calls that have no row."""


class Row(NamedTuple):
    """One answer of a batch that has ended. `read` raises what a body that is in no dialect makes it raise."""

    call: str
    read: Callable[[], Said]


class BatchApi(NamedTuple):
    """An open connection to a vendor's batches. What its functions raise, `read_error` reads."""

    send: Callable[[Mapping[str, Call]], Awaitable[str]]
    """The id of the batch that these calls now are."""
    look: Callable[[str], Awaitable[Look]]
    rows: Callable[[Sent], AsyncIterator[Row]]
    """In any order; not every call has one."""
    peer: Peer
    vendor_error: type[Exception]
    read_error: "ReadError"


OpenBatches = Callable[[], AbstractAsyncContextManager[BatchApi]]
"""Opens a connection. Raises OSError, ImportError, ValueError and BadSettings where there is none to be had."""
