"""GitHub's API, asked with patience: at its pace, again where that is allowed, and read into types.

Knows the rules of `limits` and the shape of a path, no endpoint and no library. It opens nothing until it is asked.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, TypeVar, cast
from urllib.parse import unquote, urlencode

from pydantic import BaseModel, SecretStr, ValidationError

from reviewbot.errors import Doubtful, ForgeError, Limited, Unreachable
from reviewbot.forge.access import Access, check_repository
from reviewbot.forge.clock import Clock
from reviewbot.forge.connection import JSON, Connection, Renew, Request
from reviewbot.forge.graph import as_rest
from reviewbot.forge.limits import Again, Ask, Reply, Silence, judge
from reviewbot.forge.pace import OwnPace, Pace

LAG: Final = 60.0
"""Seconds after an event in which a 404 may only be early (THREATS G06)."""
PACED: Final = 60.0
"""Seconds that keeping the pace may always take; a longer pause needs patience."""
MAX_PAGES: Final = 3_000
"""GitHub lists no more files than that, and a page may hold one (THREATS G21, G22)."""
MAX_MOVES: Final = 3
_CURSOR: Final = re.compile(r'[?&]cursor=([^&>,]+)[^>,]*>; *rel="next"')

T = TypeVar("T", bound=BaseModel)
Query = Mapping[str, str | int]
Body = Mapping[str, Any]
"""What is sent as JSON. Lone surrogates in it are replaced (THREATS L10)."""


class Manner(NamedTuple):
    """How GitHub is asked."""

    patience: float
    """Seconds that all waits together may take, beside those that keep the pace."""
    lagging: bool = False
    """An event has just told of what is asked for: for a minute a 404 may only be early (THREATS G06)."""
    pace: Pace | None = None
    """None: nobody else asks as this identity."""


class Call(NamedTuple):
    """A request that may be sent more than once. `path` is below the client's root, None for GraphQL."""

    method: str
    path: str | None
    write: bool
    body: bytes | None = None
    accept: str = JSON


