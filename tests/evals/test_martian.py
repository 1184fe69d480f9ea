"""Golden comments without a place, and a diff by the name of the pull request."""

from pathlib import Path

import pytest
from evals.written import DIFF, write_json

from reviewbot.errors import BadSuite
from reviewbot.evals.martian import read
from reviewbot.evals.model import Golden

PULL = {"pr_title": "Async import", "url": "https://host/calcom/cal.com/pull/8087", "az_comment": "x"}


def test_comments_are_goldens_without_a_place_and_the_diff_is_found_by_name(tmp_path: Path) -> None:
    comments = [{"comment": "It races.", "severity": "Critical"}, {"comment": "A typo.", "severity": "Low"}]
    file = write_json(tmp_path / "cal.json", [PULL | {"comments": comments}])
    (tmp_path / "calcom-cal.com-8087.diff").write_text(DIFF)
    ((number, case),) = read(file, [tmp_path])
    assert (number, case.id, case.title, case.diff) == (1, "calcom-cal.com-8087", "Async import", DIFF)
    assert case.golden == (Golden(message="It races.", severity="critical"), Golden(message="A typo.", severity="low"))


def test_a_row_is_counted_from_one_in_the_array(tmp_path: Path) -> None:
    comments = [{"comment": "It races.", "severity": "awful"}]
    file = write_json(tmp_path / "cal.json", [PULL | {"comments": []}, PULL | {"comments": comments}])
    with pytest.raises(BadSuite, match=r"cal\.json row 2: comments\.0\.severity: "):
        list(read(file, ()))
