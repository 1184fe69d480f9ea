"""GitHub's own examples pass the checks; a request, reply, query or event that differs in one place does not."""

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hub import contracts
from hypothesis import given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)

ROOT = "/repos/octo/shop"
COMMENT = {"path": "app.py", "body": "Here.", "line": 3, "side": "RIGHT"}
REVIEW = {"commit_id": "a" * 40, "event": "COMMENT", "body": "Reviewed.", "comments": [COMMENT]}
USED = (
    ("GET", "/repos/{owner}/{repo}/pulls/{pull_number}/files", 200),
    ("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}", 200),
    ("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}", 200),
    ("POST", "/repos/{owner}/{repo}/pulls/{pull_number}/reviews", 200),
    ("POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", 201),
    ("PATCH", "/repos/{owner}/{repo}/issues/comments/{comment_id}", 200),
    ("POST", "/repos/{owner}/{repo}/check-runs", 201),
    ("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", 200),
)


@cache
def description() -> Any:
    return json.loads(contracts.OPENAPI.read_bytes())


def example(method: str, template: str, status: int | None) -> Any:
    """An example that GitHub publishes: of the reply with this status, or of the request."""
    operation = description()["paths"][template][method.lower()]
    holder = operation["requestBody"] if status is None else operation["responses"][str(status)]
    found = next(iter(holder["content"]["application/json"]["examples"].values()))
    if "$ref" in found:
        found = description()["components"]["examples"][found["$ref"].rpartition("/")[2]]
    return found["value"]


@pytest.mark.parametrize(("method", "template", "status"), USED)
def test_the_replies_github_publishes_pass_and_fail_without_a_field_they_need(
    method: str, template: str, status: int
) -> None:
    reply = example(method, template, status)
    assert contracts.check_reply(method, template, status, reply) == []
    one = reply[0] if isinstance(reply, list) else reply
    broken = {name: value for name, value in one.items() if name not in {"sha", "id"}}
    assert contracts.check_reply(method, template, status, [broken] if isinstance(reply, list) else broken)


@pytest.mark.parametrize(("method", "template"), [used[:2] for used in USED if used[0] != "GET"])
def test_the_requests_github_publishes_pass(method: str, template: str) -> None:
    assert contracts.check_request(method, template, {}, example(method, template, None)) == []


@settings(max_examples=30)
@given(typo=st.sampled_from([*REVIEW, *COMMENT]), letters=st.text("abcxyz_", min_size=1, max_size=3))
def test_a_misspelt_key_is_a_violation_though_github_would_drop_it_quietly(typo: str, letters: str) -> None:
    path = f"{ROOT}/pulls/1/reviews"
    assert contracts.check_request("POST", path, {}, REVIEW) == []
    misspelt = (
        REVIEW | {"comments": [COMMENT | {typo + letters: COMMENT[typo]}]}
        if typo in COMMENT
        else REVIEW | {typo + letters: REVIEW[typo]}
    )
    assert any(typo + letters in what for what in contracts.check_request("POST", path, {}, misspelt))


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "said"),
    [
        ("GET", f"{ROOT}/nowhere", {}, None, "no such operation"),
        ("PUT", f"{ROOT}/pulls/1/reviews", {}, REVIEW, "no such operation"),
        ("GET", f"{ROOT}/pulls/1/files", {"pagesize": "10"}, None, "no such query parameter: pagesize"),
        ("GET", f"{ROOT}/pulls/1/files", {"page": "two"}, None, "page=two"),
        ("POST", f"{ROOT}/issues/1/comments", {}, None, "the body is missing"),
        ("GET", f"{ROOT}/pulls/1", {}, {"id": 1}, "takes no body"),
        ("POST", f"{ROOT}/pulls/1/reviews", {}, REVIEW | {"event": "COMMENTS"}, "event"),
        ("POST", f"{ROOT}/issues/1/comments", {}, {"body": None}, "body"),
        ("POST", f"{ROOT}/check-runs", {}, {"name": "reviewbot"}, "head_sha"),
        ("POST", "/graphql", {}, {"query": "{ viewer { nickname } }"}, "nickname"),
        ("POST", "/api/graphql", {}, None, "the body is missing"),
    ],
)
def test_a_request_github_does_not_know_is_told_with_what_is_wrong(
    method: str, path: str, query: Mapping[str, str], body: Any, said: str
) -> None:
    assert any(said in what for what in contracts.check_request(method, path, query, body))


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}/compare/main...feature/of/ada",
        f"{ROOT}/compare/main...feature%2Fof",
        f"{ROOT}/commits/feature/x/check-runs",
        f"/api/v3{ROOT}/pulls/12",
        f"{ROOT}/collaborators/dependabot%5Bbot%5D/permission",
        "/user",
        "/rate_limit",
    ],
)
def test_a_path_is_found_below_the_prefix_of_ghes_and_with_slashes_in_a_branch(path: str) -> None:
    assert contracts.check_request("GET", path, {}, None) == []


