"""A run that was recorded becomes a case of a suite: its change, and what a person says of its findings."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from reviewbot.change import Diff
from reviewbot.change.write import write_diff
from reviewbot.errors import BadInput, BadSettings
from reviewbot.pipeline import judge
from reviewbot.record import RunRecord
from reviewbot.report.model import ReportFinding


class Added(NamedTuple):
    """A row in the form of `evals.own`, and the bytes of the diff that it names."""

    row: dict[str, Any]
    diff: bytes


def case_of(record: RunRecord, name: str, *, true: Sequence[str]) -> Added:
    """The record's change as a case called `name`, whose goldens are the findings with the ids in `true`.

    Without any the right answer is silence. The change is as the council saw it: without secrets, and without what was
    skipped. Raises BadSettings for an id that no finding has, BadInput where it cannot be a golden.
    """
    findings = {finding.id: finding for finding in judge(record).findings}
    if unknown := next((one for one in true if one not in findings), None):
        known = ", ".join(findings) or "none, the run found nothing"
        raise BadSettings(f"--true {unknown}", "no finding of this run is called so", f"known: {known}")
    if not record.change.diff.files:
        raise BadInput("record", "holds no change to review", "add one that was made of a change")
    golden = [_golden(findings[one], record.change.diff) for one in dict.fromkeys(true)]
    title, _, body = record.change.intent.strip().partition("\n")
    row = {
        "id": name,
        "lens": golden[0]["lens"] if golden else None,
        "kind": golden[0]["category"] if golden else "harmless",
        "language": "",
        "title": title,
        "body": body.strip(),
        "diff": f"diffs/{name}.diff",
        "twin": None,
        "twin_is_right": None,
        "golden": golden,
    }
    return Added(row, write_diff(record.change.diff))


def _golden(finding: ReportFinding, diff: Diff) -> dict[str, Any]:
    """With the path that its side of the diff has: a file may have been renamed."""
    was = next((file.old_path for file in diff.files if file.path == finding.path), None)
    if finding.line is None:
        raise BadInput(
            f"--true {finding.id}", "has no precise line in the diff", "write its golden by hand, with the line"
        )
    said = finding.assumption
    return {
        "path": (was if finding.side == "old" else None) or finding.path,
        "side": finding.side,
        "start_line": finding.start_line,
        "line": finding.line,
        "severity": finding.severity,
        "lens": finding.lens,
        "category": finding.category,
        "message": f"{finding.title}. {finding.body}",
        "between": [said.system_a, said.system_b] if said else None,
        "question": said.ask if said else "",
    }
