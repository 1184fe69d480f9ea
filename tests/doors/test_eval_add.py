"""A recorded run becomes a case that `eval run` reads."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reviewbot.change import parse_diff
from reviewbot.doors import cli
from reviewbot.doors.eval_add import add_record
from reviewbot.evals.suites import read_suite

EMAIL = Path(__file__).parents[2] / "examples" / "stripe-google-email.diff"


def run(*words: object) -> int:
    return cli.run([str(word) for word in words])


@pytest.fixture
def record(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, str]:
    """A record of the e-mail example, and the id of what the rules found."""
    path = tmp_path / "email.json"
    assert run("check", "--offline", "--diff", EMAIL, "--record", path, "--format", "json") == 0
    return path, json.loads(capsys.readouterr().out)["findings"][0]["id"]


def test_a_record_becomes_a_case_with_the_findings_a_person_says_are_true(record, tmp_path):
    path, found = record
    suite = tmp_path / "mine.jsonl"
    assert run("eval", "add", path, "--to", suite, "--true", found) == 0
    assert run("eval", "add", path, "--to", suite, "--id", "silent", "--clean") == 0
    case, silent = read_suite(suite).cases
    assert (case.id, silent.id, silent.golden) == ("email", "silent", ())
    assert [(golden.path, golden.line) for golden in case.golden] == [("billing/webhooks.py", 29)]
    assert parse_diff(case.diff.encode()) == parse_diff(EMAIL.read_bytes())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "a person's word"),
        (("--true", "nobody"), "no finding of this run is called so; known: "),
        (("--clean", "--id", "../x"), "is no name of a case"),
        (("--clean", "--id", "there"), "is a case of"),
    ],
)
def test_what_makes_no_case_is_told_in_one_line_and_changes_no_file(record, tmp_path, capsys, words, told):
    path, _ = record
    suite = tmp_path / "mine.jsonl"
    assert run("eval", "add", path, "--to", suite, "--id", "there", "--clean") == 0
    before = suite.read_bytes()
    capsys.readouterr()
    assert run("eval", "add", path, "--to", suite, *words) == 2
    assert told in capsys.readouterr().err
    assert suite.read_bytes() == before
    assert len([*(tmp_path / "diffs").iterdir()]) == 1


def test_a_row_follows_whatever_the_file_ended_with(record, tmp_path):
    suite = tmp_path / "mine.jsonl"
    suite.touch()
    for name in ("a", "b"):
        assert run("eval", "add", record[0], "--to", suite, "--id", name, "--clean") == 0
        suite.write_bytes(suite.read_bytes().rstrip())
    assert [case.id for case in read_suite(suite).cases] == ["a", "b"]


def test_cases_that_are_added_at_the_same_time_are_all_there(record, tmp_path):
    suite, names = tmp_path / "mine.jsonl", [f"case-{number:02}" for number in range(24)]
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda name: add_record(record[0], suite=suite, name=name, true=(), clean=True), names))
    assert sorted(case.id for case in read_suite(suite).cases) == names


def test_an_addition_that_failed_is_one_line_and_can_be_tried_again(record, tmp_path, capsys):
    suite = tmp_path / "mine.jsonl"
    suite.symlink_to(tmp_path / "later" / "mine.jsonl")
    words = ("eval", "add", record[0], "--to", suite, "--clean")
    assert run(*words) == 2
    assert "mine.jsonl: No such file or directory; " in capsys.readouterr().err
    (tmp_path / "later").mkdir()
    assert run(*words) == 0
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "diffs").touch()
    assert run("eval", "add", record[0], "--to", tmp_path / "full" / "mine.jsonl", "--clean") == 2
    assert "diffs: File exists; " in capsys.readouterr().err


def test_only_a_file_of_rows_is_added_to(record, tmp_path, capsys):
    assert run("eval", "add", record[0], "--to", tmp_path / "m.json", "--clean") == 2
    assert "is no file of rows; name one that ends in .jsonl" in capsys.readouterr().err
    assert not (tmp_path / "diffs").exists()
