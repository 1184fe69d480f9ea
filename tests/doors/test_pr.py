"""`reviewbot pr`, in the words a person types, through the real adapter to a GitHub on loopback."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.pushes import Story
from e2e.story import PUSHES, REMARKS, scripts
from hub.server import HubServer
from hub.world import BOT

from reviewbot.doors.cli import run
from reviewbot.record.feedback import read_feedback


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    story = Story(tmp_path)
    with HubServer(story.world) as hub:
        for name in ("GITHUB_API_URL", "GITHUB_SERVER_URL"):
            monkeypatch.setenv(name, hub.url)
        monkeypatch.setenv("GITHUB_GRAPHQL_URL", f"{hub.url}/graphql")
        monkeypatch.setenv("GITHUB_TOKEN", BOT)
        yield story
        assert hub.violations == []
    assert story.world.forbidden == []


def asked(story: Story, *words: str) -> int:
    voices = [word for name in scripts(PUSHES[story.at], story.root) for word in ("--model", name)]
    return run(["pr", f"octo/shop#{story.number}", *voices, *words])


def test_a_pull_request_is_read_and_printed_and_nothing_is_sent(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(story, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert [finding["title"] for finding in report["findings"]] == [remark["title"] for remark in REMARKS[:2]]
    assert (report["change"]["repository"], report["change"]["number"]) == ("octo/shop", story.number)
    assert story.world.writes == []


def test_with_post_it_stands_on_the_pull_request_once_and_its_address_is_told(
    story: Story, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(story, "--post") == 0
    assert len(story.threads) == 2
    assert f"posted at {story.conversation.comments[0].url}" in capsys.readouterr().err
    sent = len(story.world.writes)
    assert asked(story, "--post") == 0
    assert "was reviewed before" in capsys.readouterr().err
    assert len(story.world.writes) == sent


def test_what_people_do_is_kept_where_the_operator_says(
    story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWBOT_FEEDBACK", str(tmp_path / "f.sqlite"))
    asked(story, "--post", "--quiet")
    story.world.react(story.threads[0].remarks[0].id, "ada", "+1")
    asked(story, "--post", "--quiet")
    assert [row.kind for row in read_feedback(tmp_path / "f.sqlite")].count("praised") == 1


def test_findings_above_the_bar_end_in_1(story: Story) -> None:
    assert asked(story, "--fail-on", "critical", "--quiet") == 1


def test_a_run_is_kept_for_replay(story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(story, "--record", str(tmp_path / "run.json"), "--format", "json") == 0
    printed = capsys.readouterr().out
    assert run(["replay", str(tmp_path / "run.json"), "--format", "json"]) == 0
    assert capsys.readouterr().out == printed


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("octo/shop", "names none"),
        ("octo/shop#999", "/pulls/999: 404"),
        ("https://other.example/octo/shop/pull/7", "GITHUB_SERVER_URL"),
    ],
)
def test_what_cannot_be_found_is_one_clear_line(
    story: Story, capsys: pytest.CaptureFixture[str], where: str, said: str
) -> None:
    assert run(["pr", where, "--offline"]) == 2
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert story.world.writes == []


def test_without_a_token_the_needed_permissions_are_named(
    story: Story, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN")
    assert asked(story) == 2
    assert "pull requests write" in capsys.readouterr().err
