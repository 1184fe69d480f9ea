"""REST routes of the App itself, entered with its JSON web token, and the one that an installation token may list."""

import math
import re
import threading
from functools import partial
from typing import Final

from hub import bodies_app, deliveries
from hub.apps import App
from hub.call import Act, Call, Reply, page_of
from hub.deliveries import Attempt
from hub.rejection import Rejection, not_found


def get_app(call: Call) -> Reply:
    return Reply(200, bodies_app.app(_app(call)))


def list_installations(call: Call) -> Reply:
    page = page_of(call, tuple(_app(call).installations.values()))
    return Reply(200, [bodies_app.installation(call, one) for one in page.items], page.headers)


def get_installation(call: Call) -> Reply:
    return Reply(200, bodies_app.installation(call, _app(call).find(call.number)))


def create_token(call: Call) -> Reply:
    token, minted = _app(call).mint(call.number, call.body)
    return Reply(201, bodies_app.token(call, token, minted))


def list_deliveries(call: Call) -> Reply:
    """Newest first. The cursor is a delivery that was listed; a list goes on with what is older."""
    size = max(1, min(int(call.query.get("per_page", "30")), call.world.limits.page))
    cursor, wanted = call.query.get("cursor"), call.query.get("status")
    if cursor is not None and not re.fullmatch(r"v1_\d{1,18}", cursor):
        raise Rejection(422, "Invalid cursor")
    below = int(cursor.removeprefix("v1_")) if cursor else math.inf
    older = [one for one in deliveries.listed(_app(call)) if one.id < below]
    found = [one for one in older if wanted in {None, "success" if one.succeeded else "failure"}]
    rows = [bodies_app.attempt(one) for one in found[:size]]
    if len(found) <= size:
        return Reply(200, rows)
    kept = "".join(f"{name}={value}&" for name, value in call.query.items() if name != "cursor")
    return Reply(200, rows, {"Link": f'<{call.url}?{kept}cursor=v1_{found[size - 1].id}>; rel="next"'})


def get_delivery(call: Call) -> Reply:
    return Reply(200, bodies_app.whole_attempt(_attempt(call)))


def redeliver(call: Call) -> Reply:
    """It is sent again after this answer."""
    app, attempt = _app(call), _attempt(call)
    threading.Thread(target=partial(deliveries.deliver, app, attempt.event, redelivery=True), daemon=True).start()
    return Reply(202, {})


def list_repositories(call: Call) -> Reply:
    if call.grant.permissions is None:
        sentence = "You must authenticate with an installation access token in order to list repositories for"
        raise Rejection(403, f"{sentence} an installation.")
    worlds = [world for one in _app(call).installations.values() for world in one.worlds]
    page = page_of(call, [world for world in worlds if world.repository.id in call.grant.repository_ids])
    rows = [bodies_app.repository(call, world) for world in page.items]
    return Reply(200, {"total_count": len(call.grant.repository_ids), "repositories": rows}, page.headers)


def _app(call: Call) -> App:
    if call.world.app is None:
        raise not_found()
    return call.world.app


def _attempt(call: Call) -> Attempt:
    found = next((one for one in deliveries.listed(_app(call)) if one.id == call.number), None)
    if found is None:
        raise not_found()
    return found


ROUTES: Final[tuple[tuple[str, str, Act], ...]] = (
    ("GET", r"/app", get_app),
    ("GET", r"/app/installations", list_installations),
    ("GET", r"/app/installations/(\d+)", get_installation),
    ("POST", r"/app/installations/(\d+)/access_tokens", create_token),
    ("GET", r"/app/hook/deliveries", list_deliveries),
    ("GET", r"/app/hook/deliveries/(\d+)", get_delivery),
    ("POST", r"/app/hook/deliveries/(\d+)/attempts", redeliver),
)
"""For the App with its JSON web token."""
ROOT_ROUTES: Final[tuple[tuple[str, str, Act], ...]] = (("GET", r"/installation/repositories", list_repositories),)
