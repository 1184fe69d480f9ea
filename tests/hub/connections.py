"""GraphQL's lists as GitHub pages them: `first` or `last` is required, at most 100, and cursors lead on."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from hub.rejection import Rejection

T = TypeVar("T")
MOST = 100


def connection(name: str, items: Sequence[T], shown: Callable[[T], Any]) -> Callable[..., dict[str, Any]]:
    """The resolver of a field that lists these items; only those of the page are `shown`."""

    def resolve(
        _: Any,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
        **__: Any,
    ) -> dict[str, Any]:
        size = first if first is not None else last
        if size is None:
            sentence = f"You must provide a `first` or `last` value to properly paginate the `{name}` connection."
            raise Rejection(422, sentence)
        if not 0 <= size <= MOST:
            raise Rejection(422, f"Requesting {size} records on the `{name}` connection exceeds the `first` limit")
        start, end = (_place(after) if after else 0), (_place(before) - 1 if before else len(items))
        start, end = (start, min(end, start + size)) if first is not None else (max(start, end - size), end)
        nodes = [shown(item) for item in items[start:end]]
        info = {
            "hasNextPage": end < len(items),
            "hasPreviousPage": start > 0,
            "startCursor": _cursor(start + 1) if nodes else None,
            "endCursor": _cursor(end) if nodes else None,
        }
        edges = [{"cursor": _cursor(start + place), "node": node} for place, node in enumerate(nodes, start=1)]
        return {"totalCount": len(items), "nodes": nodes, "edges": edges, "pageInfo": info}

    return resolve


def _cursor(place: int) -> str:
    return b64encode(f"cursor:{place}".encode()).decode()


def _place(cursor: str) -> int:
    return int(b64decode(cursor).decode().removeprefix("cursor:"))
