import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.errors import BadInput, BadSettings
from reviewbot.forge.access import Access, access_from, check_repository, parse_address, plain_pem
from reviewbot.forge.model import Address
from reviewbot.settings import VENDORS

TOKEN = {"GITHUB_TOKEN": "ghp_canary"}
HERE = "https://github.com"


def keys_of(environ: dict[str, str]) -> list[str]:
    return [key.get_secret_value() for key in access_from(TOKEN | environ).signing_keys]


@pytest.mark.parametrize(
    ("text", "server", "address"),
    [
        ("https://github.com/acme/shop/pull/7", HERE, Address("acme/shop", 7)),
        ("https://github.com/acme/shop/pull/7/files", HERE, Address("acme/shop", 7)),
        ("https://github.com/acme/shop/pull/7#discussion_r12", HERE, Address("acme/shop", 7)),
        ("https://github.com/acme/shop/pull/7?w=1", HERE, Address("acme/shop", 7)),
        ("  https://GitHub.com/acme/shop/pull/7\n", HERE, Address("acme/shop", 7)),
        ("https://ghe.corp:8443/a_b/.github/pull/12", "https://ghe.corp:8443", Address("a_b/.github", 12)),
        ("http://127.0.0.1:1234/acme/shop/pull/1", "http://127.0.0.1:1234", Address("acme/shop", 1)),
        ("acme/shop#7", None, Address("acme/shop", 7)),
        ("acme-/..shop#7", None, Address("acme-/..shop", 7)),
        ("acme/shop.js-2#123", None, Address("acme/shop.js-2", 123)),
    ],
)
def test_a_pull_request_is_named_as_people_do(text, server, address):
    assert parse_address(text) == (server, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "7",
        "#7",
        "acme#7",
        "acme/shop",
        "acme/shop#0",
        "acme/shop#7x",
        "acme/shop#\u0667",
        "acme/..#7",
        "acme/.#7",
        "-acme/shop#7",
        "acme/shop/more#7",
        "https://github.com/acme/shop",
        "https://github.com/acme/shop/issues/7",
        "https://github.com/acme/../pull/7",
        "https://github.com/acme/shop/pull/7x",
        "https://someone:secret@github.com/acme/shop/pull/7",
        "ftp://github.com/acme/shop/pull/7",
        "git@github.com:acme/shop.git",
    ],
)
def test_what_names_no_pull_request_is_refused_with_the_way_to_name_one(text):
    with pytest.raises(BadInput, match="OWNER/REPO#N") as caught:
        parse_address(text)
    assert "secret" not in str(caught.value)


def test_a_pull_request_on_a_server_without_tls_is_refused():
    with pytest.raises(BadSettings, match="in clear"):
        parse_address("http://ghe.corp/acme/shop/pull/7")


@given(st.text(max_size=60))
def test_a_parsed_address_stands_safely_in_a_path(text):
    try:
        _, address = parse_address(f"{text}#7")
    except BadInput:
        return
    assert re.fullmatch(r"[\w-]+/[\w.-]+", address.repository, re.ASCII)
    assert ".." not in address.repository.split("/")
    assert check_repository(address.repository) == address.repository


def test_a_repository_that_leads_elsewhere_is_refused():
    for name in ("acme", "acme/..", "acme/shop/pulls", "acme/sh op", "../shop", "acme/shop?x"):
        with pytest.raises(BadInput, match="OWNER/REPO"):
            check_repository(name)


def test_with_nothing_but_a_token_it_is_github_com():
    access = access_from(TOKEN)
    assert access.server_url == HERE
    assert access.api_url == "https://api.github.com"
    assert access.graphql_url == "https://api.github.com/graphql"


@pytest.mark.parametrize(
    ("environ", "server", "api", "graphql"),
    [
        (
            {"GITHUB_SERVER_URL": "https://ghe.corp"},
            "https://ghe.corp",
            "https://ghe.corp/api/v3",
            "https://ghe.corp/api/graphql",
        ),
        (
            {"GITHUB_API_URL": "https://ghe.corp/api/v3/"},
            "https://ghe.corp",
            "https://ghe.corp/api/v3",
            "https://ghe.corp/api/graphql",
        ),
        (
            {"GITHUB_SERVER_URL": "https://octo.ghe.com"},
            "https://octo.ghe.com",
            "https://api.octo.ghe.com",
            "https://api.octo.ghe.com/graphql",
        ),
        (
            {"GITHUB_API_URL": "https://api.github.com"},
            HERE,
            "https://api.github.com",
            "https://api.github.com/graphql",
        ),
        (
            {"GITHUB_API_URL": "http://localhost:81/api/v3", "GITHUB_GRAPHQL_URL": "http://localhost:81/g"},
            "http://localhost:81",
            "http://localhost:81/api/v3",
            "http://localhost:81/g",
        ),
    ],
)
def test_one_address_of_a_server_is_enough_to_know_the_others(environ, server, api, graphql):
    access = access_from(TOKEN | environ)
    assert (access.server_url, access.api_url, access.graphql_url) == (server, api, graphql)


