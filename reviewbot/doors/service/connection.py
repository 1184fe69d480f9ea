"""A connection of the web's: whoever opens one has to ask for something, or it is closed.

uvicorn waits for ever for the head of a request, and takes only so many connections: a few hundred silent ones would
keep GitHub out. How long a body may take is `body`'s business.
"""

import asyncio
from typing import ClassVar

from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle


class Connection(H11Protocol):
    """uvicorn's own, looked at from time to time."""

    looks: ClassVar[float] = 10.0
    """Seconds from one look to the next. Without a request since the last one, and without one under way, it ends."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self.loop.call_later(self.looks, self._look, None)

    def _look(self, last: RequestResponseCycle | None) -> None:
        if self.transport.is_closing():
            return
        request: RequestResponseCycle | None = self.cycle
        if request is last and (request is None or request.response_complete):
            self.transport.close()
        else:
            self.loop.call_later(self.looks, self._look, request)
