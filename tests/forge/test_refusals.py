import json

import pytest

from reviewbot.errors import NoAccess, Refused
from reviewbot.forge.refusals import reason_of, refusal
from reviewbot.forge.replies import complaint

NAME = "POST https://api.github.com/repos/acme/shop/pulls/7/reviews"


def said(*errors, message="Unprocessable Entity"):
    return complaint(json.dumps({"message": message, "errors": errors}).encode())


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("pull_request_review_thread.line must be part of the diff", "anchor"),
        ("Pull request review thread line must be part of the diff, and diff hunk can't be blank", "anchor"),
        ("Pull request review thread start line must precede the end line.", "anchor"),
        ("Path could not be resolved", "anchor"),
        ({"code": "custom", "field": "pull_request_review_thread.line", "message": "could not be resolved"}, "anchor"),
        ({"code": "custom", "field": "commit_id", "message": "is not part of the pull request"}, "stale_commit"),
        ("pull_request_review_thread.end_commit_oid is not part of the pull request", "stale_commit"),
        ("No commit found for SHA: 1234", "stale_commit"),
        ("User can only have one pending review per pull request", "pending_review"),
        ({"code": "unprocessable", "field": "data", "message": "Body is too long (maximum is 65536)"}, "too_long"),
        ("Something new that GitHub says", "other"),
    ],
)
def test_a_422_is_told_by_what_github_was_seen_to_write(error, reason):
    assert reason_of(said(error)) == reason
    refused = refusal(422, said(error), NAME)
    assert isinstance(refused, Refused)
    assert refused.reason == reason


@pytest.mark.parametrize("status", [401, 403, 404, 410, 423, 451])
def test_what_is_not_there_or_not_allowed_is_no_access(status):
    error = refusal(status, said(message="Not for you"), NAME)
    assert isinstance(error, NoAccess)
    assert f"{NAME}: {status} (Not for you)" in str(error)


def test_a_lack_of_permission_names_the_permissions():
    error = refusal(403, said(message="Resource not accessible by integration"), NAME)
    assert "pull requests write" in error.remedy


def test_a_write_to_a_renamed_repository_says_so():
    error = refusal(307, complaint(b""), NAME)
    assert isinstance(error, NoAccess)
    assert "present name" in error.remedy


@pytest.mark.parametrize("status", [400, 405, 409, 413, 415])
def test_every_other_refusal_made_nothing_either(status):
    error = refusal(status, said(), NAME)
    assert isinstance(error, Refused)
    assert error.reason == "other"
