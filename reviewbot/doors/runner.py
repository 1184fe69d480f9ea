"""The GitHub Actions runner: what it tells a step, and what it takes from one (GitHub: workflow commands, variables).

Reads the environment and the event into types; writes outputs, the step summary and commands. Knows nothing of reviews.
Nothing is ever written to GITHUB_ENV or GITHUB_PATH: what a later step runs is not ours to change (THREATS S27).
"""

import json
import os
import secrets
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from reviewbot.errors import BadSettings
from reviewbot.facts import Fact
from reviewbot.report.annotations import command

SUMMARY_BYTES = 900_000
"""The runner drops a step summary above 1 MiB whole (THREATS G31)."""
_LOOK = "look at the runner's disk and rights"


class Runner(Fact):
    """What a step is told of the run it is part of."""

    event: str
    payload: Mapping[str, Any]
    """The event as its webhook would tell it: other people's data."""
    repository: str
    """ "owner/name"."""
    actor: str
    """Whose rights the token has: the login of who, or what, caused the run."""
    workspace: Path
    """Where checkouts stand, if any were made."""
    temporary: Path
    """Emptied by the runner when the job ends."""
    outputs: Path
    summary: Path


def read_runner(environ: Mapping[str, str]) -> Runner:
    """Raises BadSettings where a variable of the runner is missing, or the event is not JSON."""
    return Runner(
        event=_told(environ, "GITHUB_EVENT_NAME"),
        payload=_read_event(Path(_told(environ, "GITHUB_EVENT_PATH"))),
        repository=_told(environ, "GITHUB_REPOSITORY"),
        actor=environ.get("GITHUB_ACTOR", ""),
        workspace=Path(_told(environ, "GITHUB_WORKSPACE")),
        temporary=Path(_told(environ, "RUNNER_TEMP")),
        outputs=Path(_told(environ, "GITHUB_OUTPUT")),
        summary=Path(_told(environ, "GITHUB_STEP_SUMMARY")),
    )


def check_places(runner: Runner) -> None:
    """Before anything is paid for: raise BadSettings where the runner names a place that cannot be written to."""
    for name, folder in (
        ("RUNNER_TEMP", runner.temporary),
        ("GITHUB_OUTPUT", runner.outputs.parent),
        ("GITHUB_STEP_SUMMARY", runner.summary.parent),
    ):
        if not os.access(f"{folder}{os.sep}", os.W_OK):
            raise BadSettings(name, f"{folder} is no folder that can be written to", _LOOK)


def write_outputs(runner: Runner, values: Mapping[str, str]) -> None:
    """Make values known to later steps, whatever they hold."""
    _append(runner.outputs, "".join(f"{name}<<{heredoc(value)}" for name, value in values.items()))


def heredoc(value: str) -> str:
    """A value between delimiters that nobody can foresee and that the value does not hold (THREATS S27)."""
    delimiter = f"reviewbot_{secrets.token_hex(16)}"
    while delimiter in value:
        delimiter = f"reviewbot_{secrets.token_hex(16)}"
    return f"{delimiter}\n{value}\n{delimiter}\n"


def add_summary(runner: Runner, page: str) -> None:
    """Show a page of Markdown on the run's own page, below what the step has said so far."""
    _append(runner.summary, f"{page.rstrip()}\n")


@contextmanager
def commands_stopped() -> Iterator[None]:
    """Nothing printed meanwhile, on either stream, is a command, whoever prints it (THREATS S26)."""
    token = secrets.token_hex(32)
    say(f"::stop-commands::{token}\n")
    try:
        yield
    finally:
        sys.stderr.flush()
        say(f"::{token}::\n")


def complain(text: str) -> None:
    """An error that the run's page shows. For what kept us from reviewing, never for a finding."""
    say(command("error", text, {"title": "reviewbot"}))


def show_bug() -> None:
    """The exception at hand, whole, in the step's log: files of the runner are gone when its job ends."""
    with commands_stopped():
        click.echo(traceback.format_exc(), err=True)
    complain("a bug in reviewbot; its traceback is in the log of this step: please report it")


def say(commands: str) -> None:
    """Workflow commands, on the way at once: stdout and stderr are two pipes to the runner."""
    click.echo(commands, nl=False)
    sys.stdout.flush()


def _told(environ: Mapping[str, str], name: str) -> str:
    value = environ.get(name)
    if not value:
        remedy = "run it as a step of a workflow; elsewhere use `reviewbot pr`"
        raise BadSettings("reviewbot action", f"the runner has not set {name}", remedy)
    return value


def _read_event(path: Path) -> Mapping[str, Any]:
    remedy = "run it as a step of a workflow; elsewhere use `reviewbot pr`"
    try:
        payload = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as e:
        raise BadSettings("GITHUB_EVENT_PATH", f"the event cannot be read ({e})", remedy) from e
    if not isinstance(payload, dict):
        raise BadSettings("GITHUB_EVENT_PATH", "the event is not a JSON object", remedy)
    return payload


def _append(path: Path, text: str) -> None:
    try:
        with path.open("a", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            file.write(text)
    except OSError as e:
        raise BadSettings(str(path), e.strerror or "cannot be written", _LOOK) from e
