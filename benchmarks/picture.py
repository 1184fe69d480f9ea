"""Draws the terminal report as an SVG for the README.

    python benchmarks/picture.py REPORT.json docs/check.svg [--width 100] [--rows 60] [--command "reviewbot check"]

REPORT.json is what `reviewbot check --format json` wrote. The picture names no font file, no script and no address: a
page that shows it asks nobody else for anything.
"""

import argparse
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from reviewbot.report import Report, terminal

THEME = TerminalTheme(
    (24, 26, 31),
    (214, 217, 224),
    [(24, 26, 31), (240, 113, 120), (152, 195, 121), (229, 192, 123),
     (97, 175, 239), (198, 146, 233), (110, 197, 206), (214, 217, 224)],
)  # fmt: skip
"""Background, text and the eight ANSI colours, each readable on the background."""

SVG = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    text {{ font: {char_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      white-space: pre }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
    {lines}
  </defs>
  <rect width="{width}" height="{height}" rx="10" fill="#181a1f"/>
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    {matrix}
  </g>
</svg>
"""


def draw(report: Report, *, command: str, width: int, rows: int | None) -> str:
    """The coloured report as an SVG below the command that was typed, cut after so many rows."""
    console = Console(file=StringIO(), width=width, record=True)
    console.print(Text(f"$ {command}\n", "dim"))
    for line in terminal.render(report, color=True, width=width).splitlines()[:rows]:
        console.print(Text.from_ansi(line), soft_wrap=True)
    return console.export_svg(theme=THEME, code_format=SVG)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("picture", type=Path)
    parser.add_argument("--width", type=int, default=100, help="columns")
    parser.add_argument("--rows", type=int, help="rows of the report to show; all of them by default")
    parser.add_argument("--command", default="reviewbot check", help="what was typed, shown on top")
    options = parser.parse_args()
    report = Report.model_validate_json(options.report.read_bytes())
    picture = draw(report, command=options.command, width=options.width, rows=options.rows)
    options.picture.write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
