"""The header a key travels in to a server that the operator declared. Knows hosts and kinds of keys; sends nothing.

Vendors at their own address are left to their SDKs. Elsewhere three ways are in use (PROVIDERS 1.3): a bearer token
nearly everywhere, `api-key` at Azure, `x-goog-api-key` for Google's own keys.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from reviewbot.council.members.failures import Peer

AZURE = ".azure.com"
_TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.|ya29\.")
"""A JWT, such as Microsoft Entra gives, or an access token of Google: lent for an hour, to be shown by its bearer."""


def headers_for(peer: Peer, *, google: bool = False) -> Mapping[str, str]:
    """All that says who is asking; nothing where there is no key."""
    if peer.key is None:
        return {}
    lent = _TOKEN.match(peer.secret) is not None
    if google and not lent:
        return {"x-goog-api-key": peer.secret}
    if (urlsplit(peer.url).hostname or "").endswith(AZURE) and not lent:
        return {"api-key": peer.secret, "x-api-key": peer.secret}  # OpenAI's models read the first, Claude the second
    return {"Authorization": f"Bearer {peer.secret}"}
