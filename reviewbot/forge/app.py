"""The GitHub App that the service is: its key, the tokens it is given, and what only the App itself may ask.

The App signs that it is itself (a JSON web token, for minutes) and is given tokens for its installations (for an hour).
Each token opens one repository, with no more permissions than a review needs (THREATS G29, S35). Knows no endpoint of a
pull request: those are `github`'s.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.utils import parsedate_to_datetime
from functools import lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import SecretStr

from reviewbot.errors import BadSettings, NoAccess, Refused
from reviewbot.facts import Fact
from reviewbot.forge.access import PEM, PERMISSIONS, Access, addresses, plain_pem, signing_keys
from reviewbot.forge.app_replies import (
    DeliveriesReply,
    DeliveryReply,
    DeliveryRow,
    Installation,
    InstallationsReply,
    OpenPull,
    OpenPullsReply,
    RepositoriesReply,
    RepositoryRow,
    SelfReply,
    TokenReply,
)
from reviewbot.forge.client import Client, Manner
from reviewbot.forge.clock import Clock
from reviewbot.forge.limits import PATIENCE, Reply

TOKEN_PERMISSIONS: Final = {"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"}
"""`access.PERMISSIONS`, in GitHub's words (THREATS G29)."""
ISSUED_BEFORE: Final = 60
"""Seconds: GitHub takes no token that was issued in its future."""
SIGNED_FOR: Final = 540
"""Seconds that a JSON web token is good; GitHub takes none that is good for more than 600 (THREATS G32)."""
SPARE: Final = 600.0
"""Seconds before its end at which an installation's token is replaced, so that no work begins with one that ends."""
QUICK: Final = 3.0
"""Seconds to wait, all waits together, for what is only good to know."""
SYSTEM: Final = Clock()
_ID: Final = "GITHUB_APP_ID"
_KEY: Final = "GITHUB_APP_PRIVATE_KEY"
_REMEDIES: Final[dict[int, str]] = {
    401: f"{_ID} and {_KEY} must be of one App of this GitHub, and the key one that was not deleted there",
    403: "where it was suspended, whoever installed the App can lift that in the settings of the installation",
    404: f"the App is not installed there any more, or {_ID} is no App of this GitHub: install it, or correct that",
    422: f"in the settings of the installation, choose the repository and accept what the App asks for ({PERMISSIONS})",
}


class AppAccess(Fact):
    """One GitHub, and the secrets of one App there. The URLs end without a slash."""

    app_id: int
    private_key: SecretStr
    """PEM."""
    api_url: str
    graphql_url: str
    server_url: str
    signing_keys: tuple[SecretStr, ...]
    """As `Access` has them."""


def app_access_from(environ: Mapping[str, str]) -> AppAccess:
    """What the environment says of the App: GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY, and addresses as `access_from`.

    The key is PEM, also with line ends as a backslash and an n, or the path of a file with it. Raises BadSettings.
    """
    app_id = environ.get(_ID, "").strip()
    if not app_id:
        raise BadSettings(_ID, "is not set", "set it to the App ID on the App's settings page")
    if not app_id.isdecimal() or not app_id.isascii() or len(app_id) > 18:
        raise BadSettings(_ID, "is no number", "set it to the App ID, not to the client ID, the name or a secret")
    pem = _pem_of(environ.get(_KEY, "").strip())
    _parsed(pem)
    server, api, graphql = addresses(environ)
    return AppAccess(
        app_id=int(app_id),
        private_key=SecretStr(pem),
        api_url=api,
        graphql_url=graphql,
        server_url=server,
        signing_keys=signing_keys({**environ, _KEY: pem}),
    )


def _pem_of(text: str) -> str:
    """Nothing of a text that is no path is shown: it may be a key that lost its first line."""
    if not text:
        raise BadSettings(
            _KEY, "is not set", "make a private key on the App's settings page; give its text or its path"
        )
    if PEM in text:
        return plain_pem(text)
    try:
        return plain_pem(Path(text).read_text("utf-8"))
    except (OSError, ValueError) as e:
        why = e.strerror if isinstance(e, OSError) else type(e).__name__
        what = f"is neither PEM nor a file that can be read ({why})"
    raise BadSettings(_KEY, what, f"give it the whole text, from {PEM} on, or the path of the .pem file")


@lru_cache(maxsize=1)
def _parsed(pem: str) -> RSAPrivateKey:
    """Kept, since it is read to be checked and again to be used: that takes 20 ms. Raises BadSettings."""
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError) as e:  # TypeError: it is encrypted
        what = f"is no key that can be read ({type(e).__name__})"
        remedy = "give it the .pem file as GitHub made it, without a passphrase"
        raise BadSettings(_KEY, what, remedy) from None
    if not isinstance(key, RSAPrivateKey):
        raise BadSettings(_KEY, "is no RSA key", "make a private key on the App's settings page")
    return key


class Scope(NamedTuple):
    """What an installation's token opens: one repository, or only the list of them."""

    installation_id: int
    repository_id: int | None


