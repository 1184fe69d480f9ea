"""What an operator sees, and what everybody else does not."""

import json
import shutil
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from doors.service.listening import Answer, Web, listening
from fastapi import FastAPI
from pydantic import SecretStr

from reviewbot.council import Reply
from reviewbot.doors.service.config import Config
from reviewbot.doors.service.pages import make_pages
from reviewbot.doors.service.queue import Queue
from reviewbot.doors.service.store import CALLS, JOBS, REVIEWS, WORKERS, Store, open_store

TOKEN = "t0ken with ümlaut"
EVIL = "<script>alert(1)</script>"
AT = time.time()
JOB = {
    "event": "pull_request", "action": "opened", "installation_id": 1, "repository_id": 2, "kind": "review",
    "task": "{}",
    "asked": False, "supersedes": True, "repository": "octo/shop", "number": 7, "actor": "ada", "received": AT - 18_300,
    "due": AT - 18_300, "lane": "1/2/7", "said": "",
}  # fmt: skip
CALL = {
    "review_id": "run-1", "installation_id": 1, "repository_id": 2, "number": 7, "worker": "w", "provider": "vendor",
    "question": "q", "turn": 1, "started": AT - 200, "held_tokens": 9_000, "held_usd": 0.5,
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory, empty_sqlite) -> Iterator[Store]:
    """A service with a few jobs, one of them hostile."""
    store = open_store(f"sqlite:///{shutil.copy(empty_sqlite, tmp_path_factory.mktemp('pages'))}")
    with store.begin() as connection:
        for values in (
            {"id": "guid/1", "state": "done", "said": "12 findings", "started": AT - 290, "ended": AT - 100},
            {
                "id": "guid-2",
                "state": "waiting",
                "number": None,
                "repository": None,
                "repository_id": None,
                "actor": None,
            },
            {"id": "guid-3", "state": "failed", "said": EVIL, "repository": EVIL, "actor": EVIL, "ended": AT},
        ):
            connection.execute(sa.insert(JOBS).values(**JOB | values))
        connection.execute(sa.insert(WORKERS).values(id="w", started=AT, beat=AT + 3_600))
        pull = {name: JOB[name] for name in ("installation_id", "repository_id", "repository", "number")}
        review = {"id": "run-1", "job_id": "guid/1", "key": "k", "head_sha": "a" * 40, "state": "posted", **pull}
        seat = {"member": "rules/builtin", "lens": "security", "state": "ok", "findings": 2, "detail": "", "later": 1}
        review |= {
            "report": json.dumps({"seats": [seat]}),
            "started": AT - 280,
            "ended": AT - 100,
            "summary_url": "javascript:alert(1)",
        }
        connection.execute(sa.insert(REVIEWS).values(**review))
        answered = Reply(outcome="refused", detail=f"no {EVIL}").model_dump_json()
        ended = {"ended": AT - 150, "usd": 0.125, "outcome": "refused", "reply": answered, "input": 12_345}
        connection.execute(sa.insert(CALLS).values(**CALL, **ended, member="vendor/model", lens="security"))
        connection.execute(sa.insert(CALLS).values(**CALL | {"turn": 2}, member="vendor/slow", lens=EVIL))
    yield store
    store.engine.dispose()


@pytest.fixture(scope="module")
def web(store) -> Iterator[Web]:
    app = FastAPI(openapi_url=None)
    app.include_router(make_pages(store, Queue(store), Config(admin_token=SecretStr(TOKEN))))
    with listening(app) as web:
        yield web


def read(web: Web, path: str) -> Answer:
    return web.get(path, Authorization=f"Bearer {TOKEN}".encode())


def sign_in(web: Web, token: str, host: str = "reviews.example", **headers: str) -> Answer:
    return web.post("/", urlencode({"token": token}).encode(), Host=host, **headers)


def test_without_an_admin_token_there_are_no_pages(store):
    assert make_pages(store, Queue(store), Config()).routes == []


