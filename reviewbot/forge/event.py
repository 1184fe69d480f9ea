"""What GitHub tells of an event, from its payload to the one thing to do about it. Pure.

A closed table of events and actions (THREATS G05). Payloads are other people's data: users are gone, fields are null or
missing, actions are added (G36), so whatever cannot be read is `Nothing` with its reason, never an exception. Knows
neither who may command (`reviewbot.doors.commands`) nor whether the head it names is still the head.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reviewbot.facts import Fact
from reviewbot.forge.command import Order, parse_command
from reviewbot.forge.model import Pull
from reviewbot.report.safe import visible_line
from reviewbot.settings import Policy

OUR_CHECK: Final = "reviewbot"
"""The name our check runs go by."""


class Review(Fact):
    """Review a pull request: by number, else the open ones with this head (THREATS G27: a fork's checks name none)."""

    number: int | None
    head_sha: str | None
    """The head the event spoke of. Another one by now has an event of its own (THREATS G07)."""
    asked: bool = False
    """A person asked for it, beside opening or pushing to the pull request."""
    whole: bool = False
    """Everything again, not only what changed since the last review."""


class Command(Fact):
    """A person gave an order in a comment. Whether they may is still to be asked (THREATS S23)."""

    number: int
    comment_id: int
    actor: str
    """Their login."""
    order: Order


class Nothing(Fact):
    """There is nothing to do, and why: one line."""

    why: str


Task = Review | Command | Nothing

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


def skip_reason(pull: Pull, policy: Policy, *, asked: bool) -> str | None:
    """Why a pull request is not reviewed, or None (THREATS G35). Who asks gets drafts and bots' work reviewed too."""
    if pull.state == "closed":
        return "it is closed"
    if pull.draft and not policy.triggers.drafts and not asked:
        return "it is a draft; it is reviewed when it is marked as ready"
    if pull.author_is_bot and not policy.triggers.bots and not asked:
        return "a bot opened it, and the policy leaves those out (triggers.bots)"
    return None


class _Payload(BaseModel):
    """The part of a payload that decides. Strict: a number in quotation marks is no number."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


_Id = Annotated[int, Field(ge=1)]
_Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?\z")]


class _Account(_Payload):
    login: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}(\[bot\])?\z")]
    type: str

    @property
    def is_person(self) -> bool:
        return self.type == "User"


class _Repository(_Payload):
    id: _Id


class _Commit(_Payload):
    sha: _Sha


class _PullRequest(_Payload):
    number: _Id
    head: _Commit


class _PullRequestEvent(_Payload):
    pull_request: _PullRequest


class _Issue(_Payload):
    number: _Id
    pull_request: dict[str, Any] | None = None


class _Comment(_Payload):
    id: _Id
    body: str
    performed_via_github_app: dict[str, Any] | None = None


class _CommentEvent(_Payload):
    issue: _Issue
    comment: _Comment
    sender: _Account


class _Base(_Payload):
    repo: _Repository


class _PullReference(_Payload):
    """How check runs, check suites and workflow runs name pull requests, also those of other repositories."""

    number: _Id
    base: _Base


class _Checked(_Payload):
    head_sha: _Sha
    pull_requests: list[_PullReference]


class _CheckRun(_Checked):
    name: str


class _CheckRunEvent(_Payload):
    check_run: _CheckRun
    repository: _Repository
    sender: _Account


class _CheckSuiteEvent(_Payload):
    check_suite: _Checked
    repository: _Repository
    sender: _Account


class _WorkflowRun(_Checked):
    event: str
    conclusion: str | None


class _WorkflowRunEvent(_Payload):
    workflow_run: _WorkflowRun
    repository: _Repository


class _Inputs(_Payload):
    pull: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}\z")]


class _DispatchEvent(_Payload):
    inputs: _Inputs
    sender: _Account


def _changed(payload: Mapping[str, Any]) -> Task:
    """New code, another base at the same head (THREATS G37), or only another title.

    The title's run may have cancelled the one before, so it does that one's work. Where the review stands, it costs
    nothing.
    """
    pull = _PullRequestEvent.model_validate(payload).pull_request
    return Review(number=pull.number, head_sha=pull.head.sha)


def _commented(payload: Mapping[str, Any]) -> Task:
    """A new comment of a person. Bots are not answered: they might answer us (THREATS S24)."""
    event = _CommentEvent.model_validate(payload)
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
    event = _CheckRunEvent.model_validate(payload)
    if event.check_run.name != OUR_CHECK:
        return Nothing(why="the check run is not ours")
    return _again(event.check_run, event.repository, asked=event.sender.is_person)


def _check_suite_again(payload: Mapping[str, Any]) -> Task:
    event = _CheckSuiteEvent.model_validate(payload)
    return _again(event.check_suite, event.repository, asked=event.sender.is_person)


def _again(checked: _Checked, repository: _Repository, *, asked: bool) -> Review:
    return Review(number=_only_pull(checked, repository), head_sha=checked.head_sha, asked=asked, whole=True)


def _only_pull(checked: _Checked, repository: _Repository) -> int | None:
    """The one pull request of this repository that is named. A fork's may name none (THREATS G27), a branch several."""
    numbers = {pull.number for pull in checked.pull_requests if pull.base.repo.id == repository.id}
    return numbers.pop() if len(numbers) == 1 else None


def _ran(payload: Mapping[str, Any]) -> Task:
    """The second step of a workflow pair: the first had a fork's pull request, and no secrets."""
    event = _WorkflowRunEvent.model_validate(payload)
    run = event.workflow_run
    if run.event not in ("pull_request", "pull_request_target"):
        return Nothing(why="the workflow did not run for a pull request")
    if run.conclusion != "success":
        return Nothing(why="the workflow it waits for did not succeed")
    return Review(number=_only_pull(run, event.repository), head_sha=run.head_sha)


def _dispatched(payload: Mapping[str, Any]) -> Task:
    event = _DispatchEvent.model_validate(payload)
    return Review(number=int(event.inputs.pull), head_sha=None, asked=event.sender.is_person, whole=True)


_PULL_REQUEST = ("opened", "reopened", "ready_for_review", "synchronize", "edited")
_TABLE: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], Task]] = {
    **{(event, action): _changed for event in ("pull_request", "pull_request_target") for action in _PULL_REQUEST},
    ("issue_comment", "created"): _commented,
    ("check_run", "rerequested"): _check_run_again,
    ("check_suite", "rerequested"): _check_suite_again,
    ("workflow_run", "completed"): _ran,
    ("workflow_dispatch", ""): _dispatched,
}
