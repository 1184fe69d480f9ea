"""A judge without a model: a finding tells of a defect where it stands on it and speaks alike, or is of its kind. Pure.

Only what it confirms is worth something: a finding it does not know may be right, so it is unjudged. Where the right
answer is silence every finding is a false alarm, and no judge is needed. It costs nothing and is no measure to publish.
"""

from typing import Final

from reviewbot.evals.model import Case, Golden, Judge
from reviewbot.evals.run import Opinion, Opinions
from reviewbot.findings import Draft, Finding
from reviewbot.findings.similarity import match_probabilities
from reviewbot.report import Report
from reviewbot.report.model import ReportFinding

JUDGE: Final = Judge(name="place")
NEAR: Final = 3
"""Lines between a finding and a defect that it still stands on."""
ALIKE: Final = 0.1
"""How probably both texts tell of one problem, at the least, where the category is another. Of 998 recorded pairs of a
finding and its golden 95 % come to that by text alone, and 18 % of 8,920 others: place has to tell the rest."""


def judge_by_place(case: Case, report: Report) -> Opinions:
    """What place, category and text make of each finding."""
    if not case.golden:
        return Opinions({one.id: Opinion("fabricated", because="there is nothing to find") for one in report.findings})
    return Opinions({finding.id: _opinion(case, finding) for finding in report.findings})


def _opinion(case: Case, finding: ReportFinding) -> Opinion:
    near = [place for place, golden in enumerate(case.golden) if _stands_on(finding, golden)]
    told = {place: _alike(finding, case.golden[place]) for place in near}
    golden = tuple(place for place, alike in told.items() if alike >= ALIKE or _same_kind(finding, case.golden[place]))
    if not golden:
        why = "it stands on a known defect and speaks of something else" if near else "it stands on no known defect"
        return Opinion("unjudged", because=f"{why}; the judge by place knows no more")
    return Opinion("confirmed", golden, "it stands on a known defect and speaks alike, or is of its kind")


def _stands_on(finding: ReportFinding, golden: Golden) -> bool:
    if finding.path != golden.path or golden.line is None or finding.line is None or finding.side != golden.side:
        return False
    first, last = finding.start_line or finding.line, finding.line
    return max(first - golden.line, (golden.start_line or golden.line) - last, 0) <= NEAR


def _same_kind(finding: ReportFinding, golden: Golden) -> bool:
    return bool(golden.category) and finding.category == golden.category and golden.lens in {None, finding.lens}


def _alike(finding: ReportFinding, golden: Golden) -> float:
    """How probably both texts tell of one problem, 0 to 1."""
    said = (_worded("finding", finding.title, finding.body), _worded("golden", golden.message, golden.question))
    return match_probabilities(said, lambda _one, _other: True)[0][1]


def _worded(who: str, title: str, body: str) -> Finding:
    draft = Draft(
        title=title,
        body=body,
        severity="low",
        confidence="likely",
        category="",
        path="",
        side="new",
        line=1,
        quote="",
    )
    return Finding(member=who, family=who, lens="", draft=draft, path="", anchor=None, quote="")
