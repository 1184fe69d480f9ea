"""Every payload that the builders make is one that GitHub could have sent."""

from pathlib import Path
from typing import Any, get_args

import pytest
from hub import contracts
from hub.hand_clock import hand_clock
from hub.webhooks import (
    BOT,
    MAINTAINER,
    PullRequest,
    PullRequestAction,
    check_run,
    issue_comment,
    pull_in,
    pull_request,
)
from hub.world import World
from hypothesis import given, settings
from hypothesis import strategies as st

needs_contracts = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)

HERE = PullRequest()
FORK = PullRequest(head_repository="ada/shop", head_repository_id=8)
GONE = PullRequest(head_repository=None)
PULLS = {"in the repository": HERE, "from a fork": FORK, "from a fork that is gone": GONE}
numbers = st.integers(1, 2**53)
shas = st.text("0123456789abcdef", min_size=40, max_size=40)
words = st.text(max_size=80)


@needs_contracts
@pytest.mark.parametrize("pull", PULLS.values(), ids=PULLS)
def test_every_event_fits_the_schema(pull: PullRequest) -> None:
    for action in get_args(PullRequestAction):
        assert contracts.check_event("pull_request", pull_request(action, pull)) == []
    assert contracts.check_event("issue_comment", issue_comment(pull, "/reviewbot review")) == []
    assert contracts.check_event("issue_comment", issue_comment(pull, "Hello", on_issue=True)) == []
    assert contracts.check_event("check_run", check_run(pull, "a review")) == []


@needs_contracts
@settings(max_examples=20, deadline=None)
@given(
    changed=st.fixed_dictionaries(
        {
            "number": numbers,
            "title": words,
            "body": st.none() | words,
            "author": st.sampled_from([MAINTAINER, BOT]),
            "draft": st.booleans(),
            "head_sha": shas,
            "head_ref": words,
        }
    ),
    body=words,
)
def test_an_event_fits_the_schema_whatever_the_pull_request_says(changed: dict[str, Any], body: str) -> None:
    pull = HERE._replace(**changed)
    assert contracts.check_event("pull_request", pull_request("synchronize", pull)) == []
    assert contracts.check_event("issue_comment", issue_comment(pull, body)) == []
    assert contracts.check_event("check_run", check_run(pull, body)) == []


@needs_contracts
def test_a_pull_request_of_the_fake_has_the_events_it_would_have(tmp_path: Path) -> None:
    world = World(tmp_path, clock=hand_clock())
    base = world.commit((), {"app.py": b"one\n"})
    world.branch("main", base)
    opened = world.open_pull("main", world.commit(base, {"app.py": b"two\n"}), fork=True, author="dependabot[bot]")
    payload = pull_request("opened", pull_in(world, opened.number))
    assert contracts.check_event("pull_request", payload) == []
    told = payload["pull_request"]
    assert (told["head"]["sha"], told["base"]["sha"]) == (opened.head_sha, base)
    assert told["head"]["repo"]["id"] != told["base"]["repo"]["id"] == world.repository.id
    assert told["user"]["type"] == "Bot"
    opened.author = opened.head_repository = None
    assert contracts.check_event("pull_request", pull_request("synchronize", pull_in(world, opened.number))) == []


def test_a_push_names_the_head_it_replaces_and_the_new_one() -> None:
    payload = pull_request("synchronize", HERE, before="c" * 40)
    assert (payload["before"], payload["after"]) == ("c" * 40, HERE.head_sha)
    assert payload["pull_request"]["head"]["sha"] == HERE.head_sha


@needs_contracts
def test_a_new_base_branch_is_an_edit_that_names_the_old_one() -> None:
    changes: dict[str, Any] = {"base": {"ref": {"from": "main"}, "sha": {"from": "d" * 40}}}
    payload = pull_request("edited", HERE._replace(base_ref="release"), changes=changes)
    assert contracts.check_event("pull_request", payload) == []
    assert (payload["changes"]["base"]["ref"]["from"], payload["pull_request"]["base"]["ref"]) == ("main", "release")


def test_a_comment_below_an_issue_and_one_below_a_pull_request_differ_as_at_github() -> None:
    assert "pull_request" in issue_comment(HERE, "x")["issue"]
    assert "pull_request" not in issue_comment(HERE, "x", on_issue=True)["issue"]


def test_a_check_of_a_fork_names_no_pull_request() -> None:
    assert [pull["number"] for pull in check_run(HERE, "x")["check_run"]["pull_requests"]] == [HERE.number]
    assert check_run(FORK, "x")["check_run"]["pull_requests"] == []
