"""What strangers and GitHub are answered on the public port."""

import hmac
import json
import random
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from doors.service.listening import Answer, Web, listening
from hub import webhooks
from hub.webhooks import PullRequest
from pydantic import SecretStr

from reviewbot.doors.service.config import Config
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import JOBS, Store, open_store
from reviewbot.doors.service.web import make_app
from reviewbot.forge.webhook import MAX_BODY

SECRETS = ("one that is new", "one that goes")
SIGNED = f"X-Hub-Signature-256: sha256={'0' * 64}\r\n"
CONFIG = Config(webhook_secrets=tuple(map(SecretStr, SECRETS)))


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty_sqlite) -> Iterator[Store]:
    """One for all tests of this file."""
    store = open_store(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path_factory.mktemp('web'))}")
    yield store
    store.engine.dispose()


@pytest.fixture(scope="module")
def web(store) -> Iterator[Web]:
    with listening(make_app(store, Queue(store), CONFIG)) as web:
        yield web


def payload(number: int = 7) -> dict[str, Any]:
    return webhooks.pull_request("opened", PullRequest(number=number, installation_id=5))


def deliver(web: Web, guid: str, told: Any, *, event: str = "pull_request", secret: str = SECRETS[0]) -> Answer:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    signature = "sha256=" + hmac.new(secret.encode(), body, "sha256").hexdigest()
    return web.post(
        "/webhook", body, Content_Type="application/json", X_GitHub_Delivery=guid, X_GitHub_Event=event,
        X_Hub_Signature_256=signature,
    )  # fmt: skip


def count(store: Store, guid: str) -> int:
    with store.look() as connection:
        return connection.execute(sa.select(sa.func.count()).where(JOBS.c.id == guid)).scalar_one()


def test_an_event_is_written_down_before_it_is_answered(web, store):
    answer = deliver(web, "guid-1", payload())
    assert (answer.status, answer.json) == (202, {"said": "taken"})
    assert count(store, "guid-1") == 1


def test_a_delivery_that_comes_many_times_at_once_is_one_job(web, store):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: deliver(web, "guid-2", payload(), secret=SECRETS[1]), range(24)))
    assert {answer.status for answer in answers} == {202}
    assert sorted(answer.json["said"] for answer in answers) == ["known already"] * 23 + ["taken"]
    assert count(store, "guid-2") == 1


def test_an_event_with_nothing_to_do_is_taken_and_kept_nowhere(web, store):
    answer = deliver(web, "guid-3", {"zen": "x"}, event="ping")
    assert (answer.status, answer.json) == (202, {"said": "ping"})
    assert count(store, "guid-3") == 0


def test_a_forged_event_is_refused_and_not_kept(web, store):
    answer = deliver(web, "guid-4", payload(), secret="guessed")
    assert answer.status == 401
    assert count(store, "guid-4") == 0


@pytest.mark.parametrize("signature", [None, "", "sha256=", f"sha256={'A' * 64}", f"sha1={'0' * 64}"])
def test_what_nobody_signed_is_refused_before_it_is_sent(web, signature):
    signed = "" if signature is None else f"X-Hub-Signature-256: {signature}\r\n"
    head = f"POST /webhook HTTP/1.1\r\nHost: x\r\n{signed}Content-Length: 9\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(head)
        answer = b"".join(iter(lambda: connection.recv(4_096), b""))
    assert answer.startswith(b"HTTP/1.1 401 ")


def test_a_body_beyond_what_github_sends_is_refused_before_it_is_sent(web):
    head = f"POST /webhook HTTP/1.1\r\nHost: x\r\n{SIGNED}Content-Length: {30 * 2**20}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(head)
        answer = b"".join(iter(lambda: connection.recv(4_096), b""))  # up to its end: it is closed
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_same_size(web):
    part = b"%x\r\n%s\r\n" % (2**20, b"x" * 2**20)
    sent = 0
    with socket.create_connection(("127.0.0.1", web.port), timeout=5) as connection:
        connection.sendall(f"POST /webhook HTTP/1.1\r\nHost: x\r\n{SIGNED}Transfer-Encoding: chunked\r\n\r\n".encode())
        try:
            for _ in range(40):
                connection.sendall(part)
                sent += len(part)
        except OSError:
            assert sent >= MAX_BODY
    assert sent < 40 * len(part)


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/", "/jobs/guid-1", "/metrics", "/webhook/"])
def test_strangers_find_nothing_else(web, path):
    assert web.get(path).status == 404


def test_the_webhook_takes_no_other_method(web):
    assert web.get("/webhook").status == 405


def test_a_service_that_is_well_says_so(web):
    answer = web.get("/healthz")
    assert (answer.status, answer.json) == (200, {"ok": True})


def test_without_the_database_nothing_is_promised_and_the_service_is_not_well(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/nowhere/t.sqlite")
    with listening(make_app(store, Queue(store), CONFIG)) as web:
        answer, health = deliver(web, "guid-5", payload()), web.get("/healthz")
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")
    assert (health.status, health.json) == (503, {"ok": False, "why": "the database does not answer"})
    assert str(tmp_path) not in answer.text + health.text


def test_a_database_that_hangs_makes_the_service_ill_in_time(store, monkeypatch):
    monkeypatch.setattr("reviewbot.doors.service.web.PROBE_SECONDS", 0.1)
    release = threading.Event()

    @sa.event.listens_for(store.engine, "before_cursor_execute")
    def hang(*_args: object) -> None:
        release.wait(5)

    try:
        with listening(make_app(store, Queue(store), CONFIG)) as web:
            began = time.monotonic()
            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(lambda _: web.get("/healthz"), range(4)))
            assert time.monotonic() - began < 2
            release.set()
    finally:
        sa.event.remove(store.engine, "before_cursor_execute", hang)
    assert {answer.status for answer in answers} == {503}


def spoiled(value: Any, chance: random.Random) -> Any:
    """The same with one thing in it gone, null, or of another type (THREATS G36)."""
    if isinstance(value, dict) and value and chance.random() < 0.8:
        name = chance.choice(sorted(value))
        rest = {key: one for key, one in value.items() if key != name}
        return rest if chance.random() < 0.2 else {**rest, name: spoiled(value[name], chance)}
    return chance.choice([None, 0, -1, 2**70, 1.5, "", "\ud800x", "x" * 5_000, [], {}, [None], True, {"id": None}])


def test_no_payload_makes_the_service_stumble(web):
    chance = random.Random(36)  # noqa: S311  the same every time
    told = [spoiled(payload(), chance) for _ in range(60)]
    statuses = {deliver(web, f"spoiled-{number}", one).status for number, one in enumerate(told)}
    assert statuses <= {202, 400}
    raw = [b"", b"{", b"[]", b"null", b"\xff", b'{"a":' * 5_000, b"1e999999", b'{"number": 1' + b"0" * 10_000 + b"}"]
    assert {deliver(web, f"raw-{number}", body).status for number, body in enumerate(raw)} == {400}
