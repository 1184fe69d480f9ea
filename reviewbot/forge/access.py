"""Where a GitHub is, how its pull requests are named, and with which secrets it is entered.

The only module that knows the address of github.com. It opens no connection: it reads what a person wrote and what the
Actions runner names, and refuses what would carry a token in clear or to a host that the token is not for (S35).
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

from reviewbot.errors import BadInput, BadSettings
from reviewbot.facts import Fact
from reviewbot.forge.model import Address
from reviewbot.settings import VENDORS

GITHUB: Final = "https://github.com"
PERMISSIONS: Final = "contents read, pull requests write, checks write"
"""What a token needs, `metadata read` being part of every token; nothing more is asked (THREATS G29)."""
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
PEM: Final = "-----BEGIN"
"""What a key begins with that is written out, and no path does."""

REPOSITORY: Final = r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/\.{0,99}[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}"
"""An "OWNER/REPO" that stands safely in a path: the name is no "..". Old logins may end with a hyphen."""
_SHORT: Final = re.compile(f"(?P<repository>{REPOSITORY})#(?P<number>[1-9][0-9]{{0,9}})")
_LONG: Final = re.compile(
    rf"(?P<server>https?://[^/@\s?#]+)/(?P<repository>{REPOSITORY})/pull/(?P<number>[1-9][0-9]{{0,9}})(?:[/?#].*)?"
)


class Access(Fact):
    """One GitHub, and the secrets of one identity there. The URLs end without a slash."""

    token: SecretStr
    api_url: str
    graphql_url: str
    server_url: str
    signing_keys: tuple[SecretStr, ...]
    """Of our markers: sign with the first, verify against all. Derived, so that none opens anything else."""


def parse_address(text: str) -> tuple[str | None, Address]:
    """The pull request a person names, and its server where that is said.

    "https://HOST/OWNER/REPO/pull/N", with anything behind it, or "OWNER/REPO#N". Raises BadInput.
    """
    found = _LONG.fullmatch(text.strip()) or _SHORT.fullmatch(text.strip())
    if found is None:
        shown = " ".join(re.sub(r"//[^/]*@", "//", text).split())[:100]
        raise BadInput("pull request", f"{shown!r} names none", f"write {GITHUB}/OWNER/REPO/pull/N or OWNER/REPO#N")
    server = found.groupdict().get("server")
    if server is not None:
        server = check_url("pull request", server)
    return server, Address(found["repository"], int(found["number"]))


def check_repository(name: str) -> str:
    """`name` where it is an "OWNER/REPO" that stands safely in a path. Raises BadInput."""
    if not re.fullmatch(REPOSITORY, name):
        raise BadInput("repository", f"{name[:100]!r} is no name of one", "write it like OWNER/REPO")
    return name


def access_from(environ: Mapping[str, str], server_url: str | None = None) -> Access:
    """What the environment gives access to, by the names of the Actions runner.

    `server_url` is where the pull request is, if it says so. The token belongs to the server that the environment
    names, github.com by default, and goes to no other (THREATS S35). On GitHub Enterprise Server one address is
    enough: the others follow from it (G34). Raises BadSettings.
    """
    server, api, graphql = addresses(environ)
    if server_url is not None and (wanted := check_url("pull request", server_url)) != server:
        remedy = f"set GITHUB_SERVER_URL={wanted} and GITHUB_TOKEN to a token of that server"
        raise BadSettings("GITHUB_TOKEN", f"belongs to {server}, and the pull request is on {wanted}", remedy)
    return Access(
        token=_token(environ.get("GITHUB_TOKEN", "")),
        api_url=api,
        graphql_url=graphql,
        server_url=server,
        signing_keys=signing_keys(environ),
    )


def addresses(environ: Mapping[str, str]) -> tuple[str, str, str]:
    """Server, API and GraphQL. What is not named follows from what is. Raises BadSettings."""
    names = ("GITHUB_SERVER_URL", "GITHUB_API_URL", "GITHUB_GRAPHQL_URL")
    server, api, graphql = (check_url(name, environ[name]) if environ.get(name) else None for name in names)
    server = server or (_server_of(api) if api else GITHUB)
    api = api or _api_of(server)
    return server, api, graphql or f"{api.removesuffix('/v3')}/graphql"


def check_url(who: str, text: str) -> str:
    """An address a secret may be sent to, in one spelling. Raises BadSettings, which shows no password."""
    shown = re.sub(r"//[^/]*@", "//", text)[:200]
    try:
        parts = urlsplit(text)
        plain = _is_plain(parts)
    except ValueError:
        plain = False
    if not plain:
        raise BadSettings(who, f"{shown!r} is no address of a server", f"write it like {GITHUB}")
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise BadSettings(who, f"{shown} would be spoken to in clear", "use https")
    return parts._replace(netloc=parts.netloc.lower(), path=parts.path.rstrip("/")).geturl()


def signing_keys(environ: Mapping[str, str]) -> tuple[SecretStr, ...]:
    """The keys of our markers, the one to sign with first.

    `REVIEWBOT_SIGNING_KEY`, comma-separated while it is rotated; without it every secret of this run that outsiders
    do not have, so that a marker is still known when one of them has gone. Where there is none at all the key is one
    that anybody can derive: a marker then proves that it is whole, not who wrote it, and authorship is only GitHub's
    own word (`viewerDidAuthor`, THREATS S20).
    """
    own = [key.strip() for key in environ.get("REVIEWBOT_SIGNING_KEY", "").split(",")]
    webhook = [key.strip() for key in environ.get("GITHUB_WEBHOOK_SECRET", "").split(",")]
    app = environ.get("GITHUB_APP_PRIVATE_KEY", "")
    vendors = [environ.get(name, "") for vendor in VENDORS.values() for name in vendor.keys]
    others = [*webhook, plain_pem(app) if PEM in app else "", *vendors]  # a path to the key is no secret
    secrets = dict.fromkeys(filter(None, own if any(own) else others))
    return tuple(_derived(secret.encode("utf-8", "replace")) for secret in secrets) or (_derived(b"no secret is set"),)


def plain_pem(text: str) -> str:
    """One spelling of a key that was kept in a file, in a variable, or in one that holds its line ends as two signs."""
    return text.replace("\\n", "\n").replace("\r", "").strip() + "\n"


def _token(text: str) -> SecretStr:
    """Raises BadSettings where there is none, or where it could not stand in a header and an error would show it."""
    text = text.strip()
    if not text:
        raise BadSettings("GITHUB_TOKEN", "is not set", f"give it a token with these permissions: {PERMISSIONS}")
    if not re.fullmatch(r"[!-~]+", text):
        raise BadSettings("GITHUB_TOKEN", "is no token: there are spaces or other odd signs in it", "copy it again")
    return SecretStr(text)


def _api_of(server: str) -> str:
    """github.com, and its tenants on ghe.com, have the API on a host of its own; an Enterprise Server below /api/v3."""
    parts = urlsplit(server)
    if parts.netloc == "github.com" or parts.netloc.endswith(".ghe.com"):
        return f"{parts.scheme}://api.{parts.netloc}"
    return f"{server}/api/v3"


def _server_of(api: str) -> str:
    parts = urlsplit(api)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}{parts.path.removesuffix('/api/v3')}"


def _is_plain(parts: SplitResult) -> bool:
    """Whether it is a server's address and nothing besides. Raises ValueError over an impossible port."""
    host = parts.hostname is not None and re.fullmatch(r"[A-Za-z0-9._:-]+", parts.hostname) is not None
    extras = parts.query or parts.fragment or "@" in parts.netloc or parts.port == 0
    return parts.scheme in {"http", "https"} and host and not extras


def _derived(secret: bytes) -> SecretStr:
    return SecretStr(hmac.new(secret, b"reviewbot marker 1", hashlib.sha256).hexdigest())
