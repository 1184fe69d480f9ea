"""The App, its installations, tokens and deliveries as the bodies of GitHub's REST replies."""

from typing import Final

from hub import bodies
from hub.apps import EVENTS, PERMISSIONS, SLUG, App, Installation, Minted
from hub.bodies import Body
from hub.call import Call
from hub.deliveries import Attempt
from hub.facts import utc
from hub.records import Account
from hub.world import World

PAGE: Final = f"https://hub.test/apps/{SLUG}"


def app(one: App) -> Body:
    return {
        "id": one.id,
        "slug": SLUG,
        "node_id": f"A_{one.id}",
        "name": SLUG,
        "owner": bodies.user(Account("octo", 100)),
        "html_url": PAGE,
        "permissions": PERMISSIONS,
        "events": list(EVENTS),
        "installations_count": len(one.installations),
    }


def installation(call: Call, one: Installation) -> Body:
    return {
        "id": one.id,
        "account": bodies.user(one.account),
        "app_id": call.world.app.id if call.world.app else 0,
        "app_slug": SLUG,
        "target_id": one.account.id,
        "target_type": "User",
        "repository_selection": one.selection,
        "permissions": dict(one.permissions),
        "events": list(EVENTS),
        "access_tokens_url": f"{call.api}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{call.api}/installation/repositories",
        "html_url": f"https://hub.test/settings/installations/{one.id}",
        "created_at": utc(one.created),
        "updated_at": utc(one.suspended or one.created),
        "suspended_at": None if one.suspended is None else utc(one.suspended),
        "suspended_by": None if one.suspended is None else bodies.user(one.account),
        "single_file_name": None,
    }


def token(call: Call, text: str, minted: Minted) -> Body:
    """The repositories are named only where the token was narrowed to them."""
    body: Body = {
        "token": text,
        "expires_at": utc(minted.expires),
        "permissions": dict(minted.permissions),
        "repository_selection": "selected" if minted.narrowed else minted.installation.selection,
    }
    opened = [world for world in minted.installation.worlds if world.repository.id in minted.repository_ids]
    return body | ({"repositories": [repository(call, world) for world in opened]} if minted.narrowed else {})


def repository(call: Call, world: World) -> Body:
    return bodies.repository(call._replace(world=world), world.repository)


def attempt(one: Attempt) -> Body:
    """A row of the list of deliveries: without what was sent and answered."""
    payload = one.event.payload
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": utc(one.at),
        "redelivery": one.redelivery,
        "duration": round(one.duration, 2),
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event.name,
        "action": payload.get("action"),
        "installation_id": payload.get("installation", {}).get("id"),
        "repository_id": payload.get("repository", {}).get("id"),
        "throttled_at": None,
    }


def whole_attempt(one: Attempt) -> Body:
    return attempt(one) | {
        "url": one.url,
        "request": {"headers": dict(one.headers), "payload": one.event.payload},
        "response": {"headers": dict(one.answer_headers), "payload": one.answer},
    }
