"""The words all formats share for one fact: an amount, a time, a place in the diff, a range of commits.

Nothing here is made safe or coloured: each format does that with what it gets.
"""

from collections.abc import Sequence

from reviewbot.report.model import ReportChange, ReportFinding

GIVEN_UP = "For the budget, "
"""How each note begins that says what the budget gave up (`council.savings`)."""
QUOTED_LINES = 12
"""A longer quotation is cut, and says so: the reader has the file."""


def count(number: int, noun: str) -> str:
    """A number and its noun: "1 finding", "3 findings"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(names: Sequence[str]) -> str:
    """Names as a person lists them: "a, b and c"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def dollars(usd: float | None) -> str:
    """US dollars. A price nobody knows is "unknown", never zero; an amount too small to write is not zero either."""
    if usd is None:
        return "unknown"
    if 0 < usd < 0.0001:
        return "<$0.0001"
    return f"${usd:.4f}" if 0 < usd < 1 else f"${usd:,.2f}"


def duration(seconds: float) -> str:
    """Seconds as a person reads them: tenths under a minute, then minutes."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s"


def first_line(finding: ReportFinding) -> int | None:
    """The number of the first quoted line, or None without a precise place."""
    return finding.line if finding.start_line is None else finding.start_line


def place(finding: ReportFinding) -> str:
    """Path and lines as editors and terminals link them, and that the lines are gone where they are."""
    if finding.line is None:
        return finding.path
    first = first_line(finding)
    lines = str(finding.line) if first == finding.line else f"{first}-{finding.line}"
    return f"{finding.path}:{lines}{' (removed)' if finding.side == 'old' else ''}"


def quoted(finding: ReportFinding) -> tuple[tuple[str, str], ...]:
    """The quoted lines, each behind its number where it has one. A long quotation ends in the count of what was cut."""
    if not finding.quote.strip():
        return ()
    lines = finding.quote.strip("\n").split("\n")
    first = first_line(finding)
    numbers = ["" if first is None else str(first + n) for n in range(min(len(lines), QUOTED_LINES))]
    cut = len(lines) - len(numbers)
    width = len(numbers[-1])
    rows = tuple((number.rjust(width), line) for number, line in zip(numbers, lines, strict=False))
    return (*rows, (" " * width, f"... {count(cut, 'more line')}")) if cut else rows


def commits(change: ReportChange) -> str:
    """What was reviewed, as far as commits name it; empty for a diff that names none."""
    base = change.base_sha[:8] if change.base_sha else None
    head = change.head_sha[:8] if change.head_sha else None
    if head is None:
        return f"work since {base}" if base else ""
    return f"{base}..{head}" if base else head
