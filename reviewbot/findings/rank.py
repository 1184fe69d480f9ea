"""The order in which a person should read: what is probably real and would cost most, first.

Knows clusters and who was asked; neither the diff nor how anything is shown.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from reviewbot.findings.echoes import echoes
from reviewbot.findings.identity import identities
from reviewbot.findings.merge import Asked
from reviewbot.findings.model import RULES, Cluster, Prior, Ranked, Severity
from reviewbot.findings.placement import Judged, place
from reviewbot.findings.probability import families_of, probability_of, problems_by_family, severity_of, terms_of
from reviewbot.settings import Comments

IMPACT: Mapping[Severity, float] = {"critical": 8.0, "high": 4.0, "medium": 2.0, "low": 1.0}
"""What a real one costs if it is missed. Each step doubles: a possible critical is read before a likely medium."""
FULL_HEARING = 20
"""What one family alone raised counts by its worth up to here; the rest of it stands behind everybody's findings, so
that a flood cannot push another family's finding away (THREATS S17). One family through three lenses raises about 13 on
a pull request (JUDGEMENT 2.8)."""

INJECTION = "prompt-injection"
"""The category of the rules for text that would direct whoever reviews it."""


def rank(
    clusters: Iterable[Cluster], *, asked: Asked, comments: Comments, priors: Sequence[Prior] = ()
) -> tuple[Ranked, ...]:
    """Every cluster once, by P(real) x impact, each with its id, its placement and the reason for it.

    Among equals a question about an assumption goes first, because it needs a person; then path and line.
    """
    found = tuple(clusters)
    order = _hear_everybody(sorted(_judge(found, asked, priors), key=_reading_order))
    alike = echoes({judged.id: judged.cluster for judged in order})
    return tuple(
        Ranked(
            id=judged.id,
            cluster=judged.cluster,
            severity=judged.severity,
            probability=judged.probability,
            terms=judged.terms,
            raised_by=judged.raised_by,
            asked=judged.asked,
            placement=placement,
            reason=reason,
            see_also=alike.get(judged.id, ()),
        )
        for judged, (placement, reason) in zip(order, place(order, comments), strict=True)
    )


def _judge(clusters: Sequence[Cluster], asked: Asked, priors: Sequence[Prior]) -> Iterable[Judged]:
    problems, directed = problems_by_family(clusters), _directs_its_reviewers(clusters)
    for name, cluster in zip(identities(clusters), clusters, strict=True):
        raised = families_of(cluster)
        heard = {family for finding in cluster.findings for family in asked(finding.lens, finding.path)}
        everybody = tuple(sorted({*heard, *raised}))
        terms = terms_of(cluster, asked=len(everybody), problems=problems, priors=priors, only_up=directed)
        yield Judged(
            id=name,
            cluster=cluster,
            severity=severity_of(cluster),
            probability=probability_of(terms),
            terms=terms,
            raised_by=raised,
            asked=everybody,
            directed=directed,
        )


def _directs_its_reviewers(clusters: Iterable[Cluster]) -> bool:
    """Whether a rule saw orders to reviewers in the change. Then no verdict lowers anything (THREATS S16)."""
    findings = (finding for cluster in clusters for finding in cluster.findings)
    return any(finding.family == RULES and finding.draft.category == INJECTION for finding in findings)


def _reading_order(judged: Judged) -> tuple[float, bool, str, int, str]:
    """Rounded: differences of a hundredth say nothing."""
    first = judged.cluster.findings[0]
    questions = (f.draft.assumption.ask for f in judged.cluster.findings if f.draft.assumption)
    value = round(judged.probability * IMPACT[judged.severity], 2)
    return -value, not any(map(str.strip, questions)), first.path, first.anchor.line if first.anchor else 0, judged.id


def _hear_everybody(order: Sequence[Judged]) -> list[Judged]:
    """The same order, but what one family alone raised beyond its full hearing goes behind the rest."""
    alone: Counter[tuple[str, ...]] = Counter()
    marked = []
    for judged in order:
        alone[judged.raised_by] += 1
        beyond = len(judged.raised_by) == 1 and alone[judged.raised_by] > FULL_HEARING
        marked.append(judged._replace(over_share=beyond))
    return sorted(marked, key=lambda judged: judged.over_share)
