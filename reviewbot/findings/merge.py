"""From findings to problems: which of them are one, said in several wordings.

Two findings may be one problem when they stand near each other (`findings.gate`), and are when their texts say so. The
lenses of one family are joined first, then the families: what one family says through three lenses is one voice. What a
challenge says of doubtful pairs decides them. Nothing is dropped; every wording stays in its cluster. Knows nothing of
ranks.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, combinations, product
from typing import NamedTuple

from reviewbot.change import Diff
from reviewbot.findings.gate import SAME_SPOT, by_place, may_be_one, same_spots, sites_of
from reviewbot.findings.identity import identities
from reviewbot.findings.linkage import Group, average_linkage
from reviewbot.findings.model import Cluster, Finding, Verdict
from reviewbot.findings.similarity import match_probabilities
from reviewbot.findings.verdicts import told_alike, told_apart
from reviewbot.findings.wording import consequences_in

STOP = 0.23
"""Mean probability of a match under which two groups stay apart. Lower, distinct comments are swallowed; higher, true
duplicates stay two (`benchmarks/judgement.py` has both)."""
CERTAIN = 0.60
"""The same for claims, which a challenge judges one by one: from here on nobody has to be asked (JUDGEMENT 2.2)."""
DOUBTFUL = 0.20
"""Probability of the best pair from which a challenge may say that two groups are one problem (JUDGEMENT 2.2); under
that, and out of the gate, nobody's word joins them."""
TOLD = 0.45
"""The least probability of each pair that a challenge called one. Over three groups told in a chain it does not reach
STOP on average twice: a word joins what it was given for, and little behind it."""

Asked = Callable[[str, str], tuple[str, ...]]
"""A lens and a path to the families whose seats for that lens finished on that file."""
Table = list[list[float]]
"""How probably each pair is one problem, by the indices of both."""


class Problem(NamedTuple):
    """Findings that are one problem, by index."""

    first: int
    group: Group


def merge(
    findings: Iterable[Finding],
    diff: Diff,
    *,
    asked: Asked | None = None,
    verdicts: Iterable[Verdict] = (),
    as_claims: bool = False,
) -> tuple[Cluster, ...]:
    """Clusters by path and line; each begins with the finding that speaks for it, and has the verdicts on it.

    Every finding is in exactly one cluster. One that was given several times counts once and is kept as often as given.
    Without `asked`, support is averaged over the families that found something in this change. With `as_claims` only
    what is certainly one problem is joined, for somebody to judge; `verdicts` are about those claims, and one about
    anything else is passed over. Doubtful pairs that nobody judged are joined or not as if nobody had been asked.
    """
    given = Counter(findings)
    distinct = sorted(given, key=_order)
    matches = _matches(distinct, diff)
    claims = _problems(distinct, matches, stop=CERTAIN)
    said = defaultdict[int, list[Verdict]](list)
    if as_claims:
        problems = claims
    else:
        problems, said = _hear(tuple(verdicts), claims, distinct, matches)
    clusters = []
    for first, group in problems:
        others = _other_families(first, group, distinct, asked)
        wordings = [distinct[index] for index in (first, *(i for i in group if i != first))]
        about = chain.from_iterable(said[claim.first] for claim in claims if claim.first in group)
        clusters.append(
            Cluster(
                findings=tuple(finding for finding in wordings for _ in range(given[finding])),
                verdicts=tuple(sorted(about, key=lambda verdict: (verdict.by, verdict.member, verdict.about))),
                support=_support(first, others, distinct, matches),
            )
        )
    return tuple(sorted(clusters, key=lambda cluster: _order(cluster.findings[0])))


def _matches(findings: Sequence[Finding], diff: Diff) -> Table:
    """By text, as far as the places allow."""
    sites = sites_of(findings, diff)
    table = match_probabilities(findings, near=lambda i, j: may_be_one(sites[i], sites[j]))
    for i, j in combinations(range(len(findings)), 2):
        table[i][j] = table[j][i] = by_place(sites[i], sites[j], table[i][j])
    for i, j in same_spots(findings):
        table[i][j] = max(table[i][j], SAME_SPOT)
    return table


