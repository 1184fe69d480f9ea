"""Where a person meets a problem, at its line or in the summary, and why there. Knows the order, does not make it.

A comment at the line is earned by P(real), in which agreement, evidence and what a challenge said are; or by a rule, or
by two families that call it severe. What was refuted by as many as raised it waits in the summary for a person. Nothing
is withheld.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewbot.findings.evidence import counted_checks
from reviewbot.findings.model import RULES, SEVERITIES, Cluster, Placement, Severity, Term, is_rule
from reviewbot.findings.probability import probability_of
from reviewbot.findings.verdicts import refuted_by, upheld_elsewhere
from reviewbot.settings import Comments

ASSUMPTIONS = "assumptions"
"""The lens whose every finding names two systems and the fact relied on, or should not be raised (JUDGEMENT 2.8)."""
WORTH_A_COMMENT: Mapping[Severity, float] = {"critical": 0.0625, "high": 0.125, "medium": 0.25, "low": 0.25}
"""P(real) from which a problem is shown at its line, for councils of any size, since P(real) knows how many were asked.
.25 is half of the F1 that can be had, which is where F1 is best; missing a severe one costs twice as much a step."""
SEVERE: frozenset[Severity] = frozenset({"critical", "high"})


class Judged(NamedTuple):
    """A cluster with all that ranking found out about it."""

    id: str
    cluster: Cluster
    severity: Severity
    probability: float
    raised_by: tuple[str, ...]
    asked: tuple[str, ...]
    terms: tuple[Term, ...] = ()
    over_share: bool = False
    """One family alone raised it, after so many others of its own that it stands behind everybody's."""
    directed: bool = False
    """The change would direct its reviewers: what refutes it moves nothing."""


def place(order: Sequence[Judged], comments: Comments) -> tuple[tuple[Placement, str], ...]:
    """A placement and its reason for each, in rank order."""
    refusals = [_refusal(judged, comments) for judged in order]
    eligible = [index for index, refusal in enumerate(refusals) if refusal is None]
    chosen = {eligible[n] for n in fairly([order[index].raised_by for index in eligible], comments.max)}
    beyond = f"beyond the {comments.max} comments the policy allows"
    return tuple(
        ("inline", f"{_who(judged)}{_upheld(judged)}, quotes the line{_but(judged)}")
        if index in chosen
        else ("summary", f"{_who(judged)}, {refusals[index] or beyond}{_behind(judged)}{_but(judged)}")
        for index, judged in enumerate(order)
    )


def _refusal(judged: Judged, comments: Comments) -> str | None:
    """Why it is not shown at its line whatever room there is; None where it may be."""
    first = judged.cluster.findings[0]
    if first.anchor is None:
        return "no precise line"
    if first.lens == ASSUMPTIONS and all(finding.draft.assumption is None for finding in judged.cluster.findings):
        return "names no two systems, as its lens must"
    if SEVERITIES.index(judged.severity) > SEVERITIES.index(comments.min_severity):
        return f"below the policy's min_severity ({comments.min_severity})"
    refuters = refuted_by(judged.cluster) if not judged.directed else ()
    if refuters and len(refuters) >= len(judged.raised_by):
        return f"refuted by {' and '.join(refuters)}"
    if _earned(judged, refuted=bool(refuters)):
        return None
    return f"disputed by {' and '.join(refuters)}" if refuters else judged.severity


def _earned(judged: Judged, *, refuted: bool) -> bool:
    """By P(real), with exceptions: rules are precise, and to fold what is severe takes more than a word.

    One refutation with its line can fold what two families agree on where it is not severe and P(real) falls under the
    bar: it stands in the summary then, disputed, with all that was said. So a challenger that was turned by the text
    under review (THREATS S17) can cost a comment, and hides nothing; to forbid it cost .01 of F1 with one that is right
    three times in four. What is severe no third family folds where two agree, and nobody without a line of the change.
    """
    if all(map(is_rule, judged.raised_by)) or _rule_earned(judged):
        return _rule_earned(judged)
    probability = judged.probability
    if judged.severity in SEVERE:
        if len(judged.raised_by) > 1:
            return True
        doubt = any(term.name == "challenge" and term.value < 0 for term in judged.terms)
        if doubt and not refuted:
            probability = probability_of(term for term in judged.terms if term.name != "challenge")
    return probability >= WORTH_A_COMMENT[judged.severity]


def _rule_earned(judged: Judged) -> bool:
    """Ours always; another scanner's not with what it calls a note, of which it has one for every import."""
    return RULES in judged.raised_by or (judged.severity != "low" and any(map(is_rule, judged.raised_by)))


def fairly(raised_by: Sequence[tuple[str, ...]], room: int) -> frozenset[int]:
    """Which of these, by who raised them: the first, but no family alone takes another's share of the room (S17).

    What several families raised is nobody's share. Room that the others leave is open to all.
    """
    alone = Counter(families for families in raised_by if len(families) == 1)
    share = max(1, room // len(alone)) if alone else room
    taken: Counter[tuple[str, ...]] = Counter()
    within: list[int] = []
    for index, families in enumerate(raised_by):
        taken[families] += 1
        if len(families) > 1 or taken[families] <= share:
            within.append(index)
    rest = [index for index in range(len(raised_by)) if index not in set(within)]
    return frozenset([*within, *rest][:room])


def _behind(judged: Judged) -> str:
    return f", behind the others: {judged.raised_by[0]} alone raised too many" if judged.over_share else ""


def _but(judged: Judged) -> str:
    """The first thing that was looked up and does not bear it out. That a quote stands nowhere is said already."""
    checks = counted_checks(judged.cluster)
    return next((f", but {check.detail}" for check in checks if not check.holds and check.name != "quote"), "")


def _upheld(judged: Judged) -> str:
    upholders = upheld_elsewhere(judged.cluster)
    return f", upheld by {' and '.join(upholders)}" if upholders else ""


def _who(judged: Judged) -> str:
    """Who said it, of those who could have. A rule is not asked: its silence says nothing."""
    raised = len({family for family in judged.raised_by if not is_rule(family)})
    asked = len({family for family in judged.asked if not is_rule(family)})
    if not raised:
        return "found by a rule"
    families = "raised by the one family asked" if asked == 1 else f"raised by {raised} of {asked} families asked"
    return f"found by a rule, {families}" if len(judged.raised_by) > raised else families
