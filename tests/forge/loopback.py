"""A server on this machine that says exactly what a test tells it to, and remembers what it was asked.

    with Loopback() as server:
        server.script(Says(502), Drops(), Says(200, {"id": 7}))
        ...
        server.asked[0].method, .path, .headers, .json

It has no rule of GitHub's in it: the fake that does is `hub.server`.
"""

import json
import sys
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple, Self

from hub.hand_clock import hand_clock
from pydantic import SecretStr

from reviewbot.forge.access import Access
from reviewbot.forge.client import Client, Manner
from reviewbot.forge.clock import Clock
from reviewbot.forge.connection import Renew
from reviewbot.forge.pace import Pace

CANARY = "ghs_canary0123456789"
"""A token that must not be seen anywhere."""


class Asked(NamedTuple):
    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Says(NamedTuple):
    """A reply; a body that is no bytes is sent as JSON."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = {}


class Drops(NamedTuple):
    """The connection ends: before a reply, or in the middle of one."""

    midway: bool = False


Exchange = Says | Drops


class Loopback:
    """The server, from `with` to its end. A request nothing was scripted for fails the test that made it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.respond: Callable[[Asked], Exchange] = self._next
        self.unforeseen: list[Exception] = []
        self._script: list[Exchange] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def script(self, *exchanges: Exchange) -> None:
        """These, in order, behind those already scripted."""
        self._script.extend(exchanges)

    def access(self, prefix: str = "") -> Access:
        graphql = f"{self.url}{prefix.removesuffix('/v3')}/graphql"
        return Access(
            token=SecretStr(CANARY),
            api_url=self.url + prefix,
            graphql_url=graphql,
            server_url=self.url,
            signing_keys=(SecretStr("k"),),
        )

    def client(
        self,
        clock: Clock | None = None,
        *,
        patience: float = 120.0,
        lagging: bool = False,
        pace: Pace | None = None,
        renew: Renew | None = None,
    ) -> Client:
        manner = Manner(patience, lagging, pace)
        return Client("acme/shop", self.access(), clock or hand_clock(), manner=manner, renew=renew)

    def exchange(self, asked: Asked) -> Exchange:
        self.asked.append(asked)
        try:
            return self.respond(asked)
        except Exception as e:  # noqa: BLE001  raised again where the test ends
            self.unforeseen.append(e)
            return Says(500)

    def _next(self, asked: Asked) -> Exchange:
        if not self._script:
            raise AssertionError(f"nothing is scripted for {asked.method} {asked.path}")
        return self._script.pop(0)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self.unforeseen and error is None:
            raise self.unforeseen[0]


class _Server(ThreadingHTTPServer):
    owner: Loopback

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  the base class's arguments
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):  # a client may hang up at any time
            self.owner.unforeseen.append(error)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Nothing: tests read `asked`."""

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        exchange = self.server.owner.exchange(Asked(self.command, self.path, headers, body))
        if isinstance(exchange, Says):
            raw = exchange.body if isinstance(exchange.body, bytes) else json.dumps(exchange.body).encode()
            self._reply(exchange.status, exchange.headers, b"" if exchange.body is None else raw)
            return
        self.close_connection = True
        if exchange.midway:
            self._reply(200, {"Content-Length": "1000"}, b'{"id":')

    do_POST = do_PATCH = do_DELETE = do_GET  # noqa: N815  the base class's names

    def _reply(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
