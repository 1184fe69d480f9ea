"""What a repository may ask of its reviews, and what it may not."""

import pytest

from reviewbot.errors import BadPolicy
from reviewbot.settings import Policy, load_policy


def test_an_empty_policy_is_the_default_one() -> None:
    assert load_policy("", who=".reviewbot.yml") == Policy()
    assert load_policy("# nothing yet\n", who=".reviewbot.yml") == Policy()


def test_a_policy_says_what_is_read_and_how_much_is_shown() -> None:
    policy = load_policy(
        "ignore: [vendor/*]\ncomments: {max: 3, min_severity: high}\npaths: {'db/*': Twice.}\nbudget: {usd: 0.5}\n",
        who=".reviewbot.yml",
    )
    assert policy.ignore == ("vendor/*",)
    assert (policy.comments.max, policy.comments.min_severity) == (3, "high")
    assert policy.paths == {"db/*": "Twice."}
    assert policy.budget.usd == 0.5


@pytest.mark.parametrize("key", ["base_url", "servers", "keys", "offline", "seconds"])
def test_where_code_and_keys_are_sent_is_never_policy(key: str) -> None:
    with pytest.raises(BadPolicy, match=f"{key} is not a key"):
        load_policy(f"{key}: x", who=".reviewbot.yml")
