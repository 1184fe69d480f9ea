"""The App against the fake GitHub, which verifies each signature and each token as GitHub does."""

import logging
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hub import apps
from hub.faults import fail
from hub.hand_clock import hand_clock
from hub.postman import Postman
from hub.server import HubServer
from hub.world import World
from pydantic import SecretStr

from reviewbot.errors import BadSettings, NoAccess
from reviewbot.forge.access import signing_keys
from reviewbot.forge.app import App, AppAccess, app_access_from
from reviewbot.forge.clock import Clock
from reviewbot.forge.github import connect
from reviewbot.forge.webhook import Delivery, decide

ENVIRON = {"GITHUB_APP_ID": str(apps.APP_ID), "GITHUB_APP_PRIVATE_KEY": apps.private_key()}
NEEDED = {"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"}
PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path, clock=hand_clock())


@pytest.fixture
def opened(world: World) -> World:
    """With pull request 7."""
    base = world.commit((), {"app.py": b"one\n"})
    world.branch("main", base)
    world.open_pull("main", world.commit(base, {"app.py": b"two\n"}))
    return world


@pytest.fixture
def installed(world: World) -> apps.App:
    """The App as GitHub knows it."""
    app = apps.App(world.clock)
    app.install(world)
    return app


@pytest.fixture
def place(installed: apps.App) -> int:
    """The installation."""
    return next(iter(installed.installations))


@pytest.fixture
def hub(world: World) -> Iterator[HubServer]:
    with HubServer(world, prefix="/api/v3") as server:
        yield server
        assert server.violations == []


@pytest.fixture(scope="module")
def configured() -> AppAccess:
    return app_access_from(ENVIRON)


@pytest.fixture
def access(configured: AppAccess, hub: HubServer) -> AppAccess:
    places = {"api_url": hub.url, "graphql_url": hub.graphql_url, "server_url": hub.origin}
    return configured.model_copy(update=places)


@pytest.fixture
def app(access: AppAccess, installed: apps.App) -> App:
    return App(access, installed.clock)


def mints(world: World) -> int:
    return sum(request.path.endswith("/access_tokens") for request in world.requests)


def pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, passphrase: bytes = b"") -> str:
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(*PKCS8, lock).decode()


# what the environment says


def test_a_key_may_be_text_or_one_line_or_a_path(tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(apps.private_key())
    texts = (apps.private_key(), apps.private_key().strip().replace("\n", "\\n"), str(tmp_path / "app.pem"))
    read = [app_access_from(ENVIRON | {"GITHUB_APP_PRIVATE_KEY": text}) for text in texts]
    assert read[0] == read[1] == read[2]
    assert read[0].app_id == apps.APP_ID
    assert read[0].private_key.get_secret_value() == apps.private_key()


def test_markers_are_signed_with_what_is_in_the_file_and_not_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "app.pem").write_text(apps.private_key())
    told = {"GITHUB_WEBHOOK_SECRET": "hook"}
    access = app_access_from(ENVIRON | told | {"GITHUB_APP_PRIVATE_KEY": str(tmp_path / "app.pem")})
    assert access.signing_keys == signing_keys(ENVIRON | told)
    assert len(access.signing_keys) == 2


def test_the_addresses_of_an_enterprise_server_follow_from_one() -> None:
    access = app_access_from(ENVIRON | {"GITHUB_SERVER_URL": "https://ghe.corp"})
    assert (access.api_url, access.graphql_url) == ("https://ghe.corp/api/v3", "https://ghe.corp/api/graphql")


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("GITHUB_APP_ID", "", "is not set"),
        ("GITHUB_APP_ID", "ghp_canary", "is no number"),
        ("GITHUB_APP_ID", "\u0661\u0662", "is no number"),
        ("GITHUB_APP_ID", "1" * 30, "is no number"),
        ("GITHUB_APP_PRIVATE_KEY", " ", "is not set"),
        ("GITHUB_APP_PRIVATE_KEY", "/nowhere/app.pem", "No such file"),
        ("GITHUB_APP_PRIVATE_KEY", "/", "Is a directory"),
        ("GITHUB_APP_PRIVATE_KEY", "canary" * 1_000, "nor a file"),
        ("GITHUB_APP_PRIVATE_KEY", "canary\0", "nor a file"),
        ("GITHUB_APP_PRIVATE_KEY", "-----BEGIN RSA PRIVATE KEY-----\ncanary", "no key that can be read"),
        ("GITHUB_APP_PRIVATE_KEY", pem(ec.generate_private_key(ec.SECP256R1())), "no RSA key"),
        ("GITHUB_APP_PRIVATE_KEY", pem(ec.generate_private_key(ec.SECP256R1()), b"x"), "no key that can be read"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_remedy(name: str, text: str, why: str) -> None:
    with pytest.raises(BadSettings, match=why) as caught:
        app_access_from(ENVIRON | {name: text})
    assert caught.value.who == name
    assert "canary" not in "".join(traceback.format_exception(caught.value)) or name == "GITHUB_APP_ID"


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "app.der").write_bytes(b"\x30\x82\xff")
    with pytest.raises(BadSettings, match="UnicodeDecodeError"):
        app_access_from(ENVIRON | {"GITHUB_APP_PRIVATE_KEY": str(tmp_path / "app.der")})


