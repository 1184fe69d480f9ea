"""Rows of our own suite: two cases of a row with a twin, and one clear line for what does not hold."""

from pathlib import Path
from typing import Any

import pytest
from evals.written import DEFECT, DIFF, ROW, TWIN, write_suite

from reviewbot.errors import BadSuite
from reviewbot.evals.own import read


def test_a_row_with_a_twin_gives_two_cases_and_the_twin_has_nothing_to_find(tmp_path: Path) -> None:
    case, twin = (case for _, case in read(write_suite(tmp_path, ROW), ()))
    assert (case.id, case.diff, case.twin_of, len(case.golden)) == ("charge-in-cents", DIFF, None, 1)
    assert (twin.id, twin.diff, twin.twin_of, twin.golden) == ("charge-in-cents.twin", TWIN, "charge-in-cents", ())
    assert (twin.title, twin.body, twin.lens, twin.kind, twin.language) == (
        case.title, case.body, "assumptions", "units", "Python",
    )  # fmt: skip
    assert case.golden[0].between == ("the shop", "the card network")


def test_a_defect_of_one_line_begins_where_it_ends(tmp_path: Path) -> None:
    row = ROW | {"twin": None, "golden": [{**DEFECT, "start_line": None, "side": "old", "line": 11}]}
    ((number, case),) = read(write_suite(tmp_path, row), ())
    assert (number, case.golden[0].start_line, case.golden[0].line) == (1, 11, 11)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"golden": [DEFECT, DEFECT | {"line": 99}]}, r"row 2: golden.1.line: pay.py shows no new line 99 in the diff"),
        ({"golden": [DEFECT | {"start_line": 9}]}, r"golden.0.start_line: pay.py shows no new line 9 in"),
        ({"golden": [DEFECT | {"start_line": 13}]}, r"golden.0.start_line: 13 is behind line 12"),
        ({"golden": [DEFECT | {"side": "old", "line": 13}]}, r"golden.0.line: pay.py shows no old line 13 in"),
        ({"golden": [DEFECT | {"path": "other.py"}]}, r"golden.0.path: other.py is not in the diff; name lines that"),
        ({"golden": [DEFECT | {"severity": "High"}]}, r"row 2: golden.0.severity: Input should be 'critical'"),
        ({"golden": [DEFECT | {"note": ""}]}, r"golden.0.note: "),
        ({"diff": "diffs/none.diff"}, r"row 2: diffs/none.diff: No such file"),
        ({"twin": "suite.jsonl"}, r"row 2: suite.jsonl: "),
        ({"diff": "../other.diff"}, r"row 2: \.\./other.diff is not beside the file"),
        ({"diff": "di\0ffs"}, r"row 2: 'di.x00ffs' is no name of a file; name a diff"),
        ({"diff": f"../{'x' * 300}"}, r"row 2: \.\./x{76}… is not beside the file"),
        ({"id": "no name"}, r"row 2: id: "),
    ],
)
def test_a_row_that_does_not_hold_is_told_by_file_row_and_field(
    tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = write_suite(tmp_path, ROW, ROW | change)
    with pytest.raises(BadSuite, match=said) as told:
        list(read(path, ()))
    assert (told.value.who, str(told.value).count("\n")) == (f"{path} row 2", 0)
