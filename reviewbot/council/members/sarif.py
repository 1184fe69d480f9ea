"""`sarif/FILE`: any scanner takes a seat with the results it wrote. Nobody is asked and nothing is spent.

A result becomes a draft where it stands on a line that the change adds; what else the scanner found is counted in the
seat's detail, for it is not this change's. The quote is the diff's own line, and a result whose code is another than
the diff's is of another revision. Secrets are taken out of what the scanner says. Knows no scanner by name.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from reviewbot.change import Diff
from reviewbot.change.redact import Values, redact_text
from reviewbot.council.members.sarif_log import Log, Result, read_log
from reviewbot.council.model import MAX_FINDINGS, Ask, Call, Reply
from reviewbot.findings import SCANNER, SEVERITIES, Answer, Draft
from reviewbot.findings.paths import Paths, paths_of, resolve

MAX_TITLE = 120
MAX_BODY = 1_500
MAX_QUOTED = 5
"""Lines."""
CHANGED = ("<SECRET:", "<U+")
"""What stands in a diff where a secret or a hidden character was: such a line is no longer the one the scanner saw."""


class Scan(NamedTuple):
    """A scanner with its results."""

    path: Path
    log: Log

    @property
    def family(self) -> str:
        return self.log.tool + SCANNER

    @property
    def lenses(self) -> tuple[str, ...]:
        """Through which it looked, as far as its results tell. One that found nothing looked for security."""
        kinds = {result.security for result in self.log.results}
        return ("security",) * (True in kinds or not kinds) + ("architecture",) * (False in kinds)


def read_scan(path: Path) -> Scan:
    """What a scanner wrote. Raises BadSettings."""
    return Scan(path, read_log(path))


@asynccontextmanager
async def open_scan(scan: Scan) -> AsyncIterator[Ask]:
    """The seat of a scanner."""

    async def ask(call: Call) -> Reply:
        call.started()
        return _reply(scan, call.change.diff, call.lens)

    yield ask


def _reply(scan: Scan, diff: Diff, lens: str) -> Reply:
    """All that is on added lines, and in words what is not. A scan that broke off is not whole, or no answer."""
    files, paths = _added(diff), paths_of(diff)
    drafts, others = list[Draft](), Counter[str]()
    for result in (result for result in scan.log.results if result.security == (lens == "security")):
        drawn = _draft(result, files, paths, scan.log.tool)
        if isinstance(drawn, Draft):
            drafts.append(drawn)
        else:
            others[drawn] += 1
    drafts.sort(key=lambda draft: SEVERITIES.index(draft.severity))
    if lens == scan.lenses[0]:
        others["without a line"] = scan.log.placeless
        others["that somebody suppressed"] = scan.log.suppressed
        others["that nobody read: the file holds too many"] = scan.log.unread
    others[f"beyond the first {MAX_FINDINGS}, not read"] = max(0, len(drafts) - MAX_FINDINGS)
    told = [f"{number:,} {'result' if number == 1 else 'results'} {what}" for what, number in others.items() if number]
    if scan.log.failed:
        told.insert(0, f"{scan.log.tool} {scan.log.failed}")
    if scan.log.failed and not scan.log.results:
        return Reply(outcome="fatal", detail="; ".join(told))
    whole = not scan.log.failed and not scan.log.unread and len(drafts) <= MAX_FINDINGS
    text = Answer(findings=tuple(drafts[:MAX_FINDINGS])).model_dump_json()
    return Reply(outcome="ok" if whole else "cut", text=text, detail="; ".join(told))


def _added(diff: Diff) -> Mapping[str, Mapping[int, str]]:
    """The added lines of each file, by their numbers."""
    return {
        file.path: {line.new: line.text for hunk in file.hunks for line in hunk.lines if line.kind == "+" and line.new}
        for file in diff.files
    }


def _draft(result: Result, files: Mapping[str, Mapping[int, str]], paths: Paths, tool: str) -> Draft | str:
    """The result as a draft, or why it is none."""
    path = _path(result, paths)
    lines = files.get(path, {}) if path else {}
    line = next((number for number in _span(result, lines)), None)
    if path is None or line is None:
        return "in code this change does not touch"
    if not _same_code(result, line, lines[line]):
        return "of another revision of this code"
    rule = _without_secrets(result.rule, path)
    message = _cut(_without_secrets(result.message, path), MAX_BODY) or rule
    title = re.split(r"(?<=[.!?])\s|\n", message, maxsplit=1)[0]
    return Draft(
        title=_cut(title, MAX_TITLE),
        body=f"{message}\n\nRule {rule or 'without a name'} of {tool}.",
        severity=result.severity,
        confidence=result.confidence,
        category=result.category,
        path=path,
        side="new",
        line=line,
        quote="\n".join(_quoted(line, min(result.end, line + MAX_QUOTED - 1), lines)),
    )


def _path(result: Result, paths: Paths) -> str | None:
    if result.match == "name":
        return paths.names.get(result.path)
    return resolve(result.path, paths) if result.match == "end" or result.snippet.strip() else None


def _span(result: Result, lines: Mapping[int, str]) -> Iterator[int]:
    """The added lines of the result's region; a region may be larger than the file."""
    return iter(sorted(number for number in lines if result.start <= number <= result.end))


def _same_code(result: Result, line: int, text: str) -> bool:
    """Whether the tool saw this line. A snippet may be a part of the line only, or begin before it."""
    seen = result.snippet.split("\n")
    nth = line - result.start
    if not result.snippet.strip() or nth >= len(seen) or any(mark in text for mark in CHANGED):
        return True
    return "".join(seen[nth].split()) in "".join(text.split())


def _quoted(line: int, last: int, lines: Mapping[int, str]) -> Iterator[str]:
    while line <= last and line in lines:
        yield lines[line]
        line += 1


def _cut(text: str, most: int) -> str:
    """Between two words, so that half a secret of the change, which only the council knows as one, is not left."""
    return text if len(text) <= most else text[: most - 1].rsplit(None, 1)[0] + "…"


def _without_secrets(text: str, path: str) -> str:
    """A scanner for secrets may print what it found (THREATS S25)."""
    return redact_text(text, path, Values())
