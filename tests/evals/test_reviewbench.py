"""Golden findings by pull request, in each form they are published in, with the diff an agent is given."""

from pathlib import Path

import pytest
from evals.written import DIFF, write_json

from reviewbot.errors import BadInput, BadSuite
from reviewbot.evals.reviewbench import read

FOUND = {
    "file": "pay.py", "start_line": 12, "end_line": 11, "severity": "high", "category": "correctness", "message": "m",
    "scope": "introduced-by-pr",
}  # fmt: skip
PR = {"repo": "https://host/a/b", "pr_number": 7, "base": "0" * 40, "head": "1" * 40}


def test_one_object_holds_the_goldens_of_all_pull_requests(tmp_path: Path) -> None:
    file = write_json(tmp_path / "findings.json", {"k1": [FOUND], "k2": []})
    (tmp_path / "given" / "k1").mkdir(parents=True)
    (tmp_path / "given" / "k1" / "diff.patch").write_text(DIFF)
    write_json(tmp_path / "given" / "k1" / "pr.json", PR | {"title": "Charge", "body": None})
    (_, one), (number, two) = read(file, [tmp_path / "given"])
    assert (one.id, one.diff, one.title, one.body) == ("k1", DIFF, "Charge", "")
    assert (number, two.id, two.diff, two.golden) == (2, "k2", "", ())
    golden = one.golden[0]
    assert (golden.path, golden.start_line, golden.line, golden.severity, golden.category) == (
        "pay.py", 11, 12, "high", "correctness",
    )  # fmt: skip


def test_a_file_for_each_names_its_pull_request_and_keeps_what_was_judged_false_apart(tmp_path: Path) -> None:
    findings = [FOUND | {"tp_fp": "fp"}, FOUND | {"tp_fp": "tp", "message": "true"}]
    file = write_json(tmp_path / "golden" / "k.json", {"pr_key": "k", "pr": PR, "findings": findings})
    ((_, case),) = read(file, ())
    assert (case.id, case.url, [one.message for one in case.golden]) == ("k", "https://host/a/b/pull/7", ["true"])


def test_a_folder_for_each_holds_diff_words_and_goldens(tmp_path: Path) -> None:
    file = write_json(tmp_path / "k" / "findings.json", {"pr": PR, "findings": [FOUND]})
    (tmp_path / "k" / "diff.patch").write_text(DIFF)
    write_json(tmp_path / "k" / "pr.json", PR | {"title": "Charge"})
    ((_, case),) = read(file, ())
    assert (case.id, case.diff, case.title) == ("k", DIFF, "Charge")


def test_what_does_not_hold_is_told_by_its_place(tmp_path: Path) -> None:
    with pytest.raises(BadSuite, match=r"findings\.json row 2: findings\.0\.message: is missing"):
        list(
            read(write_json(tmp_path / "findings.json", {"k1": [FOUND], "k2": [{"file": "a", "severity": "low"}]}), ())
        )
    with pytest.raises(BadSuite, match=r"row 1: "):
        list(read(write_json(tmp_path / "findings.json", {"k1": 3}), ()))
    file = write_json(tmp_path / "k" / "findings.json", {"findings": []})
    (tmp_path / "k" / "pr.json").write_text("{")
    with pytest.raises(BadInput, match=r"pr\.json: is not JSON"):
        list(read(file, ()))