@pytest.mark.parametrize("path", ["/", "/jobs/guid-3", "/jobs/nobody", "/?state=failed"])
@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic x"},
        {"Authorization": b"\xff"},
        {"Cookie": "reviewbot="},
        {"Cookie": "reviewbot=9999999999.00"},
    ],
)
def test_whoever_does_not_show_the_token_gets_a_form_and_nothing_else(web, path, shown):
    answer = web.get(path, **shown)
    assert answer.status == 401
    assert "<form" in answer.text
    assert "octo/shop" not in answer.text
    assert "guid" not in answer.text


def test_the_first_page_says_how_the_service_is(web):
    answer = read(web, "/")
    assert answer.status == 200
    for figure in (
        ">1</b><span>workers",
        ">1</b><span>jobs due",
        ">5 h</b>",
        ">1</b><span>failed in 24 h",
        ">0</b><span>refused in 24 h",
        "$0.12</b>",
    ):
        assert figure in answer.text
    assert "octo/shop #7" in answer.text
    assert 'href="/jobs/guid%2F1"' in answer.text


def test_jobs_can_be_seen_by_state(web):
    answer = read(web, "/?state=waiting")
    assert "/jobs/guid-2" in answer.text
    assert "/jobs/guid-3" not in answer.text
    assert "/jobs/guid-3" in read(web, f"/?state={EVIL}").text


def test_a_job_tells_its_story(web):
    text = read(web, "/jobs/guid%2F1").text
    for part in (
        "12 findings",
        "5 h ago",
        "run-1",
        "vendor/model",
        "security",
        "refused",
        "12,345",
        "$0.1250",
        "50 s",
    ):
        assert part in text
    assert "up to $0.5000" in text


@pytest.mark.parametrize("job_id", ["nobody", "%00", "a%20b", "%ff", "x" * 201])
def test_a_job_nobody_knows_is_not_found(web, job_id):
    assert read(web, f"/jobs/{job_id}").status == 404


def test_who_sat_is_told_also_where_no_model_was_called(web):
    text = read(web, "/jobs/guid%2F1").text
    assert "<h2>seats</h2>" in text
    assert "rules/builtin" in text


@pytest.mark.parametrize("path", ["/", "/jobs/guid%2F1", "/jobs/guid-3", f"/jobs/{EVIL}"])
def test_other_peoples_text_stays_text_and_their_addresses_lead_nowhere(web, path):
    answer = read(web, path)
    assert "<script" not in answer.text
    assert 'href="javascript' not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_signing_in_opens_the_pages_with_a_cookie_that_is_not_the_token(web):
    answer = sign_in(web, TOKEN)
    cookie = answer.headers["set-cookie"]
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=strict", "Secure"} <= {part.strip() for part in cookie.split(";")}
    assert "ken" not in cookie
    assert web.get("/", Cookie=cookie.partition(";")[0]).status == 200


def test_a_cookie_opens_nothing_when_it_is_changed(web):
    kept = sign_in(web, TOKEN).headers["set-cookie"].partition(";")[0]
    until, _, proof = kept.partition("=")[2].partition(".")
    for forged in (f"{int(until) + 1}.{proof}", f"{until}.{proof[:-1]}", f"{until}.é", "x.y", f".{proof}"):
        assert web.get("/", Cookie=f"reviewbot={forged}".encode()).status == 401


def test_on_this_machine_a_cookie_needs_no_tls(web):
    assert "Secure" not in sign_in(web, TOKEN, "localhost:8080").headers["set-cookie"]


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Forwarded_Proto", "Forwarded", "Via"])
def test_behind_a_proxy_on_this_machine_a_cookie_needs_tls(web, name):
    assert "Secure" in sign_in(web, TOKEN, "127.0.0.1:8080", **{name: "x"}).headers["set-cookie"]


def test_a_wrong_token_signs_nobody_in(web):
    for body in (urlencode({"token": "wrong"}).encode(), b"", b"token", b"\xff=\xff"):
        answer = web.post("/", body)
        assert answer.status == 401
        assert "set-cookie" not in answer.headers
    assert web.post("/", b"x" * 5_000).status == 413


def test_without_the_database_the_pages_say_so(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/nowhere/t.sqlite")
    app = FastAPI()
    app.include_router(make_pages(store, Queue(store), Config(admin_token=SecretStr(TOKEN))))
    with listening(app) as web:
        assert read(web, "/").status == 503
