"""Comments with a place and without a severity; only what people found valid is a golden."""

from pathlib import Path
from typing import Any

import pytest
from evals.written import DIFF, write_json

from reviewbot.errors import BadSuite
from reviewbot.evals.aacr import read

URL = "https://host/FreeCAD/FreeCAD/pull/19411"


def a_sample(**said: Any) -> dict[str, Any]:
    place = {"note": "n", "path": "a.cpp", "side": "right", "from_line": 3, "to_line": 5, "category": "Performance"}
    return {"githubPrUrl": URL, "project_main_language": "C++", "comments": [place | said]}


@pytest.mark.parametrize(
    ("said", "side", "lines", "severity"),
    [
        ({}, "new", (3, 5), "medium"),
        ({"side": "left", "category": "Security Vulnerability"}, "old", (3, 5), "high"),
        ({"from_line": 9, "category": "Maintainability and Readability"}, "new", (5, 9), "low"),
        ({"from_line": None}, "new", (5, 5), "medium"),
        ({"from_line": 0, "to_line": None, "side": None}, "new", (None, None), "medium"),
    ],
)
def test_a_comment_is_a_golden_at_its_lines_in_order(
    tmp_path: Path, said: dict[str, Any], side: str, lines: tuple[int | None, int | None], severity: str
) -> None:
    ((_, case),) = read(write_json(tmp_path / "positive_samples.json", [a_sample(**said)]), ())
    golden = case.golden[0]
    assert (case.id, case.language, case.url, case.diff) == ("FreeCAD-FreeCAD-19411", "C++", URL, "")
    assert (golden.side, (golden.start_line, golden.line), golden.severity) == (side, lines, severity)


def test_of_labelled_rows_the_valid_comments_of_all_models_are_goldens(tmp_path: Path) -> None:
    said = {"path": "a.cpp", "from_line": 1, "line": 2, "side": "right", "body": "b", "valid": True}
    models = {"one": [said, said | {"valid": False, "body": "wrong"}], "human": [said | {"body": "c"}]}
    row = {"id": "freecad-19411", "url": URL, "language": "C++", "diff": DIFF, "models": models, "n_valid": 2}
    ((number, case),) = read(write_json(tmp_path / "rows.jsonl", row), ())
    assert (number, case.id, case.diff, [one.message for one in case.golden]) == (1, "freecad-19411", DIFF, ["b", "c"])


def test_comments_that_people_found_wrong_are_no_goldens(tmp_path: Path) -> None:
    with pytest.raises(BadSuite, match=r"found wrong; name positive_samples\.json beside it"):
        read(write_json(tmp_path / "negative_samples.json", [a_sample()]), ())