# tokens


def test_a_token_opens_one_repository_with_what_a_review_needs(
    app: App, installed: apps.App, place: int, world: World
) -> None:
    """THREATS G29."""
    token = app.access(place, world.repository.id).token.get_secret_value()
    minted = installed.tokens[token]
    assert minted.permissions == NEEDED
    assert minted.repository_ids == {world.repository.id}
    assert minted.narrowed


def test_access_is_of_the_server_and_signs_as_it_does(
    app: App, access: AppAccess, place: int, world: World, hub: HubServer
) -> None:
    given = app.access(place, world.repository.id)
    assert (given.api_url, given.graphql_url) == (hub.url, hub.graphql_url)
    assert (given.server_url, given.signing_keys) == (access.server_url, access.signing_keys)


def test_a_token_is_kept_until_ten_minutes_before_its_end(app: App, place: int, world: World) -> None:
    first = app.access(place, world.repository.id).token
    world.clock.sleep(2_990)
    assert app.access(place, world.repository.id).token == first
    world.clock.sleep(20)
    assert app.access(place, world.repository.id).token != first
    assert mints(world) == 2


def test_of_many_who_want_a_token_one_asks(app: App, place: int, world: World) -> None:
    with ThreadPoolExecutor(8) as pool:
        given = list(pool.map(lambda _: app.access(place, world.repository.id).token, range(16)))
        assert len(set(given)) == mints(world) == 1
        stale = given[0]
        renewed = list(pool.map(lambda _: app.renew(place, world.repository.id, stale), range(16)))
    assert len({*renewed, stale}) == mints(world) == 2


@pytest.mark.parametrize("wrong", [-3_600.0, -120.0, 120.0, 3_600.0])
def test_a_clock_that_is_wrong_is_put_right_once(access: AppAccess, place: int, world: World, wrong: float) -> None:
    """THREATS G32."""
    clock = Clock(now=lambda: world.clock.now() + wrong, sleep=world.clock.sleep)
    app = App(access, clock)
    token = app.access(place, world.repository.id).token
    assert app.slug() == apps.SLUG
    asked = len(world.requests)
    assert asked in (2, 3)  # GitHub bears a clock that is a little slow
    world.clock.sleep(2_900)
    assert app.access(place, world.repository.id).token == token
    assert app.slug() == apps.SLUG
    assert len(world.requests) == asked + 1


def test_a_token_that_ends_while_it_is_used_is_replaced_and_nothing_is_posted_twice(
    app: App, place: int, opened: World
) -> None:
    """THREATS G32."""
    repository = opened.repository
    renew = partial(app.renew, place, repository.id)
    forge = connect(repository.name, app.access(place, repository.id), opened.clock, renew=renew)
    opened.clock.sleep(apps.LIFE + 1)
    forge.post_comment(7, "Looked at.")
    assert [write.kind for write in opened.writes] == ["comment"]
    assert mints(opened) == 2
    assert forge.pull(7).address.number == 7
    assert mints(opened) == 2


def test_what_github_did_not_answer_is_asked_for_again(app: App, place: int, world: World) -> None:
    world.faults.add("POST", "/access_tokens", fail(502))
    assert app.access(place, world.repository.id).token
    assert mints(world) == 2


def refused(app: App, place: int, repository_id: int) -> NoAccess:
    with pytest.raises(NoAccess) as caught:
        app.access(place, repository_id)
    assert f"installation {place}" in caught.value.what
    return caught.value


def test_a_suspended_and_a_deleted_installation_say_what_to_do(
    app: App, installed: apps.App, place: int, world: World
) -> None:
    """THREATS G33."""
    app.access(place, world.repository.id)
    installed.suspend(installed.find(place))
    world.clock.sleep(3_600)
    assert "suspended" in refused(app, place, world.repository.id).remedy
    installed.uninstall(installed.find(place))
    assert "install it" in refused(app, place, world.repository.id).remedy
    assert mints(world) == 3


