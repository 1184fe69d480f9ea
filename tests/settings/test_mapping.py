"""One clear line for a settings file that does not hold."""

import re

import pytest

from reviewbot.errors import BadPolicy
from reviewbot.settings import MAX_SETTINGS_BYTES, load_policy


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("ignroe: []", ".reviewbot.yml: ignroe is not a key; did you mean ignore?"),
        ("comments: {maximum: 3}", ".reviewbot.yml: comments.maximum is not a key; did you mean max?"),
        ("zzz: 1", ".reviewbot.yml: zzz is not a key; known here: budget, check, comments"),
        ("comments: {max: many}", ".reviewbot.yml: comments.max: "),
        ("comments: {min_severity: huge}", ".reviewbot.yml: comments.min_severity: "),
        ("- a\n- b", "is not a mapping of keys to values"),
        ("ignore: [", "is not YAML we can read"),
        ("ignore: !!python/object/apply:os.system [id]", "is not YAML we can read"),
        ("a: &a [x]\nignore: *a", "aliases are not allowed"),
        ("ignore: " + "[" * 30_000, "is not YAML we can read"),
        ("#" * (MAX_SETTINGS_BYTES + 1), "keep it under 64,000"),
        ("budget: {usd: -1}", "budget.usd: "),
        ('language: "\\ud800"', "is not YAML we can read"),
    ],
)
def test_a_policy_that_does_not_hold_says_where_and_what_to_do(text: str, line: str) -> None:
    with pytest.raises(BadPolicy, match=re.escape(line)) as caught:
        load_policy(text, who=".reviewbot.yml")
    assert "\n" not in str(caught.value)
