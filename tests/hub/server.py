"""The HTTP face of the world: GitHub's REST and GraphQL API and git, on loopback.

    with HubServer(world) as hub:               # or prefix="/api/v3", as GitHub Enterprise Server has it (THREATS G34)
        forge = connect("octo/shop", access_to(hub.url), world.clock)
    assert hub.violations == []

Every request and reply is held against GitHub's published contracts where they are installed; what does not fit is
collected in `violations` and answered with 500.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from hub import smart_http
from hub.api import Asked, respond
from hub.call import Reply
from hub.rejection import Dropped
from hub.world import World


class HubServer(ThreadingHTTPServer):
    """A server that is the world's face while its `with` lasts; and that of others, with other names and ids."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, world: World, prefix: str = "", port: int = 0, *, others: Sequence[World] = ()) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.world, self.worlds, self.prefix = world, (world, *others), prefix
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.url = self.origin + prefix
        """Where the REST API begins."""
        self.graphql_url = f"{self.origin}{prefix.removesuffix('/v3')}/graphql"
        self._away: tuple[float, int | None] = (0.0, None)
        self.violations: list[str] = []
        """What was sent or answered against GitHub's contracts. A test wants it empty."""
        for each in self.worlds:
            each.address = self.origin

    def away(self, seconds: float, status: int | None = None) -> None:
        """For so long (of real time) every connection ends without an answer, or a proxy answers with a page."""
        self._away = time.monotonic() + seconds, status

    def is_away(self) -> bool:
        return time.monotonic() < self._away[0]

    def page_while_away(self) -> Reply:
        """Raises Dropped where even a proxy is silent."""
        if self._away[1] is None:
            raise Dropped
        return Reply(self._away[1], b"<html><body><h1>Unicorn!</h1></body></html>", {"Content-Type": "text/html"})

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients come and are killed: a connection that ends is no news. Everything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown()
        self.server_close()
        for world in self.worlds:
            world.address = None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body leave together, or the second waits 40 ms for the first to be acknowledged
    server: HubServer

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Tests read `World.requests` instead."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of a reply, by the world's clock: who signs tokens by another one may see it there."""
        return formatdate(self.server.world.clock.now() if timestamp is None else timestamp, usegmt=True)

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PATCH = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            reply = self._reply(body)
        except Dropped:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        sent = reply.encoded()
        self.send_response(reply.status)
        for name, value in ({"Content-Type": "application/json; charset=utf-8"} | dict(reply.headers)).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def _reply(self, body: bytes) -> Reply:
        url = urlsplit(self.path)
        if self.server.is_away():
            return self.server.page_while_away()
        repository, dot_git, rest = url.path.partition(".git/")
        if dot_git and repository.count("/") == 2:
            world = next((one for one in self.server.worlds if one.goes_by(repository.strip("/"))), None)
            if world is None:
                return Reply(404, b"Repository not found.\n")
            return smart_http.answer(
                world, self.command, f"/{rest}", query=url.query, headers=self.headers, body=body
            )  # fmt: skip
        prefix, graphql = self.server.prefix, urlsplit(self.server.graphql_url).path
        if url.path != graphql and not url.path.startswith(f"{prefix}/"):
            return Reply(404, {"message": f"Not below {prefix}"})
        path = "/graphql" if url.path == graphql else url.path.removeprefix(prefix)
        return self._respond(path, dict(parse_qsl(url.query)), body)

    def _respond(self, path: str, query: Mapping[str, str], body: bytes) -> Reply:
        try:
            sent = json.loads(body) if body else None
        except ValueError:
            return Reply(400, {"message": "Problems parsing JSON"})
        asked = Asked(
            method=self.command,
            path=path,
            query=query,
            body=sent,
            accept=self.headers.get("Accept", ""),
            token=(self.headers.get("Authorization") or "").partition(" ")[2],
            api=self.server.url,
        )
        reply, violations = respond(self.server.worlds, asked)
        if not violations:
            return reply
        self.server.violations += violations
        return Reply(500, {"message": "against GitHub's contract", "errors": violations})