class App:
    """The App, and the tokens it was given. Threads may share it; every method raises the errors of `forge.port`."""

    def __init__(self, access: AppAccess, clock: Clock = SYSTEM) -> None:
        self._about = access
        self._clock = clock
        self._key = _parsed(access.private_key.get_secret_value())
        self._ahead = 0.0
        """Seconds that GitHub's clock is ahead of ours, as far as it matters."""
        self._lock = Lock()
        self._minting: dict[Scope, Lock] = {}
        self._tokens: dict[Scope, TokenReply] = {}

    def access(self, installation_id: int, repository_id: int) -> Access:
        """To one repository, for ten minutes at least, and with what a review needs (THREATS G29)."""
        return self._access(self._token(Scope(installation_id, repository_id)))

    def renew(self, installation_id: int, repository_id: int, stale: SecretStr) -> SecretStr:
        """Another token than `stale`, which GitHub no longer takes. Who asks at the same time gets the same one."""
        return self._token(Scope(installation_id, repository_id), stale)

    def slug(self) -> str:
        """The App's name in addresses; "SLUG[bot]" is its login. An answer proves that id and key belong together."""
        client = self._client(patience=QUICK)
        with _explained(client, "the App"):
            return client.get("app", SelfReply).slug

    def installations(self) -> tuple[Installation, ...]:
        client = self._client()
        with _explained(client, "the App"):
            return tuple(row for page in client.pages("app/installations", InstallationsReply) for row in page.root)

    def deliveries(self, since: float) -> Iterator[DeliveryRow]:
        """What was sent to the webhook since then, newest first. GitHub lists three days."""
        client = self._client()
        with _explained(client, "the App"):
            for page in client.pages("app/hook/deliveries", DeliveriesReply):
                for row in page.root:
                    if row.delivered_at < since:
                        return
                    yield row

    def delivery(self, delivery_id: int) -> tuple[Mapping[str, str], bytes]:
        """Headers and body of a delivery. The body is the same JSON, but not the bytes that were signed."""
        client = self._client()
        with _explained(client, "the App"):
            sent = client.get(f"app/hook/deliveries/{delivery_id}", DeliveryReply).request
        return {name: str(value) for name, value in (sent.headers or {}).items()}, json.dumps(sent.payload).encode()

    def repositories(self, installation_id: int) -> Iterator[RepositoryRow]:
        """Those that the installation may enter."""
        scope = Scope(installation_id, None)
        for page in self._inside(None, scope).pages("installation/repositories", RepositoriesReply):
            yield from page.repositories

    def open_pulls(self, installation_id: int, repository_id: int, name: str, since: float) -> Iterator[OpenPull]:
        """Of the repository `name` ("owner/name"), those that changed since then, the latest first."""
        client = self._inside(name, Scope(installation_id, repository_id))
        query = {"state": "open", "sort": "updated", "direction": "desc"}
        for page in client.pages("pulls", OpenPullsReply, query):
            for pull in page.root:
                if pull.updated < since:
                    return
                yield pull

    def _inside(self, repository: str | None, scope: Scope) -> Client:
        access = self._access(self._token(scope))
        return Client(repository, access, self._clock, manner=Manner(PATIENCE), renew=partial(self._token, scope))

    def _access(self, token: SecretStr) -> Access:
        about = self._about
        return Access(
            token=token,
            api_url=about.api_url,
            graphql_url=about.graphql_url,
            server_url=about.server_url,
            signing_keys=about.signing_keys,
        )

    def _token(self, scope: Scope, stale: SecretStr | None = None) -> SecretStr:
        """The one that is known, or a new one: one thread asks for it, and the others wait."""
        with self._lock:
            minting = self._minting.setdefault(scope, Lock())
        with minting:
            known = self._tokens.get(scope)
            if known is None or known.token == stale or known.expires - SPARE <= self._now():
                known = self._tokens[scope] = self._mint(scope)
            return known.token

    def _mint(self, scope: Scope) -> TokenReply:
        body: dict[str, object] = {"permissions": {"metadata": "read"}}
        if scope.repository_id is not None:
            body = {"permissions": TOKEN_PERMISSIONS, "repository_ids": [scope.repository_id]}
        client = self._client()
        with _explained(client, f"installation {scope.installation_id}"):
            path = f"app/installations/{scope.installation_id}/access_tokens"
            return client.post(path, body, TokenReply, write=False)

    def _client(self, patience: float = PATIENCE) -> Client:
        """As the App itself. It signs again where it was refused, by GitHub's clock (THREATS G32)."""

        def sign_again(_: SecretStr) -> SecretStr:
            self._set_clock(client.last)
            return self._signed()

        client = Client(None, self._access(self._signed()), self._clock, manner=Manner(patience), renew=sign_again)
        return client

    def _signed(self) -> SecretStr:
        now = int(self._now())
        claims = {"iss": str(self._about.app_id), "iat": now - ISSUED_BEFORE, "exp": now + SIGNED_FOR}
        return SecretStr(jwt.encode(claims, self._key, algorithm="RS256"))

    def _now(self) -> float:
        return self._clock.now() + self._ahead

    def _set_clock(self, reply: Reply | None) -> None:
        """By the `Date` of a reply, where there is one."""
        try:
            date = parsedate_to_datetime(reply.headers.get("date", "") if reply else "")
        except (ValueError, OverflowError):  # none, or a year that no date has
            return
        self._ahead = date.timestamp() - self._clock.now()


@contextmanager
def _explained(client: Client, who: str) -> Iterator[None]:
    """What GitHub refuses the App itself, with what its operator or whoever installed it can do (THREATS G33)."""
    try:
        yield
    except (NoAccess, Refused) as e:
        status = client.last.status if client.last else 0
        raise NoAccess("GitHub", f"{who}: {e.what}", _REMEDIES.get(status, e.remedy)) from e
