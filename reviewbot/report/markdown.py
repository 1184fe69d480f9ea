"""The report as Markdown for GitHub: the same facts in the same order as on the terminal.

No HTML is written, and no text of the report becomes markup: every string passes `safe`. Knows nothing of posting.
"""

from collections.abc import Iterator

from reviewbot.report import entries
from reviewbot.report.dissent import challenged
from reviewbot.report.headline import (
    causes,
    disputes,
    incomplete,
    narrowed,
    notice,
    outcome,
    questions,
    shown,
    uncovered,
    withheld,
)
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.passages import fix_block, gap_lists, listed, quotation, seat_table
from reviewbot.report.safe import code_span, inline, prose, uncommanding
from reviewbot.report.wording import place


def render(report: Report) -> str:
    """The whole report as one page of GitHub Flavored Markdown, a line feed at the end."""
    sections = (
        ("", _opening(report)),
        ("## Questions for a person", map(_question, questions(report))),
        ("## Disputed", map(_dispute, disputes(report))),
        ("## Findings", (part for finding in shown(report) for part in _finding(finding))),
        ("## Withheld", map(_withheld, withheld(report))),
        ("## Seats", seat_table(report.seats)),
        ("## Not covered", gap_lists(report.not_covered)),
        ("## Run", [listed(entries.run(report))]),
    )
    blocks: list[str] = []
    for heading, parts in sections:
        body = [part for part in parts if part]
        blocks += [heading, *body] if heading and body else body
    return uncommanding("\n\n".join(blocks) + "\n")


def _opening(report: Report) -> Iterator[str]:
    foreword = notice(report)
    if foreword:
        yield f"*{inline(foreword)}*"
    yield f"**{inline(outcome(report))}**"
    yield inline(incomplete(report))
    yield "\n".join(f"- {inline(cause)}" for cause in causes(report))
    yield inline(uncovered(report))
    yield inline(narrowed(report))


def _question(finding: ReportFinding) -> str:
    """The question, and what a person needs to answer it without reading on."""
    ask = finding.assumption.ask if finding.assumption else ""
    asked = f"**{finding.rank}.** {inline(ask or finding.title)} ({code_span(place(finding))})"
    return f"{asked}\n\n{listed(entries.assumption(finding))}"


def _dispute(finding: ReportFinding) -> str:
    return f"**{finding.rank}.** {inline(f'{finding.title}:')} {inline(challenged(finding))}"


def _finding(finding: ReportFinding) -> Iterator[str]:
    yield f"### {finding.rank}. {finding.severity}: {inline(finding.title)}"
    yield f"{code_span(place(finding))} {inline(entries.about(finding))}"
    yield quotation(finding)
    yield prose(finding.body)
    fix = (finding.fix or "").strip("\n")
    if "\n" in fix:
        yield f"**Fix:**\n\n{fix_block(fix)}"
    yield listed((*([("Fix", fix)] if fix and "\n" not in fix else []), *entries.evidence(finding)))


def _withheld(finding: ReportFinding) -> str:
    return f"**{finding.rank}.** {inline(finding.title)} ({code_span(place(finding))}): {inline(finding.reason)}"
