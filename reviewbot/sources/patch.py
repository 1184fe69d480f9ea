"""A change from the bytes of a patch file. Knows no repository: all there is is the diff and the operator's policy."""

from pathlib import Path

from reviewbot.change import Change, parse_diff
from reviewbot.settings import Policy
from reviewbot.sources.pages import policy_in


def read_patch(data: bytes, name: str, *, policy_file: Path | None = None) -> Change:
    """Read a change from a diff. `name` is what a person calls it. Raises BadDiff, BadPolicy."""
    policy, policy_from = policy_in(policy_file) if policy_file else (Policy(), "defaults")
    return Change(diff=parse_diff(data), policy=policy, policy_from=policy_from, description=name)
