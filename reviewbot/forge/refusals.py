"""Why GitHub will not, and what a person can do about it: its refusals as our errors. Pure.

A refusal is final: nothing was made, and the same request would meet it again (THREATS G12, G15, G18, G19, G33).
"""

from typing import Final, Literal

from reviewbot.errors import ForgeError, NoAccess, Refused
from reviewbot.forge.access import PERMISSIONS
from reviewbot.forge.replies import Complaint

Reason = Literal["anchor", "stale_commit", "pending_review", "too_long", "other"]

_PHRASES: Final[tuple[tuple[str, Reason], ...]] = (
    ("pending review", "pending_review"),
    ("is too long", "too_long"),
    ("not part of the pull request", "stale_commit"),
    ("no commit found for sha", "stale_commit"),
    ("must be part of the diff", "anchor"),
    ("could not be resolved", "anchor"),
    ("pull_request_review_thread", "anchor"),
    ("pull request review thread", "anchor"),
)
"""GitHub has no codes for these: sentences it was seen to write, the surest first."""

_REMEDIES: Final[dict[int, str]] = {
    401: "give GITHUB_TOKEN a token that is still valid",
    403: f"give the token these permissions: {PERMISSIONS}",
    404: f"check the name, and that the token may see it ({PERMISSIONS})",
    410: "it is gone: there is nothing to review",
    423: "it is locked: ask its owner",
    451: "it is withheld for legal reasons: ask its owner",
}


def refusal(status: int, said: Complaint, name: str) -> ForgeError:
    """NoAccess where it is not there or not allowed, Refused for what GitHub read and will not have."""
    what = f"{name}: {status}{f' ({said.text})' if said.text else ''}"
    if status in _REMEDIES:
        return NoAccess("GitHub", what, _REMEDIES[status])
    if 300 <= status < 400:
        return NoAccess("GitHub", what, "it has moved: name the repository by its present name")
    return Refused("GitHub", what, "nothing was made; see what it says", reason=reason_of(said))


def reason_of(said: Complaint) -> Reason:
    """What a 422 is about."""
    return next((reason for phrase, reason in _PHRASES if phrase in said.words), "other")
