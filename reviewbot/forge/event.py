"""What GitHub tells of an event, from its payload to the one thing to do about it. Pure.

A closed table of events and actions (THREATS G05). Payloads are other people's data: users are gone, fields are null or
missing, actions are added (G36), so whatever cannot be read is `Nothing` with its reason, never an exception. Knows
neither who may command (`reviewbot.doors.commands`) nor whether the head it names is still the head.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from pydantic import ValidationError

from reviewbot.facts import Fact
from reviewbot.forge.command import NAME, Order, parse_command
from reviewbot.forge.model import Pull
from reviewbot.forge.payloads import (
    Checked,
    CheckRunEvent,
    CheckSuiteEvent,
    CommentEvent,
    DispatchEvent,
    InstallationEvent,
    LabelEvent,
    PullRequestEvent,
    RemovedEvent,
    Repository,
    RepositoryEvent,
    WorkflowRunEvent,
)
from reviewbot.report.safe import visible_line
from reviewbot.settings import Policy

OUR_CHECK: Final = "reviewbot"
"""The name our check runs go by."""
OUR_LABEL: Final = "reviewbot"
"""Set on a pull request it asks for a review. GitHub ignores its case.

Who may only triage may set it, too: a service, whose operator pays, asks whether they may push (THREATS S23).
"""
KNOWN: Final = frozenset({"OWNER", "MEMBER", "COLLABORATOR", "CONTRIBUTOR"})
"""How GitHub calls authors who belong here or had a commit merged; all its other words are for strangers."""


class Review(Fact):
    """Review a pull request: by number, else the open ones with this head (THREATS G27: a fork's checks name none)."""

    number: int | None
    head_sha: str | None
    """The head the event spoke of. Another one by now has an event of its own (THREATS G07)."""
    asked: bool = False
    """A person asked for it, beside opening or pushing to the pull request."""
    whole: bool = False
    """Everything again, not only what changed since the last review."""
    at: str = ""
    """When GitHub had last changed the pull request, as ISO 8601 in UTC; empty where the event does not say."""


class Command(Fact):
    """A person gave an order in a comment. Whether they may is still to be asked (THREATS S23)."""

    number: int
    comment_id: int
    actor: str
    """Their login."""
    order: Order


class Cancel(Fact):
    """What runs or waits for a pull request is no longer wanted: it was closed, or made a draft again."""

    number: int
    why: str
    at: str = ""
    """As of `Review`: what it is by now may be another thing."""


class Forget(Fact):
    """Access was taken back: nothing of these repositories may be kept; None is the whole installation (S40)."""

    repository_ids: tuple[int, ...] | None


class Nothing(Fact):
    """There is nothing to do, and why: one line."""

    why: str


Task = Review | Command | Cancel | Forget | Nothing

_OF_EVERY_EVENT: Final = frozenset({"action", "enterprise", "installation", "organization", "repository", "sender"})
UNNAMED: Final = frozenset({"push", "repository_dispatch", "schedule", "workflow_dispatch"})
"""Events of a repository, not of a pull request: which one is meant, whoever serves them may say."""


def task_of(event: str, payload: object) -> Task:
    """What an event asks for.

    `event` is the X-GitHub-Event header, in an Action GITHUB_EVENT_NAME; `payload` is its JSON, whatever that holds.
    """
    if not isinstance(payload, Mapping):
        return Nothing(why="the payload is no object")
    action = payload.get("action", "")
    read = _TABLE.get((event, action)) if isinstance(action, str) else None
    if read is None:
        return Nothing(why=visible_line(f"no work is done on {event} {action}".strip()[:100]))
    try:
        return read(payload)
    except ValidationError as e:
        first = e.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        return Nothing(why=f"this {event} is not as GitHub describes it ({where}: {first['msg'].lower()})")


def skip_reason(pull: Pull, policy: Policy, *, asked: bool, costly: bool = False) -> str | None:
    """Why a pull request is not reviewed, or None (THREATS G35). Who asks gets all that is open reviewed.

    `costly` says that whoever runs reviewbot pays for the review: strangers do not spend their money unasked (S29).
    """
    triggers = policy.triggers
    if pull.state == "closed":
        return "it is closed"
    if asked:
        return None
    if pull.draft and not triggers.drafts:
        return "it is a draft; it is reviewed when it is marked as ready"
    if pull.author_is_bot and not triggers.bots:
        return "a bot opened it, and the policy leaves those out (triggers.bots)"
    if costly and pull.from_fork and pull.author_association not in KNOWN and not triggers.strangers:
        way_out = f"who may push can ask for it: comment `{NAME} review`, or set the label `{OUR_LABEL}`"
        return f"it comes from a fork of somebody new here (triggers.strangers); {way_out}"
    return None


def _changed(payload: Mapping[str, Any]) -> Task:
    """New code, another base at the same head (THREATS G37), or only another title.

    The title's run may have cancelled the one before, so it does that one's work. Where the review stands, it costs
    nothing.
    """
    pull = PullRequestEvent.model_validate(payload).pull_request
    return Review(number=pull.number, head_sha=pull.head.sha, at=pull.at)


def _labeled(payload: Mapping[str, Any]) -> Task:
    event = LabelEvent.model_validate(payload)
    if event.label.name.lower() != OUR_LABEL:
        return Nothing(why="the label is not ours")
    pull = event.pull_request
    return Review(number=pull.number, head_sha=pull.head.sha, asked=event.sender.is_person, at=pull.at)


def _cancelled(payload: Mapping[str, Any], why: str) -> Task:
    pull = PullRequestEvent.model_validate(payload).pull_request
    return Cancel(number=pull.number, why=why, at=pull.at)


def _commented(payload: Mapping[str, Any]) -> Task:
    """A new comment of a person. Bots are not answered: they might answer us (THREATS S24)."""
    event = CommentEvent.model_validate(payload)
    if event.issue.pull_request is None:
        return Nothing(why="the comment is on an issue")
    if not event.sender.is_person or event.comment.performed_via_github_app is not None:
        return Nothing(why="the comment was not written by a person")
    order = parse_command(event.comment.body)
    if order is None:
        return Nothing(why="the comment is no command")
    return Command(number=event.issue.number, comment_id=event.comment.id, actor=event.sender.login, order=order)


def _check_run_again(payload: Mapping[str, Any]) -> Task:
    """An App is told of its own runs only, a workflow of everybody's."""
    event = CheckRunEvent.model_validate(payload)
    if event.check_run.name != OUR_CHECK:
        return Nothing(why="the check run is not ours")
    return _again(event.check_run, event.repository, asked=event.sender.is_person)


def _check_suite_again(payload: Mapping[str, Any]) -> Task:
    event = CheckSuiteEvent.model_validate(payload)
    return _again(event.check_suite, event.repository, asked=event.sender.is_person)


def _again(checked: Checked, repository: Repository, *, asked: bool) -> Review:
    return Review(number=_only_pull(checked, repository), head_sha=checked.head_sha, asked=asked, whole=True)


def _only_pull(checked: Checked, repository: Repository) -> int | None:
    """The one pull request of this repository that is named. A fork's may name none (THREATS G27), a branch several."""
    numbers = {pull.number for pull in checked.pull_requests if pull.base.repo.id == repository.id}
    return numbers.pop() if len(numbers) == 1 else None


def _ran(payload: Mapping[str, Any]) -> Task:
    """The second step of a workflow pair: the first had a fork's pull request, and no secrets."""
    event = WorkflowRunEvent.model_validate(payload)
    run = event.workflow_run
    if run.event not in ("pull_request", "pull_request_target"):
        return Nothing(why="the workflow did not run for a pull request")
    if run.conclusion != "success":
        return Nothing(why="the workflow it waits for did not succeed")
    return Review(number=_only_pull(run, event.repository), head_sha=run.head_sha)


def _dispatched(payload: Mapping[str, Any]) -> Task:
    event = DispatchEvent.model_validate(payload)
    return Review(number=int(event.inputs.pull), head_sha=None, asked=event.sender.is_person, whole=True)


def _uninstalled(payload: Mapping[str, Any]) -> Task:
    """Only these events show the installation whole, so no other `deleted` is taken for its end (THREATS S37)."""
    InstallationEvent.model_validate(payload)
    return Forget(repository_ids=None)


def _taken_away(payload: Mapping[str, Any]) -> Task:
    removed = RemovedEvent.model_validate(payload).repositories_removed
    if not removed:
        return Nothing(why="no repository was taken away")
    return Forget(repository_ids=tuple(repository.id for repository in removed))


def _deleted(payload: Mapping[str, Any]) -> Task:
    """The repository itself, and not a label or a comment in it, whatever name the event goes by (THREATS S37)."""
    if not payload.keys() <= _OF_EVERY_EVENT:
        return Nothing(why="something in the repository was deleted, not the repository")
    return Forget(repository_ids=(RepositoryEvent.model_validate(payload).repository.id,))


def _noted(_payload: Mapping[str, Any], why: str) -> Task:
    return Nothing(why=why)


_PULL_REQUEST: Mapping[str, Callable[[Mapping[str, Any]], Task]] = {
    **dict.fromkeys(("opened", "reopened", "ready_for_review", "synchronize", "edited"), _changed),
    "labeled": _labeled,
    "closed": partial(_cancelled, why="it was closed"),
    "converted_to_draft": partial(_cancelled, why="it was made a draft"),
}
_TABLE: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Task]] = {
    **{("pull_request", action): read for action, read in _PULL_REQUEST.items()},
    **{("pull_request_target", action): read for action, read in _PULL_REQUEST.items()},
    ("issue_comment", "created"): _commented,
    ("check_run", "rerequested"): _check_run_again,
    ("check_suite", "rerequested"): _check_suite_again,
    ("workflow_run", "completed"): _ran,
    ("workflow_dispatch", ""): _dispatched,
    ("repository", "deleted"): _deleted,
    ("installation_repositories", "added"): partial(_noted, why="the App may see more repositories now"),
    ("installation_repositories", "removed"): _taken_away,
    ("installation", "created"): partial(_noted, why="the App was installed"),
    ("installation", "deleted"): _uninstalled,
    ("installation", "new_permissions_accepted"): partial(_noted, why="the App was given the permissions it asked for"),
    ("installation", "suspend"): partial(
        _noted, why="the App was suspended: until that ends GitHub lets it do nothing"
    ),
    ("installation", "unsuspend"): partial(_noted, why="the App is no longer suspended"),
}
