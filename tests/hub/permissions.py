"""What an App's installation token must be allowed for each request, as GitHub's reference lists it (THREATS G29).

Tokens that name no permissions, those of people and of the tests' bot, may do everything.
"""

import re
from typing import Final, Literal

from hub.records import Grant
from hub.rejection import forbidden

Level = Literal["read", "write"]
_BELOW: Final = tuple(
    (re.compile(path), names)
    for path, names in (
        (r"/pulls/\d+/merge", ("contents",)),
        (r"/pulls.*", ("pull_requests",)),
        (r"/issues.*", ("issues", "pull_requests")),  # either, where the issue is a pull request
        (r"/(compare|git)/.*", ("contents",)),
        (r"/check-runs.*|/commits/.*", ("checks",)),
    )
)


def require(grant: Grant, level: Level, *names: str) -> None:
    """Pass where one of these permissions was given at this level. Raises Rejection 403."""
    enough = {"read": {"read", "write"}, "write": {"write"}}[level]
    if grant.permissions is not None and not any(grant.permissions.get(name) in enough for name in names):
        raise forbidden()


def require_for(grant: Grant, method: str, path: str) -> None:
    """The same for a request; `path` is what follows /repos/{owner}/{repo}."""
    names = next((names for pattern, names in _BELOW if pattern.fullmatch(path)), ("metadata",))
    require(grant, "read" if method == "GET" else "write", *names)
