"""`reviewbot eval run` from a suite on disk to a result, with answers from files."""

import json
import shutil
from pathlib import Path

import pytest

from reviewbot.doors import cli
from reviewbot.evals.model import EvalResult

ROOT = Path(__file__).parents[2]
ROW = {
    "id": "email", "lens": "assumptions", "kind": "identity", "language": "Python", "title": "Buy credit", "body": "",
    "diff": "email.diff", "twin": "harmless.diff", "twin_is_right": "another change", "golden": [{
        "path": "billing/webhooks.py", "side": "new", "line": 29, "severity": "critical", "lens": "assumptions",
        "category": "identity", "message": "The credit goes to whoever has the e-mail typed at Stripe.",
    }],
}  # fmt: skip


def run(*words: object) -> int:
    return cli.run([str(word) for word in words])


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "mine"
    folder.mkdir()
    shutil.copy(ROOT / "examples/stripe-google-email.diff", folder / "email.diff")
    shutil.copy(ROOT / "examples/harmless-refactor.diff", folder / "harmless.diff")
    (folder / "rows.jsonl").write_text(json.dumps(ROW) + "\n", encoding="utf-8")
    shutil.copy(ROOT / "examples/council/ada.json", tmp_path / "email.json")
    (tmp_path / "email.twin.json").write_text(json.dumps({"family": "ada", "answers": {
        lens: {"answer": {"findings": []}} for lens in ("architecture", "security", "assumptions", "challenge")
    }}), encoding="utf-8")  # fmt: skip
    return folder


SCRIPTED = ("--model", "scripted/{case}.json", "--tier", "standard", "--quiet")


def test_a_suite_is_scored_with_answers_from_a_file_a_case(suite, capsys):
    assert run("eval", suite, *SCRIPTED, "--format", "json") == 0
    result = EvalResult.model_validate_json(capsys.readouterr().out)
    found, silent = result.cases
    assert result.members == ("scripted/{case}.json",)
    assert any(finding.label == "confirmed" and finding.golden == (0,) for finding in found.findings)
    assert (silent.id, silent.findings, silent.twin_of) == ("email.twin", (), "email")
    assert result.judge.name == "place"


def test_a_recorded_run_is_judged_again_to_the_same_result_without_its_members(suite, capsys, tmp_path):
    assert run("eval", "run", suite, *SCRIPTED, "--records", "kept", "--format", "json") == 0
    before = EvalResult.model_validate_json(capsys.readouterr().out)
    (tmp_path / "email.json").unlink()
    assert run("eval", "run", suite, "--records", "kept", "--replay", "--offline", "--format", "json") == 0
    again = EvalResult.model_validate_json(capsys.readouterr().out)
    assert again.model_copy(update={"started": before.started}) == before


def test_the_result_can_be_a_page_that_holds_what_was_said_as_text(suite, capsys, tmp_path):
    assert run("eval", "run", suite, *SCRIPTED, "--format", "html", "--output", "e.html") == 0
    page = (tmp_path / "e.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "1 of 1" in page
    assert "<script" not in page
    assert "src=" not in page
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "nobody/x"), "nobody is called nobody"),
        (("--judge", "rules/builtin"), "judges nothing"),
        (("--replay",), "names no records"),
        (("--replay", "--records", "nowhere"), "is no folder"),
        (("--case", "other"), "has no such case"),
        (("--case", ""), "has no such case"),
        (("--offline", "--records", "email.json/x"), "name a folder you can write to"),
        (("--offline", "--diffs", "nowhere"), "is no folder"),
    ],
)
def test_what_cannot_be_begun_is_told_in_one_line(suite, capsys, words, told):
    assert run("eval", "run", suite, "--quiet", *words) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_a_bad_row_is_told_with_its_number(suite, capsys):
    (suite / "rows.jsonl").write_text(json.dumps(ROW) + "\n" + json.dumps(ROW | {"golden": 3}) + "\n")
    assert run("eval", "run", suite, "--offline") == 2
    assert "rows.jsonl row 2: golden" in capsys.readouterr().err


def test_a_suite_of_which_nothing_could_be_reviewed_has_failed(suite, capsys):
    (Path("email.json")).unlink()
    (Path("email.twin.json")).unlink()
    assert run("eval", "run", suite, *SCRIPTED) == 2
    assert "no case could be reviewed" in capsys.readouterr().err


def test_rules_that_sat_alone_are_told_unless_it_is_quiet(suite, capsys):
    assert run("eval", "run", suite) == 0
    assert capsys.readouterr().err == "reviewbot: only rules sat: --model seats a model\n"
    assert run("eval", "run", suite, "--quiet") == 0
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("suite")
def test_the_judge_by_place_is_refused_where_no_defect_has_a_place(tmp_path, capsys):
    pulls = [
        {"pr_title": "x", "url": "https://example.org/a/b/pull/1", "comments": [{"comment": "c", "severity": "Low"}]}
    ]
    (tmp_path / "golden.json").write_text(json.dumps(pulls), encoding="utf-8")
    assert run("eval", "run", tmp_path / "golden.json", "--offline") == 2
    assert "has a place to judge by" in capsys.readouterr().err