def test_fifty_annotations_fit_in_a_request_and_one_more_does_not() -> None:
    note = {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "Look."}
    output = {"title": "t", "summary": "s", "annotations": [note] * 50}
    assert contracts.check_request("PATCH", f"{ROOT}/check-runs/1", {}, {"output": output}) == []
    output["annotations"] = [note] * 51
    assert contracts.check_request("PATCH", f"{ROOT}/check-runs/1", {}, {"output": output})


def test_a_diff_and_the_failures_that_every_operation_has_are_let_through() -> None:
    path = f"{ROOT}/pulls/1"
    assert contracts.check_reply("GET", path, 200, b"diff --git a/x b/x\n") == []
    assert contracts.check_reply("GET", path, 502, b"<html>Bad gateway</html>") == []
    assert contracts.check_reply("GET", path, 429, {"message": "Slow down"}) == []
    assert contracts.check_reply("GET", path, 301, {"message": "Moved"}) == []


def test_a_success_an_operation_never_has_is_a_violation() -> None:
    assert contracts.check_reply("POST", f"{ROOT}/pulls/1/reviews", 201, {})
    assert contracts.check_reply("GET", f"{ROOT}/pulls/1", 304, {"message": "a body where none may be"})


def test_a_refusal_has_the_form_github_gives_it() -> None:
    refusal = {
        "message": "Unprocessable Entity",
        "errors": ["line"],
        "documentation_url": "https://docs.github.com/rest",
    }
    assert contracts.check_reply("POST", f"{ROOT}/pulls/1/reviews", 422, refusal) == []
    assert contracts.check_reply("POST", f"{ROOT}/pulls/1/reviews", 422, refusal | {"errors": [{"code": "custom"}]})


def test_a_query_is_held_against_the_schema_of_github() -> None:
    good = "query($id: ID!) { node(id: $id) { ... on PullRequestReviewThread { isResolved path line } } }"
    assert contracts.check_query(good) == []
    assert contracts.check_query(good.replace("isResolved", "resolved"))
    assert contracts.check_query(good.replace("ID!", "Int!"))
    assert contracts.check_query("mutation { approve }")
    assert contracts.check_query("query {")


def test_the_events_github_sent_pass_where_they_are_of_today() -> None:
    """Of the examples of each event one is years old and lacks fields added since."""
    for wanted in ("pull_request", "issue_comment"):
        payloads = [payload for name, payload in contracts.example_events() if name == wanted]
        assert sum(contracts.check_event(wanted, payload) == [] for payload in payloads) == len(payloads) - 1


def test_an_event_of_no_kind_and_one_with_a_key_too_many_are_told() -> None:
    newest = {(name, payload.get("action")): payload for name, payload in contracts.example_events()}
    assert contracts.check_event("pull_requests", {"action": "opened"}) == ["pull_requests opened: no such event"]
    assert contracts.check_event("pull_request", newest["pull_request", "opened"] | {"approved": True})


def test_without_the_files_nothing_is_available_and_nothing_is_read(tmp_path: Path) -> None:
    script = "from hub import contracts; print(contracts.available(), contracts.PARTS)"
    tests = str(Path(__file__).parents[1])
    environ = {"REVIEWBOT_TEST_PARTS": str(tmp_path), "PYTHONPATH": tests}
    run = subprocess.run([sys.executable, "-c", script], env=environ, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["False", str(tmp_path)]
