"""REST routes that read code: the repository, a pull request, its files, comparisons, trees and blobs."""

from typing import Final
from urllib.parse import unquote

from hub import bodies, pulls
from hub.call import Act, Call, Reply, page_of
from hub.rejection import Rejection, not_found
from hub.talk import find_account, permission

DIFF: Final = {"Content-Type": "application/vnd.github.diff; charset=utf-8"}


def get_repository(call: Call) -> Reply:
    return Reply(200, bodies.repository(call, call.world.repository))


def get_pull(call: Call) -> Reply:
    if call.wants_diff:
        return Reply(200, pulls.pull_diff(call.world, call.number), DIFF)
    return Reply(200, bodies.pull_request(call, pulls.find_pull(call.world, call.number)))


def list_pulls(call: Call) -> Reply:
    """By default the newest first; sorted by another time, the oldest, unless the direction is said."""
    wanted = [pull for pull in call.world.pulls.values() if call.query.get("state", "open") in (pull.state, "all")]
    by_creation = call.query.get("sort", "created") == "created"
    down = call.query.get("direction", "desc" if by_creation else "asc") == "desc"
    wanted.sort(key=lambda pull: (pull.created if by_creation else pull.updated, pull.number), reverse=down)
    page = page_of(call, wanted)
    return Reply(200, [bodies.pull_row(call, pull) for pull in page.items], page.headers)


def list_files(call: Call) -> Reply:
    page = page_of(call, pulls.listed_files(call.world, call.number))
    return Reply(200, [bodies.file(row) for row in pulls.rows(call.world, tuple(page.items))], page.headers)


def compare(call: Call) -> Reply:
    base, dots, head = call.parts[0].partition("...")
    if not dots:
        raise not_found()
    base, head = unquote(base), unquote(head)
    if call.wants_diff:
        return Reply(200, pulls.compare_diff(call.world, base, head), DIFF)
    return Reply(200, bodies.comparison(call, base, head))


def get_tree(call: Call) -> Reply:
    nodes = call.world.store.tree(call.parts[0])
    if nodes is None:
        raise not_found()
    kept = [
        {"path": node.name, "mode": node.mode, "type": node.kind, "sha": node.sha}
        | ({"size": node.size} if node.size is not None else {})
        for node in nodes
    ]
    return Reply(200, {"sha": call.parts[0], "truncated": False, "tree": kept})


def get_blob(call: Call) -> Reply:
    content = call.world.store.blob(call.parts[0])
    if content is None:
        raise not_found()
    return Reply(200, bodies.blob(call.parts[0], content))


def get_permission(call: Call) -> Reply:
    """`permission` knows four words; maintain and triage stand in `role_name` only."""
    account = find_account(call.world, call.parts[0])
    role = permission(call.world, account.login)
    word = {"maintain": "write", "triage": "read"}.get(role, role)
    return Reply(200, {"permission": word, "role_name": role, "user": bodies.user(account)})


def get_user(call: Call) -> Reply:
    """An App's installation token is nobody."""
    if call.grant.account.kind == "Bot":
        raise Rejection(403, "Resource not accessible by integration")
    return Reply(200, bodies.user(call.grant.account))


def get_rate_limit(call: Call) -> Reply:
    reset = int(call.world.clock.now()) + 3600
    rate = {"limit": 5000, "used": 0, "remaining": 5000, "reset": reset}
    return Reply(200, {"resources": {"core": rate, "search": rate, "graphql": rate}, "rate": rate})


def refuse_merge(call: Call) -> Reply:
    call.world.forbidden.append(f"merge of #{call.number} by {call.grant.account.login}")
    raise Rejection(405, "Pull Request is not mergeable")


def refuse_event(call: Call) -> Reply:
    call.world.forbidden.append(f"{call.body.get('event')} of #{call.number} by {call.grant.account.login}")
    raise Rejection(422, "Unprocessable Entity")


ROUTES: Final[tuple[tuple[str, str, Act], ...]] = (
    ("GET", r"", get_repository),
    ("GET", r"/pulls", list_pulls),
    ("GET", r"/pulls/(\d+)", get_pull),
    ("GET", r"/pulls/(\d+)/files", list_files),
    ("PUT", r"/pulls/(\d+)/merge", refuse_merge),
    ("POST", r"/pulls/(\d+)/reviews/\d+/events", refuse_event),
    ("GET", r"/compare/(.+)", compare),
    ("GET", r"/git/trees/([^/]+)", get_tree),
    ("GET", r"/git/blobs/([^/]+)", get_blob),
    ("GET", r"/collaborators/([^/]+)/permission", get_permission),
)
"""Below /repos/{owner}/{repo}."""
ROOT_ROUTES: Final[tuple[tuple[str, str, Act], ...]] = (
    ("GET", r"/user", get_user),
    ("GET", r"/rate_limit", get_rate_limit),
)
