"""Where a report goes, and how a process ends because of it: stdout, a file, an exit code."""

import os
import sys
from pathlib import Path

import click

from reviewbot.council import ASKED
from reviewbot.errors import BadInput, BadSettings, Exit, NoCouncil
from reviewbot.findings import SEVERITIES, Severity
from reviewbot.report import FORMATS, Report, headline, terminal

WIDEST = 120
"""Columns: longer lines are hard to read on any screen."""
_WRITABLE = "name a file in a folder you can write to"


def tell(report: Report, form: str, output: Path | None, fail_on: Severity | None) -> Exit:
    """The report where it was asked for, and how the process ends because of it."""
    if output:
        write_file(output, FORMATS[form](report))
    elif form == "text" and sys.stdout.isatty():
        width = min(WIDEST, os.get_terminal_size().columns)
        print_text(terminal.render(report, color="NO_COLOR" not in os.environ, width=width))
    else:
        print_text(FORMATS[form](report))
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        raise nobody_answered(report)
    if not report.seats and not report.complete:
        raise BadInput("change", headline(report), "look at it yourself: this review did not")
    return Exit.FINDINGS if fail_on and reaches(report, fail_on) else Exit.REVIEWED


def print_text(text: str) -> None:
    """A reader who leaves early is no error and changes no exit code; a full disk is one that a person can mend."""
    try:
        click.echo(text, nl=False)
    except OSError as e:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
        if not isinstance(e, BrokenPipeError):
            raise BadSettings("stdout", e.strerror or "cannot be written", "write to a file with --output") from e


def reaches(report: Report, bar: Severity) -> bool:
    return any(SEVERITIES.index(finding.severity) <= SEVERITIES.index(bar) for finding in report.findings)


def nobody_answered(report: Report) -> NoCouncil:
    reasons = dict.fromkeys(f"{seat.member} {seat.state}: {seat.detail}" for seat in report.seats)
    return NoCouncil("council", "no seat answered", "; ".join(reasons))


def check_folder(path: Path, *inputs: Path) -> None:
    """Before anything is paid for: what cannot be written at the end, or would destroy an input, is said at once."""
    try:
        is_folder = path.is_dir()
    except OSError as e:
        raise BadSettings(str(path), e.strerror or "cannot be written", _WRITABLE) from e
    if is_folder or not os.access(path.resolve().parent, os.W_OK):
        raise BadSettings(str(path), "cannot be written", _WRITABLE)
    if any(_is_same_file(path, one) for one in inputs):
        raise BadSettings(str(path), "is the file that is read", "name another one")


def _is_same_file(path: Path, other: Path) -> bool:
    """Under whatever name. What cannot be looked at is another one: reading it fails before anything is written."""
    try:
        return path.is_file() and path.samefile(other)
    except OSError:
        return False


def write_file(path: Path, text: str) -> None:
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
        raise BadSettings(str(path), e.strerror or "cannot be written", _WRITABLE) from e
