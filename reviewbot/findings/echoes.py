"""Which problems sound alike across files: a person who mends one wants to see the other. They stay two. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from reviewbot.findings.model import Cluster, is_rule
from reviewbot.findings.similarity import match_probabilities

ALIKE = 0.60
"""The least probability of one problem. The two such pairs of the trial of JUDGEMENT 2.8 have .63 and .72."""
LEAST_DICE = 0.25
"""Under this no two texts reach ALIKE; it saves looking at most pairs."""
MOST = 5
"""Links of one problem: beyond them they lead nowhere."""


def echoes(clusters: Mapping[str, Cluster]) -> Mapping[str, tuple[str, ...]]:
    """For each id, those of other files whose first wording is probably of one problem with its own, the nearest first.

    What rules say sounds the same wherever they find it, and is left out.
    """
    names = [name for name, cluster in sorted(clusters.items()) if not is_rule(cluster.findings[0].family)]
    speakers = [clusters[name].findings[0] for name in names]
    paths = [speaker.path for speaker in speakers]
    if len(set(paths)) < 2:
        return {}
    found: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    for i, row in enumerate(match_probabilities(speakers, near=lambda i, j: paths[i] != paths[j], least=LEAST_DICE)):
        found[names[i]] = [(-match, names[j]) for j, match in enumerate(row) if match >= ALIKE]
    return {name: tuple(other for _, other in sorted(links)[:MOST]) for name, links in found.items()}
