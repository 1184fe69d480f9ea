"""What place, category and text tell without a model, and what they do not."""

import pytest
from evals.written import CASE, noise, review, yen

from reviewbot.evals.place_judge import judge_by_place
from reviewbot.evals.run import Opinion
from reviewbot.report import ReportFinding

OTHER_WORDS = {"title": "Logs hold names", "body": "Whoever reads the journal sees customers."}


def opinion(finding: ReportFinding) -> Opinion:
    return judge_by_place(CASE, review(finding)).of[finding.id]


@pytest.mark.parametrize(
    ("finding", "label"),
    [
        (yen(), "confirmed"),
        (yen(**OTHER_WORDS), "confirmed"),  # by its category
        (yen(category="money"), "confirmed"),  # by its words
        (yen(category="money", **OTHER_WORDS), "unjudged"),
        (yen(lens="security", **OTHER_WORDS), "unjudged"),
        (yen(start_line=15, line=15), "confirmed"),
        (yen(start_line=16, line=16), "unjudged"),
        (yen(start_line=8, line=8), "confirmed"),
        (yen(start_line=7, line=7), "unjudged"),
        (yen(start_line=1, line=9), "confirmed"),
        (yen(start_line=None, line=None), "unjudged"),
        (yen(side="old"), "unjudged"),
        (yen(path="other.py"), "unjudged"),
        (noise(), "unjudged"),
    ],
)
def test_a_finding_is_confirmed_where_it_stands_on_the_defect_and_speaks_of_it(
    finding: ReportFinding, label: str
) -> None:
    said = opinion(finding)
    assert (said.label, said.golden) == (label, (0,) if label == "confirmed" else ())


def test_a_defect_without_a_place_is_not_told_by_place() -> None:
    bare = CASE.golden[0].model_copy(update={"path": None, "line": None, "start_line": None})
    assert judge_by_place(CASE.model_copy(update={"golden": (bare,)}), review(yen())).of[yen().id].label == "unjudged"


def test_where_silence_is_right_every_finding_is_a_false_alarm() -> None:
    clean = CASE.model_copy(update={"golden": ()})
    assert [one.label for one in judge_by_place(clean, review(yen(1), noise(2))).of.values()] == ["fabricated"] * 2
