"""One HTTP call to the fake and its reply, as the routes see them; and how a list is cut into pages."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from hub.records import Grant
from hub.world import World

T = TypeVar("T")
PAGE = 30
"""Entries of a page unless the request asks for others (THREATS G21)."""


class Call(NamedTuple):
    world: World
    grant: Grant
    parts: tuple[str, ...]
    """What the groups of the route's pattern matched, unquoted."""
    query: Mapping[str, str]
    body: Mapping[str, Any]
    accept: str
    url: str
    """The call's own address, without a query."""
    api: str
    """Where the API begins: "http://127.0.0.1:4000/api/v3"."""

    @property
    def number(self) -> int:
        """The first part: of a pull request, a comment, a check run."""
        return int(self.parts[0])

    @property
    def wants_diff(self) -> bool:
        return "diff" in self.accept


class Reply(NamedTuple):
    status: int
    body: Any = None
    """JSON values, bytes of another media type, or None for nothing."""
    headers: Mapping[str, str] = {}

    def encoded(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


Act = Callable[[Call], Reply]


class Page(NamedTuple):
    """A part of a list, and the header that leads to its other parts."""

    items: Sequence[Any]
    headers: Mapping[str, str]


def page_of(call: Call, items: Sequence[T]) -> Page:
    """The page that the query asks for; never more than the world's limit, which is 100 as GitHub's."""
    size = max(1, min(int(call.query.get("per_page", PAGE)), call.world.limits.page))
    number = max(1, int(call.query.get("page", 1)))
    last = max(1, -(-len(items) // size))
    others = {"prev": number - 1, "first": 1} if number > 1 else {}
    others |= {"next": number + 1, "last": last} if number < last else {}
    kept = "".join(f"{name}={value}&" for name, value in call.query.items() if name != "page")
    links = [f'<{call.url}?{kept}page={place}>; rel="{name}"' for name, place in others.items()]
    return Page(items[(number - 1) * size : number * size], {"Link": ", ".join(links)} if links else {})
