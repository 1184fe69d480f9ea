"""`reviewbot action`, from an event to what a person and a later step find."""

import json
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from doors.action_run import QUERY, Run, Runner
from doors.runner_commands import commands
from hub import faults, webhooks
from hub.memory import MemoryForge
from hub.records import Pull
from hub.rejection import Rejection
from hub.server import HubServer

from reviewbot.doors.action import BEGIN
from reviewbot.record.feedback import read_feedback

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


def test_what_people_do_is_kept_where_the_workflow_says(runner: Runner, tmp_path: Path):
    pull, kept = runner.open_pull(), tmp_path / "f.sqlite"
    payload = webhooks.pull_request("opened", runner.told(pull))
    runner.run("pull_request", payload, GITHUB_ACTIONS="true", REVIEWBOT_FEEDBACK=str(kept))
    runner.world.react(pull.review_comments[0].id, "ada", "-1")
    runner.run("pull_request", payload, GITHUB_ACTIONS="true", REVIEWBOT_FEEDBACK=str(kept))
    assert [row.kind for row in read_feedback(kept)] == ["disliked"]


def test_an_edit_does_the_work_of_the_run_it_cancelled(runner: Runner):
    pull = runner.open_pull()
    payload = webhooks.pull_request("edited", runner.told(pull), changes={"title": {"from": "before"}})
    assert runner.run("pull_request", payload).code == 0
    assert len(pull.review_comments) == 1


def test_a_review_that_stands_is_told_again_and_keeps_the_meaning_of_fail_on(runner: Runner):
    pull = runner.open_pull()
    payload = webhooks.pull_request("opened", runner.told(pull))
    first, again = (runner.run("pull_request", payload, INPUT_FAIL_ON="high") for _ in range(2))
    assert (first.code, again.code) == (1, 1)
    assert (again.outputs["findings"], again.outputs["high"]) == ("1", "1")
    assert "1 finding" in again.notices[0]
    assert (len(pull.review_comments), len(pull.comments)) == (1, 1)


def test_a_review_that_cannot_be_posted_is_told_in_the_run_and_fails_it(runner: Runner):
    pull = runner.open_pull()
    runner.world.faults.add("POST", "reviews|comments", faults.fail(502), times=float("inf"))
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 2
    assert run.outputs["findings"] == "1"
    assert "app.py" in run.summary
    assert len(run.errors) == 1
    assert "could not be posted" in run.errors[0]


def test_a_fork_is_reviewed_by_the_rules_in_the_run_with_one_notice(runner: Runner):
    runner.token = runner.world.token("read-only", "reviewbot[bot]", writes=False)
    pull = runner.open_pull(author="eve", fork=True)
    payload = webhooks.pull_request("opened", runner.told(pull))
    run = runner.run("pull_request", payload, GITHUB_ACTOR="eve", INPUT_MODELS="anthropic/claude-sonnet-5-5")
    assert run.code == 0
    assert runner.world.writes == []
    assert {request.method for request in runner.world.requests if "graphql" not in request.path} == {"GET"}
    assert len(run.notices) == 1
    assert "runs without secrets and with a token that only reads" in run.notices[0]
    assert "pull_request_target" not in run.notices[0] + run.summary
    assert run.outputs["findings"] == "1"
    assert "app.py" in run.summary


@pytest.mark.parametrize("writes", [True, False])
def test_dependabots_run_posts_where_its_token_may(writes: bool, runner: Runner):
    runner.world.account("dependabot[bot]")
    runner.token = runner.world.token("its-own", "reviewbot[bot]", writes=writes)
    pull = runner.open_pull(author="dependabot[bot]")
    payload = webhooks.pull_request("opened", runner.told(pull))
    models = "anthropic/claude-sonnet-5-5"
    run = runner.run("pull_request", payload, GITHUB_ACTOR="dependabot[bot]", INPUT_MODELS=models)
    assert (run.code, run.outputs["findings"]) == (0, "1")
    assert (len(pull.review_comments), len(pull.comments)) == ((1, 1) if writes else (0, 0))
    assert len(run.notices) == 1
    assert "without the repository's secrets: no vendor's model was asked" in run.notices[0]
    assert ("nothing was posted" in run.notices[0]) is not writes
    assert ("on this run's page" in run.notices[0]) is not writes


