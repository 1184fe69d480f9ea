"""A review's outcome as the Action tells it: outputs, files, the step summary, annotations and the exit code."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, get_args

from reviewbot.council import ASKED
from reviewbot.doors.inputs import Inputs
from reviewbot.doors.output import nobody_answered, reaches, write_file
from reviewbot.doors.pull_request import Done
from reviewbot.doors.runner import SUMMARY_BYTES, Runner, add_summary, complain, say, write_outputs
from reviewbot.errors import BadSettings, Exit
from reviewbot.findings import SEVERITIES, Placement, Severity
from reviewbot.report import Report, sarif, to_json
from reviewbot.report.annotations import beside_code, remark
from reviewbot.report.headline import headline, notice
from reviewbot.report.safe import inline
from reviewbot.report.summary import render_skipped, render_summary

NOT_REVIEWED: Mapping[str, str] = {"complete": "false"}


class Outcome(NamedTuple):
    """What came of a run of the Action."""

    done: Done
    limits: str | None = None
    """What the run could not do, whatever it tried; words for a person."""


def tell(runner: Runner, inputs: Inputs, outcome: Outcome) -> Exit:
    """The outcome where a person and later steps look for it. One notice says how it ended."""
    done, report = outcome.done, outcome.done.report
    if report is None:
        write_outputs(runner, NOT_REVIEWED)
        add_summary(runner, _opening(outcome) + render_skipped(done.said))
    else:
        files = _write_reports(runner, inputs, report)
        write_outputs(runner, {**_counts(report), **files, "summary-url": done.summary_url})
        add_summary(runner, _page(outcome, report))
    said = remark("\n".join(_sentences(outcome)))
    say(said + beside_code(report) if report else said)
    return _end(done, inputs.flags.fail_on)


def _sentences(outcome: Outcome) -> Iterator[str]:
    """What to know first, how the review ended, what came of it on the pull request, what went wrong beside it."""
    done, report = outcome.done, outcome.done.report
    if outcome.limits:
        on_page = " The review is on this run's page." if report and not done.posted else ""
        yield f"{outcome.limits}{on_page}"
    elif report and (first := notice(report)):
        yield first
    ended = headline(report) if report else ""
    yield from filter(None, (ended, done.said if done.said != ended else ""))
    yield from done.notes


def _end(done: Done, bar: Severity | None) -> Exit:
    """How the step ends. A review that nobody made, or that could not be posted, fails it in any case."""
    problems = tuple(_problems(done))
    for problem in problems:
        complain(problem)
    if problems:
        return Exit.EXPLAINED
    return Exit.FINDINGS if done.report and bar and reaches(done.report, bar) else Exit.REVIEWED


def _problems(done: Done) -> Iterator[str]:
    report = done.report
    if report and report.seats and not any(seat.state in ASKED for seat in report.seats):
        yield str(nobody_answered(report))
    if done.failure:
        yield done.failure


def _write_reports(runner: Runner, inputs: Inputs, report: Report) -> Mapping[str, str]:
    """Where the JSON and the SARIF report stand: where the workflow wants them, else for as long as the job lasts."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="reviewbot-", dir=runner.temporary))
    except OSError as e:
        raise BadSettings(
            "RUNNER_TEMP", e.strerror or "cannot be written", "look at the runner's disk and rights"
        ) from e
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
    opening = _opening(outcome)
    return opening + render_summary(report, outcome.done.standing, limit=SUMMARY_BYTES - len(opening.encode()))


def _opening(outcome: Outcome) -> str:
    return f"{inline(outcome.limits)}\n\n" if outcome.limits else ""
