"""The GitHub App that reviewbot is: its key, who installed it where, and the tokens it is given. HTTP is `routes_app`.

    app = App(world.clock)                            # its key is `private_key()`, as the operator would hold it
    installation = app.install(world)
    with HubServer(world) as hub: ...                 # POST /app/installations/{id}/access_tokens and so on
    app.suspend(installation); app.uninstall(installation)

Every world of an installation is served by one `HubServer(world, others=(...,))`. What GitHub asks of a JSON web token
and of an installation token is here (THREATS G32, G33, G29).
"""

import itertools
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, NamedTuple

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hub.deliveries import Attempt
from hub.records import Account, Grant
from hub.rejection import Rejection, not_found
from hub.world import World

from reviewbot.forge.clock import Clock

APP_ID: Final = 12345
SLUG: Final = "reviewbot"
SECRET: Final = "the secret of the webhook"
EVENTS: Final = ("check_run", "check_suite", "issue_comment", "pull_request")
PERMISSIONS: Final = {"checks": "write", "contents": "read", "metadata": "read", "pull_requests": "write"}
LIFE: Final = 3_600.0
"""Seconds that an installation token opens anything."""
LONGEST_JWT, EARLIEST_JWT = 600, 60
"""Seconds that a JSON web token may end, and may begin, after now."""
_RANKS: Final = {None: 0, "read": 1, "write": 2}
_UNCHECKED: Final = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
"""Claims that PyJWT would hold against this machine's clock; the world's own counts."""


@cache
def private_key() -> str:
    """The PEM that GitHub lets the operator download; the same one in the whole process, as making it takes a while."""
    kinds = serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    return rsa.generate_private_key(65_537, 2_048).private_bytes(*kinds).decode()


@cache
def _public_key(pem: str) -> rsa.RSAPublicKey:
    """Of a private one, which it takes 20 ms to read."""
    key = serialization.load_pem_private_key(pem.encode(), None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("an App has an RSA key")
    return key.public_key()


@dataclass(eq=False)
class Installation:
    """The App on one account, with the repositories it may enter."""

    id: int
    account: Account
    worlds: list[World]
    created: float
    selection: Literal["all", "selected"]
    permissions: Mapping[str, str]
    suspended: float | None = None
    """Since when, if it is."""


class Minted(NamedTuple):
    """What an installation token opens, and until when."""

    installation: Installation
    repository_ids: frozenset[int]
    permissions: Mapping[str, str]
    expires: float
    narrowed: bool
    """To some of the installation's repositories."""


class App:
    """All that GitHub knows of one App."""

    def __init__(
        self, clock: Clock, *, key: str | None = None, secret: str = SECRET, webhook_url: str | None = None
    ) -> None:
        self.id = APP_ID
        self.clock, self.secret, self.webhook_url = clock, secret, webhook_url
        self.key = _public_key(key or private_key())
        self.installations: dict[int, Installation] = {}
        self.tokens: dict[str, Minted] = {}
        self.attempts: list[Attempt] = []
        """Every sending of an event, oldest first."""
        self._ids = itertools.count(60_000_001)

    def install(
        self,
        *worlds: World,
        selection: Literal["all", "selected"] = "selected",
        permissions: Mapping[str, str] = PERMISSIONS,
    ) -> Installation:
        """Somebody installs it for these repositories, which are of one account."""
        repository = worlds[0].repository
        owner = repository.name.split("/")[0]
        account = worlds[0].accounts.get(owner) or Account(owner, repository.id + 1)
        made = Installation(next(self._ids), account, list(worlds), self.clock.now(), selection, permissions)
        self.installations[made.id] = made
        for world in worlds:
            world.app = self
        return made

    def installed_on(self, world: World) -> Installation | None:
        return next((one for one in self.installations.values() if world in one.worlds), None)

    def suspend(self, installation: Installation) -> None:
        installation.suspended = self.clock.now()

    def unsuspend(self, installation: Installation) -> None:
        installation.suspended = None

    def uninstall(self, installation: Installation) -> None:
        """Its tokens open nothing from now on, and it is not found."""
        del self.installations[installation.id]

    def find(self, installation_id: int) -> Installation:
        """Raises Rejection 404."""
        if installation_id not in self.installations:
            raise not_found()
        return self.installations[installation_id]

    # who asks

    def verify(self, token: str) -> None:
        """Let the App itself in. Raises Rejection 401, 404 in GitHub's words (THREATS G32)."""
        try:
            claims: dict[str, Any] = jwt.decode(token, self.key, algorithms=["RS256"], options=_UNCHECKED)
        except jwt.PyJWTError:
            raise Rejection(401, "A JSON web token could not be decoded") from None
        now, issued, expires = self.clock.now(), claims.get("iat"), claims.get("exp")
        if str(claims.get("iss")) != str(self.id):
            raise Rejection(404, "Integration not found")
        if not isinstance(issued, int) or issued > now + EARLIEST_JWT:
            sentence = "must be an Integer representing the time that the assertion was issued"
            raise Rejection(401, f"'Issued at' claim ('iat') {sentence}")
        if not isinstance(expires, int) or expires <= now:
            sentence = "must be a numeric value representing the future time at which the assertion expires"
            raise Rejection(401, f"'Expiration time' claim ('exp') {sentence}")
        if expires > now + LONGEST_JWT:
            raise Rejection(401, "'Expiration time' claim ('exp') is too far in the future")

    def mint(self, installation_id: int, asked: Mapping[str, Any]) -> tuple[str, Minted]:
        """A new installation token, narrowed as asked. Raises Rejection 403, 404; 422 for more than was granted."""
        installation = self.find(installation_id)
        if installation.suspended is not None:
            raise Rejection(403, "This installation has been suspended")
        wanted = dict(asked.get("permissions") or installation.permissions)
        if any(_RANKS[level] > _RANKS[installation.permissions.get(name)] for name, level in wanted.items()):
            raise Rejection(422, "The permissions requested are not granted to this installation.")
        narrowed = "repository_ids" in asked or "repositories" in asked
        minted = Minted(
            installation=installation,
            repository_ids=_wanted_repositories(installation, asked),
            permissions=wanted | {"metadata": "read"},
            expires=self.clock.now() + LIFE,
            narrowed=narrowed,
        )
        token = f"ghs_{uuid.uuid4().hex}0fake"
        self.tokens[token] = minted
        return token, minted

    def grant(self, token: str, world: World) -> Grant:
        """What one of the tokens opens here. Raises Rejection 401, 403, 404."""
        minted = self.tokens[token]
        if self.clock.now() >= minted.expires or minted.installation.id not in self.installations:
            raise Rejection(401, "Bad credentials")
        if minted.installation.suspended is not None:
            raise Rejection(403, "This installation has been suspended")
        if world.repository.id not in minted.repository_ids or world not in minted.installation.worlds:
            raise not_found()
        account = world.accounts[f"{SLUG}[bot]"]
        return Grant(account, permissions=minted.permissions, repository_ids=minted.repository_ids)


def _wanted_repositories(installation: Installation, asked: Mapping[str, Any]) -> frozenset[int]:
    """By id or by the name without its owner; all of the installation's where none are named. Raises Rejection 422."""
    by_name = {world.repository.name.split("/")[1]: world.repository.id for world in installation.worlds}
    named = {by_name.get(name) for name in asked.get("repositories") or ()}
    wanted = named | set(asked.get("repository_ids") or ())
    if not wanted <= set(by_name.values()):
        sentence = "There is at least one repository that does not exist or is not accessible to the parent"
        raise Rejection(422, f"{sentence} installation.")
    return frozenset(wanted or by_name.values())
