"""What GitHub must know of the App to make it: its address, its events and its permissions. Pure.

GitHub refuses a manifest as a whole that lists an event its permissions do not cover, or one that cannot be asked for.

    pull_request    covered by `pull_requests`
    issue_comment   commands. GitHub covers it by `issues` only, also where the issue is a pull request ("Default events
                    are not supported by permissions: issue_comment"; derive-to/derive#269, eclipse-csi/otterdog#429).
                    So the App has `issues: read`; no token of ours does (`app.TOKEN_PERMISSIONS`).
    check_run, check_suite
                    not listed: who has `checks: write` is sent the requests to run its checks again (GitHub, "Webhook
                    events and payloads"), and listing them would bring every check of everybody else too
    installation, installation_repositories
                    not listed: every App is sent them, and a manifest with them is refused (tuist/tuist#10709)
"""

from typing import Any, Final

from reviewbot.forge.app import TOKEN_PERMISSIONS

EVENTS: Final = ("pull_request", "issue_comment")


def manifest(url: str, name: str) -> dict[str, Any]:
    """The manifest of an App called `name` whose service GitHub reaches at `url`, which ends without a slash.

    It is private: only the account that owns it can install it. Whoever makes it is led to `redirect_url` with the code
    that the key and the webhook's secret are fetched with, once; nothing has to answer there.
    """
    return {
        "name": name,
        "url": url,
        "description": "A council of models reviews every diff. People decide.",
        "hook_attributes": {"url": f"{url}/webhook", "active": True},
        "redirect_url": url,
        "public": False,
        "default_permissions": {**TOKEN_PERMISSIONS, "issues": "read"},
        "default_events": list(EVENTS),
    }
