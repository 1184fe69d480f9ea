"""The check run of a review: what it says while it runs, at its end, and beside which lines.

It is neutral. A policy may let it be green, which only a whole review earns; it is never red, because a person decides
(DESIGN 4.6). Pure: `reviewbot.doors.check_run` sends it.
"""

from collections import Counter
from collections.abc import Iterator

from reviewbot.council import ASKED
from reviewbot.forge.model import Annotation, Check
from reviewbot.report import Report, headline
from reviewbot.report.headline import causes
from reviewbot.report.masking import masked
from reviewbot.report.model import ReportFinding
from reviewbot.report.safe import visible, visible_line
from reviewbot.report.standing import Standing
from reviewbot.report.summary import render_skipped, render_summary

SUMMARY_LIMIT = 60_000
"""Bytes; GitHub takes 65,535 characters (THREATS G26)."""
MESSAGE_LIMIT = 8_000
"""Characters of one annotation; GitHub takes 64 kB."""
TITLE_LIMIT = 255


def running(head_sha: str, key: str) -> Check:
    """The check while the council looks."""
    return Check(head_sha=head_sha, external_id=key, title="The council is looking", summary="Under review.")


def not_reviewed(head_sha: str, key: str, why: str) -> Check:
    """The end of a review that did not take place, or failed. Neutral: nothing was looked at, so nothing is green."""
    return Check(
        head_sha=head_sha,
        external_id=key,
        title=f"Not reviewed: {visible_line(masked(why))}"[:TITLE_LIMIT],
        summary=render_skipped(why),
        conclusion="neutral",
    )


def skipped(head_sha: str, why: str) -> Check:
    """There is no review, and none is meant to be. Grey on the page, with the way to have one."""
    check = not_reviewed(head_sha, f"skipped {head_sha}", why)
    return check.model_copy(update={"conclusion": "skipped"})


def reviewed(head_sha: str, key: str, report: Report, standing: Standing, *, green: bool) -> Check:
    """The end of a review. `green` is the policy's wish; see `_earns_green` for what it takes."""
    return Check(
        head_sha=head_sha,
        external_id=key,
        title=visible_line(masked(_title(report)))[:TITLE_LIMIT],
        summary=render_summary(report, standing, limit=SUMMARY_LIMIT),
        conclusion="success" if green and _earns_green(report) else "neutral",
        annotations=tuple(_annotations(report)),
    )


def _title(report: Report) -> str:
    """Of a review that nobody answered, why: the title is read without the summary."""
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        return f"Not reviewed: no seat answered: {'; '.join(causes(report))}"
    return headline(report)


def _earns_green(report: Report) -> bool:
    """Every seat answered in full, and at most half of the changed lines were left out (THREATS S30).

    A file whose lines nobody can count, such as a binary one, may hold anything: then nothing is green.
    """
    unread = Counter[str]()
    for gap in report.not_covered:
        unread[gap.path] += gap.lines
    changed = report.change.additions + report.change.deletions
    return report.complete and bool(report.seats) and all(unread.values()) and unread.total() * 2 <= changed


def _annotations(report: Report) -> Iterator[Annotation]:
    """Findings that stand at a line of the head, in rank order: a check shows nothing of what was removed."""
    for finding in sorted(report.findings, key=lambda finding: finding.rank):
        if finding.line is not None and finding.side == "new" and finding.placement != "withheld":
            yield _annotation(finding, finding.line)


def _annotation(finding: ReportFinding, line: int) -> Annotation:
    """GitHub refuses all annotations of a call in which one says nothing, so a blank body is told by its title."""
    said = "\n\n".join(filter(str.strip, (finding.body, finding.assumption.ask if finding.assumption else "")))
    return Annotation(
        path=finding.path,
        start_line=finding.start_line or line,
        end_line=line,
        level="notice" if finding.severity == "low" else "warning",  # never "failure": that is a verdict
        title=visible_line(masked(f"{finding.severity}: {finding.title}"))[:TITLE_LIMIT],
        message=visible(masked(said or f"{finding.severity}: {finding.title}"))[:MESSAGE_LIMIT],
    )
