"""Draws the README's picture: its demonstration, run and shown as a terminal shows it.

    python benchmarks/picture.py

The command is the one that stands above the picture in README.md; it needs no key and no network. The picture names no
font file, no script and no address: a page that shows it asks nobody else for anything.
"""

import re
import shlex
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from reviewbot.report import Report, terminal

ROOT = Path(__file__).parents[1]
PICTURE = "docs/check.svg"
WIDTH = 100
"""Columns."""
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


def demonstration(readme: str) -> str:
    """The last command in front of the picture, on one line."""
    before = readme[: readme.index(f"({PICTURE})")]
    typed = re.findall(r"^```\n(reviewbot .*?)\n```$", before, re.DOTALL | re.MULTILINE)[-1]
    return " ".join(typed.replace("\\\n", "").split())


def run(command: str) -> Report:
    """What the command reports, with the reviewbot of this interpreter."""
    program = [sys.executable, "-m", "reviewbot", *shlex.split(command)[1:], "--format", "json", "--quiet"]
    done = subprocess.run(program, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return Report.model_validate_json(done.stdout)


def draw(report: Report, *, command: str) -> str:
    """The coloured report as an SVG below the command that was typed, an option a line."""
    console = Console(file=StringIO(), width=WIDTH, record=True)
    typed = command.replace(" --", " \\\n    --")
    console.print(Text(f"$ {typed}\n", "dim"))
    for line in terminal.render(report, color=True, width=WIDTH).splitlines():
        console.print(Text.from_ansi(line), soft_wrap=True)
    return console.export_svg(theme=THEME, code_format=SVG)


def main() -> None:
    command = demonstration((ROOT / "README.md").read_text(encoding="utf-8"))
    (ROOT / PICTURE).write_text(draw(run(command), command=command), encoding="utf-8")


if __name__ == "__main__":
    main()
