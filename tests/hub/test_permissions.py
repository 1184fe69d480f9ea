import pytest
from hub.permissions import require, require_for
from hub.records import Account, Grant
from hub.rejection import Rejection

BOT = Account("reviewbot[bot]", 1, "Bot")


@pytest.mark.parametrize(
    ("method", "path", "permissions"),
    [
        ("GET", "", {}),
        ("GET", "/collaborators/ada/permission", {}),
        ("GET", "/pulls/7", {"pull_requests": "read"}),
        ("POST", "/pulls/7/reviews", {"pull_requests": "write"}),
        ("POST", "/issues/7/comments", {"pull_requests": "write"}),
        ("POST", "/issues/7/comments", {"issues": "write"}),
        ("PUT", "/pulls/7/merge", {"contents": "write"}),
        ("GET", "/compare/main...topic", {"contents": "read"}),
        ("GET", "/git/blobs/abc", {"contents": "read"}),
        ("POST", "/check-runs", {"checks": "write"}),
        ("GET", "/commits/main/check-runs", {"checks": "read"}),
    ],
)
def test_each_request_needs_its_permission_and_no_other(method: str, path: str, permissions: dict[str, str]) -> None:
    require_for(Grant(BOT, permissions={"metadata": "read"} | permissions), method, path)
    require_for(Grant(BOT), method, path)
    every = {"checks": "write", "contents": "write", "issues": "write", "pull_requests": "write"}
    if permissions:
        alternatives = {"issues", "pull_requests"} if path.startswith("/issues") else set(permissions)
        rest = {name: level for name, level in every.items() if name not in alternatives}
        with pytest.raises(Rejection) as no:
            require_for(Grant(BOT, permissions=rest), method, path)
        assert (no.value.status, no.value.message) == (403, "Resource not accessible by integration")


def test_reading_does_not_allow_writing() -> None:
    with pytest.raises(Rejection):
        require(Grant(BOT, permissions={"checks": "read"}), "write", "checks")
