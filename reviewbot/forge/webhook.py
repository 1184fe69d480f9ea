"""A webhook's delivery, from its bytes to what a service does about it, or to the reason it is refused. Pure.

Nothing of a delivery is believed, or even parsed, before its signature is checked (THREATS G01). GitHub signs the body
alone: headers say who they like, so what is done must follow from the body too (S37). Knows neither HTTP's server nor
the database. Whatever the bytes are, nothing here raises (G36).
"""

import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from reviewbot.facts import Fact
from reviewbot.forge.event import Cancel, Command, Nothing, Review, Task, task_of
from reviewbot.forge.payloads import Account, Installation, NamedRepository, Payload

MAX_BODY: Final = 26 * 2**20
"""Bytes. GitHub sends no event of more than 25 MB (THREATS G03); what is longer is not read to its end."""
EVENTS: Final = frozenset(
    {
        "check_run", "check_suite", "installation", "installation_repositories", "issue_comment", "pull_request",
        "repository",
    }
)  # fmt: skip
"""What a service acts on. `event` serves workflows also with others: here each would be a second review."""

_GUID: Final = re.compile(r"[0-9A-Za-z-]{1,100}")
_NAME: Final = re.compile(r"[a-z0-9_]{1,100}")
_Part = TypeVar("_Part", bound=Payload)


class Delivery(Fact):
    """One event of GitHub's."""

    guid: str
    """X-GitHub-Delivery: the same when it is delivered again (THREATS G02)."""
    event: str
    action: str
    """Empty where the event has none, or none that looks like GitHub's."""
    installation_id: int
    """0 where the payload names none; then there is `Nothing` to do."""
    repository_id: int | None
    repository: str | None
    """ "owner/name" when it was sent. Known, as the id is, where the task is about a pull request."""
    actor: str | None
    """Login of who did it."""
    task: Task


class Refusal(NamedTuple):
    """A delivery that is not taken."""

    status: int
    """Of the HTTP answer."""
    why: str
    """One line, which whoever set up the webhook reads on its page at GitHub. Nothing of the request is in it."""


def read_delivery(headers: Mapping[str, str], body: bytes, secrets: Sequence[bytes]) -> Delivery | Refusal:
    """A request to the webhook. Any one of the secrets may have signed it: two stand while one is replaced.

    Without a secret nothing is accepted: anybody could have sent it.
    """
    told = _lowered(headers)
    usable = [secret for secret in secrets if secret]
    if not usable:
        return Refusal(503, "the service has no GITHUB_WEBHOOK_SECRET, so it can tell nobody from GitHub")
    signature = told.get("x-hub-signature-256")
    if signature is None:
        return Refusal(401, "there is no X-Hub-Signature-256: set the webhook's secret to GITHUB_WEBHOOK_SECRET")
    if not _is_signed(signature, body, usable):
        return Refusal(401, "X-Hub-Signature-256 is not this body's, signed with GITHUB_WEBHOOK_SECRET")
    if told.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Refusal(415, "set the webhook's content type to application/json")
    return decide(headers, body)


def decide(headers: Mapping[str, str], body: bytes) -> Delivery | Refusal:
    """The same for a delivery that was fetched from GitHub's own list, and so needs no signature."""
    told = _lowered(headers)
    guid, event = told.get("x-github-delivery", ""), told.get("x-github-event", "")
    if not _GUID.fullmatch(guid):
        return Refusal(400, "X-GitHub-Delivery is no delivery's id")
    if not _NAME.fullmatch(event):
        return Refusal(400, "X-GitHub-Event is no event's name")
    try:
        payload = from_json(body, allow_inf_nan=False)
    except ValueError:  # also for too deep, and for numbers too long (THREATS S38)
        return Refusal(400, "the body is no JSON that GitHub sends")
    if not isinstance(payload, dict):
        return Refusal(400, "the body is no JSON object")
    action = payload.get("action")
    installation = _part(Installation, payload, "installation")
    repository = _part(NamedRepository, payload, "repository")
    sender = _part(Account, payload, "sender")
    return Delivery(
        guid=guid,
        event=event,
        action=action if isinstance(action, str) and _NAME.fullmatch(action) else "",
        installation_id=installation.id if installation else 0,
        repository_id=repository.id if repository else None,
        repository=repository.full_name if repository else None,
        actor=sender.login if sender else None,
        task=_task(event, payload, installation, repository),
    )


def _lowered(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _is_signed(signature: str, body: bytes, secrets: Sequence[bytes]) -> bool:
    """Bytes are compared: `compare_digest` raises on text that is not ASCII. Every secret takes its time."""
    given = signature.encode("utf-8", "replace")
    expected = [b"sha256=" + hmac.digest(secret, body, "sha256").hex().encode() for secret in secrets]
    return any([hmac.compare_digest(given, one) for one in expected])  # noqa: C419  a generator would stop early


def _part(kind: type[_Part], payload: Mapping[str, Any], name: str) -> _Part | None:
    try:
        return kind.model_validate(payload.get(name))
    except ValidationError:
        return None


def _task(
    event: str, payload: Mapping[str, Any], installation: Installation | None, repository: NamedRepository | None
) -> Task:
    if event == "ping":
        return Nothing(why="ping")
    if event not in EVENTS:
        return Nothing(why=f"a service does nothing on {event}")
    if installation is None:
        return Nothing(why=f"this {event} was not sent to a GitHub App")
    if event == "pull_request" and payload.get("action") == "edited" and not _has_new_base(payload):
        return Nothing(why="only words of the pull request were edited")
    task = task_of(event, payload)
    if repository is None and isinstance(task, Review | Command | Cancel):
        return Nothing(why=f"this {event} names no repository")
    return task


def _has_new_base(payload: Mapping[str, Any]) -> bool:
    """An edit says what it replaced; of a base branch the old name and commit (THREATS G37)."""
    changes = payload.get("changes")
    return isinstance(changes, dict) and bool(changes.get("base"))
