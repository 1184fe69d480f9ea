"""Where findings stand, and which of them can be one problem by that. Place is a gate, text decides (JUDGEMENT 2.5).

Knows the diff's hunks; nothing of texts but how probably they match.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, permutations
from typing import NamedTuple

from reviewbot.change import Anchor, Diff, Side
from reviewbot.findings.model import Finding, is_rule

NEAR = 20
"""Lines of one file and side between two findings that can still be one problem (JUDGEMENT 2.5)."""
ONE_PLACE = 10
"""Lines between two findings of one place, where no hunk tells."""
ELSEWHERE = 0.85
"""The least probability of one problem at two places: between them only a strong match tells. Two findings that differ
in the function they name, and in little else, have .77."""
SAME_SPOT = 0.5
"""The least probability that two families mean one problem when both quote the same lines and choose the same category
of the closed list. A first guess: the judged findings of public tools have neither (JUDGEMENT section 2, end)."""


class Site(NamedTuple):
    """Where a finding stands, as far as a neighbour is told by it."""

    call: tuple[str, str]
    """Member and lens."""
    rules: str | None
    """The family, where rules say it."""
    path: str
    anchor: Anchor | None
    hunk: int | None
    """Which of the file's hunks; None without an anchor."""


def sites_of(findings: Sequence[Finding], diff: Diff) -> list[Site]:
    spans = _hunk_spans(diff, {finding.path for finding in findings})
    return [_site(finding, spans) for finding in findings]


def may_be_one(one: Site, other: Site) -> bool:
    """The gate. A finding without a precise line may belong to any in its file, or to another without one.

    A rule says the same words of every place it finds: two of its findings are two places, whatever the text says.
    """
    if one.rules and one.rules == other.rules:
        return False
    if one.path != other.path:
        return one.anchor is None and other.anchor is None
    if one.anchor is None or other.anchor is None or (one.hunk is not None and one.hunk == other.hunk):
        return True
    return one.anchor.side == other.anchor.side and _gap(one.anchor, other.anchor) <= NEAR


def by_place(one: Site, other: Site, probability: float) -> float:
    """What two places leave of a match by text. One call that tells of both means two, whatever a third resembles."""
    if one.call == other.call and one.anchor and other.anchor and one.anchor != other.anchor:
        return -math.inf
    return 0.0 if _apart(one, other) and probability < ELSEWHERE else probability


def same_spots(findings: Sequence[Finding]) -> Iterator[tuple[int, int]]:
    """Pairs of two families on the same lines with the same category; "other" is no category to agree on."""
    spots: defaultdict[tuple[Anchor, str], list[int]] = defaultdict(list)
    for index, finding in enumerate(findings):
        if finding.anchor and finding.draft.category != "other":
            spots[finding.anchor, finding.draft.category].append(index)
    pairs = chain.from_iterable(permutations(group, 2) for group in spots.values())
    return ((i, j) for i, j in pairs if findings[i].family != findings[j].family)


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
    call = finding.member, finding.lens
    if anchor is None:
        return Site(call, rules, finding.path, None, None)
    inside = (number for number, span in enumerate(spans[anchor.path, anchor.side]) if anchor.line in span)
    return Site(call, rules, finding.path, anchor, next(inside, None))


def _apart(one: Site, other: Site) -> bool:
    """Two places rather than one: two hunks, or lines far from each other where no hunk is known."""
    if one.anchor is None or other.anchor is None:
        return False
    if one.hunk is not None and other.hunk is not None:
        return one.hunk != other.hunk
    return _gap(one.anchor, other.anchor) > ONE_PLACE


def _gap(one: Anchor, other: Anchor) -> int:
    """Lines from the end of one to the start of the other; 0 or less where they overlap."""
    return max(one.start_line - other.line, other.start_line - one.line)
