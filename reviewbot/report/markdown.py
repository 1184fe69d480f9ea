"""The report as Markdown for GitHub: the same facts in the same order as on the terminal.

No HTML is written, and no text of the report becomes markup: every string passes `safe`. Knows nothing of posting.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from reviewbot.report import entries
from reviewbot.report.dissent import challenged
from reviewbot.report.headline import disputes, notice, outcome, questions, shortfalls, shown, withheld
from reviewbot.report.model import Report, ReportFinding, ReportSeat
from reviewbot.report.safe import code_span, fence, inline, prose, uncommanding
from reviewbot.report.wording import count, place, quoted


def render(report: Report) -> str:
    """The whole report as one page of GitHub Flavored Markdown, a line feed at the end."""
    sections = (
        ("", _opening(report)),
        ("## Questions for a person", map(_question, questions(report))),
        ("## Disputed", map(_dispute, disputes(report))),
        ("## Findings", (part for finding in shown(report) for part in _finding(finding))),
        ("## Withheld", map(_withheld, withheld(report))),
        ("## Seats", _seats(report.seats)),
        ("## Not covered", _gaps(report)),
        ("## Run", [_listed(entries.run(report))]),
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
    yield from map(inline, shortfalls(report))


def _question(finding: ReportFinding) -> str:
    """The question, and what a person needs to answer it without reading on."""
    ask = finding.assumption.ask if finding.assumption else ""
    asked = f"**{finding.rank}.** {inline(ask or finding.title)} ({code_span(place(finding))})"
    return f"{asked}\n\n{_listed(entries.assumption(finding))}"


def _dispute(finding: ReportFinding) -> str:
    return f"**{finding.rank}.** {inline(finding.title)}: {inline(challenged(finding))}"


def _finding(finding: ReportFinding) -> Iterator[str]:
    yield f"### {finding.rank}. {finding.severity}: {inline(finding.title)}"
    yield f"{code_span(place(finding))} {inline(entries.about(finding))}"
    rows = quoted(finding)
    if rows:
        yield fence("\n".join(f"{number} | {line}" for number, line in rows))
    yield prose(finding.body)
    fix = (finding.fix or "").strip("\n")
    if "\n" in fix:
        yield f"**Fix:**\n\n{prose(fix) if '```' in fix else fence(fix)}"
    yield _listed((*([("Fix", fix)] if fix and "\n" not in fix else []), *entries.evidence(finding)))


def _withheld(finding: ReportFinding) -> str:
    return f"**{finding.rank}.** {inline(finding.title)} ({code_span(place(finding))}): {inline(finding.reason)}"


def _seats(seats: tuple[ReportSeat, ...]) -> Iterator[str]:
    if not seats:
        return
    headings = ("member", "lens", "state", *entries.SEAT_FIGURES)
    rule = ("---",) * 3 + ("--:",) * len(entries.SEAT_FIGURES)
    yield "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *map(_seat, seats)))
    yield _listed((f"{entries.sitter(seat)}, {seat.lens}", seat.detail) for seat in seats if seat.detail.strip())


def _seat(seat: ReportSeat) -> tuple[str, ...]:
    return _cell(entries.sitter(seat)), _cell(seat.lens), seat.state.replace("_", " "), *entries.figures(seat)


def _cell(text: str) -> str:
    """Untrusted text as a cell: a bar would end the cell even inside a code span."""
    return code_span(text.replace("|", "<U+007C>"))


def _gaps(report: Report) -> Iterator[str]:
    """Files by the reason they were not covered for: the reason is said once."""
    for why, gaps in groupby(sorted(report.not_covered, key=lambda gap: gap.why), key=lambda gap: gap.why):
        paths = (f"- {code_span(gap.path)}" + (f", {count(gap.lines, 'line')}" if gap.lines else "") for gap in gaps)
        yield f"{inline(why)}:\n\n" + "\n".join(paths)


def _listed(facts: Iterable[entries.Entry]) -> str:
    return "\n".join(f"- **{inline(label)}:** {inline(fact)}" for label, fact in facts)
