"""From a request to its reply: the route, the token, the faults that wait, and GitHub's contracts around it all."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote, unquote

from hub import contracts, graph, routes_app, routes_code, routes_talk
from hub.call import Act, Call, Reply
from hub.filler import complete
from hub.permissions import require_for
from hub.records import Grant, Request
from hub.rejection import Rejection, not_found
from hub.world import World

BELOW: Final = tuple((method, re.compile(path), act) for method, path, act in routes_code.ROUTES + routes_talk.ROUTES)
ROOT: Final = tuple(
    (method, re.compile(path), act) for method, path, act in routes_code.ROOT_ROUTES + routes_app.ROOT_ROUTES
)
OF_THE_APP: Final = tuple((method, re.compile(path), act) for method, path, act in routes_app.ROUTES)
_REPOSITORY: Final = re.compile(r"/repos/([^/]+/[^/]+)(.*)")
_NULLS: Final = re.compile(r": (head/repo|head/user|user|(\d+/)?line): null is not")
"""Null where GitHub's description knows none, though GitHub says it of what is gone: a fork, an account, the line of
an outdated comment (THREATS G36)."""
_BY_ID: Final = re.compile(r"/repositories/(\d+)(.*)")


class Asked(NamedTuple):
    """A request to the API, its path without a prefix and without a query."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    accept: str
    token: str
    api: str


def respond(worlds: Sequence[World], asked: Asked) -> tuple[Reply, list[str]]:
    """The reply, and what the contracts say against the request or the reply. Raises Dropped."""
    world = world_of(worlds, asked)
    asked = asked._replace(path=_by_name(world, asked.path))
    installed = contracts.available()
    wrong = contracts.check_request(asked.method, asked.path, asked.query, asked.body) if installed else []
    if wrong:
        return Reply(500), wrong
    field = f"/{graph.first_field(asked.body['query'])}" if asked.path == "/graphql" else ""
    query = "&".join(f"{name}={value}" for name, value in asked.query.items())
    request = Request(asked.method, asked.path + field, asked.token, query)
    try:
        reply = world.serve(request, lambda: _carried_out(world, asked))
    except Rejection as no:
        reply = _refusal(no)
    reply = reply._replace(headers=_rate(world) | dict(reply.headers))
    found = contracts.check_reply(asked.method, asked.path, reply.status, reply.body) if installed else []
    return reply, [violation for violation in found if not _NULLS.search(violation)]


def world_of(worlds: Sequence[World], asked: Asked) -> World:
    """The one that a request is about: by its path, by what a query names, or by its token; else the first."""
    if named := _REPOSITORY.fullmatch(asked.path):
        about = [world for world in worlds if world.goes_by(named[1])]
    elif numbered := _BY_ID.fullmatch(asked.path):
        about = [world for world in worlds if world.repository.id == int(numbered[1])]
    else:
        about = [world for world in worlds if world.opens_to(asked.token)] or list(worlds)
    if asked.path == "/graphql" and len(about) > 1:
        told = (asked.body or {}).get("variables") or {}
        name, node = f"{told.get('owner')}/{told.get('name')}", str(told.get("id"))
        about = [world for world in about if world.goes_by(name) or world.holds(node)]
    return (about or worlds)[0]


def _by_name(world: World, path: str) -> str:
    """The address by id, where redirects lead, as the address by name."""
    found = _BY_ID.fullmatch(path)
    return f"/repos/{world.repository.name}{found[2]}" if found and int(found[1]) == world.repository.id else path


def _carried_out(world: World, asked: Asked) -> Reply:
    if not asked.token:
        raise Rejection(401, "Requires authentication")
    own = asked.path == "/app" or asked.path.startswith("/app/")
    grant = _grant_to_the_app(world, asked.token) if own else world.grant(asked.token)
    call = Call(
        world=world, grant=grant, parts=(), query=asked.query, body=asked.body or {}, accept=asked.accept,
        url=asked.api + quote(asked.path), api=asked.api,
    )  # fmt: skip
    if asked.path == "/graphql":
        return Reply(200, graph.execute(world, grant, call.body["query"], call.body.get("variables") or {}))
    below = _REPOSITORY.fullmatch(asked.path)
    if below and below[1] in world.former_names:
        return _moved(world, asked, below[2])
    if below and below[1] != world.repository.name:
        raise not_found()
    routes = BELOW if below else OF_THE_APP if own else ROOT
    act, parts = _route(asked.method, below[2] if below else asked.path, routes)
    if below:
        require_for(grant, asked.method, below[2])
    reply = act(call._replace(parts=parts))
    return reply._replace(body=complete(asked.method, asked.path, reply.status, reply.body))


def _grant_to_the_app(world: World, token: str) -> Grant:
    """Raises Rejection 401, 404."""
    if world.app is None:
        raise Rejection(401, "A JSON web token could not be decoded")
    world.app.verify(token)
    return Grant(world.accounts["reviewbot[bot]"])


def _route(method: str, path: str, routes: tuple[tuple[str, re.Pattern[str], Act], ...]) -> tuple[Act, tuple[str, ...]]:
    for verb, pattern, act in routes:
        found = pattern.fullmatch(path)
        if found and verb == method:
            return act, tuple(unquote(part) for part in found.groups())
    raise not_found()


def _moved(world: World, asked: Asked, rest: str) -> Reply:
    """A renamed repository: 301 for a GET, 307 for all others (THREATS G33)."""
    url = f"{asked.api}/repositories/{world.repository.id}{rest}"
    body = {"message": "Moved Permanently", "url": url, "documentation_url": "https://hub.test/"}
    return Reply(301 if asked.method == "GET" else 307, body, {"Location": url})


def _refusal(no: Rejection) -> Reply:
    """A refusal as GitHub words it; above 499 the page of a proxy, which is no JSON."""
    if no.status > 501:
        page = f"<html><body><h1>{no.status} {no.message}</h1></body></html>".encode()
        return Reply(no.status, page, {"Content-Type": "text/html", **no.headers})
    body = {"message": no.message, "documentation_url": "https://hub.test/", "status": str(no.status)}
    return Reply(no.status, body | ({"errors": list(no.errors)} if no.errors else {}), no.headers)


def _rate(world: World) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": "5000",
        "X-RateLimit-Remaining": "4999",
        "X-RateLimit-Reset": str(int(world.clock.now()) + 3600),
    }
