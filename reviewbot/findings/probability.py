"""P(real): how probably a problem is one the author would want to know of, as a sum of reasons with names.

Knows clusters, not what is done with them. What the council's votes and words tell was fitted on the judged findings of
public review tools (`benchmarks/judgement.py`). Severity, confidence, the quote and what was looked up are not in that
data: their weights are first guesses, small beside a second family, until they are fitted on recorded runs. What a
challenge said is the strongest single word (`findings.verdicts`), what people did with earlier findings the weakest.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from reviewbot.findings.model import SEVERITIES, Cluster, Confidence, Finding, Prior, Severity, Term, is_rule
from reviewbot.findings.priors import prior_shift
from reviewbot.findings.verdicts import shift_of
from reviewbot.findings.wording import consequences_in, words_in


class Signals(NamedTuple):
    """What votes and words tell of a cluster."""

    agreement: float
    """How closely other families' findings match it, 0 to 1, averaged over those asked (`Cluster.support`)."""
    families: float
    """Families that raised it beside the first."""
    asked: float
    """Logarithm of the families that were asked: beside many, one voice is little."""
    selectivity: float
    """Logarithm of how many problems the choosiest of its families raised: who says little means it."""
    consequences: float
    """How often it says what happens, and when."""
    words: float
    """Logarithm of its length by that of a typical one."""


BIAS = -1.28
WEIGHTS = Signals(agreement=2.02, families=0.31, asked=-0.68, selectivity=-0.42, consequences=0.32, words=0.42)
TYPICAL_WORDS = 25

CONFIDENCE: Mapping[Confidence, float] = {"certain": 0.4, "likely": 0.0, "possible": -0.4}
SEVERITY: Mapping[Severity, float] = {"critical": 0.3, "high": 0.15, "medium": 0.0, "low": -0.15}
QUOTES_THE_CODE = 0.4
QUOTES_NOTHING = -0.4
FAILED: Mapping[str, float] = {"fix": -0.3, "absence": -0.4, "symbol": -0.4, "unchanged": -0.1}
"""What a check that does not bear it out takes; the quote has its own weight. Of public comments on unchanged code as
many were valid as of all, so that is said and hardly lowers; of the others there are too few to tell."""
HELD: Mapping[str, float] = {"absence": 0.2}
LEAST_EVIDENCE = -0.6
"""Together they take less than a second family gives: what is looked up in a text without understanding can err."""

RULE_PRECISION: Mapping[Confidence, float] = {"certain": 0.95, "likely": 0.8, "possible": 0.5}
"""The least a rule's finding is worth, by the confidence its author gave the rule."""


def problems_by_family(clusters: Iterable[Cluster]) -> Mapping[str, int]:
    """How many problems each family raised: a problem it told through two lenses is one."""
    return Counter(family for cluster in clusters for family in families_of(cluster))


def families_of(cluster: Cluster) -> tuple[str, ...]:
    return tuple(sorted({finding.family for finding in cluster.findings}))


def severity_of(cluster: Cluster) -> Severity:
    """The worst any voice gave: nobody can lower what another said (THREATS S17)."""
    return min((finding.draft.severity for finding in cluster.findings), key=SEVERITIES.index)


def probability_of(terms: Iterable[Term]) -> float:
    """P(real), 0 to 1: the sum of the terms as log odds. What differs in the tenth digit is alike."""
    return round(1 / (1 + math.exp(-math.fsum(term.value for term in terms))), 9)


def terms_of(
    cluster: Cluster, *, asked: int, problems: Mapping[str, int], priors: Sequence[Prior] = (), only_up: bool = False
) -> tuple[Term, ...]:
    """What P(real) is made of, in a fixed order, without what tells nothing here.

    `asked` is the number of families asked, those that raised it among them; `problems` is what each family raised.
    With `only_up` no verdict lowers it.
    """
    terms = [*_voices(cluster, asked, problems), *_looked_up(cluster)]
    terms.append(("challenge", shift_of(cluster, only_up=only_up)))
    terms.append(("priors", prior_shift(cluster, priors)))
    rules = [finding.draft.confidence for finding in cluster.findings if is_rule(finding.family)]
    if rules:
        least = max(RULE_PRECISION[confidence] for confidence in rules)
        so_far = math.fsum(value for _, value in terms)
        terms.append(("rules", max(0.0, math.log(least / (1 - least)) - so_far)))
    return tuple(Term(name=name, value=value) for name, value in terms if value)


def signals_of(cluster: Cluster, *, asked: int, problems: Mapping[str, int]) -> Signals:
    families = families_of(cluster)
    return Signals(
        agreement=cluster.support,
        families=len(families) - 1,
        asked=math.log(asked),
        selectivity=min(math.log(problems[family]) for family in families),
        consequences=_best_voice(cluster, consequences_in),
        words=_best_voice(cluster, lambda finding: math.log(words_in(finding) / TYPICAL_WORDS)),
    )


def _voices(cluster: Cluster, asked: int, problems: Mapping[str, int]) -> Iterator[tuple[str, float]]:
    signals = signals_of(cluster, asked=asked, problems=problems)
    worth = Signals(*(weight * value for weight, value in zip(WEIGHTS, signals, strict=True)))
    yield "base", BIAS
    yield "agreement", worth.agreement
    yield "families", worth.families
    yield "asked", worth.asked
    yield "selectivity", worth.selectivity
    yield "wording", worth.consequences + worth.words


def _looked_up(cluster: Cluster) -> Iterator[tuple[str, float]]:
    yield "severity", SEVERITY[severity_of(cluster)]
    yield "confidence", max(CONFIDENCE[finding.draft.confidence] for finding in cluster.findings)
    yield "quote", QUOTES_THE_CODE if any(finding.anchor for finding in cluster.findings) else QUOTES_NOTHING
    yield "evidence", max(map(_evidence, cluster.findings))


def _evidence(finding: Finding) -> float:
    """What was looked up of one voice. The best of them counts: nobody's wrong word lowers another's (THREATS S17)."""
    values = [(HELD if check.holds else FAILED).get(check.name, 0.0) for check in finding.evidence]
    return max(math.fsum(values), LEAST_EVIDENCE)


def _best_voice(cluster: Cluster, value: Callable[[Finding], float]) -> float:
    """The mean within a family, the best of the families: a voice that joins lowers nothing."""
    told: defaultdict[str, list[float]] = defaultdict(list)
    for finding in dict.fromkeys(cluster.findings):
        told[finding.family].append(value(finding))
    return max(math.fsum(values) / len(values) for values in told.values())
