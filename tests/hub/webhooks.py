"""The events that reviewbot is started by, as GitHub writes them: whole payloads from a few plain values.

    payload = pull_request("synchronize", PullRequest(head_sha=new), before=old)
    payload = issue_comment(pull_in(world, 7), "/reviewbot review", author=MAINTAINER)

Knows which parts a payload has; the parts are `webhook_objects`. Says nothing of when GitHub sends it or what anybody
does with it. Every payload passes `contracts.check_event`.
"""

from collections.abc import Mapping
from typing import Any, Literal

from hub import webhook_objects as objects
from hub.webhook_objects import (
    AUTHOR,
    BOT,
    MAINTAINER,
    SERVER,
    TIME,
    ZERO,
    Account,
    Association,
    Payload,
    PullRequest,
)
from hub.world import World

__all__ = ["AUTHOR", "BOT", "MAINTAINER", "Account", "Payload", "PullRequest"]
__all__ += ["check_run", "issue_comment", "pull_in", "pull_request"]

PullRequestAction = Literal[
    "opened", "synchronize", "reopened", "ready_for_review", "edited", "closed", "converted_to_draft", "labeled"
]


def pull_in(world: World, number: int) -> PullRequest:
    """A pull request of the fake GitHub, as its events would tell of it now."""
    pull, repository = world.pulls[number], world.repository
    author = pull.author and Account(pull.author.login, pull.author.id, pull.author.kind)
    head, installation = pull.head_repository, world.app and world.app.installed_on(world)
    return PullRequest(
        repository=repository.name,
        repository_id=repository.id,
        number=number,
        title=pull.title,
        body=pull.body,
        author=author or Account("ghost", 10137),  # GitHub's own stand-in for an account that is gone
        state=pull.state,
        draft=pull.draft,
        base_ref=pull.base_ref,
        base_sha=world.branches[pull.base_ref],
        head_ref=pull.head_ref,
        head_sha=pull.head_sha,
        head_repository=head.name if head else None,
        head_repository_id=head.id if head else 0,
        association=pull.association,
        installation_id=installation.id if installation else None,
    )


def pull_request(
    action: PullRequestAction,
    pull: PullRequest,
    *,
    sender: Account = AUTHOR,
    before: str = ZERO,
    changes: Mapping[str, Any] | None = None,
    label: str = "reviewbot",
) -> Payload:
    """A pull_request event. `before` is the head that a synchronize replaces; `label` is what it was labeled with.

    `changes` is what an edit replaced: {"base": {"ref": {"from": "main"}, "sha": {"from": "..."}}} where the pull
    request was moved to another base branch (THREATS G37).
    """
    pull = pull._replace(state="closed") if action == "closed" else pull
    pull = pull._replace(draft=True) if action == "converted_to_draft" else pull
    pull_object = objects.pull_object(pull)
    payload = {"action": action, "number": pull.number, "pull_request": pull_object, **_envelope(pull, sender)}
    match action:
        case "labeled":
            pull_object["labels"] = [objects.label(pull, label)]
            return payload | {"label": objects.label(pull, label)}
        case "synchronize":
            return payload | {"before": before, "after": pull.head_sha}
        case "edited":
            return payload | {"changes": dict(changes or {})}
        case _:
            return payload


def issue_comment(
    pull: PullRequest,
    body: str,
    *,
    author: Account = MAINTAINER,
    association: Association = "MEMBER",
    comment_id: int = 5_001,
    on_issue: bool = False,
) -> Payload:
    """An issue_comment event, `created`; `on_issue` has it below a plain issue of the same number instead."""
    issue = objects.issue(pull) if on_issue else objects.pull_as_issue(pull)
    url = f"{pull.api}/issues/comments/{comment_id}"
    comment = {
        **objects.stamps(url, comment_id, author),
        "html_url": f"{issue['html_url']}#issuecomment-{comment_id}",
        "issue_url": issue["url"],
        "author_association": association,
        "body": body,
        "reactions": objects.reactions(url),
        "performed_via_github_app": None,
    }
    return {"action": "created", "issue": issue, "comment": comment, **_envelope(pull, author)}


def check_run(
    pull: PullRequest, external_id: str, *, sender: Account = MAINTAINER, check_id: int = 8_001, name: str = "reviewbot"
) -> Payload:
    """A check_run event, `rerequested`. It names no pull request where the head is in a fork (THREATS G27)."""
    url, page = f"{pull.api}/check-runs/{check_id}", f"{SERVER}/{pull.repository}/runs/{check_id}"
    output = {"title": "Reviewed", "summary": "", "text": None, "annotations_count": 0}
    run = {
        "id": check_id,
        "node_id": f"CR_{check_id}",
        "head_sha": pull.head_sha,
        "external_id": external_id,
        "url": url,
        "html_url": page,
        "details_url": page,
        "status": "completed",
        "conclusion": "neutral",
        "started_at": TIME,
        "completed_at": TIME,
        "output": output | {"annotations_url": f"{url}/annotations"},
        "name": name,
        "check_suite": objects.check_suite(pull),
        "app": objects.app(),
        "pull_requests": objects.pull_references(pull),
    }
    return {"action": "rerequested", "check_run": run, **_envelope(pull, sender)}


def _envelope(pull: PullRequest, sender: Account) -> Payload:
    told = {} if pull.installation_id is None else {"installation": objects.installation_lite(pull.installation_id)}
    return told | {
        "repository": objects.repository(pull.repository, pull.repository_id),
        "sender": objects.account(sender),
    }