def _problems(findings: Sequence[Finding], matches: Table, *, stop: float) -> list[Problem]:
    """What one call said twice in the same words, then the lenses of each family, then the families."""
    sayings: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, said in enumerate(findings):
        words = (said.draft.title, said.draft.body)
        sayings[said.family, said.member, said.lens, said.path, said.anchor, words].append(index)
    by_family: defaultdict[str, list[Group]] = defaultdict(list)
    for indices in sayings.values():
        by_family[findings[indices[0]].family].append(tuple(indices))
    voices = (average_linkage(alone, matches, stop=stop) for _, alone in sorted(by_family.items()))
    groups = average_linkage(sorted(chain.from_iterable(voices)), matches, stop=stop)
    return [Problem(_representative(group, findings, matches), group) for group in groups]


def _hear(
    verdicts: Sequence[Verdict], claims: Sequence[Problem], findings: Sequence[Finding], matches: Table
) -> tuple[list[Problem], defaultdict[int, list[Verdict]]]:
    """The problems, and the verdicts by the finding that speaks for the claim they are about.

    What was told to be one is written into `matches`, since two families then agree. What was told apart stays out of
    it: two claims that sound alike still support each other, whoever denies it (THREATS S17).
    """
    said = defaultdict[int, list[Verdict]](list)
    if not verdicts:
        return _spoken_for(_problems(findings, matches, stop=STOP), claims, findings, matches), said
    named = _named(_problems(findings, matches, stop=STOP), findings) | _named(claims, findings)
    heard = [verdict for verdict in verdicts if verdict.about in named]
    for verdict in heard:
        said[named[verdict.about].first].append(verdict)
    raised = {name: frozenset(findings[i].family for i in problem.group) for name, problem in named.items()}
    for one, other in told_alike(heard, raised):
        pairs = [*product(named[one].group, named[other].group)]
        if max(matches[i][j] for i, j in pairs) >= DOUBTFUL:
            for i, j in pairs:
                matches[i][j] = matches[j][i] = max(TOLD, matches[i][j])
    linked = [row[:] for row in matches]
    for one, other in told_apart(heard, raised):
        for i, j in product(named[one].group, named[other].group):
            linked[i][j] = linked[j][i] = min(linked[i][j], 0.0)
    return _spoken_for(_problems(findings, linked, stop=STOP), claims, findings, matches), said


def _named(problems: Sequence[Problem], findings: Sequence[Finding]) -> dict[str, Problem]:
    names = identities([Cluster(findings=(findings[problem.first],)) for problem in problems])
    return dict(zip(names, problems, strict=True))


def _spoken_for(
    problems: Iterable[Problem], claims: Iterable[Problem], findings: Sequence[Finding], matches: Table
) -> list[Problem]:
    """Each problem with what speaks for one of its claims: so it has the name under which it was judged."""
    firsts = [claim.first for claim in claims]
    spoken = []
    for problem in problems:
        speakers = tuple(first for first in firsts if first in problem.group)
        spoken.append(Problem(_representative(speakers or problem.group, findings, matches), problem.group))
    return spoken


def _order(finding: Finding) -> tuple[str, int, int, str]:
    """Total over different findings: by place, then by everything that was said."""
    anchor = finding.anchor
    return finding.path, anchor.start_line if anchor else 0, anchor.line if anchor else 0, repr(finding)


def _representative(group: Group, findings: Sequence[Finding], matches: Table) -> int:
    """Grounded before not, then who says most of what goes wrong, then nearest to all the others, then the longest.

    Ties by the stable order.
    """

    def claim(index: int) -> tuple[bool, int, float, int, int]:
        draft = findings[index].draft
        told = consequences_in(findings[index])
        centrality = round(math.fsum(matches[index][other] for other in group), 6)
        return findings[index].anchor is not None, told, centrality, len(draft.title) + len(draft.body), -index

    return max(group, key=claim)


def _other_families(first: int, group: Group, findings: Sequence[Finding], asked: Asked | None) -> set[str]:
    speaker = findings[first]
    everybody = asked(speaker.lens, speaker.path) if asked else (finding.family for finding in findings)
    return {*everybody, *(findings[index].family for index in group)} - {speaker.family}


def _support(first: int, others: set[str], findings: Sequence[Finding], matches: Table) -> float:
    best = dict.fromkeys(sorted(others), 0.0)
    for finding, probability in zip(findings, matches[first], strict=True):
        if finding.family in best:
            best[finding.family] = max(best[finding.family], probability)
    return math.fsum(best.values()) / len(best) if best else 0.0
