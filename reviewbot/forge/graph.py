"""GraphQL as GitHub speaks it: status 200 for whatever happened, and the truth in `errors`.

`as_rest` gives a reply the status REST would have had, so that one set of rules judges both. A reply with errors is a
failure even where it holds data: whoever posts must not take a part of a conversation for the whole. Pure.
"""

import json
from typing import Any, Final

from reviewbot.forge.limits import Reply

_STATUS: Final[dict[str, int]] = {
    "RATE_LIMITED": 429,
    "RATE_LIMIT": 429,
    "FORBIDDEN": 403,
    "INSUFFICIENT_SCOPES": 403,
    "NOT_FOUND": 404,
    "UNPROCESSABLE": 422,
    "MAX_NODE_LIMIT_EXCEEDED": 422,
    "RESOURCE_LIMITS_EXCEEDED": 422,
}


def as_rest(reply: Reply) -> Reply:
    """The same reply with the status of its first error.

    An error without a type is "Something went wrong" on GitHub's side, unless it has an `extensions.code`, which only
    a query that the server does not understand has: an older GitHub Enterprise Server (THREATS G34).
    """
    if reply.status != 200:
        return reply
    try:
        said = json.loads(reply.body)
    except (ValueError, RecursionError):
        return reply  # whoever reads it says so
    errors = said.get("errors") if isinstance(said, dict) else None
    return reply._replace(status=_status(errors[0])) if isinstance(errors, list) and errors else reply


def _status(error: Any) -> int:
    if not isinstance(error, dict):
        return 500
    kind, extensions = error.get("type"), error.get("extensions")
    if isinstance(kind, str) and kind in _STATUS:
        return _STATUS[kind]
    return 422 if isinstance(extensions, dict) and extensions.get("code") else 500
