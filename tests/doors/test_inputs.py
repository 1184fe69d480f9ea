from pathlib import Path

import pytest

from reviewbot.doors.inputs import Inputs, read_inputs, with_variables
from reviewbot.errors import BadSettings


def read(tmp_path: Path, **given: str) -> Inputs:
    return read_inputs({f"INPUT_{name.upper()}": value for name, value in given.items()}, tmp_path)


def test_nothing_given_posts_and_leaves_the_rest_to_policy_and_operator(tmp_path: Path):
    inputs = read(tmp_path, models="", max_usd="", fail_on="", post="")
    assert inputs.post
    assert (inputs.pull, inputs.report, inputs.sarif) == (None, None, None)
    flags = inputs.flags
    assert (flags.models, flags.lenses, flags.max_usd, flags.max_tokens, flags.fail_on) == ((), (), None, None, None)


def test_names_are_parted_by_commas_and_by_white_space(tmp_path: Path):
    given = "anthropic/claude-sonnet-5-5,\n  openai/gpt-6.1-sol rules/builtin,\n"
    assert read(tmp_path, models=given).flags.models == (
        "anthropic/claude-sonnet-5-5", "openai/gpt-6.1-sol", "rules/builtin",
    )  # fmt: skip


def test_numbers_truths_and_severities_are_read(tmp_path: Path):
    inputs = read(tmp_path, max_usd="0.50", max_tokens="90000", fail_on="high", post="false", pull="12")
    assert (inputs.flags.max_usd, inputs.flags.max_tokens, inputs.flags.fail_on) == (0.5, 90_000, "high")
    assert (inputs.post, inputs.pull) == (False, 12)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("max_usd", "nan"), ("max_usd", "-1"), ("max_usd", "1e9"), ("max_tokens", "1.5"), ("max_tokens", "many"),
        ("fail_on", "severe"), ("tier", "highest"), ("post", "yes"), ("pull", "12; rm"), ("pull", "#12"),
        ("pull", "1" * 30),
    ],
)  # fmt: skip
def test_what_an_input_cannot_be_is_said_with_its_name(name: str, given: str, tmp_path: Path):
    with pytest.raises(BadSettings, match=f"input {name.replace('_', '-')}: "):
        read(tmp_path, **{name: given})


def test_a_path_begins_in_the_workspace(tmp_path: Path):
    inputs = read(tmp_path, report="out/report.json", sarif=str(tmp_path.parent / "x.sarif"))
    assert inputs.report == tmp_path / "out" / "report.json"
    assert inputs.sarif == tmp_path.parent / "x.sarif"


def test_scanners_are_paths_and_a_tier_is_a_word(tmp_path: Path):
    flags = read(tmp_path, scanners="out/my scan.sarif\n b.sarif,c.sarif", tier="high").flags
    assert [path.relative_to(tmp_path).as_posix() for path in flags.sarif] == [
        "out/my scan.sarif",
        "b.sarif",
        "c.sarif",
    ]
    assert flags.tier == "high"
    with pytest.raises(BadSettings, match="input scanners: leads upwards"):
        read(tmp_path, scanners="a.sarif,../b.sarif")


@pytest.mark.parametrize("given", ["report.json", "folder/report.json"])
def test_a_link_in_the_workspace_leads_no_report_elsewhere(given: str, tmp_path: Path):
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "report.json").symlink_to(tmp_path / "elsewhere")
    (workspace / "folder").symlink_to(tmp_path)
    with pytest.raises(BadSettings, match="input report: leads out of its place"):
        read(workspace, report=given)


@pytest.mark.parametrize("given", ["../report.json", "out/../../report.json", ".."])
def test_no_report_is_written_upwards(given: str, tmp_path: Path):
    with pytest.raises(BadSettings, match=r"input report: leads upwards with `..`; name a path in the workspace"):
        read(tmp_path, report=given)


def test_an_input_wins_over_the_operators_variable_and_an_empty_one_leaves_it():
    environ = {
        "ANTHROPIC_API_KEY": "of-the-job", "GOOGLE_API_KEY": "of-the-job", "GITHUB_TOKEN": "of-the-job",
        "INPUT_ANTHROPIC_API_KEY": "", "INPUT_GEMINI_API_KEY": "given", "INPUT_GITHUB_TOKEN": " given\n",
    }  # fmt: skip
    read = with_variables(environ)
    assert read["ANTHROPIC_API_KEY"] == "of-the-job"
    assert read["GOOGLE_API_KEY"] == read["GITHUB_TOKEN"] == "given"
    assert "OPENAI_API_KEY" not in read
