from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from hub.apps import APP_ID, LIFE, App, private_key
from hub.hand_clock import hand_clock
from hub.rejection import Rejection
from hub.scene import Scene
from hub.world import World

OTHER_KEY = (
    "a secret that is no RSA key and is long enough to sign with HMAC: 0123456789abcdef0123456789abcdef0123456789abcdef"
)


@cache
def signing_key() -> PrivateKeyTypes:
    return load_pem_private_key(private_key().encode(), None)


def signed(app: App, **changes: Any) -> str:
    now = int(app.clock.now())
    claims = {"iat": now - 60, "exp": now + 540, "iss": str(APP_ID)} | changes
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, signing_key(), "RS256")


def refused(app: App, token: str) -> tuple[int, str]:
    with pytest.raises(Rejection) as no:
        app.verify(token)
    return no.value.status, no.value.message


@pytest.fixture
def app(scene: Scene) -> App:
    app = App(scene.world.clock)
    app.install(scene.world)
    return app


def opened(app: App, **asked: Any) -> str:
    return app.mint(next(iter(app.installations)), asked)[0]


@pytest.mark.parametrize("changes", [{}, {"iat": 60}, {"exp": 600}])
def test_the_app_enters_with_a_token_it_signed(app: App, changes: dict[str, int]) -> None:
    now = int(app.clock.now())
    app.verify(signed(app, **{name: now + value for name, value in changes.items()}))


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"iss": "99"}, 404, "Integration not found"),
        ({"iss": None}, 404, "Integration not found"),
        ({"iat": 62}, 401, "'Issued at' claim"),
        ({"iat": None}, 401, "'Issued at' claim"),
        ({"exp": 0}, 401, "must be a numeric value representing the future time"),
        ({"exp": None}, 401, "must be a numeric value representing the future time"),
        ({"exp": 602}, 401, "is too far in the future"),
    ],
)
def test_a_claim_that_does_not_hold_is_refused_in_githubs_words(
    app: App, changes: dict[str, Any], status: int, words: str
) -> None:
    now = int(app.clock.now())
    moved = {name: now + value if isinstance(value, int) else value for name, value in changes.items()}
    found = refused(app, signed(app, **moved))
    assert found[0] == status
    assert words in found[1]


def test_a_token_that_is_not_the_apps_cannot_be_decoded(app: App) -> None:
    claims = {"iat": 1, "exp": 2, "iss": str(APP_ID)}
    for token in ("", "wrong", jwt.encode(claims, OTHER_KEY, "HS256"), jwt.encode(claims, None, "none")):
        assert refused(app, token) == (401, "A JSON web token could not be decoded")


def test_an_installation_token_acts_as_the_bot_for_an_hour(app: App, scene: Scene) -> None:
    token = opened(app)
    assert scene.world.grant(token).account.login == "reviewbot[bot]"
    scene.world.clock.sleep(LIFE - 1)
    assert scene.world.grant(token).permissions == app.installations[next(iter(app.installations))].permissions
    scene.world.clock.sleep(1)
    with pytest.raises(Rejection) as no:
        scene.world.grant(token)
    assert (no.value.status, no.value.message) == (401, "Bad credentials")


def test_a_token_is_narrowed_and_never_widened(app: App, scene: Scene, tmp_path: Path) -> None:
    assert scene.world.grant(opened(app, permissions={"checks": "read"})).permissions == {
        "checks": "read",
        "metadata": "read",
    }
    for more in ({"contents": "write"}, {"administration": "read"}):
        with pytest.raises(Rejection) as no:
            opened(app, permissions=more)
        assert no.value.status == 422
    for nowhere in ({"repository_ids": [1]}, {"repositories": ["nowhere"]}):
        with pytest.raises(Rejection) as no:
            opened(app, **nowhere)
        assert no.value.status == 422
    second = World(tmp_path / "second", name="octo/docs", clock=scene.world.clock, first_id=4_000_000_001)
    app.install(scene.world, second)
    installation = list(app.installations)[-1]
    narrow = app.mint(installation, {"repositories": ["docs"]})[0]
    assert second.grant(narrow).repository_ids == {second.repository.id}
    with pytest.raises(Rejection) as no:
        scene.world.grant(narrow)
    assert no.value.status == 404


def test_a_suspended_installation_opens_nothing_until_it_is_let_in_again(app: App, scene: Scene) -> None:
    token, (installation,) = opened(app), app.installations.values()
    app.suspend(installation)
    for refused_call in (lambda: scene.world.grant(token), lambda: opened(app)):
        with pytest.raises(Rejection) as no:
            refused_call()
        assert (no.value.status, no.value.message) == (403, "This installation has been suspended")
    app.unsuspend(installation)
    assert scene.world.grant(token)
    app.uninstall(installation)
    with pytest.raises(Rejection) as no:
        scene.world.grant(token)
    assert no.value.status == 401
    with pytest.raises(Rejection) as no:
        app.mint(installation.id, {})
    assert no.value.status == 404


def test_the_key_of_another_app_does_not_fit(tmp_path: Path) -> None:
    app = App(hand_clock())
    app.install(World(tmp_path, clock=app.clock))
    head, _, signature = signed(app).rpartition(".")
    broken = signature[:-8] + ("A" * 8 if signature[-8:] != "A" * 8 else "B" * 8)
    assert refused(app, f"{head}.{broken}")[0] == 401