def test_a_repository_and_a_permission_that_were_not_granted_say_what_to_do(
    app: App, installed: apps.App, place: int, world: World
) -> None:
    assert "choose the repository" in refused(app, place, 1).remedy
    installed.find(place).permissions = NEEDED | {"checks": "read"}
    error = refused(app, place, world.repository.id)
    assert "not granted" in error.what
    assert "accept what the App asks for" in error.remedy


def test_another_apps_key_or_id_is_named_and_not_tried_for_long(access: AppAccess, place: int, world: World) -> None:
    other = SecretStr(pem(rsa.generate_private_key(65_537, 2_048)))
    for update in ({"private_key": other}, {"app_id": 7}):
        app = App(access.model_copy(update=update), world.clock)
        assert "GITHUB_APP_ID" in refused(app, place, world.repository.id).remedy
        with pytest.raises(NoAccess, match="GITHUB_APP_ID"):
            app.installations()
    assert len(world.requests) == 6


def test_no_secret_is_in_an_error_or_a_log(
    access: AppAccess, installed: apps.App, place: int, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = App(access, world.clock)
    token = app.access(place, world.repository.id).token.get_secret_value()
    installed.uninstall(installed.find(place))
    told = [repr(access), repr(app), caplog.text]
    for ask in (
        partial(app.renew, place, world.repository.id, SecretStr(token)),
        partial(list, app.open_pulls(place, world.repository.id, "octo/shop", 0.0)),
        partial(app.delivery, 7),
    ):
        with pytest.raises(NoAccess) as caught:
            ask()
        told += traceback.format_exception(caught.value)
    sent = {request.token for request in world.requests} | {token, apps.private_key().splitlines()[1]}
    assert len(sent) >= 3
    assert not [secret for secret in sent for text in [*told, caplog.text] if secret in text]


# what the App itself may ask


def test_installations_and_their_repositories_are_listed(
    app: App, installed: apps.App, place: int, world: World
) -> None:
    (row,) = app.installations()
    assert (row.id, row.created, row.suspended) == (place, world.clock.now(), False)
    (repository,) = app.repositories(place)
    assert (repository.id, repository.name, repository.archived) == (world.repository.id, "octo/shop", False)
    assert [minted.permissions for minted in installed.tokens.values()] == [{"metadata": "read"}]
    installed.suspend(installed.find(place))
    assert app.installations()[0].suspended


def test_open_pull_requests_are_listed_until_they_are_too_old(app: App, place: int, opened: World) -> None:
    old = opened.clock.now()
    opened.clock.sleep(100)
    head = opened.commit(opened.pulls[7].head_sha, {"app.py": b"three\n"})
    number = opened.open_pull("main", head).number
    opened.open_pull("main", head).state = "closed"
    listed = partial(app.open_pulls, place, opened.repository.id, "octo/shop")
    (pull,) = listed(old + 1)
    assert (pull.number, pull.head_sha, pull.updated) == (number, head, opened.clock.now())
    assert [pull.number for pull in listed(old)] == [number, 7]
    assert {request.query for request in opened.requests if request.path.endswith("/pulls")} == {
        "per_page=100&state=open&sort=updated&direction=desc"
    }


def test_deliveries_are_listed_over_all_pages_until_they_are_too_old(
    app: App, installed: apps.App, opened: World
) -> None:
    opened.limits = opened.limits._replace(page=2)
    postman = Postman(installed, opened)
    sent = []
    for _ in range(5):
        sent.append(postman.opened(7).guid)
        opened.clock.sleep(10)
    rows = list(app.deliveries(opened.clock.now() - 45))
    assert [row.guid for row in rows] == sent[:0:-1]
    assert (rows[0].event, rows[0].action, rows[0].succeeded) == ("pull_request", "opened", False)
    assert rows[0].repository_id == opened.repository.id
    assert list(app.deliveries(opened.clock.now())) == []


def test_a_delivery_is_fetched_as_it_was_sent(app: App, installed: apps.App, place: int, opened: World) -> None:
    attempt = Postman(installed, opened).commented(7, "/reviewbot help \u2026")
    delivery = decide(*app.delivery(attempt.id))
    assert isinstance(delivery, Delivery)
    assert (delivery.guid, delivery.event, delivery.installation_id) == (attempt.guid, "issue_comment", place)


def test_a_list_that_is_read_for_long_is_signed_for_again(app: App, installed: apps.App, opened: World) -> None:
    opened.limits = opened.limits._replace(page=1)
    postman = Postman(installed, opened)
    sent = [postman.opened(7).guid for _ in range(3)]
    rows = []
    for row in app.deliveries(0.0):
        opened.clock.sleep(700)
        rows.append(row.guid)
    assert rows == sent[::-1]
