"""What stands where on the screen: how it ended, what needs a person, the findings, the seats, the run.

A finding is printed in full once. What needs a person comes before the list and points into it by rank.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby

from rich.console import RenderableType
from rich.text import Text

from reviewbot.council import ASKED
from reviewbot.findings import Severity
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
from reviewbot.report.layout import (
    BLANK,
    MARGIN,
    Hanging,
    block,
    columns,
    indented,
    labelled,
    one_row,
    section,
    spaced,
    words,
)
from reviewbot.report.model import Report, ReportFinding, ReportSeat
from reviewbot.report.wording import count, place, quoted

_SEVERITY: dict[Severity, str] = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_UNDER_TITLE = MARGIN + 4
"""Margin, rank and gap: everything of a finding lines up under its title."""
_CODE_ROWS = 4
"""Rows of the screen that one line of code may fill."""


def page(report: Report) -> Iterator[RenderableType]:
    """The whole report, top to bottom."""
    yield from _opening(report)
    yield from section("Questions for a person", spaced(map(_question, questions(report))))
    yield from section("Disputed", _disputes(report))
    yield from section("Findings", spaced(map(_finding, shown(report))))
    yield from section("Withheld", map(_withheld, withheld(report)))
    yield from section("Seats", _seats(report.seats))
    yield from section("Not covered", _gaps(report))
    yield from section("Run", _entries(entries.run(report), margin=MARGIN, column=10))


def _opening(report: Report) -> Iterator[RenderableType]:
    foreword = notice(report)
    if foreword:
        yield indented(words(foreword, "magenta"), 0)
        yield BLANK
    yield indented(words(outcome(report), "bold"), 0)
    for sentence, reasons in ((incomplete(report), causes(report)), (uncovered(report), ()), (narrowed(report), ())):
        if sentence:
            yield indented(words(sentence, "yellow"), 0)
        yield from (indented(words(reason, "red")) for reason in reasons)


def _question(finding: ReportFinding) -> Iterator[RenderableType]:
    """The question, and what a person needs to answer it without reading on."""
    ask = finding.assumption.ask if finding.assumption else ""
    yield Hanging(_rank(finding), words(ask or finding.title, "bold"))
    yield indented(words(place(finding), "cyan"), _UNDER_TITLE)
    yield from _entries(entries.assumption(finding), margin=_UNDER_TITLE, column=15)


def _disputes(report: Report) -> Iterator[RenderableType]:
    for finding in disputes(report):
        yield Hanging(_rank(finding), one_row(words(finding.title)))
        yield indented(words(challenged(finding), "dim"), _UNDER_TITLE)


def _finding(finding: ReportFinding) -> Iterator[RenderableType]:
    severity = Text(f"{finding.severity}  ", _SEVERITY[finding.severity])
    yield Hanging(_rank(finding), Text.assemble(severity, words(finding.title, "bold")))
    about = words(f"  {entries.about(finding)}", "dim")
    yield indented(Text.assemble(words(place(finding), "cyan"), about), _UNDER_TITLE)
    yield from _code(finding)
    if finding.body.strip():
        yield BLANK
        yield indented(block(finding.body), _UNDER_TITLE)
    yield BLANK
    if finding.fix and finding.fix.strip():
        yield labelled("Fix", block(finding.fix), margin=_UNDER_TITLE, column=11)
    yield from _entries(entries.evidence(finding), margin=_UNDER_TITLE, column=11)


def _code(finding: ReportFinding) -> Iterator[RenderableType]:
    rows = quoted(finding)
    if rows:
        yield BLANK
    for number, line in rows:
        gutter = f"{number} \N{BOX DRAWINGS LIGHT VERTICAL} "
        yield Hanging(Text(" " * _UNDER_TITLE + gutter, "dim"), block(line), rows=_CODE_ROWS)


def _entries(facts: Iterable[entries.Entry], *, margin: int, column: int) -> Iterator[RenderableType]:
    """Labelled facts. A wording of somebody else keeps to one row; a label is not repeated."""
    last = ""
    for label, fact in facts:
        body = one_row(words(fact)) if label == "Also said" else words(fact)
        yield labelled("" if label == last else label, body, margin=margin, column=column)
        last = label


def _withheld(finding: ReportFinding) -> RenderableType:
    where, why = words(f"  {place(finding)}", "cyan"), words(f"  {finding.reason}", "dim")
    return Hanging(_rank(finding), Text.assemble(words(finding.title), where, why))


def _seats(seats: tuple[ReportSeat, ...]) -> Iterator[RenderableType]:
    headings = tuple(Text(word, "dim") for word in ("", "", *entries.SEAT_FIGURES))
    heading, *rows = columns([headings, *map(_seat, seats)], margin=MARGIN + 2, left=2)
    above = ""
    order = [*dict.fromkeys(map(entries.sitter, seats))]  # a challenge stands with the lenses of its member
    for seat, row in sorted(zip(seats, rows, strict=True), key=lambda one: order.index(entries.sitter(one[0]))):
        if not above:
            yield heading
        if entries.sitter(seat) != above:
            above = entries.sitter(seat)
            yield indented(words(above))
        yield row
        if seat.state in ASKED and seat.detail.strip():
            yield indented(one_row(words(seat.detail, "dim")), MARGIN + 4)


def _seat(seat: ReportSeat) -> tuple[Text, ...]:
    style = "green" if seat.state == "ok" else "yellow" if seat.state in ASKED else "red"
    return words(seat.lens), Text(seat.state.replace("_", " "), style), *map(Text, entries.figures(seat))


def _gaps(report: Report) -> Iterator[RenderableType]:
    """Files by the reason they were not covered for: the reason is said once."""
    for why, gaps in groupby(sorted(report.not_covered, key=lambda gap: gap.why), key=lambda gap: gap.why):
        yield indented(words(why))
        for gap in gaps:
            lines = Text(f"  {count(gap.lines, 'line')}" if gap.lines else "", "dim")
            yield indented(Text.assemble(words(gap.path, "cyan"), lines), MARGIN + 2)


def _rank(finding: ReportFinding) -> Text:
    return Text(f"{finding.rank:>{MARGIN + 2}}  ", "bold")
