"""How lines are laid on a screen: margins, labels, text that hangs under its own beginning. Knows no report.

Renderables of rich, so that the width is decided when they are printed. Text enters by `words` or `block`, where it
loses its power to act; it is never read as rich markup. White space and alignment do the work of boxes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from reviewbot.report.safe import visible, visible_line

MARGIN = 2
TAB = 4
"""Columns a tab moves on; rich would count from the edge of the screen, not of the text."""
BLANK = Text()


@dataclass(frozen=True, slots=True)
class Hanging:
    """Text that wraps under its own beginning, behind a lead: a label, a rank, a line number."""

    lead: Text
    body: Text
    rows: int | None = None
    """Rows the text may fill; then it is cut, and says how much is not shown. None shows all of it."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        margin = cell_len(self.lead.plain)
        width = max(options.max_width - margin, 1)
        lead = self.lead
        for line in self._lines(console, width):
            row = Text.assemble(lead, line)
            row.rstrip()
            yield from row.render(console, end="\n")
            lead = Text(" " * margin)

    def _lines(self, console: Console, width: int) -> Iterable[Text]:
        overflow = self.body.overflow or "fold"
        if self.rows is None:
            return self.body.wrap(console, width, overflow=overflow, no_wrap=self.body.no_wrap)
        filling = self.body[: self.rows * width]
        lines = filling.wrap(console, width, overflow=overflow)
        if len(filling) == len(self.body) and len(lines) <= self.rows:
            return lines
        left = len(self.body) - sum(len(line) for line in lines[: self.rows])
        return [*lines[: self.rows], Text(f"... {left:,} more characters", "dim")]


def words(text: str, style: str = "") -> Text:
    """Untrusted text of one line."""
    return Text(visible_line(text), style)


def block(text: str, style: str = "") -> Text:
    """Untrusted text whose line breaks are kept."""
    return Text(visible(text).strip("\n").expandtabs(TAB), style)


def one_row(text: Text) -> Text:
    """The same text, ended by an ellipsis where the row ends."""
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def indented(text: Text, margin: int = MARGIN) -> Hanging:
    return Hanging(Text(" " * margin), text)


def labelled(label: str, body: Text, *, margin: int, column: int) -> Hanging:
    """A quiet label, and its text in the column where the texts of its neighbours stand."""
    return Hanging(Text(" " * margin + label.ljust(column), "dim"), body)


def section(title: str, parts: Iterable[RenderableType]) -> Iterator[RenderableType]:
    """A heading and its parts after a blank line; nothing where there are no parts."""
    heading: tuple[RenderableType, ...] = (BLANK, Text(title, "bold"))
    for part in parts:
        yield from heading
        heading = ()
        yield part


def spaced(items: Iterable[Iterable[RenderableType]]) -> Iterator[RenderableType]:
    """The parts of each item, a blank line between items."""
    for n, item in enumerate(items):
        if n:
            yield BLANK
        yield from item


def columns(rows: Iterable[tuple[Text, ...]], *, margin: int, left: int) -> Iterator[Hanging]:
    """Rows with their cells aligned: the first `left` columns to the left, the rest, figures, to the right."""
    table = [*rows]
    widths = [max(cell_len(row[n].plain) for row in table) for n in range(len(table[0]))] if table else []
    for row in table:
        line = Text()
        for n, (cell, width) in enumerate(zip(row, widths, strict=True)):
            blanks = Text(" " * (width - cell_len(cell.plain)))
            line.append_text(Text.assemble(cell, blanks) if n < left else Text.assemble(blanks, cell))
            line.append("  ")
        yield indented(line, margin)
