import pytest
from hub import contracts

from reviewbot.forge.app import TOKEN_PERMISSIONS
from reviewbot.forge.manifest import manifest

MADE = manifest("https://reviews.example.com", "reviewbot")


def test_the_app_asks_for_what_a_review_needs_and_to_be_told_of_comments():
    """THREATS G29, and what GitHub wants for `issue_comment`."""
    assert TOKEN_PERMISSIONS == {"metadata": "read", "contents": "read", "pull_requests": "write", "checks": "write"}
    assert MADE["default_permissions"] == {**TOKEN_PERMISSIONS, "issues": "read"}


def test_events_are_those_that_have_to_be_asked_for():
    assert MADE["default_events"] == ["pull_request", "issue_comment"]


def test_events_arrive_at_the_webhook_and_the_app_is_nobody_elses():
    assert MADE["hook_attributes"] == {"url": "https://reviews.example.com/webhook", "active": True}
    assert (MADE["name"], MADE["url"], MADE["public"]) == ("reviewbot", "https://reviews.example.com", False)


@pytest.mark.skipif(not contracts.available(), reason=contracts.WHY)
def test_permissions_are_spelled_as_github_spells_them():
    path = "/app/installations/7/access_tokens"
    assert contracts.check_request("POST", path, {}, {"permissions": MADE["default_permissions"]}) == []
    assert contracts.check_request("POST", path, {}, {"permissions": {"pull_requests": "push"}}) != []
