"""The report as SARIF 2.1.0, for code scanning and for every tool that reads it (OASIS; GitHub: SARIF support).

One run of one tool. A rule is a lens and a category; a finding keeps its id as the fingerprint, so an alert stays the
same alert while its code moves. What is withheld or dismissed is left out, for GitHub shows suppressed results like any
other. Knows GitHub's limits of an upload (THREATS G30), and not how one is uploaded.
"""

import gzip
import json
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from reviewbot.council import ASKED
from reviewbot.findings import SEVERITIES, Severity
from reviewbot.report.headline import headline, notice, shown, withheld
from reviewbot.report.masking import masked
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.safe import visible, visible_line
from reviewbot.report.wording import count, first_line, place

MAX_RESULTS = 5_000
"""GitHub keeps no more of a run."""
MAX_UPLOAD = 10_000_000
"""Bytes after gzip; GitHub refuses a larger file."""
MAX_GAPS = 1_000
"""Files not covered that are named; the headline counts all of them."""
MESSAGE_LIMIT = 2_000
"""Characters. The JSON report has the rest."""
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

LEVELS: Mapping[Severity, str] = {"critical": "warning", "high": "warning", "medium": "warning", "low": "note"}
"""No result is an `error`, which makes the check of code scanning red: a verdict, and a person decides."""
SCORES: Mapping[Severity, str] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""`security-severity`: GitHub reads above 9.0 as critical, from 7.0 as high, from 4.0 as medium."""

Json = dict[str, Any]


def render(report: Report, *, limit: int = MAX_UPLOAD) -> str:
    """One line of ASCII JSON. `limit` is in bytes after gzip; findings of the lowest rank are left out, and counted,
    where it or the number GitHub keeps asks for it.
    """
    ranked = shown(report)
    kept = min(len(ranked), MAX_RESULTS)
    text = _log(report, ranked[:kept])
    while kept and len(text) > limit and len(gzip.compress(text.encode(), mtime=0)) > limit:
        kept //= 2
        text = _log(report, ranked[:kept])
    return text


def _log(report: Report, findings: Sequence[ReportFinding]) -> str:
    rules = _rules(findings)
    places = {rule["id"]: index for index, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "reviewbot", "semanticVersion": report.run.version, "rules": rules}},
        "automationDetails": {"id": "reviewbot/"},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report, left_out=len(shown(report)) - len(findings))],
        "results": [_result(finding, places) for finding in findings],
        "properties": {
            "complete": report.complete,
            "baseSha": report.change.base_sha,
            "headSha": report.change.head_sha,
        },
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, separators=(",", ":")) + "\n"


def _rules(findings: Sequence[ReportFinding]) -> list[Json]:
    """Each lens and category met, with its worst severity: GitHub reads severity from the rule, not from the result."""
    worst: dict[str, ReportFinding] = {}
    for finding in findings:
        known = worst.setdefault(_rule_id(finding), finding)
        if SEVERITIES.index(finding.severity) < SEVERITIES.index(known.severity):
            worst[_rule_id(finding)] = finding
    return [_rule(rule_id, finding) for rule_id, finding in worst.items()]


def _rule(rule_id: str, worst: ReportFinding) -> Json:
    lens, category = visible_line(worst.lens), visible_line(worst.category)
    security: Json = {"security-severity": SCORES[worst.severity]} if worst.lens == "security" else {}
    return {
        "id": rule_id,
        "name": category,
        "shortDescription": {"text": f"{lens}: {category}"},
        "defaultConfiguration": {"level": LEVELS[worst.severity]},
        "properties": {"tags": [lens, worst.severity], **security},
    }


def _rule_id(finding: ReportFinding) -> str:
    return visible_line(f"{finding.lens}/{finding.category}")


def _result(finding: ReportFinding, places: Mapping[str, int]) -> Json:
    return {
        "ruleId": _rule_id(finding),
        "ruleIndex": places[_rule_id(finding)],
        "level": LEVELS[finding.severity],
        "rank": round(100 * finding.probability, 1),
        "message": {"text": _message(finding)},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"primaryLocationLineHash": f"{finding.id}:1", "reviewbotFinding/v1": finding.id},
        "properties": {
            "severity": finding.severity,
            "side": finding.side,
            "raisedBy": list(finding.raised_by),
            **_challenge(finding),
            **_checks(finding),
        },
    }


def _challenge(finding: ReportFinding) -> Json:
    """The word and the figure; the reason is text of a model, and has no place in a property."""
    said = finding.challenge
    return {"challenge": {"by": said.by, "verdict": said.verdict, "importance": said.importance}} if said else {}


def _checks(finding: ReportFinding) -> Json:
    """What was looked up and whether it bears the finding out; the words are in the JSON report."""
    return {"checks": {one.check: one.holds for one in finding.evidence}} if finding.evidence else {}


def _message(finding: ReportFinding) -> str:
    """Title first: GitHub makes a heading of the first sentence."""
    elsewhere = [] if _has_line(finding) else [place(finding)]
    asks = [finding.assumption.ask] if finding.assumption else []
    fix = [f"Fix: {finding.fix}"] if finding.fix else []
    text = "\n\n".join([finding.title.rstrip(".") + ".", *elsewhere, *asks, finding.body, *fix])
    return _unlinked(visible(masked(text)))[:MESSAGE_LIMIT]


def _unlinked(text: str) -> str:
    """SARIF makes a link of `[text](address)`, wherever it leads (SARIF 3.11.6; THREATS S22)."""
    return text.replace("](", "] (")


def _location(finding: ReportFinding) -> Json:
    """A place at the head. What has none, such as a removed line, stands at its file's first line: GitHub needs one."""
    path = posixpath.normpath(f"/{finding.path}").lstrip("/")
    first, last = (first_line(finding), finding.line) if _has_line(finding) else (1, 1)
    return {
        "artifactLocation": {"uri": quote(path.encode("utf-8", "replace")), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": first, "endLine": last},
    }


def _has_line(finding: ReportFinding) -> bool:
    return finding.line is not None and finding.side == "new"


def _invocation(report: Report, *, left_out: int) -> Json:
    """How the run went. "Nothing found" and "could not look" differ here too."""
    looked = report.change.files == 0 or any(seat.state in ASKED for seat in report.seats)
    return {
        "executionSuccessful": looked,
        "toolExecutionNotifications": [
            {"level": level, "message": {"text": _unlinked(visible_line(text))}}
            for level, text in _notifications(report, left_out)
        ],
    }


def _notifications(report: Report, left_out: int) -> Iterator[tuple[str, str]]:
    if foreword := notice(report):
        yield "note", foreword
    yield "note", headline(report)
    if unseen := len(withheld(report)):
        yield "note", f"{count(unseen, 'finding')} withheld or dismissed: not in this file; the JSON report has all"
    if left_out:
        yield "warning", f"{left_out:,} findings of lower rank are not in this file; the JSON report has all"
    for seat in report.seats:
        if seat.state != "ok":
            yield "warning", f"{seat.member}, {seat.lens}: {seat.state}: {seat.detail}"
    for gap in islice(report.not_covered, MAX_GAPS):
        yield "warning", f"{gap.path} was not covered: {gap.why}"
