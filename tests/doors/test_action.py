"""`reviewbot action`, from an event to what a person and a later step find."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doors.action_run import QUERY, Runner
from doors.runner_commands import commands
from hub import webhooks

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "reviewbot" / "report" / "report.schema.json").read_text())


def ran(runner: Runner, head: str) -> dict[str, Any]:
    """What the second workflow of a pair is told of the first, which ran for a fork."""
    run = {"event": "pull_request", "conclusion": "success", "head_sha": head, "pull_requests": []}
    return {"action": "completed", "workflow_run": run, "repository": {"id": runner.world.repository.id}}


@pytest.fixture
def runner(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capfd)


def test_a_pull_request_is_reviewed_and_told_wherever_it_is_looked_for(runner: Runner):
    pull = runner.open_pull()
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert len(pull.review_comments) == 1
    assert len(pull.comments) == 1
    assert (run.outputs["findings"], run.outputs["high"], run.outputs["inline"]) == ("1", "1", "1")
    assert (run.outputs["withheld"], run.outputs["complete"]) == ("0", "true")
    assert run.outputs["summary-url"]
    assert "app.py" in run.summary
    assert [one.properties.get("file") for one in run.commands] == [None, "app.py"]
    report = json.loads(Path(run.outputs["report"]).read_text())
    jsonschema.validate(report, SCHEMA)
    assert json.loads(Path(run.outputs["sarif"]).read_text())["runs"][0]["results"]
    assert runner.world.forbidden == []


def test_post_false_writes_nothing_to_github(runner: Runner):
    run = runner.run(
        "pull_request", webhooks.pull_request("opened", runner.told(runner.open_pull())), INPUT_POST="false"
    )
    assert run.code == 0
    assert run.outputs["findings"] == "1"
    assert runner.world.writes == []


@pytest.mark.parametrize("bar", ["critical", "high", "low"])
def test_findings_fail_the_step_only_where_the_workflow_asks_for_it(bar: str, runner: Runner):
    payload = webhooks.pull_request("opened", runner.told(runner.open_pull()))
    assert runner.run("pull_request", payload, INPUT_FAIL_ON=bar).code == (0 if bar == "critical" else 1)


@pytest.mark.parametrize("author", ["eve", "dependabot[bot]"])
def test_who_may_not_post_is_reviewed_by_the_rules_in_the_run_with_one_notice(author: str, runner: Runner):
    runner.world.account(author)
    runner.token = runner.world.token("read-only", "reviewbot[bot]", writes=False)
    pull = runner.open_pull(author=author, fork=author == "eve")
    payload = webhooks.pull_request("opened", runner.told(pull))
    models = "anthropic/claude-sonnet-5-5"
    run = runner.run("pull_request", payload, GITHUB_ACTOR=author, INPUT_MODELS=models)
    assert run.code == 0
    assert runner.world.writes == []
    assert {request.method for request in runner.world.requests if "graphql" not in request.path} == {"GET"}
    assert len(run.notices) == 1
    assert "runs without secrets and with a token that only reads" in run.notices[0]
    assert "pull_request_target" not in run.notices[0] + run.summary
    assert run.outputs["findings"] == "1"
    assert "app.py" in run.summary


def test_a_token_that_turns_out_to_read_only_still_gets_the_review_into_the_run(runner: Runner):
    runner.token = runner.world.token("read-only", "reviewbot[bot]", writes=False)
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(runner.open_pull())))
    assert run.code == 0
    assert runner.world.writes == []
    assert len(run.notices) == 1
    assert "nothing was posted" in run.notices[0]
    assert run.outputs["findings"] == "1"


def test_a_policy_that_wants_models_only_ends_well_for_a_fork(runner: Runner):
    runner.base = runner.world.commit(
        (), {"app.py": b"import db\n", ".reviewbot.yml": b"models: [anthropic/claude-sonnet-5-5]\n"}
    )
    runner.world.branch("main", runner.base)
    pull = runner.open_pull(fork=True, author="eve")
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert (run.code, run.outputs) == (0, {"complete": "false"})
    assert len(run.notices) == 1
    assert "nobody is left to sit" in run.notices[0]


def test_a_fork_is_reviewed_and_posted_to_where_the_event_has_the_rights(runner: Runner):
    pull = runner.open_pull(fork=True, author="eve")
    run = runner.run("pull_request_target", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert len(pull.review_comments) == 1


def test_a_run_with_secrets_beside_a_checkout_of_the_change_refuses_and_explains(runner: Runner):
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run([*git, "init", "-q"], cwd=runner.workspace, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "head"], cwd=runner.workspace, check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], cwd=runner.workspace, check=True, capture_output=True, text=True)
    told = runner.told(runner.open_pull(fork=True, author="eve"))._replace(head_sha=head.stdout.strip())
    run = runner.run("pull_request_target", webhooks.pull_request("opened", told))
    assert run.code == 2
    assert "holds a checkout of the pull request" in run.errors[0]
    assert "holds a checkout of the pull request" in run.summary
    assert runner.world.requests == []


@pytest.mark.parametrize(
    ("event", "payload"),
    [("push", {"ref": "refs/heads/main"}), ("pull_request", {"action": "labeled"}), ("pull_request", {}), ("", {})],
)
def test_an_event_that_is_not_served_ends_well_with_one_line(event: str, payload: dict[str, str], runner: Runner):
    run = runner.run(event or "schedule", payload)
    assert (run.code, run.outputs) == (0, {"complete": "false"})
    assert len(run.commands) == 1
    assert run.notices[0].startswith("Nothing to do: ")
    assert runner.world.requests == []


def test_a_draft_is_left_until_it_is_ready(runner: Runner):
    pull = runner.open_pull(draft=True)
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert "draft" in run.notices[0]
    assert runner.world.writes == []


def test_an_event_that_names_no_pull_request_means_the_one_at_its_head(runner: Runner):
    pull = runner.open_pull(fork=True, author="eve")
    assert runner.run("workflow_run", ran(runner, pull.head_sha)).code == 0
    assert len(pull.review_comments) == 1


def test_where_two_are_at_its_head_the_workflow_says_the_number(runner: Runner):
    first = runner.open_pull(fork=True, author="eve")
    second = runner.world.open_pull("main", first.head_sha, fork=True, author="mallory")
    unnamed = runner.run("workflow_run", ran(runner, first.head_sha))
    assert unnamed.code == 2
    assert "give the number of the pull request as the input `pull`" in unnamed.errors[0]
    assert runner.run("workflow_run", ran(runner, first.head_sha), INPUT_PULL=str(second.number)).code == 0
    assert (len(first.review_comments), len(second.review_comments)) == (0, 1)


def test_a_number_that_belongs_to_another_head_is_not_reviewed(runner: Runner):
    victim, mine = runner.open_pull(), runner.open_pull({"b.py": QUERY}, fork=True, author="eve")
    run = runner.run("workflow_run", ran(runner, mine.head_sha), INPUT_PULL=str(victim.number))
    assert run.code == 0
    assert runner.world.writes == []


def test_a_command_of_somebody_who_may_is_carried_out(runner: Runner):
    pull = runner.open_pull()
    comment = runner.world.say(pull.number, "ada", "/reviewbot help")
    author = webhooks.Account("ada", comment.author.id if comment.author else 0)
    payload = webhooks.issue_comment(runner.told(pull), "/reviewbot help", author=author, comment_id=comment.id)
    run = runner.run("issue_comment", payload)
    assert run.code == 0
    assert "replied to ada" in run.notices[0]
    assert "/reviewbot dismiss" in pull.comments[-1].body


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("INPUT_FAIL_ON", "severe", "input fail-on"),
        ("INPUT_MODELS", "nobody/knows", "nobody is called nobody"),
        ("INPUT_REPORT", "no/such/folder/report.json", "cannot be written"),
        ("INPUT_GITHUB_TOKEN", "", "GITHUB_TOKEN: is not set"),
        ("INPUT_GITHUB_TOKEN", "revoked", "Bad credentials"),
    ],
)
def test_what_can_be_explained_is_told_on_the_runs_page_and_ends_in_2(
    variable: str, value: str, says: str, runner: Runner
):
    payload = webhooks.pull_request("opened", runner.told(runner.open_pull()))
    run = runner.run("pull_request", payload, **{variable: value})
    assert (run.code, run.outputs) == (2, {"complete": "false"})
    assert len(run.commands) == 1
    assert says in run.errors[0]
    assert run.summary.strip()


def test_a_policy_from_the_change_itself_is_refused(runner: Runner):
    git = ("git", "-c", "user.name=A", "-c", "user.email=a@example.com")
    subprocess.run([*git, "init", "-q"], cwd=runner.workspace, check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "head"], cwd=runner.workspace, check=True)
    head = subprocess.run([*git, "rev-parse", "HEAD"], cwd=runner.workspace, check=True, capture_output=True, text=True)
    told = runner.told(runner.open_pull())._replace(head_sha=head.stdout.strip())
    run = runner.run("pull_request", webhooks.pull_request("opened", told), INPUT_POLICY="mine.yml")
    assert run.code == 2
    assert "comes from the change under review" in run.errors[0]


HOSTILE = (
    "::set-env name=X::1",
    "\r::add-mask::a",
    "##[error]x",
    "::stop-commands::x",
    "\n::warning::y",
    "%0A::error::z",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_pull_request_commands_the_runner(text: str, runner: Runner):
    name = f"a{text}.py".replace("\n", "_").replace("/", "_")
    pull = runner.open_pull({name: QUERY + f"{text}\n".encode()}, title=text, body=text)
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert {one.name for one in run.commands} == {"notice", "warning"}
    assert commands(run.err) == []
    assert [one.properties.keys() - {"title", "file", "line", "endLine"} for one in run.commands] == [set(), set()]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_an_event_commands_the_runner(text: str, runner: Runner):
    run = runner.run("pull_request", {"action": text, "pull_request": {"number": text, "head": {"sha": text}}})
    assert [one.name for one in run.commands] == ["notice"]
