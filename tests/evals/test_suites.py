"""A suite from a path: which format reads it, its order, its digest, and what is no suite."""

import os
from pathlib import Path
from typing import Any

import pytest
from evals.written import DIFF, ROW, write_json, write_suite

from reviewbot.errors import BadInput, BadSettings, BadSuite
from reviewbot.evals.suites import read_suite

PULL = {"pr_title": "t", "url": "https://host/a/b/pull/7", "comments": []}
SAMPLE = {"githubPrUrl": "https://host/a/b/pull/7", "comments": []}
FOUND = {"file": "pay.py", "start_line": 1, "end_line": 1, "severity": "low", "message": "m"}


@pytest.mark.parametrize(
    ("name", "value", "case"),
    [
        ("golden_comments/a.json", [PULL], "a-b-7"),
        ("offline/golden_comments/a.json", [PULL], "a-b-7"),
        ("any.json", [PULL], "a-b-7"),
        ("dataset/positive_samples.json", [SAMPLE], "a-b-7"),
        ("positive_samples.json", [SAMPLE], "a-b-7"),
        ("rows.jsonl", {"id": "r", "url": "https://host/a/b/pull/7", "models": {}}, "r"),
        ("golden/k.json", {"pr_key": "k", "findings": [FOUND]}, "k"),
        ("corpus/test/findings.json", {"k": [FOUND]}, "k"),
        ("k/findings.json", {"findings": [FOUND]}, "k"),
        ("rows.jsonl", {"pr_key": "k", "findings": [FOUND]}, "k"),
    ],
)
def test_the_layout_of_a_folder_or_the_first_row_of_a_file_tells_the_format(
    tmp_path: Path, name: str, value: Any, case: str
) -> None:
    file = write_json(tmp_path / name, value)
    assert [[case.id for case in read_suite(path).cases] for path in (tmp_path, file)] == [[case], [case]]


def test_a_folder_of_our_rows_is_one_suite_in_the_order_of_its_files(tmp_path: Path) -> None:
    write_suite(tmp_path / "own", ROW | {"id": "later", "twin": None}, name="b.jsonl")
    write_suite(tmp_path / "own", ROW, name="a.jsonl")
    suite = read_suite(tmp_path / "own")
    assert (suite.name, [case.id for case in suite.cases]) == (
        "own", ["charge-in-cents", "charge-in-cents.twin", "later"],
    )  # fmt: skip


def test_the_digest_tells_two_suites_apart_by_any_field_of_any_case(tmp_path: Path) -> None:
    file = write_suite(tmp_path, ROW)
    before = read_suite(file).digest
    assert read_suite(file).digest == before
    write_json(file, ROW | {"body": "Another one."})
    assert read_suite(file).digest != before
    assert len(before) == 12


def test_an_id_stands_once_in_all_files(tmp_path: Path) -> None:
    write_suite(tmp_path, ROW | {"id": "one", "twin": None}, name="a.jsonl")
    write_suite(tmp_path, ROW | {"id": "two"}, ROW | {"id": "one"}, name="b.jsonl")
    with pytest.raises(BadSuite, match=r"b\.jsonl row 2: its id 'one' is that of .*a\.jsonl row 1; give"):
        read_suite(tmp_path)


def test_diffs_that_a_suite_lacks_come_from_the_folder_that_is_named(tmp_path: Path) -> None:
    file = write_json(tmp_path / "pulls.json", [PULL])
    (tmp_path / "diffs").mkdir()
    (tmp_path / "diffs" / "a-b-7.diff").write_text(DIFF)
    assert [read_suite(file, diffs=folder).cases[0].diff for folder in (None, tmp_path / "diffs")] == ["", DIFF]
    with pytest.raises(BadInput, match="is no folder"):
        read_suite(file, diffs=tmp_path / "none")


def test_what_is_no_suite_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no suite; name a file or folder"):
        read_suite(tmp_path)
    with pytest.raises(BadInput, match="No such file"):
        read_suite(tmp_path / "none.jsonl")
    with pytest.raises(BadSettings, match=r"there is no such form; choose one of own, reviewbench"):
        read_suite(tmp_path, form="swe")
    with pytest.raises(BadSuite, match="give it to `reviewbot eval council`"):
        read_suite(write_json(tmp_path / "rows.jsonl", {"id": "a", "tools": {}}))
    with pytest.raises(BadSuite, match=r"row 1: githubPrUrl: is missing"):
        read_suite(write_json(tmp_path / "pulls.json", [PULL]), form="aacr")


def test_what_cannot_be_looked_at_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="File name too long; name a file or folder you can read"):
        read_suite(tmp_path / ("x" * 300))
    os.mkfifo(tmp_path / "rows")
    with pytest.raises(BadInput, match=r"is a pipe, where the form of a suite cannot be told; .*--suite-format"):
        read_suite(tmp_path / "rows")
