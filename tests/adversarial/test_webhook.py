"""The webhook as strangers and GitHub's own odd days meet it, through the whole web process and a real database.

Forged and replayed deliveries (THREATS S37, G01), the same one many times at once (G02), every event GitHub publishes
(G05), payloads of any shape (G36).
"""

import hashlib
import hmac
import json
import random
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from httpx2 import Response
from hub import contracts
from hub.webhooks import PullRequest, check_run, issue_comment, pull_request
from pydantic import SecretStr

from reviewbot.doors.service.config import Config
from reviewbot.doors.service.queue import Queue, prepare
from reviewbot.doors.service.store import JOBS, Store, make_tables, open_store
from reviewbot.doors.service.web import make_app
from reviewbot.forge.event import Nothing
from reviewbot.forge.webhook import EVENTS, Delivery, decide

needs_contracts = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)

SECRET = "the secret of the webhook"
HERE = PullRequest(installation_id=61)
WORK = {
    *(("pull_request", action) for action in ("opened", "synchronize", "reopened", "ready_for_review", "edited")),
    *(("pull_request", action) for action in ("closed", "converted_to_draft", "labeled")),
    ("issue_comment", "created"), ("check_run", "rerequested"), ("check_suite", "rerequested"),
    ("installation", "deleted"), ("installation_repositories", "removed"), ("repository", "deleted"),
}  # fmt: skip
"""The closed table: no other event asks for work."""


class Service:
    """A web process, and what it wrote down."""

    def __init__(self, client: TestClient, store: Store) -> None:
        self._client, self._store = client, store

    def send(self, event: str, body: bytes | Mapping[str, Any], **changed: str | None) -> Response:
        """As GitHub sends it, but for the headers that are changed (`x_hub_signature_256`) or, with None, left out."""
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {
            "content-type": "application/json",
            "x-github-delivery": str(uuid4()),
            "x-github-event": event,
            "x-hub-signature-256": signature(body),
            **{name.replace("_", "-"): value for name, value in changed.items()},
        }
        told = {name: value for name, value in headers.items() if value is not None}
        return self._client.post("/webhook", content=body, headers=told)

    def jobs(self) -> list[tuple[str, str, str]]:
        """Id, event and action of each, in order."""
        with self._store.begin() as connection:
            rows = connection.execute(sa.select(JOBS.c.id, JOBS.c.event, JOBS.c.action).order_by(JOBS.c.seq))
            return [(job_id, event, action) for job_id, event, action in rows]


def signature(body: bytes, secret: str = SECRET) -> str:
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Store]]:
    """One web process for all tests here: what makes it slow is its start."""
    folder: Path = tmp_path_factory.mktemp("service")
    store = open_store(f"sqlite:///{folder}/reviewbot.sqlite")
    make_tables(store)
    prepare(store)
    app = make_app(store, Queue(store), Config(webhook_secrets=(SecretStr(SECRET),)))
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client, store
    store.engine.dispose()


@pytest.fixture
def service(running: tuple[TestClient, Store]) -> Service:
    client, store = running
    with store.begin() as connection:
        connection.execute(sa.delete(JOBS))
    return Service(client, store)


def test_a_signed_event_is_written_down_and_taken(service: Service) -> None:
    answer = service.send("pull_request", pull_request("opened", HERE), x_github_delivery="one")
    assert (answer.status_code, service.jobs()) == (202, [("one", "pull_request", "opened")])


@pytest.mark.parametrize(
    "forged",
    [
        None, "", "sha256=", f"sha256={'0' * 64}", f"sha1={'0' * 40}", "sha256=\u00e9", "0" * 64, "sha256=" + "f" * 65,
        signature(b"another body"), signature(b"{}", "another secret"), signature(b"{}", ""),
        signature(b"{}").upper(), f" {signature(b'{}')}x", signature(b"{}").removeprefix("sha256="),
    ],
    ids=range(14),
)  # fmt: skip
def test_a_forged_event_is_refused_and_leaves_nothing(service: Service, forged: str | None) -> None:
    sent = None if forged is None else forged.encode()
    answer = service.send("pull_request", b"{}", x_hub_signature_256=sent)  # type: ignore[arg-type]  not all is ASCII
    assert (answer.status_code, service.jobs()) == (401, [])


def test_a_body_that_was_changed_on_its_way_is_refused(service: Service) -> None:
    body = json.dumps(pull_request("opened", HERE)).encode()
    spelled_anew = json.dumps(json.loads(body), indent=1).encode()
    for changed in (body + b" ", body.replace(b'"number": 1', b'"number": 2'), spelled_anew):
        assert changed != body
        assert service.send("pull_request", changed, x_hub_signature_256=signature(body)).status_code == 401
    assert service.jobs() == []


def test_a_delivery_that_is_replayed_does_nothing_again(service: Service) -> None:
    body = pull_request("opened", HERE)
    answers = [service.send("pull_request", body, x_github_delivery="one").json() for _ in range(3)]
    assert [answer["said"] for answer in answers] == ["taken", "known already", "known already"]
    assert len(service.jobs()) == 1