def test_a_draft_of_a_fork_has_no_review_and_none_is_claimed(runner: Runner):
    pull = runner.open_pull(author="eve", fork=True, draft=True)
    run = runner.run("pull_request", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert "it is a draft" in run.notices[0]
    assert "on this run's page" not in run.notices[0]
    assert "**Not reviewed:**" in run.summary


def test_who_only_reads_is_shown_everything_again(runner: Runner):
    pull = runner.open_pull()
    payload = webhooks.pull_request("opened", runner.told(pull))
    runner.run("pull_request", payload)
    run = runner.run("pull_request", payload, INPUT_POST="false")
    assert (run.code, run.outputs["findings"]) == (0, "1")
    assert "reviewed before" not in run.notices[0]


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
    assert "`models` names nobody whom the operator allows" in run.notices[0]


def test_a_fork_is_reviewed_and_posted_to_where_the_event_has_the_rights(runner: Runner):
    pull = runner.open_pull(fork=True, author="eve")
    run = runner.run("pull_request_target", webhooks.pull_request("opened", runner.told(pull)))
    assert run.code == 0
    assert len(pull.review_comments) == 1


def check_out(runner: Runner, pull: Pull, place: str = ".") -> Path:
    """The head of a pull request, in the workspace."""
    folder = runner.workspace / place
    folder.mkdir(parents=True, exist_ok=True)
    network = str(runner.folder / "network.git")
    for words in (["init", "-q"], ["fetch", "-q", network, pull.head_sha], ["checkout", "-q", "-f", pull.head_sha]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    return folder


def asked_by_hand(number: int) -> dict[str, Any]:
    return {"inputs": {"pull": str(number)}, "sender": {"login": "ada", "type": "User"}}


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "workflow_dispatch", "check_run"])
def test_a_run_with_secrets_beside_a_checkout_of_the_change_refuses_and_explains(event: str, runner: Runner):
    pull = runner.open_pull(fork=True, author="eve")
    check_out(runner, pull, "src/pr")
    payload = {
        "pull_request_target": webhooks.pull_request("opened", runner.told(pull)),
        "workflow_run": ran(runner, pull.head_sha),
        "workflow_dispatch": asked_by_hand(pull.number),
        "check_run": webhooks.check_run(runner.told(pull), "key"),
    }[event]
    run = runner.run(event, payload)
    assert run.code == 2
    assert "holds a checkout of the pull request" in run.errors[0]
    assert "holds a checkout of the pull request" in run.summary
    assert runner.world.writes == []


@pytest.mark.parametrize("order", ["review", "ask why?"])
def test_a_command_beside_a_checkout_of_the_change_is_refused_and_told(order: str, runner: Runner):
    pull = runner.open_pull(fork=True, author="eve")
    check_out(runner, pull, "src/pr")
    run = command(runner, pull, f"/reviewbot {order}")
    assert run.code == 2
    assert "holds a checkout of the pull request" in run.errors[0]
    assert "holds a checkout of the pull request" in pull.comments[-1].body
    assert pull.review_comments == []


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


NAMELESS = {
    "schedule": {"schedule": "0 5 * * 1"},
    "push": {"ref": "refs/heads/main"},
    "repository_dispatch": {"action": "review"},
    "workflow_dispatch": {"inputs": {"number": "7"}, "sender": {"login": "ada", "type": "User"}},
}


@pytest.mark.parametrize("event", NAMELESS)
def test_where_an_event_names_no_pull_request_the_workflow_may(event: str, runner: Runner):
    pull = runner.open_pull(draft=True)
    assert "`pull` is not given" in runner.run(event, NAMELESS[event]).notices[0]
    run = runner.run(event, NAMELESS[event], INPUT_PULL=str(pull.number))
    assert (run.code, run.outputs["findings"]) == (0, "1")
    assert len(pull.review_comments) == 1


