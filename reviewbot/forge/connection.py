"""The line to a GitHub: one request, one answer. The only importer of PyGithub, and the last to hold the token.

Of PyGithub it takes the HTTP connection, not the `Requester` above it: that one sends a POST again where it meets a
301, loses the query of a redirect, decodes a diff by guessing, and sleeps on a clock of its own. Nothing is retried and
no redirect is followed here. What an answer means is decided in `limits`.
"""

import socket
from collections.abc import Callable, Iterator
from importlib.metadata import version
from typing import Any, Final, NamedTuple, Protocol, cast
from urllib.parse import urlsplit

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, RequestsResponse
from pydantic import SecretStr

from reviewbot.forge.limits import Reply, Silence

JSON: Final = "application/vnd.github+json"
API_VERSION: Final = "2022-11-28"
TIMEOUT: Final = 12
"""Seconds without a byte; GitHub itself gives up after 10."""

Renew = Callable[[SecretStr], SecretStr]
"""A token for one that GitHub no longer takes. Raises ForgeError where there is none to be had."""


class Request(NamedTuple):
    """A request as it goes out."""

    method: str
    url: str
    body: bytes | None
    """JSON."""
    accept: str


class Line(Protocol):
    """What PyGithub's two connection classes have in common; one of them annotates the body as None."""

    session: Any

    def request(self, verb: str, url: str, body: bytes | None, headers: dict[str, str], /) -> None: ...
    def getresponse(self) -> RequestsResponse: ...


class Connection:
    """Open lines to the hosts of one GitHub, for one identity. On one thread."""

    def __init__(self, token: SecretStr, renew: Renew | None = None) -> None:
        self.token = token
        self._renew = renew
        self._user_agent = f"reviewbot/{version('reviewbot')}"  # looked up once: it takes 20 ms
        self._lines: dict[str, Line] = {}

    def renew(self) -> bool:
        """Take another token from now on. False where there is no other."""
        if self._renew is None:
            return False
        self.token = self._renew(self.token)
        return True

    def exchange(self, request: Request) -> Reply | Silence:
        """Send a request once. Only a diff may hold the token as it is: a proxy's page may repeat what it was sent."""
        url = urlsplit(request.url)
        line = self._line(f"{url.scheme}://{url.netloc}")
        line.request(request.method, url._replace(scheme="", netloc="").geturl(), request.body, self._headers(request))
        try:
            got = line.getresponse().response
        except OSError as e:  # each error of requests is one, and holds the headers: it is read here and left behind
            return Silence(_why(e), sent=not _was_kept_back(e))
        token = self.token.get_secret_value().encode()
        headers = {name.lower(): value for name, value in got.headers.items()}
        body = got.content or b""
        is_wanted = got.status_code < 300 and request.accept != JSON
        return Reply(got.status_code, headers, body if is_wanted else body.replace(token, b"(token)"))

    def _headers(self, request: Request) -> dict[str, str]:
        """Every kind of token may be a "Bearer", and an App's JSON web token must be."""
        headers = {
            "Authorization": f"Bearer {self.token.get_secret_value()}",
            "Accept": request.accept,
            "User-Agent": self._user_agent,
            "X-GitHub-Api-Version": API_VERSION,
        }
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        return headers

    def _line(self, origin: str) -> Line:
        """The line to a host. A proxy of the environment is used over TLS only: else it would see the token."""
        if origin not in self._lines:
            url = urlsplit(origin)
            kind = HTTPSRequestsConnectionClass if url.scheme == "https" else HTTPRequestsConnectionClass
            host = url.hostname or ""
            opened = cast("Line", kind(f"[{host}]" if ":" in host else host, url.port, timeout=TIMEOUT, retry=0))
            opened.session.trust_env = url.scheme == "https"
            self._lines[origin] = opened
        return self._lines[origin]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _why(error: OSError) -> str:
    """In words that hold nothing of the request."""
    *_, innermost = _chain(error)
    said = innermost.strerror if isinstance(innermost, OSError) else None
    return f"no answer ({said or type(innermost).__name__})"


def _was_kept_back(error: OSError) -> bool:
    """Whether the request certainly never left: nobody listens there, or the name leads nowhere."""
    return any(isinstance(link, ConnectionRefusedError | socket.gaierror) for link in _chain(error))