@needs_contracts
def test_a_captured_event_passed_off_as_another_asks_for_nothing() -> None:
    """The signature is of the body alone: whoever has one may write any header (S37)."""
    for event, payload in contracts.example_events():
        body = json.dumps({**payload, "installation": payload.get("installation", {"id": 61})}).encode()
        for claimed in EVENTS - {event}:
            delivery = decide({"x-github-delivery": "one", "x-github-event": claimed}, body)
            assert isinstance(delivery, Delivery)
            assert isinstance(delivery.task, Nothing), (event, payload.get("action"), claimed)


def test_the_same_delivery_a_hundred_times_at_once_is_one_job(service: Service) -> None:
    body = pull_request("opened", HERE)
    with ThreadPoolExecutor(10) as pool:
        sent = [pool.submit(service.send, "pull_request", body, x_github_delivery="one") for _ in range(100)]
    assert {each.result().status_code for each in sent} == {202}
    assert [each.result().json()["said"] for each in sent].count("taken") == 1
    assert len(service.jobs()) == 1


@needs_contracts
def test_of_all_events_that_github_publishes_only_the_table_asks_for_work(service: Service) -> None:
    for event, payload in published():
        assert service.send(event, payload).status_code == 202, (event, payload.get("action"))
    assert {(event, action) for _, event, action in service.jobs()} == WORK


def published() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each event and action of the schemas, in an example's clothes, and as inviting as it can be made."""
    examples = {(event, payload.get("action")): payload for event, payload in contracts.example_events()}
    of_event = dict(contracts.example_events())
    inviting = {
        "comment": issue_comment(HERE, "/reviewbot review")["comment"],
        "issue": issue_comment(HERE, "")["issue"],
        "check_run": check_run(HERE, "key")["check_run"],
        "label": {"name": "reviewbot"},
        "sender": {"login": "grace", "id": 102, "type": "User"},
    }
    for definition in json.loads(contracts.WEBHOOKS.read_bytes())["definitions"]:
        event, dollar, action = definition.partition("$")
        if dollar:
            example = examples.get((event, action)) or of_event.get(event, {})
            payload = {"installation": {"id": 61}, **example}
            payload |= {name: part for name, part in inviting.items() if name in example}
            payload.pop("changes", None)
            if (event, action) == ("pull_request", "edited"):
                payload["changes"] = {"base": {"ref": {"from": "main"}, "sha": {"from": "c" * 40}}}
            yield event, payload if action == "event" else {**payload, "action": action}


def test_payloads_of_any_shape_are_answered(service: Service) -> None:
    chance = random.Random(36)  # noqa: S311  the same 150 in each run
    for _ in range(150):
        event, action = chance.choice(sorted(WORK))
        body = garbled(deciding(event, action), chance)
        assert service.send(event, body).status_code in {202, 400}, body[:2_000]


def deciding(event: str, action: str) -> dict[str, Any]:
    """Of an event the parts by which anything is decided: a mark made there counts."""
    pull = {"number": 1, "head": {"sha": "a" * 40}}
    check = {"name": "reviewbot", "head_sha": "a" * 40, "pull_requests": [{"number": 1, "base": {"repo": {"id": 7}}}]}
    comment = {"id": 5, "body": "/reviewbot ask why?", "performed_via_github_app": None}
    changes = {"base": {"ref": {"from": "main"}, "sha": {"from": "c" * 40}}}
    parts = {
        "pull_request": {"number": 1, "pull_request": pull, "label": {"name": "reviewbot"}, "changes": changes},
        "issue_comment": {"issue": {"number": 1, "pull_request": {}}, "comment": comment},
        "check_run": {"check_run": check},
        "check_suite": {"check_suite": check},
        "installation_repositories": {"repositories_removed": [{"id": 7, "full_name": "octo/shop"}]},
    }
    sender = {"login": "grace", "id": 102, "type": "User"}
    repository = {} if event == "installation" else {"repository": {"id": 7, "full_name": "octo/shop"}}
    envelope = {"action": action, "installation": {"id": 61, "app_id": 900}, "sender": sender, **repository}
    return envelope | parts.get(event, {})


def garbled(payload: Any, chance: random.Random) -> bytes:
    """Up to three places of it removed, null, or of another type; of one in ten the bytes are damaged too."""
    for _ in range(chance.randint(1, 3)):
        where, key = chance.choice(list(places(payload)))
        if chance.random() < 0.25:
            del where[key]
        else:
            where[key] = chance.choice(ODD)
    body = json.dumps(payload).encode()
    if chance.random() < 0.1:
        at = chance.randrange(len(body))
        return body[:at] + chance.choice((b"", b"\xff", b"\x00", b"[" * 5_000)) + body[at + 1 :]
    return body


ODD = (
    None, True, -1, 0, 2**63, 2**64, 10**400, 1.5, "", "x" * 70_000, "\ud800", "\x00", [], [[]], {}, {"id": None},
    "../../etc/passwd", "7", [None], {"id": "7"},
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Where something stands: the object or list that holds it, and its key."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])
