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


def tell(report: Report, form: str, output: Path | None, fail_on: Severity | None) -> Exit:
    """The report where it was asked for, and how the process ends because of it."""
    if output:
        write_file(output, FORMATS[form](report))
    elif form == "text" and sys.stdout.isatty():
        width = min(WIDEST, os.get_terminal_size().columns)
        _print(terminal.render(report, color="NO_COLOR" not in os.environ, width=width))
    else:
        _print(FORMATS[form](report))
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        raise nobody_answered(report)
    if not report.seats and not report.complete:
        raise BadInput("change", headline(report), "look at it yourself: this review did not")
    return Exit.FINDINGS if fail_on and reaches(report, fail_on) else Exit.REVIEWED


def _print(text: str) -> None:
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


def check_folder(path: Path) -> None:
    """Before anything is paid for: what cannot be written at the end is said at the beginning."""
    folder = path.resolve().parent
    if path.is_dir() or not os.access(folder, os.W_OK):
        raise BadSettings(str(path), "cannot be written", "name a file in a folder you can write to")


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
        raise BadSettings(
            str(path), e.strerror or "cannot be written", "name a file in a folder you can write to"
        ) from e
