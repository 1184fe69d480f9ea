"""A web application on loopback, in a thread, and a client that speaks to it."""

import http.client
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from typing import Any, NamedTuple

import uvicorn

from reviewbot.doors.service.connection import Connection


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    """By lower-case name."""
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


class Web(NamedTuple):
    port: int

    def get(self, path: str, **headers: str | bytes) -> Answer:
        return self.ask("GET", path, b"", headers)

    def post(self, path: str, body: bytes, **headers: str | bytes) -> Answer:
        return self.ask("POST", path, body, headers)

    def ask(self, method: str, path: str, body: bytes, headers: Mapping[str, str | bytes]) -> Answer:
        """Headers are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)) as connection:
            connection.request(method, path, body, named)
            got = connection.getresponse()
            told = {name.lower(): value for name, value in got.getheaders()}
            return Answer(got.status, told, got.read().decode())


@contextmanager
def listening(app: Any, *, http: Any = Connection) -> Iterator[Web]:
    server = uvicorn.Server(uvicorn.Config(app, port=0, http=http, ws="none", log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield Web(server.servers[0].sockets[0].getsockname()[1])
    server.should_exit = True
    thread.join()
