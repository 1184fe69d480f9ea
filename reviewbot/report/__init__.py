"""What a run came to, and how it reads: on a terminal, as Markdown, as JSON. Pure functions of one value."""

from collections.abc import Callable, Mapping

from reviewbot.report import annotations, markdown, sarif, terminal
from reviewbot.report.headline import headline
from reviewbot.report.model import (
    SCHEMA_NAME,
    Challenge,
    NotCovered,
    Place,
    Report,
    ReportBudget,
    ReportChange,
    ReportCheck,
    ReportFinding,
    ReportSeat,
    Run,
    Spent,
    Voice,
    Word,
)
from reviewbot.report.schema import to_json

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": terminal.text,
    "json": to_json,
    "markdown": markdown.render,
    "sarif": sarif.render,
    "github": annotations.render,
}
"""Format by its name on the command line. Text has no colour; `terminal.render` knows the screen."""

__all__ = [
    "FORMATS",
    "SCHEMA_NAME",
    "Challenge",
    "NotCovered",
    "Place",
    "Report",
    "ReportBudget",
    "ReportChange",
    "ReportCheck",
    "ReportFinding",
    "ReportSeat",
    "Run",
    "Spent",
    "Voice",
    "Word",
    "headline",
    "markdown",
    "terminal",
    "to_json",
]
