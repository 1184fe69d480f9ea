"""The parts of GitHub's event payloads that decide something; whatever is not named here is ignored.

Payloads are other people's data (THREATS G36), so reading is strict: a number in quotation marks is no number, an id
has 64 bits, and neither a name nor a SHA ends in a line break. Everything raises pydantic's ValidationError. Knows
shapes; what is done about an event is for `event` to say.
"""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from reviewbot.forge.access import REPOSITORY

Id = Annotated[int, Field(ge=1, lt=2**63)]
_MOMENT: Final = re.compile(r"[0-9]{4}(-[0-9]{2}){2}T([0-9]{2}:){2}[0-9]{2}Z")
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?\z")]


class Payload(BaseModel):
    """A frozen part of a payload."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


class Account(Payload):
    login: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,100}(\[bot\])?\z")]
    type: str

    @property
    def is_person(self) -> bool:
        return self.type == "User"


class Installation(Payload):
    id: Id


class Repository(Payload):
    id: Id


class NamedRepository(Repository):
    full_name: Annotated[str, Field(pattern=rf"^{REPOSITORY}\z")]


class Commit(Payload):
    sha: Sha


class PullRequest(Payload):
    number: Id
    head: Commit
    updated_at: object = None

    @property
    def at(self) -> str:
        """When GitHub last changed it; empty where that is not written in the one form that compares as text."""
        at = self.updated_at
        return at if isinstance(at, str) and _MOMENT.fullmatch(at) else ""


class PullRequestEvent(Payload):
    pull_request: PullRequest


class Label(Payload):
    name: str


class LabelEvent(PullRequestEvent):
    label: Label
    sender: Account


class Issue(Payload):
    number: Id
    pull_request: dict[str, Any] | None = None


class Comment(Payload):
    id: Id
    body: str
    performed_via_github_app: dict[str, Any] | None = None


class CommentEvent(Payload):
    issue: Issue
    comment: Comment
    sender: Account


class Base(Payload):
    repo: Repository


class PullReference(Payload):
    """How check runs, check suites and workflow runs name pull requests, also those of other repositories."""

    number: Id
    base: Base


class Checked(Payload):
    head_sha: Sha
    pull_requests: list[PullReference]


class CheckRun(Checked):
    name: str


class CheckRunEvent(Payload):
    check_run: CheckRun
    repository: Repository
    sender: Account


class CheckSuiteEvent(Payload):
    check_suite: Checked
    repository: Repository
    sender: Account


class WorkflowRun(Checked):
    event: str
    conclusion: str | None


class WorkflowRunEvent(Payload):
    workflow_run: WorkflowRun
    repository: Repository


class Inputs(Payload):
    pull: Annotated[str, Field(pattern=r"^[1-9][0-9]{0,17}\z")]


class DispatchEvent(Payload):
    inputs: Inputs
    sender: Account


class WholeInstallation(Installation):
    """As only its own events show it: to all others it is an id."""

    app_id: Id


class InstallationEvent(Payload):
    installation: WholeInstallation


class RemovedEvent(InstallationEvent):
    repositories_removed: list[Repository]


class RepositoryEvent(Payload):
    repository: Repository
