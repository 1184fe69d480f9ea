"""What a run may do, told before anything is paid for: GitHub gives some pull requests neither secrets nor a say.

A fork's, and Dependabot's, `pull_request` run has no secrets and a token that only reads (GitHub: events; THREATS G25).
Such a change is still reviewed, by whoever needs no key, and the review is told in the run.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewbot.doors.runner import Runner
from reviewbot.settings import VENDORS, Operator
from reviewbot.wiring import RULES

DEPENDABOT = "dependabot[bot]"
READ_ONLY = (
    "A pull request of {} runs without secrets and with a token that only reads: no vendor's model was asked, nothing "
    "was posted, and the review is on this run's page. How forks get a whole council: examples/workflows/forks.yml."
)


def read_only(runner: Runner, operator: Operator) -> str | None:
    """Why this run can neither ask a vendor nor post, in words for a person; None where it is worth trying.

    Where there is a key somebody gave the run more than GitHub does by default, perhaps the right to post too.
    """
    if runner.event != "pull_request" or operator.keys:
        return None
    if runner.actor == DEPENDABOT:
        return READ_ONLY.format("Dependabot")
    return READ_ONLY.format("a fork") if _from_fork(runner.payload) else None


def without_vendors(operator: Operator) -> Operator:
    """The council less those who need a vendor's key. The rules always sit: a server may want a key of its own."""
    models = (name for name in operator.models if name.partition("/")[0] not in VENDORS)
    return operator.model_copy(update={"models": (*models, RULES)})


class _Part(BaseModel):
    """As much of a payload as says whose pull request it is."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Repository(_Part):
    id: int


class _Side(_Part):
    repo: _Repository | None


class _PullRequest(_Part):
    head: _Side
    base: _Side


def _from_fork(payload: Mapping[str, Any]) -> bool:
    """A fork that is gone is one too, and so is what cannot be read."""
    try:
        pull = _PullRequest.model_validate(payload.get("pull_request"))
    except ValidationError:
        return True
    return pull.head.repo is None or pull.head.repo != pull.base.repo
