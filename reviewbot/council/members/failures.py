"""What a failed exchange with a model's server means to a seat, and how it is told to a person in one line.

Knows HTTP statuses and the words vendors put behind them (PROVIDERS section 4). Knows no SDK and opens nothing.
"""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from pydantic import SecretStr

from reviewbot.council.members.leak import leaked
from reviewbot.council.model import Access, Outcome, Reply
from reviewbot.errors import BadSettings
from reviewbot.facts import Fact

MAX_DETAIL = 300
A_PAGE = "the server answered with a web page, not with the API; check the base URL"
_QUOTA = re.compile(r"insufficient_quota|spend.?limit|billing_error|credit balance", re.IGNORECASE)
_BAD_KEY = re.compile(r"API_KEY_INVALID|API key not valid|invalid_api_key")
_TOO_LONG = re.compile(
    r"prompt is too long|context_length_exceeded|exceeds the maximum number of tokens|maximum context length"
    r"|request_too_large",
    re.IGNORECASE,
)
_RETRY_DELAY = re.compile(r'"retryDelay":\s*"(\d+(?:\.\d+)?)s"')
_KEY_BEGINNING = 8
"""Characters by which a key is recognised: servers echo keys cut or masked. A shorter one ("ollama") is no secret."""


class Peer(Fact):
    """The server that is asked, as a person would name it."""

    model: str
    url: str
    key: SecretStr | None = None
    variable: str
    """The environment variable that holds the key."""

    @classmethod
    def of(cls, access: Access, *, url: str) -> "Peer":
        """The operator's server, or the vendor's own at `url`."""
        return cls(model=access.model, url=access.base_url or url, key=access.api_key, variable=access.key_name)

    @property
    def name(self) -> str:
        """The URL without the user and password that may stand in it."""
        return re.sub(r"//.*@", "//", self.url).rstrip("/")

    @property
    def secret(self) -> str:
        """The key, to be sent to `url` and nowhere else. Raises BadSettings where there is none."""
        if self.key is None:
            raise BadSettings(self.model, "there is no key for it", f"set {self.variable}")
        return self.key.get_secret_value().strip()


class Rejection(NamedTuple):
    """An answer that is no answer: a status, and whatever the server said with it."""

    status: int
    body: str
    headers: Mapping[str, str]

    @classmethod
    def in_stream(cls, status: int, code: object, message: object) -> "Rejection":
        """An error among the events of a stream that had begun well, or of a response that failed."""
        return cls(status, json.dumps({"error": {"code": str(code), "message": str(message)}}), {})