def test_a_pull_request_on_the_server_of_the_environment_is_entered():
    assert access_from(TOKEN, HERE).api_url == "https://api.github.com"
    corporate = access_from(TOKEN | {"GITHUB_SERVER_URL": "https://ghe.corp/"}, "https://ghe.corp")
    assert corporate.api_url == "https://ghe.corp/api/v3"


@pytest.mark.parametrize(
    ("environ", "server"),
    [
        ({}, "https://ghe.corp"),
        ({}, "https://github.com.evil.example"),
        ({"GITHUB_SERVER_URL": "https://ghe.corp"}, HERE),
        ({"GITHUB_SERVER_URL": "https://ghe.corp"}, "https://ghe.corp:444"),
    ],
)
def test_a_token_goes_to_no_server_but_its_own(environ, server):
    with pytest.raises(BadSettings, match=f"set GITHUB_SERVER_URL={re.escape(server)}") as caught:
        access_from(TOKEN | environ, server)
    assert "ghp_canary" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "http://ghe.corp",
        "ghe.corp",
        "https://",
        "ftp://ghe.corp",
        "https://ghe.corp:port",
        "https://ghe.corp:0",
        "https://ghe.corp?x=1",
        "https://ghe.corp#x",
        "https://me:secret@ghe.corp",
        "https://gh e.corp",
        "https://[::1",
    ],
)
@pytest.mark.parametrize("name", ["GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_GRAPHQL_URL"])
def test_an_address_a_token_must_not_be_sent_to_is_refused(name, url):
    with pytest.raises(BadSettings, match=name) as caught:
        access_from(TOKEN | {name: url})
    assert "secret" not in str(caught.value)


def test_without_a_token_the_permissions_are_named():
    for environ in ({}, {"GITHUB_TOKEN": " \n"}):
        with pytest.raises(BadSettings, match="pull requests write"):
            access_from(environ)


@pytest.mark.parametrize("token", ["ghp_canary\nX: y", "ghp canary", "ghp_canary\u2013", "ghp_canary\x7f"])
def test_a_token_no_header_can_carry_is_refused_and_not_shown(token):
    with pytest.raises(BadSettings, match="odd signs") as caught:
        access_from({"GITHUB_TOKEN": token})
    assert "canary" not in str(caught.value)


def test_the_line_feed_behind_a_pasted_token_does_not_matter():
    assert access_from({"GITHUB_TOKEN": "ghp_canary\n"}).token.get_secret_value() == "ghp_canary"


def test_access_shows_no_secret():
    access = access_from(TOKEN | {"REVIEWBOT_SIGNING_KEY": "deep secret"})
    for shown in (repr(access), str(access), access.model_dump_json()):
        assert "ghp_canary" not in shown
        assert "deep secret" not in shown
        assert access.signing_keys[0].get_secret_value() not in shown
    assert isinstance(access, Access)


def test_two_signing_keys_hold_while_they_are_rotated():
    old = keys_of({"REVIEWBOT_SIGNING_KEY": "old"})
    assert keys_of({"REVIEWBOT_SIGNING_KEY": "new, old"}) == keys_of({"REVIEWBOT_SIGNING_KEY": "new"}) + old
    assert keys_of({"REVIEWBOT_SIGNING_KEY": "old", "GITHUB_WEBHOOK_SECRET": "hook"}) == old


def test_every_secret_of_the_run_verifies_where_no_signing_key_is_set():
    app = "-----BEGIN RSA PRIVATE KEY-----\nxyz\n-----END RSA PRIVATE KEY-----\n"
    environ = {"GITHUB_WEBHOOK_SECRET": "hook,next", "GITHUB_APP_PRIVATE_KEY": app, "OPENAI_API_KEY": "sk-1"}
    assert len(keys_of(environ)) == 4
    assert keys_of(environ)[0] == keys_of({"GITHUB_WEBHOOK_SECRET": "hook"})[0]
    every = {name: name for vendor in VENDORS.values() for name in vendor.keys}
    assert len(keys_of(every)) == len(every)


def test_no_secret_signs_as_it_is():
    secret = "s" * 40
    assert keys_of({"REVIEWBOT_SIGNING_KEY": secret}) != [secret]
    assert re.fullmatch("[0-9a-f]{64}", keys_of({"REVIEWBOT_SIGNING_KEY": secret})[0])


def test_where_no_secret_is_set_the_key_is_the_same_for_everybody():
    assert keys_of({}) == keys_of({"GITHUB_APP_PRIVATE_KEY": "/run/secrets/app.pem"})
    assert len(keys_of({})) == 1


def test_a_key_is_the_same_key_however_it_is_written():
    lines = ["-----BEGIN RSA PRIVATE KEY-----", "xyz", "-----END RSA PRIVATE KEY-----"]
    spellings = ["\n".join(lines), "\n".join(lines) + "\n", "\\n".join(lines), "\r\n".join(lines)]
    assert {plain_pem(text) for text in spellings} == {"\n".join(lines) + "\n"}
    assert len({tuple(keys_of({"GITHUB_APP_PRIVATE_KEY": text})) for text in spellings}) == 1
