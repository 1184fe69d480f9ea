"""What the operator decides and what a repository may ask for. Read once, then frozen.

The operator (environment, `~/.config/reviewbot/config.yml`, flags) holds keys, servers and ceilings. A `Policy` comes
from the repository's base commit and can narrow what the operator allows, never widen it. Keys, URLs and servers are
never policy: a changed file must not decide where code and keys are sent.
"""

from reviewbot.settings.mapping import MAX_SETTINGS_BYTES, read_mapping
from reviewbot.settings.operator import (
    VENDORS,
    Dialect,
    Effort,
    MemberSettings,
    Operator,
    Rates,
    Server,
    Vendor,
    load_operator,
    server_key_name,
)
from reviewbot.settings.policy import (
    POLICY_FILE,
    TIERS,
    Budget,
    ChallengeWord,
    Comments,
    Policy,
    SeverityWord,
    TierName,
    TierRules,
    Tiers,
    Triggers,
    load_policy,
)

__all__ = [
    "MAX_SETTINGS_BYTES",
    "POLICY_FILE",
    "TIERS",
    "VENDORS",
    "Budget",
    "ChallengeWord",
    "Comments",
    "Dialect",
    "Effort",
    "MemberSettings",
    "Operator",
    "Policy",
    "Rates",
    "Server",
    "SeverityWord",
    "TierName",
    "TierRules",
    "Tiers",
    "Triggers",
    "Vendor",
    "load_operator",
    "load_policy",
    "read_mapping",
    "server_key_name",
]
