"""The table of threats to model calls names tests that are there."""

import re
from pathlib import Path

HERE = Path(__file__).parent
ROW = re.compile(r"^\| L(\d\d) \|", re.MULTILINE)
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")


def test_every_row_of_the_threats_to_model_calls_names_tests_that_are_there() -> None:
    table = (HERE / "README.md").read_text()
    assert ROW.findall(table) == [f"{number:02}" for number in range(1, 25)]
    assert all(NAMED.search(row) for row in table.splitlines() if ROW.match(row))
    gone = [
        f"{path}::{name}"
        for path, name in NAMED.findall(table)
        if f"def {name}(" not in (HERE.parent / path).read_text()
    ]
    assert gone == []
