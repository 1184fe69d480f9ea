"""Plain HTTP to the fake, without any of reviewbot's own adapter."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hub.server import HubServer
from hub.world import BOT


class Answer(NamedTuple):
    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


def ask(
    hub: HubServer,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str = BOT,
    accept: str = "application/vnd.github+json",
) -> Answer:
    """One request; `path` is below the API, or an address of its own. Raises OSError or HTTPException when dropped."""
    place = path if path.startswith("http") else hub.url + path
    parts = urlsplit(place)
    headers = {"Accept": accept} | ({"Authorization": f"token {token}"} if token else {})
    connection = HTTPConnection(parts.netloc, timeout=10)
    try:
        query = f"?{parts.query}" if parts.query else ""
        sent = None if body is None else json.dumps(body)
        connection.request(method, parts.path + query, sent, headers)
        reply = connection.getresponse()
        return Answer(reply.status, dict(reply.headers), reply.read())
    finally:
        connection.close()


def query(hub: HubServer, document: str, *, token: str = BOT, **variables: Any) -> Answer:
    """One GraphQL call."""
    return ask(hub, "POST", hub.graphql_url, {"query": document, "variables": variables}, token=token)
