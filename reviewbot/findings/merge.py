"""From findings to problems: which of them are one, said in several wordings.

Place is a wide gate, text decides (JUDGEMENT 2.5): two findings may be one problem when they stand near each other, and
are when their texts say so. The lenses of one family are joined first, then the families: what one family says through
three lenses is one voice. What a challenge says of doubtful pairs is heard last. Nothing is dropped; every wording
stays in its cluster. Knows nothing of ranks.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, permutations, product
from typing import NamedTuple

from reviewbot.change import Anchor, Diff, Side
from reviewbot.findings.identity import identities
from reviewbot.findings.linkage import Group, average_linkage
from reviewbot.findings.model import Cluster, Finding, Verdict, is_rule
from reviewbot.findings.similarity import match_probabilities
from reviewbot.findings.verdicts import told_alike

STOP = 0.30
"""Mean probability of a match under which two groups stay apart (JUDGEMENT section 3)."""
DOUBTFUL = 0.20
"""Probability of the best pair from which a challenge may say that two groups are one problem (JUDGEMENT 2.2); under
that, and out of the gate, nobody's word joins them."""
TOLD = 0.59
"""The least probability of each pair that a challenge called one. Over three groups told in a chain it does not reach
STOP on average: a word joins what it was given for, and little behind it."""
NEAR = 20
"""Lines of one file and side between two findings that can still be one problem (JUDGEMENT 2.5)."""
ELSEWHERE = 0.75
"""The least probability of one problem in two hunks: between two places only a strong match tells. Of the 31 pairs in
`benchmarks/merge_check.py` that one fix resolves, the two in different hunks have .84 and .85."""
SAME_SPOT = 0.5
"""The least probability that two families mean one problem when both quote the same lines and choose the same category
of the closed list. A first guess: the judged findings of public tools have neither (JUDGEMENT section 2, end)."""

Asked = Callable[[str, str], tuple[str, ...]]
"""A lens and a path to the families whose seats for that lens finished on that file."""


class Site(NamedTuple):
    """Where a finding stands, as far as a neighbour is told by it."""

    rules: str | None
    """The family, where rules say it."""
    path: str
    anchor: Anchor | None
    hunk: int | None
    """Which of the file's hunks; None without an anchor."""


def merge(
    findings: Iterable[Finding], diff: Diff, *, asked: Asked | None = None, verdicts: Iterable[Verdict] = ()
) -> tuple[Cluster, ...]:
    """Clusters by path and line; each begins with the finding that speaks for it, and has the verdicts on it.

    Every finding is in exactly one cluster. One that was given several times counts once and is kept as often as given.
    Without `asked`, support is averaged over the families that found something in this change. A verdict is about a
    problem as this function makes it without verdicts; one about another is passed over.
    """
    given = Counter(findings)
    distinct = sorted(given, key=_order)
    sites = _sites(distinct, diff)
    probabilities = match_probabilities(distinct, near=lambda i, j: _may_be_one(sites[i], sites[j]))
    for i, j in combinations(range(len(distinct)), 2):
        match = _by_place(distinct[i], distinct[j], sites[i], sites[j], probabilities[i][j])
        probabilities[i][j] = probabilities[j][i] = match
    for i, j in _same_spots(distinct):
        probabilities[i][j] = max(probabilities[i][j], SAME_SPOT)
    clusters = []
    for first, group, said in _challenged(_problems(distinct, probabilities), distinct, probabilities, verdicts):
        others = _other_families(first, group, distinct, asked)
        wordings = [distinct[index] for index in (first, *(i for i in group if i != first))]
        clusters.append(
            Cluster(
                findings=tuple(finding for finding in wordings for _ in range(given[finding])),
                verdicts=said,
                support=_support(first, others, distinct, probabilities),
            )
        )
    return tuple(sorted(clusters, key=lambda cluster: _order(cluster.findings[0])))


class Problem(NamedTuple):
    """Findings that are one problem, by index."""

    first: int
    group: Group
    verdicts: tuple[Verdict, ...] = ()


def _challenged(
    groups: Iterable[Group], findings: Sequence[Finding], probabilities: list[list[float]], verdicts: Iterable[Verdict]
) -> list[Problem]:
    """The groups, each with what speaks for it and with its verdicts; those that a challenge calls one are one.

    Of the groups that are joined one keeps its name. What was told is written into `probabilities`.
    """
    problems = sorted(Problem(_representative(group, findings, probabilities), group) for group in groups)
    heard = tuple(verdicts)
    if not heard:
        return problems
    names = identities([Cluster(findings=(findings[problem.first],)) for problem in problems])
    named = dict(zip(names, problems, strict=True))
    raised = {name: frozenset(findings[i].family for i in problem.group) for name, problem in named.items()}
    for one, other in told_alike(heard, raised):
        pairs = [*product(named[one].group, named[other].group)]
        if max(probabilities[i][j] for i, j in pairs) >= DOUBTFUL:
            for i, j in pairs:
                probabilities[i][j] = probabilities[j][i] = max(TOLD, probabilities[i][j])
    joined = average_linkage(sorted(problem.group for problem in problems), probabilities, stop=STOP)
    return [_joined(group, named, findings, probabilities, heard) for group in joined]


