"""Events on their way to the App's webhook: signed, sent once, and kept as GitHub keeps them for its list.

GitHub waits ten seconds and never sends again by itself (THREATS G03); somebody may ask it to, and then the delivery
has its old GUID (G02).
"""

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from hub.apps import App

PATIENCE: Final = 10.0
"""Seconds that GitHub waits for the webhook's answer."""
KEPT: Final = 3 * 86_400.0
"""Seconds that a delivery is listed."""
NO_CONNECTION: Final = "failed to connect to host"
TIMED_OUT: Final = "timed out"
HOOK_ID: Final = 70_001
_IDS: Final = itertools.count(20_000_000_001)


class Event(NamedTuple):
    """Something to be told: its X-GitHub-Event, its bytes and its GUID."""

    name: str
    body: bytes
    guid: str

    @property
    def payload(self) -> Any:
        return json.loads(self.body)


class Attempt(NamedTuple):
    """One sending of an event, and what came of it. `status_code` 0 says that nothing answered."""

    id: int
    event: Event
    at: float
    url: str
    headers: Mapping[str, str]
    redelivery: bool
    status: str
    status_code: int
    duration: float
    answer_headers: Mapping[str, str] = {}
    answer: str = ""

    @property
    def guid(self) -> str:
        return self.event.guid

    @property
    def succeeded(self) -> bool:
        return 200 <= self.status_code < 300


def deliver(app: "App", event: Event, *, redelivery: bool = False) -> Attempt:
    """Send an event once and keep what came of it. Whatever goes wrong is in the result."""
    headers, begun, at = signed_headers(app, event), time.monotonic(), app.clock.now()
    status, code, answer_headers, answer = _post(app.webhook_url, event.body, headers)
    attempt = Attempt(
        id=next(_IDS), event=event, at=at, url=app.webhook_url or "", headers=headers, redelivery=redelivery,
        status=status, status_code=code, duration=time.monotonic() - begun,
        answer_headers=answer_headers, answer=answer,
    )  # fmt: skip
    app.attempts.append(attempt)
    return attempt


def signed_headers(app: "App", event: Event) -> dict[str, str]:
    """What goes before the bytes. The older SHA-1 signature is sent as well and proves nothing (THREATS G01)."""
    secret = app.secret.encode()
    return {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/7f3c2a1",
        "X-GitHub-Delivery": event.guid,
        "X-GitHub-Event": event.name,
        "X-GitHub-Hook-ID": str(HOOK_ID),
        "X-GitHub-Hook-Installation-Target-ID": str(app.id),
        "X-GitHub-Hook-Installation-Target-Type": "integration",
        "X-Hub-Signature": f"sha1={hmac.new(secret, event.body, hashlib.sha1).hexdigest()}",
        "X-Hub-Signature-256": f"sha256={hmac.new(secret, event.body, hashlib.sha256).hexdigest()}",
    }


def listed(app: "App") -> list[Attempt]:
    """What GitHub still lists, newest first."""
    return [attempt for attempt in reversed(app.attempts) if attempt.at > app.clock.now() - KEPT]


def _post(url: str | None, body: bytes, headers: Mapping[str, str]) -> tuple[str, int, Mapping[str, str], str]:
    place = urlsplit(url or "")
    if place.hostname is None:
        return NO_CONNECTION, 0, {}, ""
    connection = HTTPConnection(place.hostname, place.port, timeout=PATIENCE)
    try:
        connection.request("POST", place.path or "/", body, dict(headers))
        reply = connection.getresponse()
        answer = reply.read().decode("utf-8", "replace")
    except TimeoutError:
        return TIMED_OUT, 0, {}, ""
    except (OSError, HTTPException):
        return NO_CONNECTION, 0, {}, ""
    finally:
        connection.close()
    status = reply.reason if reply.status < 300 else f"Invalid HTTP Response: {reply.status}"
    return status, reply.status, dict(reply.headers), answer
