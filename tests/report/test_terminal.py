import re
import subprocess
import sys

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report import samples
from report.hostility import hostile_text
from rich.cells import cell_len

from reviewbot.report import FORMATS
from reviewbot.report.terminal import render, text

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
ACTING = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\U000e0000-\U000e007f]"
)

JOINER = re.compile(r"(?<=[\u0600-\u0dff\u2000-\u33ff\ufe0f\U0001f000-\U0001faff])[\u200c\u200d](?=[^\x00-\u05ff])")
"""What Persian, Hindi and emoji are spelled with: between their own letters it is no hidden text."""
WRAP = re.compile(r"[ │]*\n[ │]*")
"""Where a line was broken: a letter and its joiner may stand on both sides of it."""


@given(hostile_text, st.integers(40, 120), st.booleans())
@settings(max_examples=30, deadline=None)
def test_no_text_of_a_report_acts_on_the_terminal_or_on_a_ci_runner(text, width, color):
    output = render(samples.hostile(text), color=color, width=width)
    assert color or "\x1b" not in output
    shown = COLOUR.sub("", output)
    assert not ACTING.search(JOINER.sub("", WRAP.sub("", shown)))
    assert not [line for line in shown.split("\n") if line.lstrip().startswith("::") or "##[" in line]


@given(hostile_text, st.integers(40, 120))
@example("::error::x[CWE-79](https://cwe.mitre.org/data/definitions/79.html)", 40)
@settings(max_examples=25, deadline=None)
def test_no_line_is_wider_than_the_screen(text, width):
    output = render(samples.hostile(text), color=False, width=width)
    assert max(cell_len(line) for line in output.split("\n")) <= width


@pytest.mark.parametrize("situation", samples.EVERY)
@pytest.mark.parametrize("width", [40, 120])
def test_colour_changes_nothing_but_colour(situation, width):
    report = samples.EVERY[situation]()
    plain = render(report, color=False, width=width)
    assert "\x1b" not in plain
    assert COLOUR.sub("", render(report, color=True, width=width)) == plain
    assert not [line for line in plain.split("\n") if line != line.rstrip()]
    assert plain.endswith("\n")
    assert not plain.endswith("\n\n")


def test_a_screen_wider_than_a_page_is_not_filled():
    lines = render(samples.council(), color=False, width=300).split("\n")
    assert 100 < max(map(cell_len, lines)) <= 120


def test_rich_markup_in_text_is_text():
    assert "[bold red]x[/]" in render(samples.hostile("[bold red]x[/]"), color=False, width=100)


def test_text_for_pipes_has_no_colour():
    report = samples.council()
    assert FORMATS["text"](report) == text(report) == render(report, color=False, width=100)


def test_the_environment_has_no_say(monkeypatch):
    before = render(samples.council(), color=True, width=80)
    for name, value in {"NO_COLOR": "1", "COLUMNS": "33", "TERM": "dumb", "FORCE_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render(samples.council(), color=True, width=80) == before


def test_rich_is_not_loaded_before_something_is_rendered():
    code = "import sys, reviewbot.report; sys.exit(any(name.split('.')[0] == 'rich' for name in sys.modules))"
    subprocess.run([sys.executable, "-c", code], check=True)
