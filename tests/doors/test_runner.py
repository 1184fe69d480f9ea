import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from doors.runner_commands import commands
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.doors import runner
from reviewbot.errors import BadSettings


def read_outputs(text: str) -> dict[str, str]:
    """The file GITHUB_OUTPUT names as the runner reads it: `name<<DELIMITER`, lines, `DELIMITER`."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        name, heredoc, delimiter = line.partition("<<")
        if heredoc:
            value = []
            for inner in lines:
                if inner == delimiter:
                    break
                value.append(inner)
            found[name] = "\n".join(value)
    return found


@pytest.fixture
def variables(tmp_path: Path) -> dict[str, str]:
    """What the runner sets for a step."""
    event = tmp_path / "event.json"
    event.write_text('{"action": "opened"}')
    return {
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_ACTOR": "ada",
        "GITHUB_WORKSPACE": str(tmp_path),
        "RUNNER_TEMP": str(tmp_path),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary"),
    }


def test_a_run_is_read_from_its_variables_and_its_event(variables: dict[str, str]):
    read = runner.read_runner(variables)
    assert (read.event, read.repository, read.actor) == ("pull_request", "octo/shop", "ada")
    assert read.payload == {"action": "opened"}


@pytest.mark.parametrize("name", ["GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH", "GITHUB_OUTPUT", "RUNNER_TEMP"])
def test_outside_of_a_runner_it_says_what_to_use_instead(name: str, variables: dict[str, str]):
    with pytest.raises(BadSettings, match=f"has not set {name}; .*reviewbot pr"):
        runner.read_runner({**variables, name: ""})


@pytest.mark.parametrize("event", [b"", b"[]", b"\xff", b"[" * 100_000, b"{"])
def test_an_event_that_is_none_is_an_explained_failure(event: bytes, variables: dict[str, str]):
    Path(variables["GITHUB_EVENT_PATH"]).write_bytes(event)
    with pytest.raises(BadSettings, match="the event"):
        runner.read_runner(variables)


@given(st.dictionaries(st.sampled_from("abc"), st.text(st.characters(exclude_categories=["Cs"]))))
def test_outputs_are_read_as_they_were_written(values: Mapping[str, str]):
    written = "".join(f"{name}<<{runner.heredoc(value)}" for name, value in values.items())
    assert read_outputs(written) == dict(values)


@pytest.mark.parametrize("value", ["x\nEOF\nPATH=/evil", "x\nreviewbot_\nb=1", "a<<EOF\n1\nEOF", "\r\n", ""])
def test_no_value_makes_another_output(value: str, variables: dict[str, str]):
    read = runner.read_runner(variables)
    runner.write_outputs(read, {"first": value})
    runner.write_outputs(read, {"second": "2"})
    assert read_outputs(read.outputs.read_bytes().decode()) == {"first": value, "second": "2"}


def test_a_delimiter_cannot_be_foreseen():
    assert len({runner.heredoc("").split("\n")[0] for _ in range(100)}) == 100


def test_a_summary_stands_below_what_the_step_has_said(variables: dict[str, str]):
    read = runner.read_runner(variables)
    runner.add_summary(read, "one\n\n")
    runner.add_summary(read, "two \ud800")
    assert read.summary.read_text() == "one\ntwo \\ud800\n"


def test_a_file_that_cannot_be_written_is_an_explained_failure(variables: dict[str, str], tmp_path: Path):
    read = runner.read_runner({**variables, "GITHUB_OUTPUT": str(tmp_path / "no" / "output")})
    with pytest.raises(BadSettings, match="No such file"):
        runner.write_outputs(read, {"a": "b"})


@pytest.mark.parametrize(
    ("name", "place"), [("RUNNER_TEMP", "no"), ("GITHUB_OUTPUT", "no/output"), ("GITHUB_STEP_SUMMARY", "no/summary")]
)
def test_a_place_that_cannot_be_written_to_is_said_with_its_name(
    name: str, place: str, variables: dict[str, str], tmp_path: Path
):
    runner.check_places(runner.read_runner(variables))
    with pytest.raises(BadSettings, match=f"{name}: .*/no is no folder that can be written to"):
        runner.check_places(runner.read_runner({**variables, name: str(tmp_path / place)}))


def test_a_file_is_no_place_for_files(variables: dict[str, str]):
    with pytest.raises(BadSettings, match="RUNNER_TEMP"):
        runner.check_places(runner.read_runner({**variables, "RUNNER_TEMP": variables["GITHUB_EVENT_PATH"]}))


def test_a_bug_is_in_the_log_whole_and_commands_nobody(capfd: pytest.CaptureFixture[str]):
    try:
        raise RuntimeError("\n::add-mask::a\n##[error]forged")  # noqa: TRY301  an exception needs to be at hand
    except RuntimeError:
        runner.show_bug()
    told = capfd.readouterr()
    assert "Traceback (most recent call last)" in told.err
    assert "RuntimeError" in told.err
    begin, end, ours = told.out.splitlines()
    (error,) = commands(f"{begin}\n{told.err}\n{end}\n{ours}")
    assert "a bug in reviewbot" in error.data


def test_what_is_printed_meanwhile_is_no_command_on_either_stream(capfd: pytest.CaptureFixture[str]):
    with runner.commands_stopped():
        print("::error::forged\r::add-mask::a")  # noqa: T201  what somebody's library might do
        print("##[error]forged", file=sys.stderr)  # noqa: T201  as above
    runner.complain("ours: 100%\nsecond line")
    told = capfd.readouterr()
    begin, *forged, end, ours = told.out.splitlines()
    assert len(forged) == 2
    assert [one.data for one in commands("\n".join((begin, *forged, told.err, end, ours)))] == [
        "ours: 100%\nsecond line"
    ]


def test_commands_work_again_after_a_failure(capfd: pytest.CaptureFixture[str]):
    with pytest.raises(BadSettings), runner.commands_stopped():
        raise BadSettings("a", "b", "c")
    assert commands(capfd.readouterr().out) == []


def test_the_word_that_starts_commands_again_is_new_each_time(capfd: pytest.CaptureFixture[str]):
    for _ in range(2):
        with runner.commands_stopped():
            pass
    stops = [line for line in capfd.readouterr().out.splitlines() if line.startswith("::stop-commands::")]
    assert len(set(stops)) == 2
    assert all(len(stop.removeprefix("::stop-commands::")) == 64 for stop in stops)


def test_a_large_event_is_read(variables: dict[str, str]):
    Path(variables["GITHUB_EVENT_PATH"]).write_text(json.dumps({"body": "x" * 1_000_000}))
    assert len(runner.read_runner(variables).payload["body"]) == 1_000_000
