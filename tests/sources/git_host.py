"""Real repositories served on loopback: git's own `http-backend` behind plain HTTP, which keeps what it was asked."""

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit


class Asked(NamedTuple):
    """One request: its path with the query, and the Authorization header."""

    path: str
    authorization: str | None


class GitHost(ThreadingHTTPServer):
    """Serves the repositories below `root`; with `authorization`, only to whoever sends that header."""

    daemon_threads = True

    def __init__(self, root: Path, authorization: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root, self.authorization = root, authorization
        self.asked: list[Asked] = []
        self.sent: list[int] = []
        """Bytes of each answer."""
        self.moved_to: str | None = None
        """Every request is redirected here."""

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.server_port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    server: GitHost
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one segment: the second would wait for the first to be acknowledged

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self._chunks() if self.headers.get("Transfer-Encoding") else self._body())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, body: bytes) -> None:
        given = self.headers.get("Authorization")
        self.server.asked.append(Asked(self.path, given))
        if self.server.moved_to:
            self._reply(301, [("Location", self.server.moved_to + self.path)])
        elif self.server.authorization not in {None, given}:
            self._reply(401, [("WWW-Authenticate", 'Basic realm="here"')])
        else:
            self._through_git(body)

    def _through_git(self, body: bytes) -> None:
        url = urlsplit(self.path)
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REQUEST_METHOD": self.command,
            "PATH_INFO": url.path,
            "QUERY_STRING": url.query,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(["git", "http-backend"], env=variables, input=body, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.partition(": ")[::2] for line in head.decode("latin-1").split("\r\n") if line]
        status = next((int(value.split()[0]) for name, value in headers if name == "Status"), 200)
        self._reply(status, [header for header in headers if header[0] != "Status"], content)

    def _reply(self, status: int, headers: list[tuple[str, str]], content: bytes = b"") -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(content)))]:
            self.send_header(name, value)
        self.end_headers()
        self.server.sent.append(len(content))
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(root: Path, authorization: str | None = None) -> Iterator[GitHost]:
    """A host for the time of a test."""
    with GitHost(root, authorization) as host:
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield host
        finally:
            host.shutdown()
            thread.join()
