"""From a member's word to a ranked list. Pure, and independent of the order in which members answered."""

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

__all__ = [
    "SEVERITIES", "Answer", "Assumption", "Cluster", "Confidence", "Draft", "Finding", "Placement", "Ranked",
    "Severity", "Unjudged",
]
