"""The world as JSON, for a test that runs in another process than the fake."""

from typing import Any

from hub.records import Pull, Said
from hub.world import World


def snapshot(world: World, violations: list[str]) -> dict[str, Any]:
    """Everything said on each pull request, listed or not yet; the check runs; every write; how much was asked."""
    return {
        "pulls": {str(pull.number): _pull(pull) for pull in world.pulls.values()},
        "checks": [vars(check) | {"owner": check.owner.login} for check in world.checks.values()],
        "writes": [write._asdict() for write in world.writes],
        "requests": [[request.method, request.path] for request in world.requests],
        "forbidden": world.forbidden,
        "violations": violations,
    }


def _pull(pull: Pull) -> dict[str, Any]:
    return {
        "head": pull.head_sha,
        "comments": [_said(one) for one in pull.comments],
        "reviews": [_said(one) | {"state": one.state, "commit_id": one.commit_id} for one in pull.reviews],
        "review_comments": [
            _said(one) | {"review": one.review, "in_reply_to": one.in_reply_to, "thread": one.thread}
            for one in pull.review_comments
        ],
        "threads": [
            {"id": one.id, "path": one.path, "line": one.line, "side": one.side, "resolved": one.resolved}
            for one in pull.threads
        ],
    }


def _said(one: Said) -> dict[str, Any]:
    return {"id": one.id, "login": one.author.login if one.author else None, "body": one.body}
