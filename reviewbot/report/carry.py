"""Findings of an earlier review that still hold, behind those of this run. What still holds is for others to say."""

from collections.abc import Sequence

from reviewbot.report.model import Report, ReportFinding

_AS_REVIEWED = "as reviewed at "


def with_carried(report: Report, carried: Sequence[ReportFinding], since: str) -> Report:
    """The report with what an earlier run found in files that did not change after the commit `since`.

    A finding that this run has too is kept once: as this run tells it, unless this run has no line for it, as of code
    it was not shown. Ranks are counted through anew. One carried before still names the commit it was found at.
    """
    told = {_named(finding) for finding in carried}
    here = [
        finding
        for finding in sorted(report.findings, key=lambda finding: finding.rank)
        if finding.line is not None or _named(finding) not in told
    ]
    known = {finding.id for finding in here}
    earlier: dict[str, ReportFinding] = {}
    for finding in sorted(carried, key=lambda finding: finding.rank):
        if finding.id not in known:
            earlier.setdefault(finding.id, _carried(finding, since))
    ranked = (
        finding.model_copy(update={"rank": rank}) for rank, finding in enumerate((*here, *earlier.values()), start=1)
    )
    return report.model_copy(update={"findings": tuple(ranked)})


def _named(finding: ReportFinding) -> tuple[str, str]:
    return finding.path, finding.title.casefold()


def _carried(finding: ReportFinding, since: str) -> ReportFinding:
    """What was withheld stays so: that it is old is no reason to show it."""
    if finding.placement == "withheld":
        return finding
    reason = finding.reason if finding.reason.startswith(_AS_REVIEWED) else f"{_AS_REVIEWED}{since[:8]}"
    return finding.model_copy(update={"placement": "summary", "reason": reason})
