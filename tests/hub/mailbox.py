"""Somebody who takes events in and keeps them: a webhook on loopback, for the tests of the fake.

with Mailbox() as mailbox:
    app.webhook_url = mailbox.url
"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import NamedTuple, Self


class Letter(NamedTuple):
    path: str
    headers: dict[str, str]
    body: bytes


class Mailbox(ThreadingHTTPServer):
    """Answers every event with `status`."""

    daemon_threads = True

    def __init__(self, status: int = 202) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = status
        self.url = f"http://127.0.0.1:{self.server_port}/webhook"
        self.letters: list[Letter] = []

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Mailbox

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class's name
        """Tests read `letters`."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.letters.append(Letter(self.path, dict(self.headers), body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"said")
