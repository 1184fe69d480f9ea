"""Check runs: an App's word on a commit, with annotations that are only ever added (THREATS G26)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from hub.records import CheckRun, Grant, Pull, Write
from hub.rejection import Rejection, invalid, not_found
from hub.reviews import may_write
from hub.world import World


class CheckChange(NamedTuple):
    """What a request says of a check run; None leaves it as it is."""

    name: str | None = None
    head_sha: str | None = None
    external_id: str | None = None
    status: str | None = None
    conclusion: str | None = None
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations: tuple[Mapping[str, Any], ...] = ()


def create_check(world: World, grant: Grant, change: CheckChange) -> CheckRun:
    """Raises Rejection 403 for anybody but an App, 422."""
    _may_check(world, grant)
    sha = world.store.find(change.head_sha or "")
    if sha is None:
        raise invalid("CheckRun", "head_sha", f"No commit found for SHA: {change.head_sha}")
    check = CheckRun(
        id=world.new_id(), name=change.name or "", head_sha=sha, external_id=change.external_id or "",
        started=world.clock.now(), owner=grant.account,
    )  # fmt: skip
    _apply(world, check, change)
    world.checks[check.id] = check
    world.wrote(Write("check", None, grant.account.login, check.id, check.title or ""))
    return check


def update_check(world: World, grant: Grant, check_id: int, change: CheckChange) -> CheckRun:
    """Annotations are added to those that stand; everything else is replaced. Raises Rejection 403, 404, 422."""
    _may_check(world, grant)
    check = find_check(world, check_id)
    if check.owner != grant.account:
        raise Rejection(403, "Invalid app_id - check run can only be modified by the GitHub App that created it.")
    _apply(world, check, change)
    world.wrote(Write("check update", None, grant.account.login, check.id, check.title or ""))
    return check


def find_check(world: World, check_id: int) -> CheckRun:
    """Raises Rejection 404."""
    if check_id not in world.checks:
        raise not_found()
    return world.checks[check_id]


def listed_checks(world: World, ref: str, *, name: str | None = None, latest: bool = True) -> list[CheckRun]:
    """The check runs of a commit, newest first; `latest` keeps one of each name, as GitHub does unasked."""
    sha = world.branches.get(ref) or world.store.find(ref)
    if sha is None:
        raise not_found()
    found = [one for one in reversed(world.checks.values()) if one.head_sha == sha and name in {None, one.name}]
    if not latest:
        return found
    newest: dict[tuple[int, str], CheckRun] = {}
    for check in found:
        newest.setdefault((check.owner.id, check.name), check)
    return list(newest.values())


def pulls_of(world: World, check: CheckRun) -> list[Pull]:
    """The pull requests that a check run names: those from the same repository only (THREATS G27)."""
    here = [pull for pull in world.pulls.values() if pull.head_sha == check.head_sha and pull.state == "open"]
    return [pull for pull in here if pull.head_repository and pull.head_repository.id == world.repository.id]


def _may_check(world: World, grant: Grant) -> None:
    may_write(world, grant)
    if grant.account.kind != "Bot":
        raise Rejection(403, "You must authenticate via a GitHub App.")


def _apply(world: World, check: CheckRun, change: CheckChange) -> None:
    limits = world.limits
    if len(change.annotations) > limits.annotations:
        raise invalid("CheckRun", "annotations", f"Only {limits.annotations} annotations are taken at a time")
    if max(len(change.summary or ""), len(change.text or "")) > limits.check_text:
        raise invalid("CheckRun", "summary", f"Only {limits.check_text} characters are allowed", "too_long")
    if change.status == "completed" and not change.conclusion:
        raise invalid("CheckRun", "conclusion", "A completed check run has a conclusion")
    check.name, check.external_id = change.name or check.name, change.external_id or check.external_id
    check.title, check.summary = change.title or check.title, change.summary or check.summary
    check.text = change.text or check.text
    check.annotations += [dict(annotation) for annotation in change.annotations]
    check.status = "completed" if change.conclusion else change.status or check.status
    if change.conclusion:
        check.conclusion, check.completed = change.conclusion, world.clock.now()
