"""The report on a terminal, or as plain text when it is piped. Knows no more than the report.

rich is loaded by the first rendering and not before: `reviewbot --help` must not pay for it.
"""

from io import StringIO

from reviewbot.report.model import Report
from reviewbot.report.safe import uncommanding

NARROWEST, WIDEST = 40, 120
"""Columns used at least, since below this nothing lines up, and at most, since longer lines are hard to read."""
PLAIN_WIDTH = 100
"""Columns of text that goes to a file or a pipe."""


def render(report: Report, *, color: bool, width: int) -> str:
    """The whole report in `width` columns (40 to 120 are used), with ANSI colours or without any escape code."""
    width = min(max(width, NARROWEST), WIDEST)
    printed = _printed(report, color=color, width=width)
    harmless = uncommanding(printed)
    return harmless if harmless == printed else uncommanding(_printed(report, color=color, width=width - 1))


def _printed(report: Report, *, color: bool, width: int) -> str:
    from rich.console import Console, Group  # noqa: PLC0415  rich takes 70 ms to load

    from reviewbot.report.screen import page  # noqa: PLC0415  loads rich

    console = Console(
        file=StringIO(), width=width, force_terminal=color, legacy_windows=False,
        color_system="standard" if color else None, markup=False, emoji=False, highlight=False, _environ={},
    )  # fmt: skip
    with console.capture() as captured:
        console.print(Group(*page(report)))
    return captured.get()


def text(report: Report) -> str:
    """The whole report without colour, for files and pipes."""
    return render(report, color=False, width=PLAIN_WIDTH)
