"""A page as the service answers it, with the headers that let nothing run on it and nobody frame it."""

import hashlib
from base64 import b64encode
from typing import Final

from fastapi.responses import HTMLResponse

from reviewbot.report.elements import STYLE, Html, document, tag

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"style-src 'sha256-{b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(status: int, title: str, *body: Html) -> HTMLResponse:
    """A whole page under the way home, with the headers that keep it harmless."""
    top = (tag("a", "reviewbot", href="/"), f" / {title}")
    return HTMLResponse(document(title, top, *body), status, headers=HEADERS)
