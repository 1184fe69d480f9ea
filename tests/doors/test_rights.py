from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from reviewbot.doors.rights import OF_A_FORK, OF_DEPENDABOT, limits_of, without_vendors
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
    limits = limits_of(run(head=head), Operator())
    assert limits == OF_A_FORK
    assert not limits.may_post
    assert "a fork" in limits.why
    assert "checkout" not in limits.why
    assert "pull_request_target" not in limits.why
    assert "on this run's page" not in limits.why, "what is not known yet is not said"


def test_dependabots_run_without_a_key_asks_no_vendor_and_tries_to_post():
    limits = limits_of(run(actor="dependabot[bot]"), Operator())
    assert limits == OF_DEPENDABOT
    assert limits.may_post
    assert "Dependabot" in limits.why


def test_a_fork_is_a_fork_whoever_caused_the_run():
    assert limits_of(run(head=FORK, actor="dependabot[bot]"), Operator()) == OF_A_FORK


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
    assert limits_of(seen, operator) is None


def test_without_vendors_whoever_needs_no_key_sits_with_the_rules():
    named = Operator(models=("anthropic/claude-sonnet-5-5", "box/qwen4", "google/gemini-4-argon"))
    assert without_vendors(named).models == ("box/qwen4", "rules/builtin")
    assert without_vendors(Operator()).models == ("rules/builtin",)
