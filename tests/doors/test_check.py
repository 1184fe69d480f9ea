"""`check` and `replay`, in the words a person types, over real git and real files."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reviewbot.doors.cli import run
from reviewbot.record import load_record
from reviewbot.record.feedback import Feedback, learn

ROOT = Path(__file__).parents[2]
EMAIL = str(ROOT / "examples" / "stripe-google-email.diff")
SCHEMA = json.loads((ROOT / "reviewbot" / "report" / "report.schema.json").read_text())


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def branch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository on a branch that adds one line to main."""
    git(tmp_path, "init", "-q", "-b", "main")
    (tmp_path / "app.py").write_text("import db\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "Start")
    git(tmp_path, "switch", "-qc", "feature")
    (tmp_path / "app.py").write_text(
        "import db\n\n\ndef find(name):\n    return db.execute('SELECT * FROM t WHERE n=' + name)\n"
    )
    git(tmp_path, "commit", "-qam", "Find by name")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    """The JSON report of a check that ended well; it fits the schema that ships."""
    assert run(["check", "--format", "json", *words]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, SCHEMA)
    return report


def test_without_a_word_everything_since_the_default_branch_is_reviewed(
    branch: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (branch / "new.py").write_text("import pickle\npickle.loads(body)\n")
    report = checked(capsys)
    assert {finding["path"] for finding in report["findings"]} == {"app.py", "new.py"}
    assert report["change"]["files"] == 2


def test_staged_reviews_what_the_next_commit_will_hold(branch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (branch / "new.py").write_text("import pickle\npickle.loads(body)\n")
    git(branch, "add", "new.py")
    assert {finding["path"] for finding in checked(capsys, "--staged")["findings"]} == {"new.py"}


@pytest.mark.usefixtures("branch")
def test_a_range_reviews_commits(capsys: pytest.CaptureFixture[str]) -> None:
    report = checked(capsys, "main...feature")
    assert report["change"]["head_sha"]
    assert {finding["path"] for finding in report["findings"]} == {"app.py"}


@pytest.mark.usefixtures("branch")
def test_the_budget_of_a_day_is_kept_beside_the_users_other_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("REVIEWBOT_BUDGETS", "{day: {usd: 1}}")
    assert checked(capsys, "--model", "rules/builtin")["seats"]
    with closing(sqlite3.connect(tmp_path / "state/reviewbot/spending.sqlite", isolation_level=None)) as another:
        another.execute("BEGIN EXCLUSIVE")
        monkeypatch.setattr("reviewbot.record.spending.BUSY", 0.01)
        assert run(["check", "--model", "rules/builtin"]) == 2
    assert "spending.sqlite: another program has it locked; end that program" in capsys.readouterr().err


def test_nothing_changed_is_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    report = checked(capsys, "main..main")
    assert (report["change"]["files"], report["seats"]) == (0, [])
    assert run(["check", "main..main"]) == 0
    assert "Nothing to review" in capsys.readouterr().out


def test_a_diff_is_read_from_stdin() -> None:
    command = [sys.executable, "-m", "reviewbot", "check", "--diff", "-", "--format", "json"]
    ended = subprocess.run(command, input=Path(EMAIL).read_bytes(), capture_output=True, check=True)
    assert json.loads(ended.stdout)["findings"][0]["line"] == 29


def test_the_first_line_says_that_the_rules_sat_alone_and_how_to_seat_a_model(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["check", "--diff", EMAIL]) == 0
    first = capsys.readouterr().out.splitlines()[0]
    assert "the built-in rules looked alone" in first
    assert run(["check", "--diff", EMAIL, "--format", "markdown"]) == 0
    assert "the built-in rules looked alone" in capsys.readouterr().out.splitlines()[0]


def test_the_e_mail_that_is_taken_for_an_identity_stands_first_with_its_question(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = checked(capsys, "--diff", EMAIL)["findings"][0]
    assert (first["path"], first["line"], first["category"]) == ("billing/webhooks.py", 29, "identity")
    assert first["assumption"]["ask"].endswith("?")
    assert first["assumption"]["guaranteed_by"] is None


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_replayed_record_gives_the_same_report_byte_for_byte(
    form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = str(tmp_path / "run.json")
    assert run(["check", "--diff", EMAIL, "--format", form, "--record", record]) == 0
    said = capsys.readouterr().out
    assert run(["replay", record, "--format", form]) == 0
    assert capsys.readouterr().out == said


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("*.diff")), ids=lambda path: path.stem)
def test_a_record_of_each_example_gives_its_report_again_and_nothing_has_moved(
    example: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = str(tmp_path / "run.json")
    assert run(["check", "--diff", str(example), "--format", "json", "--record", record]) == 0
    said = capsys.readouterr().out
    assert run(["replay", record, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == (said, "")


def test_a_replay_says_what_moved_since_the_run_was_made_and_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "run.json"
    assert run(["check", "--diff", EMAIL, "--record", str(record)]) == 0
    told = json.loads(record.read_text())
    told["judged"][0] |= {"rank": 2, "terms": [{"name": "base", "value": 9.0}]}
    record.write_text(json.dumps(told))
    capsys.readouterr()
    assert run(["replay", str(record)]) == 0
    assert "1 problem moved" in capsys.readouterr().err
    assert run(["replay", str(record), "--moved"]) == 0
    assert "base +9.00 -> " in capsys.readouterr().out
    assert run(["replay", str(record), "--moved", "--output", str(tmp_path / "moved.txt")]) == 0
    assert "base +9.00 -> " in (tmp_path / "moved.txt").read_text()
    assert run(["replay", str(record), "--moved", "--format", "json"]) == 2


def test_what_people_did_with_earlier_comments_is_in_the_record_or_said_to_be_unreadable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, record = tmp_path / "feedback.sqlite", tmp_path / "run.json"
    monkeypatch.setenv("REVIEWBOT_FEEDBACK", str(kept))
    seen = Feedback(
        repository="a/b", number=1, finding="f", comment=1, title="T", kind="dismissed", at="2026-11-21T00:00:00+00:00",
        voices=(("rules/builtin", "assumptions"),),
    )  # fmt: skip
    learn(kept, (seen,))
    assert run(["check", "--diff", EMAIL, "--record", str(record)]) == 0
    assert [(one.member, one.unwanted) for one in load_record(record).priors] == [("rules/builtin", 1)]
    kept.write_text("no database")
    capsys.readouterr()
    assert run(["check", "--diff", EMAIL]) == 0
    assert "was not used" in capsys.readouterr().err


def test_a_policy_from_a_flag_is_said_aloud(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    policy = tmp_path / "mine.yml"
    policy.write_text("ignore: [billing/*]\n")
    report = checked(capsys, "--diff", EMAIL)
    assert run(["check", "--diff", EMAIL, "--policy", str(policy), "--format", "json"]) == 0
    told = capsys.readouterr()
    assert "--policy" in told.err
    skipped = json.loads(told.out)
    assert "billing/webhooks.py" in {gap["path"] for gap in skipped["not_covered"]}
    assert skipped["run"]["policy_hash"] != report["run"]["policy_hash"]


def test_a_file_that_cannot_be_written_is_refused_before_anybody_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        run(
            ["check", "--diff", EMAIL, "--record", str(tmp_path / "no" / "run.json"), "--output", str(tmp_path / "out")]
        )
        == 2
    )
    assert not (tmp_path / "out").exists()
    assert "cannot be written" in capsys.readouterr().err


def test_what_goes_to_stderr_cannot_act_on_a_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "p.yml").write_text('"\\e]0;owned\\a": 1\n')
    assert run(["check", "--diff", EMAIL, "--policy", str(tmp_path / "p.yml")]) == 2
    assert "\x1b" not in capsys.readouterr().err


def test_text_that_is_not_utf_8_is_reviewed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    latin = Path(EMAIL).read_bytes().replace(b"Credit what was paid", "Créditer ce qui est payé".encode("latin-1"))
    (tmp_path / "latin.diff").write_bytes(latin)
    assert checked(capsys, "--diff", str(tmp_path / "latin.diff"))["findings"]
