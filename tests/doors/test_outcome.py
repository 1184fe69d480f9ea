from pathlib import Path

import pytest
from doors.runner_commands import commands
from report import samples

from reviewbot.doors.inputs import Inputs
from reviewbot.doors.outcome import Outcome, tell
from reviewbot.doors.pull_request import Done
from reviewbot.doors.runner import Runner
from reviewbot.errors import BadSettings, Exit
from reviewbot.report import Report, headline

NOTHING_ASKED = Inputs.model_validate({"flags": {}, "post": True, "pull": None, "report": None, "sarif": None})


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    return Runner(
        event="pull_request", payload={}, repository="octo/shop", actor="ada", workspace=tmp_path, temporary=tmp_path,
        outputs=tmp_path / "output", summary=tmp_path / "summary.md",
    )  # fmt: skip


def told(runner: Runner, report: Report, **more: object) -> Exit:
    return tell(runner, NOTHING_ASKED, Outcome(Done(headline(report), report)._replace(**more)))


def test_every_finding_is_counted_once_by_severity_and_once_by_place(runner: Runner):
    assert told(runner, samples.council()) is Exit.REVIEWED
    lines = runner.outputs.read_text().split("\n")
    counts = dict(zip([line.partition("<<")[0] for line in lines[::3]], lines[1::3], strict=False))
    assert [counts[name] for name in ("findings", "critical", "high", "medium", "low")] == ["5", "1", "2", "1", "1"]
    assert [counts[name] for name in ("inline", "summary", "withheld")] == ["2", "2", "1"]
    assert sum(int(counts[name]) for name in ("inline", "summary", "withheld")) == int(counts["findings"])


def test_a_review_in_which_nobody_answered_is_a_failure_that_is_told_with_its_reasons(
    runner: Runner, capsys: pytest.CaptureFixture[str]
):
    silent = samples.run_of((samples.seat(state="config_error", detail="the key was refused (401)", findings=0),))
    assert told(runner, silent) is Exit.EXPLAINED
    error = next(one for one in commands(capsys.readouterr().out) if one.name == "error")
    assert "no seat answered" in error.data
    assert "the key was refused (401)" in error.data
    assert "complete" in runner.outputs.read_text()


def test_what_went_wrong_beside_the_review_is_part_of_the_one_notice(
    runner: Runner, capsys: pytest.CaptureFixture[str]
):
    assert told(runner, samples.nothing_found(), notes=("nothing was posted: 403",)) is Exit.REVIEWED
    (notice,) = commands(capsys.readouterr().out)
    assert notice.data.endswith("\nnothing was posted: 403")


def test_what_could_not_be_posted_is_told_like_any_review_and_fails_the_step(
    runner: Runner, capsys: pytest.CaptureFixture[str]
):
    report = samples.council()
    assert told(runner, report, failure="github: 502; try again") is Exit.EXPLAINED
    said = commands(capsys.readouterr().out)
    assert said[0].data.endswith(headline(report))
    assert [one.data for one in said if one.name == "error"] == ["github: 502; try again"]
    assert "findings<<" in runner.outputs.read_text()
    assert report.findings[0].title in runner.summary.read_text()


def test_the_notice_says_how_it_ended_before_what_was_said_of_it(runner: Runner, capsys: pytest.CaptureFixture[str]):
    report = samples.council()
    told(runner, report, said="nothing new to say")
    assert commands(capsys.readouterr().out)[0].data.split("\n")[-2:] == [headline(report), "nothing new to say"]
    told(runner, report)
    assert commands(capsys.readouterr().out)[0].data.count(headline(report)) == 1


def test_where_nothing_could_be_looked_at_the_words_say_so(runner: Runner, capsys: pytest.CaptureFixture[str]):
    blind = samples.run_of(()).model_copy(update={"complete": False})
    assert told(runner, blind, said="nothing new to say") is Exit.REVIEWED
    assert "Nothing could be looked at" in commands(capsys.readouterr().out)[0].data


@pytest.mark.parametrize(("posted", "says"), [(True, False), (False, True)])
def test_a_review_that_is_only_on_the_runs_page_is_said_to_be_there(
    posted: bool, says: bool, runner: Runner, capsys: pytest.CaptureFixture[str]
):
    outcome = Outcome(Done("said", samples.nothing_found(), posted=posted), "Nobody was asked.")
    tell(runner, NOTHING_ASKED, outcome)
    assert ("on this run's page" in commands(capsys.readouterr().out)[0].data) is says


def test_without_a_review_the_page_says_why_and_claims_none(runner: Runner, capsys: pytest.CaptureFixture[str]):
    assert tell(runner, NOTHING_ASKED, Outcome(Done("it is a draft"), "Nobody was asked.")) is Exit.REVIEWED
    (notice,) = commands(capsys.readouterr().out)
    assert notice.data == "Nobody was asked.\nit is a draft"
    assert runner.summary.read_text() == "Nobody was asked.\n\n**Not reviewed:** it is a draft\n"


def test_a_temporary_folder_that_went_away_is_an_explained_failure(runner: Runner, tmp_path: Path):
    with pytest.raises(BadSettings, match="RUNNER_TEMP: No such file"):
        told(runner.model_copy(update={"temporary": tmp_path / "gone"}), samples.council())


def test_the_rules_alone_are_named_before_anything_else(runner: Runner, capsys: pytest.CaptureFixture[str]):
    told(runner, samples.rules_alone())
    assert commands(capsys.readouterr().out)[0].data.startswith("No model sat: the built-in rules looked alone")


@pytest.mark.parametrize("letter", ["a", "\U0001f600"])
def test_a_step_summary_stays_below_what_the_runner_drops_whatever_its_script(letter: str, runner: Runner):
    found = tuple(samples.finding(n, body=letter * 3_000, title=f"number {n}") for n in range(1, 500))
    told(runner, samples.run_of((samples.seat(),), found))
    assert 400_000 < runner.summary.stat().st_size < 1_024 * 1_024
    assert "not shown" in runner.summary.read_text()
