"""A review's outcome as the Action tells it: outputs, files, the step summary, annotations and the exit code."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple, get_args

from reviewbot.council import ASKED
from reviewbot.doors.inputs import Inputs
from reviewbot.doors.output import nobody_answered, reaches, write_file
from reviewbot.doors.pull_request import Done
from reviewbot.doors.runner import SUMMARY_BYTES, Runner, add_summary, complain, say, write_outputs
from reviewbot.errors import Exit
from reviewbot.findings import SEVERITIES, Placement
from reviewbot.report import Report, sarif, to_json
from reviewbot.report.annotations import beside_code, remark
from reviewbot.report.headline import notice
from reviewbot.report.safe import inline
from reviewbot.report.summary import render_summary

NOT_REVIEWED: Mapping[str, str] = {"complete": "false"}


class Outcome(NamedTuple):
    """What came of a run of the Action."""

    done: Done
    quiet: str | None = None
    """Why nothing was posted, where the run could not; words for a person."""


def tell(runner: Runner, inputs: Inputs, outcome: Outcome) -> Exit:
    """The outcome where a person and later steps look for it. One notice says how it ended."""
    done, report = outcome.done, outcome.done.report
    opening = outcome.quiet or (notice(report) if report else None)
    said = remark("\n".join(filter(None, (opening, done.said, *done.notes))))
    if report is None:
        write_outputs(runner, NOT_REVIEWED)
        say(said)
        return Exit.REVIEWED
    files = _write_reports(runner, inputs, report)
    write_outputs(runner, {**_counts(report), **files, "summary-url": done.summary_url})
    add_summary(runner, _page(outcome, report))
    say(said + beside_code(report))
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        complain(str(nobody_answered(report)))
        return Exit.EXPLAINED
    fail_on = inputs.flags.fail_on
    return Exit.FINDINGS if fail_on and reaches(report, fail_on) else Exit.REVIEWED


def _write_reports(runner: Runner, inputs: Inputs, report: Report) -> Mapping[str, str]:
    """Where the JSON and the SARIF report stand: where the workflow wants them, else for as long as the job lasts."""
    folder = Path(tempfile.mkdtemp(prefix="reviewbot-", dir=runner.temporary))
    paths = {"report": inputs.report or folder / "report.json", "sarif": inputs.sarif or folder / "report.sarif"}
    write_file(paths["report"], to_json(report))
    write_file(paths["sarif"], sarif.render(report))
    return {name: str(path) for name, path in paths.items()}


def _counts(report: Report) -> Mapping[str, str]:
    severities = [finding.severity for finding in report.findings]
    placements = [finding.placement for finding in report.findings]
    counts = {"findings": len(report.findings)}
    counts |= {severity: severities.count(severity) for severity in SEVERITIES}
    counts |= {placement: placements.count(placement) for placement in get_args(Placement)}
    return {name: str(number) for name, number in counts.items()} | {"complete": str(report.complete).lower()}


def _page(outcome: Outcome, report: Report) -> str:
    opening = f"{inline(outcome.quiet)}\n\n" if outcome.quiet else ""
    return opening + render_summary(report, outcome.done.standing, limit=SUMMARY_BYTES - len(opening.encode()))
