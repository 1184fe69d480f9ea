"""A model vendor on this machine: one loopback server that speaks the four dialects our members speak, streamed.

    with StandIn() as server:
        server.answer_everything('{"findings": [], "could_not_judge": []}', usage=Usage(input=1_000, output=10))
        ...                                    # or, one exchange after the other:
        server.script(Failure(529), Answer("{}"), Answer("cut he", ending="cut"), Page())
        ...                                    # or, by what is asked:
        server.respond = lambda request: Answer(ANSWERS["security" if "secur" in request.question else "other"])
        ...
        server.requests[0].body, .headers, .texts

Base URLs: `server.url` for Anthropic and Google, `server.url + "/v1"` for OpenAI and compatible servers. The dialect is
read from the path, so one server stands in for all of them at once, and an exchange is written once for all:

    Answer   a stream: whole, cut, refused, blocked or of any stop reason; with usage; slow, dripping, or dropped midway
    Failure  a status with the vendor's error body and any headers
    Page     what a proxy or a wrong base URL answers
    Raw      these very bytes

Where an answer takes time, `first_byte` seconds pass before it begins and `seconds` from its first event to its last.
`nobody()` is an address where nobody listens. How each dialect is worded is in `dialects`.
"""

import json
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from types import TracebackType
from typing import Any, Self

from dialects import REQUEST_ID, STREAMS, Answer, Dialect, Ending, Exchange, Failure, Page, Raw, dialect_of, whole

from reviewbot.council.model import Usage

__all__ = ["REQUEST_ID", "Answer", "Ending", "Exchange", "Failure", "Page", "Raw", "Request", "StandIn", "nobody"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a member sent, and what it says in whatever dialect."""

    dialect: Dialect | None
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    raw: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.raw)

    @property
    def texts(self) -> tuple[str, ...]:
        """Every text of the prompt in the order the model reads it: the rules, the change, the lens."""
        body = self.body
        match self.dialect:
            case "anthropic":
                return (body["system"], *(part["text"] for part in body["messages"][0]["content"]))
            case "openai":
                return (body["instructions"], *(part["text"] for part in body["input"][0]["content"]))
            case "google":
                parts = (*body["systemInstruction"]["parts"], *body["contents"][0]["parts"])
                return tuple(part["text"] for part in parts)
            case _:
                return tuple(message["content"] for message in body["messages"])

    @property
    def question(self) -> str:
        """The end of the prompt: the lens. In chat it is the end of the one user message."""
        return self.texts[-1]


def nobody() -> str:
    """An address of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


class StandIn:
    """The server, from `with` to its end. A request nothing was scripted for fails the test that made it."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.respond: Callable[[Request], Exchange] = self._next
        self.unforeseen: list[Exception] = []
        """What went wrong in here; the first is raised at the end of `with`."""
        self.connections = 0
        """How many times somebody connected."""
        self.closing = Event()
        self._script: list[Exchange] = []
        self._lock = Lock()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.owner = self
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def script(self, *exchanges: Exchange) -> None:
        """These exchanges, in order, behind those already scripted."""
        self._script.extend(exchanges)

    def answer_everything(self, text: str, *, usage: Usage | None = None, seconds: float = 0.0) -> None:
        """The same answer to every request, whoever asks."""
        self.respond = lambda _: Answer(text, usage=usage, seconds=seconds)

    def exchange(self, request: Request) -> Exchange:
        """Keeps the request and finds what is answered to it."""
        with self._lock:
            self.requests.append(request)
            try:
                return self.respond(request)
            except Exception as e:  # noqa: BLE001  raised again where the test ends
                self.unforeseen.append(e)
                return Failure(500, f"the stand-in failed: {e}")

    def _next(self, request: Request) -> Exchange:
        if not self._script:
            raise AssertionError(f"nothing is scripted for {request.path}")
        return self._script.pop(0)

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        if self.unforeseen and error is None:
            raise self.unforeseen[0]


class _Server(ThreadingHTTPServer):
    """A thread a connection; what goes wrong in one is kept for the test."""

    owner: StandIn
    request_queue_size = 128  # the default of 5 delays a council that connects all at once by a second

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  the base class's arguments
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):  # members may hang up at any time
            self.owner.unforeseen.append(error)


class _Handler(BaseHTTPRequestHandler):
    """Keeps connections open, as vendors do, and streams in chunks."""

    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def setup(self) -> None:
        self.server.owner.connections += 1
        super().setup()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Nothing: tests read `requests`."""

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(dialect=dialect_of(self.path), path=self.path, headers=headers, raw=raw)
        exchange = self.server.owner.exchange(request)
        if isinstance(exchange, Answer) and request.dialect:
            self._stream(exchange, request.dialect)
        else:
            said = whole(exchange, request.dialect)
            self._head(said.status, {"Content-Length": str(len(said.body)), **said.headers})
            self.wfile.write(said.body)

    do_GET = do_POST  # noqa: N815  a redirect that is followed may come back as a GET

    def _head(self, status: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _stream(self, answer: Answer, dialect: Dialect) -> None:
        wait = self.server.owner.closing.wait
        wait(answer.first_byte)
        ids = {"request-id": REQUEST_ID, "x-request-id": REQUEST_ID}
        kind = {"Content-Type": "text/event-stream; charset=utf-8", "Transfer-Encoding": "chunked"}
        self._head(200, {**kind, **ids, **answer.headers})
        events = list(STREAMS[dialect](answer))
        for left, event in zip(range(len(events) - 1, -1, -1), events, strict=True):
            if answer.drop and not left:
                self.close_connection = True
                return
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            if left:
                wait(answer.seconds / (len(events) - 1))
        self.wfile.write(b"0\r\n\r\n")