class Client:
    """One repository, or what an App sees of itself, asked as one identity, on one thread.

    Every method raises the errors of `forge.port`.
    """

    def __init__(
        self, repository: str | None, access: Access, clock: Clock, *, manner: Manner, renew: Renew | None = None
    ) -> None:
        """Without a repository paths begin at the API's root. `renew` is called where GitHub says 401."""
        self._access = access
        self._clock = clock
        self._patience = manner.patience
        self._pace = manner.pace or OwnPace(clock)
        self._early_until = clock.now() + LAG if manner.lagging else 0.0
        below = "" if repository is None else f"/repos/{check_repository(repository)}"
        self._root = f"{access.api_url}{below}"
        self._connection = Connection(access.token, renew)
        self.last: Reply | None = None
        """Status and headers of what GitHub answered last."""

    @property
    def token(self) -> SecretStr:
        """The one that is good now."""
        return self._connection.token

    def get(self, path: str, into: type[T], query: Query | None = None) -> T:
        return self._read(into, *self._answer(_reading(path, query)))

    def get_bytes(self, path: str, accept: str) -> bytes:
        """A body as it is, in the media type `accept`."""
        return self._answer(_reading(path)._replace(accept=accept))[1].body

    def pages(self, path: str, into: type[T], query: Query | None = None) -> Iterator[T]:
        """Page after page, while GitHub says there is a next one, by number or by the cursor it names.

        Of the address it gives for that nothing else is used.
        """
        place: Query = {}
        for following in range(2, MAX_PAGES + 2):
            call, reply = self._answer(_reading(path, {"per_page": 100, **(query or {}), **place}))
            yield self._read(into, call, reply)
            links = reply.headers.get("link", "")
            if 'rel="next"' not in links:
                return
            cursor = _CURSOR.search(links)
            place = {"cursor": unquote(cursor[1])} if cursor else {"page": following}

    def post(self, path: str, body: Body, into: type[T], *, write: bool = True) -> T:
        """`write` is False for what may be done twice, which is then asked for like a read."""
        return self._read(into, *self._answer(Call("POST", path, write=write, body=_json(body))))

    def patch(self, path: str, body: Body, into: type[T]) -> T:
        return self._read(into, *self._answer(Call("PATCH", path, write=True, body=_json(body))))

    def delete(self, path: str) -> None:
        self._answer(Call("DELETE", path, write=True))

    def graphql(self, document: str, variables: Body, into: type[T], *, write: bool = False) -> T:
        """`into` is the whole reply, `data` included. A query is a read, a mutation a write."""
        body = _json({"query": document, "variables": variables})
        return self._read(into, *self._answer(Call("POST", None, write=write, body=body)))

    def _url(self, call: Call) -> str:
        return self._access.graphql_url if call.path is None else f"{self._root}/{call.path}"

    def _name(self, call: Call) -> str:
        return f"{call.method} {self._url(call).partition('?')[0]}"

    def _answer(self, call: Call) -> tuple[Call, Reply]:
        """Send until there is a reply that counts. Raises what keeps it from coming."""
        past: list[Again] = []
        while True:
            answer = self._follow(call)
            if isinstance(answer, Reply) and call.path is None:
                answer = as_rest(answer)
            now = self._clock.now()
            match judge(answer, Ask(self._name(call), call.write, now < self._early_until), past, now):
                case Again() as again:
                    self._wait(again)
                    past.append(again)
                case ForgeError() as error:
                    raise error
                case _:
                    return call, cast("Reply", answer)  # silence is never a success

    def _wait(self, again: Again) -> None:
        """A limit is for everybody who asks as this installation (THREATS G09)."""
        if again.limited:
            self._pace.hold(again.seconds)
        if again.seconds > self._patience:
            raise again.otherwise
        self._patience -= again.seconds
        self._clock.sleep(again.seconds)

    def _follow(self, call: Call) -> Reply | Silence:
        """A repository that was renamed is asked for in its new place; later writes go there too (THREATS G33)."""
        answer = self._send(call)
        for _ in range(MAX_MOVES):
            if isinstance(answer, Silence) or call.write or not self._moves(call, answer):
                break
            answer = self._send(call)
        return answer

    def _moves(self, call: Call, reply: Reply) -> bool:
        """Whether this redirects to the same thing in another place of the same API, which is then ours.

        Any other redirect is not followed: the token stays with its host (S35), and nothing else is what was asked for.
        """
        suffix, place = (text.partition("?")[0] for text in (f"/{call.path}", reply.headers.get("location", "")))
        moves = 300 <= reply.status < 400 and place.startswith(f"{self._access.api_url}/") and place.endswith(suffix)
        if moves:
            self._root = place.removesuffix(suffix)
        return moves

    def _send(self, call: Call) -> Reply | Silence:
        """Once, and once more with a new token where GitHub does not take this one: it did nothing (THREATS G32)."""
        answer = self._exchange(call)
        if isinstance(answer, Reply) and answer.status == 401 and self._connection.renew():
            answer = self._exchange(call)
        return answer

    def _exchange(self, call: Call) -> Reply | Silence:
        """At the pace GitHub asks for (THREATS G08)."""
        most = max(self._patience, PACED)
        pause = self._pace.turn(write=call.write, most=most)
        if pause > most:
            what = f"{self._name(call)}: as much was sent as GitHub takes for now"
            raise Limited("GitHub", what, f"try again in {round(pause)} s")
        if pause > 0:
            self._clock.sleep(pause)
        answer = self._connection.exchange(Request(call.method, self._url(call), call.body, call.accept))
        if isinstance(answer, Reply):
            self.last = answer._replace(body=b"")
        return answer

    def _read(self, into: type[T], call: Call, reply: Reply) -> T:
        """Raises as if there had been no reply where it is not what GitHub says."""
        try:
            return into.model_validate_json(reply.body)
        except ValidationError as e:
            where = ".".join(str(part) for part in e.errors(include_input=False)[0]["loc"])
            what = f"{self._name(call)}: {reply.status}, but not what GitHub answers ({where or 'no JSON'})"
        remedy = "check GITHUB_API_URL, and whether a proxy answers in its place"
        raise Doubtful("GitHub", what, remedy) if call.write else Unreachable("GitHub", what, remedy)


def _reading(path: str, query: Query | None = None) -> Call:
    return Call("GET", f"{path}?{urlencode(query)}" if query else path, write=False)


def _json(value: Body) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
