"""What a run may do, told before anything is paid for: GitHub gives some pull requests neither secrets nor a say.

A fork's, and Dependabot's, `pull_request` run has none of the repository's secrets, and a token that only reads
(GitHub: events; THREATS G25). Dependabot's may write where the workflow's `permissions` say so. Such a change is still
reviewed, by whoever needs no key; a fork's review is told in the run and nowhere else.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from reviewbot.doors.runner import Runner
from reviewbot.settings import VENDORS, Operator
from reviewbot.wiring import RULES


class Limits(NamedTuple):
    """What GitHub keeps from a run: the repository's keys, and perhaps the right to post."""

    why: str
    """In words for a person."""
    may_post: bool


OF_A_FORK = Limits(
    "A pull request of a fork runs without secrets and with a token that only reads: no vendor's model was asked, "
    "nothing was posted. How forks get a whole council: examples/workflows/forks.yml.",
    may_post=False,
)
OF_DEPENDABOT = Limits(
    "A pull request of Dependabot runs without the repository's secrets: no vendor's model was asked. One sits where "
    "its key is among Dependabot's own secrets.",
    may_post=True,
)


def limits_of(runner: Runner, operator: Operator) -> Limits | None:
    """What this run cannot do, whatever it tries; None where everything is worth trying.

    Where there is a key somebody gave the run more than GitHub does by default, perhaps the right to post too.
    """
    if runner.event != "pull_request" or operator.keys:
        return None
    if _from_fork(runner.payload):
        return OF_A_FORK
    return OF_DEPENDABOT if runner.actor == "dependabot[bot]" else None


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
