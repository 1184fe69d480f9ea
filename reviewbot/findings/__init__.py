"""From a member's word to a ranked list. Pure, and independent of the order in which members answered."""

from reviewbot.findings.ground import ground
from reviewbot.findings.merge import RULES, Asked, merge
from reviewbot.findings.model import (
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
)
from reviewbot.findings.rank import rank

__all__ = [
    "RULES",
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
    "merge",
    "rank",
]
