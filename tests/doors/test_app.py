import json
from html.parser import HTMLParser

import pytest

from reviewbot.doors.app import print_manifest
from reviewbot.errors import BadSettings, Exit
from reviewbot.forge.manifest import manifest

URL = "https://reviews.example.com"


class Form(HTMLParser):
    """What a browser would send."""

    def __init__(self, page):
        super().__init__()
        self.form, self.fields, self.scripts = {}, {}, 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.scripts += tag == "script"
        if tag == "form":
            self.form = told
        if tag == "input":
            self.fields[told["name"]] = told["value"]


@pytest.fixture(autouse=True)
def _on_github_com(monkeypatch):
    for name in ("GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_GRAPHQL_URL"):
        monkeypatch.delenv(name, raising=False)


def test_the_manifest_is_all_of_stdout_and_what_to_do_is_on_stderr(capsys):
    assert print_manifest(f" {URL}/ ", name="reviewbot", organization=None) is Exit.REVIEWED
    told = capsys.readouterr()
    assert json.loads(told.out) == manifest(URL, "reviewbot")
    assert "https://github.com/settings/apps/new" in told.err
    assert "https://api.github.com/app-manifests/CODE/conversions" in told.err
    for name in ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY", "GITHUB_WEBHOOK_SECRET"):
        assert name in told.err


def test_the_page_holds_one_form_that_sends_the_manifest(tmp_path, capsys):
    page = tmp_path / "app.html"
    name = 'r"<script>'
    print_manifest(URL, name=name, organization="acme-co", page=page)
    sent = Form(page.read_text())
    assert sent.form == {"action": "https://github.com/organizations/acme-co/settings/apps/new", "method": "post"}
    assert json.loads(sent.fields["manifest"]) == manifest(URL, name)
    assert sent.scripts == 0
    assert str(page) in capsys.readouterr().err


def test_on_an_enterprise_server_the_app_is_made_there(monkeypatch, capsys):
    """THREATS G34."""
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://ghe.corp")
    print_manifest(URL, name="reviewbot", organization=None)
    told = capsys.readouterr().err
    assert "https://ghe.corp/settings/apps/new" in told
    assert "https://ghe.corp/api/v3/app-manifests/CODE/conversions" in told


def test_a_service_on_this_machine_needs_no_tls_where_github_is_here_too(capsys, monkeypatch):
    monkeypatch.setenv("GITHUB_SERVER_URL", "http://127.0.0.1:3000")
    print_manifest("http://localhost:8080", name="reviewbot", organization=None)
    assert json.loads(capsys.readouterr().out)["hook_attributes"]["url"] == "http://localhost:8080/webhook"


@pytest.mark.parametrize(
    ("options", "who"),
    [
        ({"url": "http://reviews.example.com"}, "--url"),
        ({"url": "reviews.example.com"}, "--url"),
        ({"url": "https://localhost:8080"}, "--url"),
        ({"url": "http://[::1]"}, "--url"),
        ({"url": "https://me:secret@reviews.example.com"}, "--url"),
        ({"url": "https://reviews.example.com?x=1"}, "--url"),
        ({"name": " "}, "--name"),
        ({"name": "x" * 35}, "--name"),
        ({"organization": "acme/../x"}, "--org"),
        ({"organization": ""}, "--org"),
    ],
)
def test_what_makes_no_app_is_refused_with_nothing_printed(options, who, capsys):
    asked = {"url": URL, "name": "reviewbot", "organization": None} | options
    with pytest.raises(BadSettings) as caught:
        print_manifest(asked.pop("url"), **asked)
    assert caught.value.who == who
    assert "secret" not in str(caught.value)
    assert capsys.readouterr().out == ""