@pytest.mark.parametrize("event", ["issue_comment", "pull_request", "workflow_run", "check_run"])
def test_where_an_event_is_of_one_pull_request_the_workflow_names_no_other(event: str, runner: Runner):
    pull = runner.open_pull()
    run = runner.run(event, {"action": "deleted"}, INPUT_PULL=str(pull.number))
    assert run.notices[0].startswith("Nothing to do: ")
    assert runner.world.requests == []


def command(runner: Runner, pull: Pull, body: str, **variables: str) -> Run:
    """What comes of a comment by somebody who may push."""
    comment = runner.world.say(pull.number, "ada", body)
    author = webhooks.Account("ada", comment.author.id if comment.author else 0)
    payload = webhooks.issue_comment(runner.told(pull), body, author=author, comment_id=comment.id)
    return runner.run("issue_comment", payload, **variables)


def test_a_command_of_somebody_who_may_is_carried_out(runner: Runner):
    pull = runner.open_pull()
    run = command(runner, pull, "/reviewbot help")
    assert run.code == 0
    assert "replied to ada" in run.notices[0]
    assert "/reviewbot dismiss" in pull.comments[-1].body


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("INPUT_FAIL_ON", "severe", "input fail-on"),
        ("INPUT_MODELS", "nobody/knows", "nobody is called nobody"),
        ("INPUT_REPORT", "no/such/folder/report.json", "cannot be written"),
        ("INPUT_REPORT", "../report.json", "leads upwards"),
        ("RUNNER_TEMP", "no/such/folder", "RUNNER_TEMP: no/such/folder is no folder"),
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
    assert runner.world.writes == []


@pytest.mark.parametrize("event", ["pull_request", "push"])
def test_a_policy_from_the_change_itself_is_refused(event: str, runner: Runner):
    pull = runner.open_pull()
    (check_out(runner, pull) / "mine.yml").write_text("ignore: ['**']\n")
    payload = webhooks.pull_request("opened", runner.told(pull))
    run = runner.run(event, payload, INPUT_POLICY="mine.yml", INPUT_PULL=str(pull.number))
    assert run.code == 2
    assert "comes from the change under review" in run.errors[0]
    assert pull.review_comments == []


def test_a_bug_of_ours_is_in_the_log_and_goes_on_to_the_door_that_knows_bugs(
    runner: Runner, capfd: pytest.CaptureFixture[str]
):
    class Broken(MemoryForge):
        def pull(self, number: int) -> Any:
            raise KeyError(number)

    runner.forge = Broken
    with pytest.raises(KeyError):
        runner.run("pull_request", webhooks.pull_request("opened", runner.told(runner.open_pull())))
    told = capfd.readouterr()
    assert "KeyError" in told.err
    assert [one.name for one in commands(told.out)] == ["error"]


def test_what_github_does_not_know_yet_of_its_own_event_is_asked_for_again(runner: Runner):
    pull = runner.open_pull()
    runner.world.faults.add("GET", "/pulls/", faults.answer(Rejection(404, "Not Found")))
    with HubServer(runner.world) as hub:
        urls = {"GITHUB_SERVER_URL": hub.origin, "GITHUB_API_URL": hub.url, "GITHUB_GRAPHQL_URL": hub.graphql_url}
        payload = webhooks.pull_request("opened", runner.told(pull))
        run = runner.run("pull_request", payload, begin=BEGIN, INPUT_POST="false", **urls)
    assert (run.code, run.outputs["findings"]) == (0, "1")


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
    assert [one for one in run.commands if one.properties.keys() - {"title", "file", "line", "endLine"}] == []


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_an_event_commands_the_runner(text: str, runner: Runner):
    run = runner.run("pull_request", {"action": text, "pull_request": {"number": text, "head": {"sha": text}}})
    assert [one.name for one in run.commands] == ["notice"]
