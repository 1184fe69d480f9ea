"""A page of the service lets nothing run."""

import hashlib
from base64 import b64encode

from reviewbot.doors.service.markup import page


def test_the_policy_lets_nothing_run_and_exactly_our_style_apply():
    made = page(200, "x")
    html = bytes(made.body).decode()
    style = html.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = made.headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert policy.endswith(f"style-src 'sha256-{digest}'")
    assert "unsafe" not in policy
    assert made.headers["cache-control"] == "no-store"
