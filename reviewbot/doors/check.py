"""`reviewbot check` and `reviewbot replay`: read the change, seat the council, print the report."""

import asyncio
import os
import sys
from pathlib import Path

import click

from reviewbot.change import Change
from reviewbot.council import ASKED
from reviewbot.doors.progress import watch
from reviewbot.errors import BadInput, BadSettings, Exit, NoCouncil
from reviewbot.findings import SEVERITIES, Severity
from reviewbot.pipeline import hear, judge
from reviewbot.record import dump_record, load_record
from reviewbot.report import FORMATS, Report, headline, terminal
from reviewbot.settings import load_operator
from reviewbot.sources.patch import read_patch
from reviewbot.sources.selection import Selection
from reviewbot.sources.worktree import read_worktree
from reviewbot.wiring import seat_council

WIDEST = 120
"""Columns: longer lines are hard to read on any screen."""


def check_change(  # noqa: PLR0913  one parameter for each flag
    *,
    range_: str | None,
    staged: bool,
    base: str | None,
    diff: str | None,
    models: tuple[str, ...],
    lenses: tuple[str, ...],
    offline: bool,
    max_usd: float | None,
    max_tokens: int | None,
    policy: Path | None,
    record: Path | None,
    form: str,
    output: Path | None,
    fail_on: Severity | None,
    quiet: bool,
) -> Exit:
    """One local review, told on stdout; progress and the reason of a failure on stderr."""
    flags = {
        "models": models or None,
        "lenses": lenses or None,
        "offline": offline or None,
        "budget": {name: value for name, value in (("usd", max_usd), ("tokens", max_tokens)) if value is not None},
    }
    for path in filter(None, (output, record)):
        _check_folder(path)
    operator = load_operator(os.environ, flags=flags)
    change = _read_change(diff, Selection.from_words(range_, base, staged=staged), policy)
    council = seat_council(operator, change.policy)
    with watch(change, council, quiet=quiet) as progress:
        heard = asyncio.run(hear(change, operator, council, progress))
    if record:
        _write(record, dump_record(heard))
    return _tell(judge(heard), form, output, fail_on)


def replay_record(record: Path, *, form: str, output: Path | None, fail_on: Severity | None, quiet: bool) -> Exit:
    """A recorded run judged again; the same record prints the same report."""
    del quiet  # a replay has no progress to be quiet about
    return _tell(judge(load_record(record)), form, output, fail_on)


def _read_change(diff: str | None, selection: Selection, policy: Path | None) -> Change:
    if diff is None:
        return read_worktree(Path.cwd(), selection, policy_file=policy)
    if selection != Selection.from_words(None, None, staged=False):
        raise BadSettings("--diff", "says already what is reviewed", "leave out RANGE, --base and --staged")
    if diff == "-":
        return read_patch(sys.stdin.buffer.read(), "stdin", policy_file=policy)
    try:
        return read_patch(Path(diff).read_bytes(), diff, policy_file=policy)
    except OSError as e:
        raise BadInput(f"--diff {diff}", e.strerror or "cannot be read", "name a file made by `git diff`") from e


def _tell(report: Report, form: str, output: Path | None, fail_on: Severity | None) -> Exit:
    """The report where it was asked for, and how the process ends because of it."""
    if output:
        _write(output, FORMATS[form](report))
    elif form == "text" and sys.stdout.isatty():
        width = min(WIDEST, os.get_terminal_size().columns)
        _print(terminal.render(report, color="NO_COLOR" not in os.environ, width=width))
    else:
        _print(FORMATS[form](report))
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        raise _nobody_answered(report)
    if not report.seats and not report.complete:
        raise BadInput("change", headline(report), "look at it yourself: this review did not")
    return Exit.FINDINGS if fail_on and _reaches(report, fail_on) else Exit.REVIEWED


def _print(text: str) -> None:
    """A reader who leaves early is no error and changes no exit code; a full disk is one that a person can mend."""
    try:
        click.echo(text, nl=False)
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        if not isinstance(e, BrokenPipeError):
            raise BadSettings("stdout", e.strerror or "cannot be written", "write to a file with --output") from e


def _reaches(report: Report, bar: Severity) -> bool:
    return any(SEVERITIES.index(finding.severity) <= SEVERITIES.index(bar) for finding in report.findings)


def _nobody_answered(report: Report) -> NoCouncil:
    reasons = dict.fromkeys(f"{seat.member} {seat.state}: {seat.detail}" for seat in report.seats)
    return NoCouncil("council", "no seat answered", "; ".join(reasons))


def _check_folder(path: Path) -> None:
    """Before anything is paid for: what cannot be written at the end is said at the beginning."""
    folder = path.resolve().parent
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise BadSettings(str(path), "cannot be written", "name a file in a folder you can write to")


def _write(path: Path, text: str) -> None:
    """Whole or not at all: the file is put in place when every byte of it is written. A pipe is written as it is."""
    path = path.resolve()
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as e:
        draft.unlink(missing_ok=True)
        raise BadSettings(
            str(path), e.strerror or "cannot be written", "name a file in a folder you can write to"
        ) from e
