"""The Action's inputs: the words of a workflow's `with:`, read into the flags every review takes.

action.yml hands each input over as the variable INPUT_NAME and decides nothing. An input that is empty was not given.
Knows the workflow's side only; the operator's variables are read by `settings` and `forge.access`, as everywhere.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from reviewbot.doors.flags import Flags
from reviewbot.errors import BadSettings
from reviewbot.facts import Fact
from reviewbot.findings import SEVERITIES, Severity
from reviewbot.settings import TIERS, VENDORS, TierName

VARIABLES: Mapping[str, str] = {
    "github-token": "GITHUB_TOKEN",
    "signing-key": "REVIEWBOT_SIGNING_KEY",
    "servers": "REVIEWBOT_SERVERS",
    "members": "REVIEWBOT_MEMBERS",
    "budgets": "REVIEWBOT_BUDGETS",
    "anthropic-api-key": VENDORS["anthropic"].keys[0],
    "openai-api-key": VENDORS["openai"].keys[0],
    "gemini-api-key": VENDORS["google"].keys[0],
}
"""Inputs that stand for a variable of the operator, and win over it."""


class Inputs(Fact):
    """What a workflow asks of the Action."""

    flags: Flags
    post: bool
    """False: the review is told in the run only."""
    pull: int | None
    """The number, for events that name no pull request."""
    report: Path | None
    sarif: Path | None


def with_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment as it would be had the workflow set variables, not inputs."""
    given = {variable: _given(environ, name) for name, variable in VARIABLES.items()}
    return {**environ, **{variable: value for variable, value in given.items() if value}}


def read_inputs(environ: Mapping[str, str], workspace: Path) -> Inputs:
    """Paths are taken from the workspace. Raises BadSettings, which names the input."""
    return Inputs(
        flags=Flags(
            models=_words(environ, "models"),
            lenses=_words(environ, "lenses"),
            sarif=_paths(environ, "scanners", workspace),
            tier=_tier(environ, "tier"),
            max_usd=_number(environ, "max-usd"),
            max_tokens=_integer(environ, "max-tokens"),
            policy=_path(environ, "policy", workspace),
            fail_on=_severity(environ, "fail-on"),
        ),
        post=_truth(environ, "post"),
        pull=_integer(environ, "pull"),
        report=_path(environ, "report", workspace),
        sarif=_path(environ, "sarif", workspace),
    )


def _given(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.upper().replace('-', '_')}", "").strip()


def _wrong(name: str, given: str, remedy: str) -> BadSettings:
    return BadSettings(f"input {name}", f"{given[:60]!r} is not one of its values", remedy)


def _words(environ: Mapping[str, str], name: str) -> tuple[str, ...]:
    """Names, a comma or white space between them."""
    return tuple(filter(None, re.split(r"[\s,]+", _given(environ, name))))


def _truth(environ: Mapping[str, str], name: str) -> bool:
    given = _given(environ, name) or "true"
    if given not in {"true", "false"}:
        raise _wrong(name, given, "write true or false")
    return given == "true"


def _number(environ: Mapping[str, str], name: str) -> float | None:
    given = _given(environ, name)
    if given and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", given):
        raise _wrong(name, given, "write a number, such as 0.50")
    return float(given) if given else None


def _integer(environ: Mapping[str, str], name: str) -> int | None:
    given = _given(environ, name)
    if given and not re.fullmatch(r"[0-9]{1,15}", given):
        raise _wrong(name, given, "write a whole number")
    return int(given) if given else None


def _severity(environ: Mapping[str, str], name: str) -> Severity | None:
    given = _given(environ, name)
    for severity in SEVERITIES:
        if given == severity:
            return severity
    if given:
        raise _wrong(name, given, "write critical, high, medium or low")
    return None


def _tier(environ: Mapping[str, str], name: str) -> TierName | None:
    given = _given(environ, name)
    for tier in TIERS:
        if given == tier:
            return tier
    if given:
        raise _wrong(name, given, "write low, standard or high")
    return None


def _path(environ: Mapping[str, str], name: str, workspace: Path) -> Path | None:
    given = _given(environ, name)
    return _in_place(given, name, workspace) if given else None


def _paths(environ: Mapping[str, str], name: str, workspace: Path) -> tuple[Path, ...]:
    """A line or a comma between them: a path may hold a blank."""
    given = (part.strip() for part in re.split(r"[\n,]", _given(environ, name)))
    return tuple(_in_place(path, name, workspace) for path in given if path)


def _in_place(given: str, name: str, workspace: Path) -> Path:
    """A path in the workspace must be where it says: a checked-out change may hold a link that leads elsewhere."""
    if ".." in Path(given).parts:
        raise BadSettings(f"input {name}", "leads upwards with `..`", "name a path in the workspace, or a whole one")
    path, root = workspace.absolute() / given, workspace.resolve()
    if path.is_relative_to(workspace.absolute()):
        inside = root / path.relative_to(workspace.absolute())
        if inside.resolve() != inside:
            raise BadSettings(f"input {name}", "leads out of its place through a link", "name a plain path")
    return path