def _joined(
    group: Group,
    named: Mapping[str, Problem],
    findings: Sequence[Finding],
    probabilities: Sequence[Sequence[float]],
    verdicts: Iterable[Verdict],
) -> Problem:
    parts = {name: problem.first for name, problem in named.items() if problem.first in group}
    about = (verdict for verdict in verdicts if verdict.about in parts)
    said = sorted(about, key=lambda verdict: (verdict.by, verdict.member, verdict.about))
    return Problem(_representative(tuple(sorted(parts.values())), findings, probabilities), group, tuple(said))


def _problems(findings: Sequence[Finding], probabilities: Sequence[Sequence[float]]) -> list[Group]:
    """What one call said twice in the same words, then the lenses of each family, then the families."""
    sayings: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for index, said in enumerate(findings):
        words = (said.draft.title, said.draft.body)
        sayings[said.family, said.member, said.lens, said.path, said.anchor, words].append(index)
    by_family: defaultdict[str, list[Group]] = defaultdict(list)
    for indices in sayings.values():
        by_family[findings[indices[0]].family].append(tuple(indices))
    voices = (average_linkage(alone, probabilities, stop=STOP) for _, alone in sorted(by_family.items()))
    return average_linkage(sorted(chain.from_iterable(voices)), probabilities, stop=STOP)


def _order(finding: Finding) -> tuple[str, int, int, str]:
    """Total over different findings: by place, then by everything that was said."""
    anchor = finding.anchor
    return finding.path, anchor.start_line if anchor else 0, anchor.line if anchor else 0, repr(finding)


def _sites(findings: Sequence[Finding], diff: Diff) -> list[Site]:
    spans = _hunk_spans(diff, {finding.path for finding in findings})
    return [_site(finding, spans) for finding in findings]


def _hunk_spans(diff: Diff, paths: set[str]) -> Mapping[tuple[str, Side], Sequence[range]]:
    """The line numbers of each hunk of these files, hunk by hunk in the same order for both sides."""
    spans: defaultdict[tuple[str, Side], list[range]] = defaultdict(list)
    for file in diff.files:
        for hunk in file.hunks if file.path in paths else ():
            context = sum(raw[0] == " " for raw in hunk.body)
            spans[file.path, "new"].append(range(hunk.new_start, hunk.new_start + context + hunk.additions))
            spans[file.path, "old"].append(range(hunk.old_start, hunk.old_start + context + hunk.deletions))
    return spans


def _site(finding: Finding, spans: Mapping[tuple[str, Side], Sequence[range]]) -> Site:
    anchor, rules = finding.anchor, finding.family if is_rule(finding.family) else None
    if anchor is None:
        return Site(rules, finding.path, None, None)
    inside = (number for number, span in enumerate(spans[anchor.path, anchor.side]) if anchor.line in span)
    return Site(rules, finding.path, anchor, next(inside, None))


def _may_be_one(one: Site, other: Site) -> bool:
    """The gate. A finding without a precise line may belong to any in its file, or to another without one.

    A rule says the same words of every place it finds: two of its findings are two places, whatever the text says.
    """
    if one.rules and one.rules == other.rules:
        return False
    if one.path != other.path:
        return one.anchor is None and other.anchor is None
    if one.anchor is None or other.anchor is None or (one.hunk is not None and one.hunk == other.hunk):
        return True
    gap = max(one.anchor.start_line - other.anchor.line, other.anchor.start_line - one.anchor.line)
    return one.anchor.side == other.anchor.side and gap <= NEAR


def _by_place(one: Finding, other: Finding, here: Site, there: Site, probability: float) -> float:
    """What two places leave of a match by text. One call that tells of both means two, whatever a third resembles."""
    same_call = (one.member, one.lens) == (other.member, other.lens)
    if same_call and one.anchor and other.anchor and one.anchor != other.anchor:
        return -math.inf
    apart = here.hunk is not None and there.hunk is not None and here.hunk != there.hunk
    return 0.0 if apart and probability < ELSEWHERE else probability


def _same_spots(findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """Pairs of two families on the same lines with the same category; "other" is no category to agree on."""
    spots: defaultdict[tuple[Anchor, str], list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        if finding.anchor and finding.draft.category != "other":
            spots[finding.anchor, finding.draft.category].append(index)
    pairs = chain.from_iterable(permutations(group, 2) for group in spots.values())
    return ((i, j) for i, j in pairs if findings[i].family != findings[j].family)


def _representative(group: Group, findings: Sequence[Finding], probabilities: Sequence[Sequence[float]]) -> int:
    """Grounded before not, then nearest to all the others, then the longest; ties by the stable order."""

    def claim(index: int) -> tuple[bool, float, int, int]:
        draft = findings[index].draft
        centrality = round(math.fsum(probabilities[index][other] for other in group), 6)
        return findings[index].anchor is not None, centrality, len(draft.title) + len(draft.body), -index

    return max(group, key=claim)


def _other_families(first: int, group: Group, findings: Sequence[Finding], asked: Asked | None) -> set[str]:
    speaker = findings[first]
    everybody = asked(speaker.lens, speaker.path) if asked else (finding.family for finding in findings)
    return {*everybody, *(findings[index].family for index in group)} - {speaker.family}


def _support(
    first: int, others: set[str], findings: Sequence[Finding], probabilities: Sequence[Sequence[float]]
) -> float:
    best = dict.fromkeys(sorted(others), 0.0)
    for finding, probability in zip(findings, probabilities[first], strict=True):
        if finding.family in best:
            best[finding.family] = max(best[finding.family], probability)
    return math.fsum(best.values()) / len(best) if best else 0.0
