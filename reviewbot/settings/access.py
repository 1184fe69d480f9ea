"""What a key and the address of a server must look like before either is used. Shows neither a key nor a password.

Knows characters and URLs; nothing of who is asked.
"""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, urlsplit

from reviewbot.errors import BadSettings

_KEY = re.compile(r"[!-~]+")
"""What a header can carry: printable ASCII. An SDK's error about any other key would quote it."""
_ENDPOINT = re.compile(
    r"/(chat/completions|completions|messages|responses)/*$|:(stream)?generateContent$", re.IGNORECASE
)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})


def read_key(environ: Mapping[str, str], names: Iterable[str]) -> str | None:
    """The first of these variables that is not blank. Raises BadSettings where it holds no key."""
    for name in names:
        if key := environ.get(name, "").strip():
            if not _KEY.fullmatch(key):
                what = "holds no key: it has white space, a line break or a character that is not ASCII in it"
                raise BadSettings(name, what, "set it to one key, in one line")
            return key
    return None


def shown(url: str) -> str:
    """The address as it may be printed: without a user, a password, and what stands behind the path."""
    return re.sub(r"[?#].*", "", re.sub(r"//.*@", "//", url, flags=re.DOTALL), flags=re.DOTALL)


def check_url(who: str, url: str, *, key_name: str, has_key: bool) -> None:
    """Raises BadSettings for what is no base URL. A key travels only over TLS or inside this machine (THREATS S35)."""
    parts = _parts(url)
    if parts is None:
        raise BadSettings(who, f"{shown(url)!r} is no address of a server", "write it like https://host/v1")
    if "@" in parts.netloc:
        raise BadSettings(who, f"{shown(url)} has a user or a password in front", f"put the key into {key_name}")
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        remedy = "leave off what begins with ? or #; LiteLLM in front can add it"
        raise BadSettings(who, f"{shown(url)} goes on behind its path", remedy)
    if endpoint := _ENDPOINT.search(parts.path):
        remedy = "leave that off: reviewbot adds it"
        raise BadSettings(who, f"{shown(url)} ends in {endpoint[0]}, which is no base URL", remedy)
    if parts.scheme == "http" and has_key and parts.hostname not in _HERE:
        remedy = "use https, or a server without a key"
        raise BadSettings(who, f"{shown(url)} would carry the API key in clear", remedy)


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in {"http", "https"} and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        return None
    return parts if is_address and not re.search(r"[\s\x00-\x1f]", url) else None
