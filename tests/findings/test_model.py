"""Who speaks with a rule's voice."""

import pytest

from reviewbot.findings import is_rule


@pytest.mark.parametrize(
    ("family", "rule"),
    [("rules", True), ("bandit scanner", True), ("anthropic", False), ("my-scanner", False), ("scanner", False)],
)
def test_our_rules_and_somebody_elses_are_told_from_models(family: str, rule: bool) -> None:
    assert is_rule(family) == rule
