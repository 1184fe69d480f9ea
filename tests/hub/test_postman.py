"""What the postman sends is what GitHub would send: every payload passes its schema, or sending fails."""

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from hub import contracts
from hub.apps import SECRET, App
from hub.checks import CheckChange, create_check
from hub.mailbox import Mailbox
from hub.postman import Postman
from hub.scene import Scene
from hub.world import BOT


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def postman(scene: Scene, mailbox: Mailbox) -> Postman:
    app = App(scene.world.clock, webhook_url=mailbox.url)
    app.install(scene.world)
    return Postman(app, scene.world)


def told(mailbox: Mailbox) -> list[tuple[str, str]]:
    return [(one.headers["X-GitHub-Event"], json.loads(one.body).get("action", "")) for one in mailbox.letters]


def test_an_event_is_signed_over_the_bytes_that_are_sent(postman: Postman, mailbox: Mailbox) -> None:
    sent = postman.opened(7)
    (letter,) = mailbox.letters
    digest = hmac.new(SECRET.encode(), letter.body, hashlib.sha256).hexdigest()
    assert letter.headers["X-Hub-Signature-256"] == f"sha256={digest}"
    assert letter.headers["X-GitHub-Delivery"] == sent.guid
    assert letter.headers["X-GitHub-Hook-Installation-Target-Type"] == "integration"
    assert letter.headers["User-Agent"].startswith("GitHub-Hookshot/")
    assert (letter.path, sent.status_code, sent.succeeded, sent.answer) == ("/webhook", 202, True, "said")


def test_every_event_of_a_pull_request_names_the_installation(postman: Postman, mailbox: Mailbox, scene: Scene) -> None:
    create_check(scene.world, scene.world.grant(BOT), CheckChange("reviewbot", scene.head, "a review"))
    scene.world.branch("release", scene.base)
    postman.opened(7)
    postman.commented(7, "/reviewbot review", "grace")
    postman.rerequested(7)
    postman.labeled(7)
    postman.retargeted(7, "release")
    scene.push([b"new\n"])
    postman.pushed(7, before=scene.head)
    postman.drafted(7)
    postman.readied(7)
    postman.closed(7)
    assert told(mailbox) == [
        ("pull_request", "opened"), ("issue_comment", "created"), ("check_run", "rerequested"),
        ("pull_request", "labeled"), ("pull_request", "edited"), ("pull_request", "synchronize"),
        ("pull_request", "converted_to_draft"), ("pull_request", "ready_for_review"), ("pull_request", "closed"),
    ]  # fmt: skip
    payloads = [json.loads(letter.body) for letter in mailbox.letters]
    assert {payload["installation"]["id"] for payload in payloads} == {postman.installation.id}
    assert payloads[1]["comment"]["id"] == scene.world.pulls[7].comments[0].id
    assert payloads[2]["check_run"]["external_id"] == "a review"
    assert (payloads[5]["before"], payloads[5]["after"]) == (scene.head, scene.world.pulls[7].head_sha)
    assert scene.world.pulls[7].state == "closed"


def test_what_happens_to_the_installation_is_told(postman: Postman, mailbox: Mailbox, scene: Scene) -> None:
    postman.installed()
    postman.suspended()
    postman.unsuspended()
    postman.removed()
    postman.installation.worlds.append(scene.world)
    postman.deleted()
    postman.uninstalled()
    postman.pinged()
    assert told(mailbox) == [
        ("installation", "created"), ("installation", "suspend"), ("installation", "unsuspend"),
        ("installation_repositories", "removed"), ("repository", "deleted"), ("installation", "deleted"), ("ping", ""),
    ]  # fmt: skip
    assert postman.app.installations == {}
    with pytest.raises(ValueError, match="not installed"):
        Postman(postman.app, scene.world)


def test_the_same_guid_again_is_the_same_event(postman: Postman) -> None:
    first = postman.opened(7)
    assert postman.opened(7, guid=first.guid).guid == first.guid
    assert postman.opened(7).guid != first.guid


def test_who_does_not_answer_is_not_told_again(postman: Postman, mailbox: Mailbox) -> None:
    mailbox.status = 503
    refused = postman.opened(7)
    assert (refused.status, refused.status_code) == ("Invalid HTTP Response: 503", 503)
    postman.app.webhook_url = "http://127.0.0.1:1/webhook"
    lost = postman.opened(7)
    assert (lost.status, lost.status_code, lost.succeeded) == ("failed to connect to host", 0, False)
    assert len(mailbox.letters) == 1
    assert postman.app.attempts == [refused, lost]


@pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
def test_what_github_cannot_send_is_not_sent(postman: Postman, mailbox: Mailbox) -> None:
    with pytest.raises(ValueError, match="no such event"):
        postman.send("pull_request", {"action": "opened"})
    assert mailbox.letters == []


def test_a_check_that_is_not_there_cannot_be_asked_for(postman: Postman) -> None:
    with pytest.raises(LookupError):
        postman.rerequested(7)
