"""From a member's word to a ranked list. Pure, and independent of the order in which members answered."""

from reviewbot.findings.ground import ground
from reviewbot.findings.merge import Asked, merge
from reviewbot.findings.model import (
    RULES,
    SCANNER,
    SEVERITIES,
    Answer,
    Assumption,
    Cluster,
    Confidence,
    Draft,
    Finding,
    Placement,
    Ranked,
    Severity,
    Unjudged,
    is_rule,
)
from reviewbot.findings.rank import rank

__all__ = [
    "RULES",
    "SCANNER",
    "SEVERITIES",
    "Answer",
    "Asked",
    "Assumption",
    "Cluster",
    "Confidence",
    "Draft",
    "Finding",
    "Placement",
    "Ranked",
    "Severity",
    "Unjudged",
    "ground",
    "is_rule",
    "merge",
    "rank",
]