class Rejected(Exception):
    """The server answered, but not with a stream of events."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.status)
        self.rejection = rejection


def rejected(rejection: Rejection, peer: Peer) -> Reply:
    """What is done next about a rejection, and what a person can do about it."""
    outcome = _outcome(rejection.status, rejection.body)
    said = f"{rejection.status}: {_message(rejection.body)}"
    return Reply(
        outcome=outcome,
        detail=_detail(outcome, said, rejection, peer),
        retry_after=retry_after(rejection.headers, rejection.body),
        request_id=rejection.headers.get("request-id") or rejection.headers.get("x-request-id"),
    )


def is_quota(rejection: Rejection) -> bool:
    """Whether an empty purse is behind it, and waiting does not help."""
    return _outcome(rejection.status, rejection.body) == "quota"


def is_unexplained(rejection: Rejection) -> bool:
    """Whether neither the purse, nor the key, nor the length of the prompt is behind it."""
    return _outcome(rejection.status, rejection.body) == "fatal"


def _outcome(status: int, words: str) -> Outcome:
    """Told apart by the words first: a 429 may be an empty purse, a 400 a bad key or a long prompt."""
    if status == 402 or _QUOTA.search(words):
        return "quota"
    if status == 413 or (status != 429 and _TOO_LONG.search(words)):
        return "too_long"
    if status == 429:
        return "rate"
    if status in (408, 409) or status >= 500:
        return "transient"
    if _BAD_KEY.search(words) or (status in (401, 403) and not words.lstrip().startswith("<")):
        return "auth"
    return "fatal"


def _detail(outcome: Outcome, said: str, rejection: Rejection, peer: Peer) -> str:
    """Who, what, and the remedy where a person has one."""
    told = {
        "quota": f"no money is left for {peer.name} ({said}); top it up, or set {peer.variable} to another key",
        "auth": f"{peer.name} refused the key ({said}); set {peer.variable} to one that may use {peer.model}",
        "too_long": f"the prompt is too long for {peer.model} ({said})",
        "rate": f"{peer.name} asks to wait ({said}); ask again later",
        "transient": f"{peer.name} cannot answer now ({said}); ask again later",
    }
    return told.get(outcome) or _fatal(said, rejection, peer)


def _fatal(said: str, rejection: Rejection, peer: Peer) -> str:
    if 300 <= rejection.status < 400:
        host = re.match(r"\w*:?//([^/?#@]+)", rejection.headers.get("location", ""))
        where = host[1] if host else "another address"
        return f"{peer.name} redirects to {where}, and reviewbot follows nobody; check the base URL"
    if not rejection.body.lstrip().startswith(("{", "[")):  # APIs explain themselves in JSON; this wrote something else
        return A_PAGE
    if rejection.status == 404:
        return f"unknown model {peer.model} at {peer.name} ({said}); check its name and the base URL"
    return f"{peer.name} refused what {peer.model} was asked ({said}); seat another model with --model"


def _message(body: str) -> str:
    """The vendor's own sentence, wherever it stands: `error.message` in all three, `message`, or plain `error`."""
    if body.lstrip().startswith("<"):
        return "a web page"
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return body or "no reason given"
    if isinstance(said, list) and said:  # Google wraps the error of a stream
        said = said[0]
    for key in ("error", "message"):
        said = said.get(key, said) if isinstance(said, dict) else said
    return said if isinstance(said, str) else body


def retry_after(headers: Mapping[str, str], words: str = "") -> float | None:
    """Seconds the server asks to wait; `retry-after-ms` wins over `retry-after`, Google writes it in the body."""
    for name, unit in (("retry-after-ms", 1_000), ("retry-after", 1)):
        if (seconds := _seconds(headers.get(name, ""))) is not None:
            return seconds / unit
    delay = _RETRY_DELAY.search(words)
    return float(delay[1]) if delay else None


def _seconds(text: str) -> float | None:
    """A number, or the seconds until an HTTP date (RFC 9110, section 10.2.3)."""
    try:
        number = float(text)
    except ValueError:
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        number = ((when if when.tzinfo else when.replace(tzinfo=UTC)) - datetime.now(UTC)).total_seconds()
    return max(0.0, number) if math.isfinite(number) else None


def presentable(reply: Reply, peer: Peer) -> Reply:
    """The same reply, fit to be kept: whole characters, and a detail of one line that does not hold the key.

    An answer that holds the key is thrown away: whoever has it wants it shown (THREATS S04).
    """
    key = peer.key.get_secret_value().strip() if peer.key else ""
    if form := leaked(reply.text, key):
        said = f"{peer.name} put the key it was asked with into its answer ({form}); change {peer.variable}"
        reply = reply.model_copy(update={"outcome": "blocked", "text": "", "detail": said})
    detail = " ".join(_whole(reply.detail).split())
    if len(key) >= _KEY_BEGINNING:
        detail = re.sub(re.escape(key[:_KEY_BEGINNING]) + r"[^\s,;)}\"']*", "***", detail)
    shown = detail if len(detail) <= MAX_DETAIL else detail[: MAX_DETAIL - 1] + "…"
    return reply.model_copy(update={"detail": shown, "text": _whole(reply.text)})


def _whole(text: str) -> str:
    """Some servers cut a character in two between events; halves that stay alone can be written nowhere."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
