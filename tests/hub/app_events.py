"""The events of an installation and of its repositories, as GitHub writes them to an App. See `webhooks` for others."""

from collections.abc import Sequence
from typing import Literal

from hub import webhook_objects as objects
from hub.apps import EVENTS, SLUG, App, Installation
from hub.facts import utc
from hub.webhook_objects import API, SERVER, Account, Payload
from hub.world import World


def installation(
    app: App, one: Installation, action: Literal["created", "deleted", "suspend", "unsuspend"], sender: Account
) -> Payload:
    payload = {"action": action, "installation": _installation(app, one), "sender": objects.account(sender)}
    return payload | {"repositories": [_named(world) for world in one.worlds]}


def repositories_removed(app: App, one: Installation, removed: Sequence[World], sender: Account) -> Payload:
    """An installation_repositories event."""
    return {
        "action": "removed",
        "installation": _installation(app, one),
        "repository_selection": one.selection,
        "repositories_added": [],
        "repositories_removed": [_named(world) for world in removed],
        "requester": None,
        "sender": objects.account(sender),
    }


def repository_deleted(one: Installation, world: World, sender: Account) -> Payload:
    return {
        "action": "deleted",
        "repository": objects.repository(world.repository.name, world.repository.id),
        "installation": objects.installation_lite(one.id),
        "sender": objects.account(sender),
    }


def ping(app: App) -> Payload:
    """What GitHub sends first, to see whether anybody listens."""
    config = {"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": app.webhook_url}
    times = {"created_at": objects.TIME, "updated_at": objects.TIME}
    hook = {"type": "App", "id": 70_001, "name": "web", "active": True, "events": list(EVENTS), "config": config}
    urls = {name: f"{API}/app/hook/{name}" for name in ("url", "ping_url", "deliveries_url")}
    return {"zen": "Keep it logically awesome.", "hook_id": 70_001, "hook": hook | times | urls | {"app_id": app.id}}


def _installation(app: App, one: Installation) -> Payload:
    account = Account(one.account.login, one.account.id)
    return {
        "id": one.id,
        "account": objects.account(account),
        "repository_selection": one.selection,
        "access_tokens_url": f"{API}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{API}/installation/repositories",
        "html_url": f"{SERVER}/settings/installations/{one.id}",
        "app_id": app.id,
        "app_slug": SLUG,
        "target_id": account.id,
        "target_type": "User",
        "permissions": dict(one.permissions),
        "events": list(EVENTS),
        "created_at": utc(one.created),
        "updated_at": utc(one.suspended or one.created),
        "single_file_name": None,
        "suspended_at": None if one.suspended is None else utc(one.suspended),
        "suspended_by": None if one.suspended is None else objects.account(account),
    }


def _named(world: World) -> Payload:
    repository = world.repository
    return {
        "id": repository.id,
        "node_id": f"R_{repository.id}",
        "name": repository.name.split("/")[1],
        "full_name": repository.name,
        "private": repository.private,
    }
