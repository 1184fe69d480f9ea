"""Passages of Markdown that the page, the comment at a line and the summary share. Every string passes `safe`."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from urllib.parse import quote

from reviewbot.council import ASKED, CHALLENGE
from reviewbot.report import entries
from reviewbot.report.blocks import Code, Item, Paragraph, blocks
from reviewbot.report.dissent import challenged, refuted
from reviewbot.report.fitting import cut
from reviewbot.report.links import is_address
from reviewbot.report.model import NotCovered, ReportFinding, ReportSeat
from reviewbot.report.safe import code_span, fence, inline, prose
from reviewbot.report.wording import count, first_line, place, quoted

LONGEST_PATH = 200
LONGEST_URL = 600


def listed(facts: Iterable[entries.Entry], source_url: str = "") -> str:
    """Labelled facts as a list."""
    return "\n".join(f"- **{inline(f'{label}:')}** {inline(fact, source_url=source_url)}" for label, fact in facts)


def quotation(finding: ReportFinding) -> str:
    """The quoted lines behind their numbers, or nothing."""
    rows = quoted(finding)
    return fence("\n".join(f"{number} | {line}" for number, line in rows)) if rows else ""


def fix_block(fix: str, source_url: str = "") -> str:
    """A fix of several lines: all of it is code where no part of it is fenced."""
    has_code = any(isinstance(block, Code) for block in blocks(fix))
    return prose(fix, source_url=source_url) if has_code else fence(fix)


def linked_place(finding: ReportFinding, source_url: str) -> str:
    """Path and lines, as a link to them at the reviewed commit where they are in it. A long path is cut."""
    return linked(cut(place(finding), LONGEST_PATH), _source_link(finding, source_url))


def linked(text: str, url: str) -> str:
    """Text as code, that leads to an address of the forge's where this is one that can stand in a link."""
    shown = code_span(text)
    return f"[{shown}](<{url}>)" if len(url) <= LONGEST_URL and is_address(url) else shown


def _source_link(finding: ReportFinding, source_url: str) -> str:
    first = first_line(finding)
    if not source_url or finding.side == "old" or finding.line is None:
        return ""
    lines = f"L{finding.line}" if first == finding.line else f"L{first}-L{finding.line}"
    return f"{source_url}{quote(finding.path, safe='/', errors='replace')}#{lines}"


def seat_table(seats: tuple[ReportSeat, ...]) -> Iterator[str]:
    """Who sat, how it ended and what it cost; then what those that answered say of it.

    Seats of a member that ended alike share a row; its challenge of what others found has one of its own. Why a seat
    did not answer is for `headline.causes`.
    """
    if not seats:
        return
    headings = ("member", "lens", "state", *entries.SEAT_FIGURES)
    rule = ("---",) * 3 + ("--:",) * len(entries.SEAT_FIGURES)
    yield "\n".join(f"| {' | '.join(row)} |" for row in (headings, rule, *map(_seats, _alike(seats))))
    answered = (seat for seat in seats if seat.state in ASKED and seat.detail.strip())
    yield listed((f"{entries.sitter(seat)}, {seat.lens}", seat.detail) for seat in answered)


def _alike(seats: tuple[ReportSeat, ...]) -> Iterable[Sequence[ReportSeat]]:
    rows: dict[tuple[str, str, bool], list[ReportSeat]] = {}
    for seat in seats:
        rows.setdefault((entries.sitter(seat), seat.state, seat.lens == CHALLENGE), []).append(seat)
    return rows.values()


def _seats(alike: Sequence[ReportSeat]) -> tuple[str, ...]:
    first, lenses = alike[0], ", ".join(dict.fromkeys(seat.lens for seat in alike))
    return _cell(entries.sitter(first)), _cell(lenses), first.state.replace("_", " "), *entries.figures(*alike)


def _cell(text: str) -> str:
    """Untrusted text as a cell: a bar would end the cell even inside a code span."""
    return code_span(text.replace("|", "<U+007C>"))


def gap_lists(gaps: Iterable[NotCovered]) -> Iterator[str]:
    """Files by the reason they were not covered for: the reason is said once."""
    for why, rows in groupby(sorted(gaps, key=lambda gap: gap.why), key=lambda gap: gap.why):
        yield f"{inline(f'{why}:')}\n\n" + "\n".join(map(_gap, rows))


def _gap(gap: NotCovered) -> str:
    return f"- {code_span(gap.path)}" + (f", {count(gap.lines, 'line')}" if gap.lines else "")


def assumed(finding: ReportFinding, source_url: str = "") -> Iterator[str]:
    """What an assumption rests on, and the question it puts, set off from the rest."""
    facts = entries.assumption(finding)
    if facts:
        yield listed(facts, source_url)
    yield from asked(finding, source_url)


def asked(finding: ReportFinding, source_url: str = "") -> Iterator[str]:
    """The question a finding puts to a person, if it has one."""
    if finding.assumption and finding.assumption.ask.strip():
        yield f"> **Question: {inline(finding.assumption.ask, source_url=source_url)}**"


def remedy(finding: ReportFinding, source_url: str = "", *, suggestion: str | None = None) -> Iterator[str]:
    """How to mend it. A suggestion takes the place of the fix's code, and its words stay."""
    fix = (finding.fix or "").strip("\n")
    if suggestion is not None:
        words = prose_alone(fix)
        yield "**Fix:**" if "\n" in words or not words else f"**Fix:** {inline(words, source_url=source_url)}"
        yield prose(words, source_url=source_url) if "\n" in words else ""
        yield fence(suggestion, "suggestion")
    elif "\n" in fix:
        yield "**Fix:**"
        yield fix_block(fix, source_url)
    elif fix:
        yield f"**Fix:** {inline(fix, source_url=source_url)}"


def prose_alone(text: str) -> str:
    """The words of a text a line each, without its fenced code; nothing where it has no fenced code."""
    parts = [*blocks(text)]
    words = (
        "\n".join(part.lines) if isinstance(part, Paragraph | Item) else part.text
        for part in parts
        if not isinstance(part, Code)
    )
    return "\n".join(words) if any(isinstance(part, Code) for part in parts) else ""


def hearing(finding: ReportFinding, source_url: str = "") -> Iterator[str]:
    """What those who were asked to refute it say, and why. That an assumption is refuted is one of its facts."""
    if finding.challenge and not (refuted(finding) and finding.assumption):
        label = "Disputed" if refuted(finding) else "Challenge"
        yield f"**{label}:** {inline(challenged(finding), source_url=source_url)}"


def checked(finding: ReportFinding, source_url: str = "") -> Iterator[str]:
    """What came of looking it up without a model."""
    if told := entries.checked(finding):
        yield f"**Checked:** {inline(told, source_url=source_url)}"


def fold(title: str, parts: Iterable[str], *, is_open: bool = False) -> str:
    """Blocks behind a title that opens them; nothing where there are none. The title is HTML: ours, every word."""
    inside = "\n\n".join(filter(None, parts))
    opening = "<details open>" if is_open else "<details>"
    return f"{opening}\n<summary>{title}</summary>\n\n{inside}\n\n</details>" if inside else ""
