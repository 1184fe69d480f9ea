"""The line to a model's server: one HTTP client under every SDK, and one attempt over it from asking to reply.

Knows time, bytes and broken connections. Knows no vendor's fields: those are read in the vendor's module. Retries
nothing. It imports httpx2, so members import it when they connect, not before.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from functools import cache

import anyio
import httpx2

from reviewbot.council.members.failures import Peer, Rejected, Rejection, presentable, rejected
from reviewbot.council.members.wishes import Wishes
from reviewbot.council.model import Call, Reply

CONNECT_SECONDS = 10.0
"""To reach the server; how long it may then think is the call's own limit."""
MAX_BODY = 10_000_000
"""Bytes of one answer; no model writes more (THREATS L20)."""
MAX_BATCH = 500_000_000
"""Bytes of all answers of one batch."""
HTTP_HEADERS = (
    "host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent",
    "anthropic-version", "x-server-timeout",
)  # fmt: skip
"""Those HTTP is made of, and the two that say how a dialect is meant."""
GARBLED = (AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What the SDKs raise over events that are not in their dialect."""
Listen = Callable[[Call], AsyncGenerator[Reply, None]]
ReadError = Callable[[Exception], Rejection | None]


@cache
def trusted() -> ssl.SSLContext:
    """The authorities this machine trusts, by SSL_CERT_FILE or SSL_CERT_DIR where they are set, read once.

    Each reading costs 20 ms and 0.9 MB, which a service with 500 reviews under way would pay 1,500 times. Connections
    of any thread may share it; a changed store of certificates is read by the next process.
    """
    return httpx2.create_ssl_context()


def open_line(peer: Peer, headers: Mapping[str, str] | None = None, *, batches: bool = False) -> httpx2.AsyncClient:
    """A client that follows no redirect (neither key nor code is carried to another host) and reads no endless body.

    A proxy of the environment is used over TLS only: to it, plain HTTP would show the key that is meant for loopback.

    Where `headers` are given they travel alone, beside HTTP_HEADERS: what an SDK adds of itself, or of the
    vendor's environment variables, is no business of somebody else's server.

    Where it carries `batches` a success may be JSON, and long. Such a body may name the address where the results lie:
    one at another server is not asked, for the key would travel there.
    """

    async def choose_headers(request: httpx2.Request) -> None:
        if batches and _origin(request.url) != _origin(httpx2.URL(peer.url)):
            raise Rejected(Rejection(307, "", {"location": str(request.url)}))
        if headers is not None:
            kept = {name: request.headers[name] for name in HTTP_HEADERS if name in request.headers}
            request.headers = httpx2.Headers({**kept, **headers})

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
        follow_redirects=False,
        verify=trusted(),
        trust_env=peer.url.startswith("https:"),
        headers={"Accept-Encoding": "identity"},  # so that the cap is the size in memory
        event_hooks={"request": [choose_headers], "response": [_check_batches if batches else _check_events]},
    )


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


class _Capped(httpx2.AsyncByteStream):
    """A body that fails where it grows past so many bytes."""

    def __init__(self, body: httpx2.AsyncByteStream, most: int) -> None:
        self._body, self._most = body, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._body:
            size += len(piece)
            if size > self._most:
                raise httpx2.DecodingError(f"the answer is longer than {self._most:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._body.aclose()


async def _check_events(response: httpx2.Response) -> None:
    await _check(response, MAX_BODY, ("html", "json"))


async def _check_batches(response: httpx2.Response) -> None:
    await _check(response, MAX_BATCH, ("html",))


async def _check(response: httpx2.Response, most: int, wrong: tuple[str, ...]) -> None:
    """Caps the body. Raises Rejected where a success is of a wrong kind: a page, or an error dressed as a 200."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise httpx2.DecodingError("the answer is compressed, which nobody asked for")
    if isinstance(response.stream, httpx2.AsyncByteStream):
        response.stream = _Capped(response.stream, most)
    kind = response.headers.get("content-type", "")
    if response.is_success and any(word in kind for word in wrong):
        await response.aread()
        raise Rejected(Rejection(_status_inside(response), response.text, response.headers))


def _status_inside(response: httpx2.Response) -> int:
    """Gateways answer 200 and write the real status into the error (THREATS L20)."""
    try:
        code = response.json()["error"]["code"]
    except (LookupError, TypeError, ValueError):
        return response.status_code
    return code if isinstance(code, int) else response.status_code


async def converse(
    call: Call, *, listen: Listen, peer: Peer, vendor_error: type[Exception], read_error: ReadError
) -> Reply:
    """One attempt, whatever goes wrong in it. Only cancellation passes.

    `listen` yields what is known of the reply so far: first when the answer begins, last when it has ended. What was
    used up to a failure is in the reply. `read_error` finds the rejection in an error of the SDK.
    """
    known = silence = Reply(outcome="transient", detail=f"{peer.name} hung up before it answered")
    try:
        async with asyncio.timeout(call.seconds), aclosing(listen(sendable(call))) as replies:
            async for reply in replies:
                if known is silence:
                    call.started()
                known = reply
    except TimeoutError:
        known = _failed(known, Reply(outcome="transient", detail=f"no answer within {round(call.seconds, 1):g} s"))
    except (vendor_error, Rejected, httpx2.HTTPError, OSError, anyio.EndOfStream, *GARBLED) as e:
        rejection = read_error(e)
        known = _failed(known, rejected(rejection, peer) if rejection else _broken(e, peer))
    return presentable(known, peer)


async def insist(call: Call, *, listen: Listen, wishes: Wishes, read_error: ReadError) -> AsyncGenerator[Reply, None]:
    """A way to listen that wishes for as much as the server takes: what is refused for a wish is sent without it.

    That costs nothing and counts as the same attempt. A tier that was given up is told: it is a matter of money.
    """
    tier, told = wishes.service_tier, ""
    while True:
        asked, begun = wishes.added(call), False
        if tier and asked.service_tier is None:
            told = f"{tier} was not to be had, so the standard price was paid"
        try:
            async with aclosing(listen(asked)) as replies:
                async for reply in replies:
                    begun = True
                    yield reply.model_copy(update={"detail": "; ".join(filter(None, (reply.detail, told)))})
        except Exception as e:
            rejection = read_error(e)
            if begun or rejection is None or not wishes.less(asked, rejection):
                raise
        else:
            return


def _failed(known: Reply, failure: Reply) -> Reply:
    """The failure, with what the attempt had cost by then."""
    return failure.model_copy(update={"usage": known.usage, "request_id": failure.request_id or known.request_id})


def sendable(call: Call) -> Call:
    """Bytes that were not UTF-8 stand as lone surrogates, which no request can carry (THREATS L10)."""
    texts = {name: getattr(call, name).encode("utf-8", "replace").decode() for name in ("rules", "shown", "question")}
    return replace(call, **texts)


def _broken(error: BaseException, peer: Peer) -> Reply:
    """An exchange the SDK knows no status of: it wraps what happened, or lets it through."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, httpx2.HTTPError | Rejected | OSError | anyio.EndOfStream):
        cause = cause.__cause__
    match cause or error:
        case Rejected() as e:
            return rejected(e.rejection, peer)
        case httpx2.DecodingError() as e:
            return Reply(outcome="fatal", detail=f"what {peer.name} sent cannot be read ({e})")
        case httpx2.UnsupportedProtocol() | httpx2.LocalProtocolError() | UnicodeEncodeError():  # they quote headers
            said = f"what was to be sent to {peer.name} is no HTTP; check {peer.variable}, the base URL and the model"
            return Reply(outcome="fatal", detail=said)
        case httpx2.ConnectError() | httpx2.ConnectTimeout() as e:
            return Reply(outcome="transient", detail=f"cannot connect to {peer.name} ({e or type(e).__name__})")
        case httpx2.HTTPError() | OSError() | anyio.EndOfStream() as e:
            return Reply(outcome="transient", detail=f"the connection to {peer.name} broke ({e or type(e).__name__})")
        case e:
            said = f"{type(e).__name__}: {e}"
            return Reply(outcome="fatal", detail=f"{peer.name} answered in a dialect nobody here speaks ({said})")
