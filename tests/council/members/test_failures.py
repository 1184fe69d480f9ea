"""How a rejection is read and told: the cause, the wait, the remedy, and never the key."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from reviewbot.council.members.failures import MAX_DETAIL, Peer, Rejection, presentable, rejected, retry_after
from reviewbot.council.model import Access, Reply
from reviewbot.errors import BadSettings

PEER = Peer(model="m-1", url="https://host/v1", key=SecretStr("sk-0123456789-abcdef"), variable="SOME_API_KEY")
keys = st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="-_"), min_size=8, max_size=40)


def test_the_peer_is_the_operators_server_or_the_vendors() -> None:
    access = Access(model="m")
    assert Peer.of(access, url="https://vendor").url == "https://vendor"
    access = Access(model="m", base_url="http://localhost:1")
    assert Peer.of(access, url="https://vendor").url == "http://localhost:1"


def test_a_password_in_the_address_is_not_part_of_its_name() -> None:
    assert PEER.model_copy(update={"url": "https://me:pass@host/v1/"}).name == "https://host/v1"


def test_a_missing_key_names_the_variable() -> None:
    with pytest.raises(BadSettings, match="set SOME_API_KEY"):
        _ = PEER.model_copy(update={"key": None}).secret


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"retry-after": "7"}, "", 7.0),
        ({"retry-after": "0.25"}, "", 0.25),
        ({"retry-after-ms": "250"}, "", 0.25),
        ({"retry-after-ms": "250", "retry-after": "9"}, "", 0.25),
        ({"retry-after-ms": "soon", "retry-after": "9"}, "", 9.0),
        ({"retry-after": "-3"}, "", 0.0),
        ({"retry-after": "inf"}, "", None),
        ({"retry-after": "nan"}, "", None),
        ({"retry-after": ""}, "", None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, "", 0.0),
        ({}, '{"error": {"details": [{"retryDelay": "7s"}]}}', 7.0),
        ({"retry-after": "3"}, '{"retryDelay": "7s"}', 3.0),
        ({}, '{"retryDelay": "soon"}', None),
    ],
)
def test_the_wait_is_read_as_it_is_written(headers: dict[str, str], body: str, seconds: float | None) -> None:
    assert retry_after(headers, body) == seconds


def test_a_date_is_the_seconds_until_then() -> None:
    wait = retry_after({"retry-after": format_datetime(datetime.now(UTC) + timedelta(seconds=60))})
    assert wait is not None
    assert 55 < wait <= 60


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": {"message": "too bad"}}', "400: too bad"),
        ('{"type": "error", "error": {"type": "x", "message": "too bad"}}', "400: too bad"),
        ('[{"error": {"message": "too bad"}}]', "400: too bad"),
        ('{"message": "too bad"}', "400: too bad"),
        ('{"error": "too bad"}', "400: too bad"),
        ('{"detail": [{"msg": "too bad"}]}', "too bad"),
        ('{"error": {"message": {"why": "too bad"}}}', "too bad"),
        ('{"error": null}', "400: "),
        ("{broken", "{broken"),
        ("[" * 100_000, "400: ["),
    ],
)
def test_the_vendors_own_sentence_is_found(body: str, words: str) -> None:
    reply = rejected(Rejection(400, body, {}), PEER)
    assert reply.outcome == "fatal"
    assert words in presentable(reply, PEER).detail


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("https://else.where/v1?x=1", "redirects to else.where,"),
        ("//else.where/v1", "redirects to else.where,"),
        ("/login", "redirects to another address"),
        ("http://[", "redirects to [,"),
    ],
)
def test_a_redirect_names_the_host_it_leads_to(location: str, words: str) -> None:
    assert words in rejected(Rejection(302, "", {"location": location}), PEER).detail


@given(st.integers(200, 599), st.text(max_size=300) | st.from_type(type(None)).map(json.dumps))
def test_whatever_a_server_says_is_a_failure_and_never_ok(status: int, body: str) -> None:
    reply = presentable(rejected(Rejection(status, body, {}), PEER), PEER)
    assert reply.outcome not in ("ok", "cut", "refused", "blocked")
    assert reply.detail
    assert len(reply.detail) <= MAX_DETAIL


@given(keys, st.text(max_size=150), st.text(max_size=150), st.integers(8, 40))
def test_a_key_is_in_no_detail_whole_or_begun(key: str, before: str, after: str, echoed: int) -> None:
    peer = PEER.model_copy(update={"key": SecretStr(key)})
    shown = presentable(Reply(outcome="fatal", detail=f"{before} {key[:echoed]} {after}"), peer).detail
    assert key[: min(echoed, 8)] not in shown.replace("***", " ")


def test_a_short_key_that_keeps_no_secret_leaves_words_alone() -> None:
    peer = PEER.model_copy(update={"key": SecretStr("ollama")})
    assert presentable(Reply(outcome="fatal", detail="ollama is not there"), peer).detail == "ollama is not there"


@given(st.text())
def test_a_detail_is_one_line(said: str) -> None:
    detail = presentable(Reply(outcome="fatal", detail=said), PEER).detail
    assert len(detail.splitlines()) <= 1
    assert len(detail) <= MAX_DETAIL
