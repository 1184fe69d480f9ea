"""P(real): how probably a problem is one the author would want to know of. Knows clusters, not what is done with them.

The base is JUDGEMENT section 3, fitted on the judged findings of public review tools. Severity and confidence words and
the quote were not in that data: their weights are first guesses, small beside a second family (2.6 x support + 0.4),
until they are fitted on recorded runs. What a challenge said is the strongest single word (`findings.verdicts`).
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from reviewbot.findings.model import SEVERITIES, Cluster, Confidence, Finding, Severity, is_rule
from reviewbot.findings.similarity import wording_of
from reviewbot.findings.verdicts import shift_of

BIAS = -3.140
SUPPORT = 2.622
VOTES = 0.401
ASKED = -0.090
FIRM = 0.284
MOST_FIRM = 3
PROBLEMS_OF_FAMILY = -0.307
"""By the logarithm of how many problems the family raised: who says little means it, who floods does not."""
WORDS = 0.422
LEAST_WORDS, MOST_WORDS = 8, 50
NAMES_CODE = 0.366

CONFIDENCE: Mapping[Confidence, float] = {"certain": 0.4, "likely": 0.0, "possible": -0.4}
SEVERITY: Mapping[Severity, float] = {"critical": 0.3, "high": 0.15, "medium": 0.0, "low": -0.15}
QUOTES_THE_CODE = 0.4
QUOTES_NOTHING = -0.4

RULE_PRECISION: Mapping[Confidence, float] = {"certain": 0.95, "likely": 0.8, "possible": 0.5}
"""The least a rule's finding is worth, by the confidence its author gave the rule."""

_FIRM_WORD = re.compile(r"\b(?:causes?|throws?|always|never|undefined|race)\b", re.IGNORECASE)
_WORD = re.compile(r"\w+")


def problems_by_family(clusters: Iterable[Cluster]) -> Mapping[str, int]:
    """How many problems each family raised: a problem it told through two lenses is one."""
    return Counter(family for cluster in clusters for family in families_of(cluster))


def families_of(cluster: Cluster) -> tuple[str, ...]:
    return tuple(sorted({finding.family for finding in cluster.findings}))


def severity_of(cluster: Cluster) -> Severity:
    """The worst any voice gave: nobody can lower what another said (THREATS S17)."""
    return min((finding.draft.severity for finding in cluster.findings), key=SEVERITIES.index)


def probability_of(cluster: Cluster, *, asked: int, problems: Mapping[str, int], only_up: bool = False) -> float:
    """P(real), 0 to 1. `asked` is the number of families asked, those that raised it among them.

    With `only_up` no verdict lowers it.
    """
    families = families_of(cluster)
    z = BIAS + SUPPORT * cluster.support + VOTES * len(families) + ASKED * asked
    z += PROBLEMS_OF_FAMILY * min(math.log(problems[family]) for family in families)
    z += _best_worded(cluster)
    z += SEVERITY[severity_of(cluster)] + max(CONFIDENCE[finding.draft.confidence] for finding in cluster.findings)
    z += QUOTES_THE_CODE if any(finding.anchor for finding in cluster.findings) else QUOTES_NOTHING
    z += shift_of(cluster, only_up=only_up)
    by_rule = [RULE_PRECISION[finding.draft.confidence] for finding in cluster.findings if is_rule(finding.family)]
    return max([1 / (1 + math.exp(-z)), *by_rule])


def _best_worded(cluster: Cluster) -> float:
    """What the wording tells. The mean within a family, the best of the families: a voice that joins lowers nothing."""
    worded: defaultdict[str, list[float]] = defaultdict(list)
    for finding in dict.fromkeys(cluster.findings):
        worded[finding.family].append(_wording(finding))
    return max(math.fsum(values) / len(values) for values in worded.values())


def _wording(finding: Finding) -> float:
    text = f"{finding.draft.title} {finding.draft.body}"
    firm = min(len(_FIRM_WORD.findall(text)), MOST_FIRM)
    words = min(max(len(_WORD.findall(text)), LEAST_WORDS), MOST_WORDS)
    return FIRM * firm + WORDS * math.log(words + 1) + NAMES_CODE * bool(wording_of(finding).names)
