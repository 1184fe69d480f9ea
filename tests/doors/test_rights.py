from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from reviewbot.doors.rights import read_only, without_vendors
from reviewbot.doors.runner import Runner
from reviewbot.settings import Operator

OURS, FORK = {"id": 1}, {"id": 2}
KEYED = Operator(keys={"openai": SecretStr("k")})


def run(event: str = "pull_request", head: object = OURS, *, actor: str = "ada") -> Runner:
    payload: dict[str, Any] = {"pull_request": {"head": {"repo": head}, "base": {"repo": OURS}}}
    nowhere = Path("nowhere")
    return Runner(
        event=event, payload=payload, repository="octo/shop", actor=actor, workspace=nowhere, temporary=nowhere,
        outputs=nowhere, summary=nowhere,
    )  # fmt: skip


@pytest.mark.parametrize("head", [FORK, None, {"id": "?"}, "gone"])
def test_a_forks_run_without_a_key_posts_nothing_and_says_why(head: object):
    why = read_only(run(head=head), Operator())
    assert why
    assert "a fork" in why
    assert "checkout" not in why
    assert "pull_request_target" not in why


def test_dependabots_run_without_a_key_posts_nothing():
    assert "Dependabot" in str(read_only(run(actor="dependabot[bot]"), Operator()))


@pytest.mark.parametrize(
    ("seen", "operator"),
    [
        (run(), Operator()),
        (run(head=FORK), KEYED),
        (run(actor="dependabot[bot]"), KEYED),
        (run("pull_request_target", FORK), Operator()),
        (run("workflow_run", FORK), Operator()),
        (run("issue_comment"), Operator()),
    ],
)
def test_where_github_gives_rights_they_are_used(seen: Runner, operator: Operator):
    assert read_only(seen, operator) is None


def test_without_vendors_whoever_needs_no_key_sits_with_the_rules():
    named = Operator(models=("anthropic/claude-sonnet-5-5", "box/qwen4", "google/gemini-4-argon"))
    assert without_vendors(named).models == ("box/qwen4", "rules/builtin")
    assert without_vendors(Operator()).models == ("rules/builtin",)
