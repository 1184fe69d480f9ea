"""The report as workflow commands, `::warning file=...,line=...::...`, which an Actions runner shows beside the code.

Knows the runner's grammar and what it shows of one step, and nothing of the API's check runs (`forge.check`). No
finding is an `::error`: red is a verdict, and a person decides. Everything untrusted is escaped as the runner's own
toolkit does (GitHub: workflow commands; THREATS S26), so that a line holds exactly the command it was made for.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from reviewbot.report.headline import headline, notice, shown
from reviewbot.report.masking import masked
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.safe import visible, visible_line
from reviewbot.report.wording import first_line, place

SHOWN = 10
"""Of each level, for one step (THREATS G26). The runner drops what comes behind them, so the worst come first."""
MESSAGE_LIMIT = 4_000
"""Characters: nobody reads more beside a line."""
TITLE_LIMIT = 255

_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def render(report: Report) -> str:
    """One notice that says how the review ended, then the worst findings at their lines. A line feed ends each."""
    foreword = notice(report)
    ended = f"{foreword}\n{headline(report)}" if foreword else headline(report)
    return remark(ended) + beside_code(report)


def beside_code(report: Report) -> str:
    """The findings alone: at most ten warnings, and nine notices, for `remark` is one."""
    findings = shown(report)
    warnings = islice((finding for finding in findings if finding.severity != "low"), SHOWN)
    notices = islice((finding for finding in findings if finding.severity == "low"), SHOWN - 1)
    return "".join(map(_annotation, (*warnings, *notices)))


def remark(text: str) -> str:
    """A notice that stands at no code."""
    return command("notice", text, {"title": "reviewbot"})


def command(name: str, message: str, properties: Mapping[str, str]) -> str:
    """One workflow command, its line feed included, whatever is in the message and in the values."""
    pairs = ",".join(f"{key}={visible(value).translate(_PROPERTY)}" for key, value in properties.items())
    return f"::{name} {pairs}::{visible(message).translate(_DATA)}\n"


def _annotation(finding: ReportFinding) -> str:
    title = visible_line(masked(f"{finding.severity}: {finding.title}"))[:TITLE_LIMIT]
    asks = (finding.assumption.ask,) if finding.assumption else ()
    said = [text for text in (*_elsewhere(finding), finding.body, *asks) if text.strip()]
    message = masked("\n\n".join(said)) or title
    level = "notice" if finding.severity == "low" else "warning"
    return command(level, _cut(message), {**dict(_place(finding)), "title": title})


def _place(finding: ReportFinding) -> Iterator[tuple[str, str]]:
    """Where the runner puts it. Lines are those of the head: a removed line has none, and keeps only its file."""
    yield "file", finding.path
    if finding.line is not None and finding.side == "new":
        yield "line", str(first_line(finding))
        yield "endLine", str(finding.line)


def _elsewhere(finding: ReportFinding) -> tuple[str, ...]:
    return (place(finding),) if finding.side == "old" and finding.line is not None else ()


def _cut(message: str) -> str:
    left = len(message) - MESSAGE_LIMIT
    return f"{message[:MESSAGE_LIMIT]}\n... {left:,} more characters" if left > 0 else message
