import logging

import pytest
from forge.loopback import CANARY, Drops, Loopback, Says
from pydantic import SecretStr
from stand_in import nobody

from reviewbot.forge.connection import JSON, Connection, Request
from reviewbot.forge.limits import Reply, Silence


@pytest.fixture
def server():
    with Loopback() as loopback:
        yield loopback


@pytest.fixture
def connection():
    return Connection(SecretStr(CANARY))


def post(server, path="/graphql"):
    return Request("POST", server.url + path, b'{"a": 1}', JSON)


def test_a_request_arrives_as_it_was_made(server, connection):
    server.script(Says(201, {"id": 7}, {"X-Thing": "1"}))
    reply = connection.exchange(post(server, "/a/b?c=d"))
    assert reply == Reply(201, reply.headers, b'{"id": 7}')
    assert reply.headers["x-thing"] == "1"
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.json) == ("POST", "/a/b?c=d", {"a": 1})
    assert asked.headers["authorization"] == f"Bearer {CANARY}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["accept"] == JSON
    assert asked.headers["x-github-api-version"] == "2022-11-28"
    assert asked.headers["user-agent"].startswith("reviewbot/")


@pytest.mark.parametrize(
    "says",
    [
        Says(500),
        Says(502, b"<html>"),
        Says(503, headers={"Retry-After": "0"}),
        Says(429),
        Says(429, headers={"Retry-After": "0"}),
        Says(403, {"message": "You have exceeded a secondary rate limit"}),
        Says(422, {"errors": [{"code": "abuse"}]}),
        Says(301, headers={"Location": "/elsewhere"}),
        Says(302, headers={"Location": "/elsewhere"}),
        Says(307, headers={"Location": "/elsewhere"}),
        Says(202),
    ],
)
def test_whatever_the_reply_one_request_is_one_request(server, connection, says):
    server.script(says)
    reply = connection.exchange(post(server))
    assert isinstance(reply, Reply)
    assert reply.status == says.status
    assert len(server.asked) == 1


@pytest.mark.parametrize("drop", [Drops(), Drops(midway=True)])
def test_a_line_that_breaks_is_a_silence_after_one_request(server, connection, drop):
    server.script(drop)
    silence = connection.exchange(post(server))
    assert isinstance(silence, Silence)
    assert silence.sent
    assert len(server.asked) == 1


def test_where_nobody_listens_nothing_was_sent(connection):
    silence = connection.exchange(Request("POST", nobody() + "/graphql", b"{}", JSON))
    assert silence == Silence("no answer (Connection refused)", sent=False)


def test_bytes_that_are_not_utf_8_stay_as_they_are(server, connection):
    body = b"+caf\xe9 \xff\x00\r\n"
    server.script(Says(200, body, {"Content-Type": "application/vnd.github.diff; charset=utf-8"}))
    reply = connection.exchange(Request("GET", server.url + "/d", None, "application/vnd.github.diff"))
    assert isinstance(reply, Reply)
    assert reply.body == body
    assert server.asked[0].headers["accept"] == "application/vnd.github.diff"


def test_an_empty_reply_is_empty(server, connection):
    server.script(Says(204))
    reply = connection.exchange(Request("DELETE", server.url + "/x", None, JSON))
    assert isinstance(reply, Reply)
    assert reply.body == b""


def test_a_proxy_that_repeats_the_token_is_not_repeated(server, connection, caplog):
    caplog.set_level(logging.DEBUG)
    server.respond = lambda asked: Says(502, f"you sent {dict(asked.headers)}".encode())
    reply = connection.exchange(post(server))
    assert isinstance(reply, Reply)
    assert b"you sent" in reply.body
    assert CANARY not in repr(reply) + repr(connection) + caplog.text


def test_a_proxy_of_the_environment_does_not_see_what_is_meant_for_loopback(server, connection, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", nobody())
    monkeypatch.setenv("NO_PROXY", "")
    server.script(Says(200, {}))
    assert isinstance(connection.exchange(post(server)), Reply)


def test_a_password_file_of_the_person_is_not_used(server, connection, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password other\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    server.script(Says(200, {}))
    connection.exchange(post(server))
    assert server.asked[0].headers["authorization"] == f"Bearer {CANARY}"


def test_a_token_is_renewed_where_another_can_be_had(server):
    stale = []
    connection = Connection(SecretStr(CANARY), lambda old: stale.append(old) or SecretStr("ghs_next"))
    server.respond = lambda asked: Says(401, f"you sent {asked.headers['authorization']}".encode())
    assert connection.renew()
    assert stale == [SecretStr(CANARY)]
    reply = connection.exchange(post(server))
    assert isinstance(reply, Reply)
    assert reply.body == b"you sent Bearer (token)"
    assert not Connection(SecretStr(CANARY)).renew()
