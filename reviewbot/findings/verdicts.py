"""What the verdicts of a challenge come to: a word, a shift of P(real), and which problems one fix resolves. Pure.

A verdict is one more opinion, of somebody who may be wrong or turned by the text under review. So a refutation needs a
line that stands in the change, several families count one voice each, and a word for joining two problems counts only
where nobody gains by it (THREATS S17). Knows neither places nor texts.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from typing import NamedTuple

from reviewbot.findings.model import Cluster, Verdict, VerdictWord

IMPORTANCE = 2.0
"""By how far the rating is from the middle, -1 to 1. In a trial with real models the rating alone told wanted from
unwanted findings with AUC .86 (JUDGEMENT 2.9): that is d' = 1.5, and with ratings that spread by 20 points about 3.8 at
either end. Half of it, because a challenger shares errors with who it judges, and one trial is one trial."""
WORD: Mapping[VerdictWord, float] = {"upheld": 0.3, "unsure": -0.4, "refuted": -1.2}
"""Beside the rating. In that trial `upheld` and `unsure` were worth +.5 and -1.8 alone, but they go with the rating; a
refutation with its line was never seen there, and is worth two steps of confidence and a little more."""
UNPROVEN = -1.2
"""The least that a verdict without its line comes to, whatever it rates: no more than the word of a refutation with
one. A rating is easily written, and by a text that turns its reader too."""
SAME_FAMILY = 0.5
"""What the word of a family counts that raised the problem itself: it shares the blind spot that it should find."""
WANTED = 60
"""Rating from which one who upholds it is named as its second voice: more than half of all maintainers want it fixed.
Above 50 because findings that are not wanted are the more (`benchmarks/judgement.py`)."""
_CLEAREST: tuple[VerdictWord, ...] = ("upheld", "refuted", "unsure")


class Hearing(NamedTuple):
    """All verdicts on one problem, as one."""

    by: tuple[str, ...]
    verdict: VerdictWord
    """The word of most; `unsure` where none has most."""
    importance: int
    """The mean of the families."""


def word_of(verdict: Verdict) -> VerdictWord:
    """A refutation that quotes no line of the change is no more than a doubt."""
    return "unsure" if verdict.verdict == "refuted" and not verdict.quote_stands else verdict.verdict


def heard(verdicts: Iterable[Verdict]) -> Hearing | None:
    """One word and one rating for all; None where nobody was asked."""
    families = _by_family(verdicts)
    if not families:
        return None
    words = [_word_of_most(said) for said in families.values()]
    ratings = [_mean(verdict.importance for verdict in said) for said in families.values()]
    return Hearing(tuple(families), _most(words), round(_mean(ratings)))


def shift_of(cluster: Cluster, *, only_up: bool = False) -> float:
    """What the verdicts add to the log odds of P(real); 0 where nobody was asked.

    With `only_up` they can raise and not lower: where the change tries to direct its reviewers (THREATS S16).
    """
    raised = {finding.family for finding in cluster.findings}
    families = _by_family(cluster.verdicts)
    shifts = [
        _mean(map(_shift, said)) * (SAME_FAMILY if family in raised else 1.0) for family, said in families.items()
    ]
    shift = _mean(shifts) if shifts else 0.0
    return max(shift, 0.0) if only_up else shift


def upheld_elsewhere(cluster: Cluster) -> tuple[str, ...]:
    """Families beside those that raised it that prove it by a line of the change and want it fixed."""
    raised = {finding.family for finding in cluster.findings}
    return tuple(
        family
        for family, said in _by_family(cluster.verdicts).items()
        if family not in raised
        and any(word_of(v) == "upheld" and v.quote_stands and v.importance >= WANTED for v in said)
    )


def refuted_by(cluster: Cluster) -> tuple[str, ...]:
    """Families that refute it by a line of the change, where the word of most is that it does not hold.

    A model that takes back what it raised itself doubts it: nobody else looked.
    """
    own = {finding.member for finding in cluster.findings}
    families = _by_family(
        verdict.model_copy(update={"quote_stands": verdict.quote_stands and verdict.member not in own})
        for verdict in cluster.verdicts
    )
    words = {family: _word_of_most(said) for family, said in families.items()}
    return tuple(one for one, word in words.items() if word == _most([*words.values()]) == "refuted")


def told_alike(verdicts: Iterable[Verdict], raised: Mapping[str, frozenset[str]]) -> tuple[tuple[str, str], ...]:
    """Pairs of problems that one fix resolves, by a word that counts. `raised` is who raised each, by its id.

    It counts from a family that raised neither, from two families, and from one about what it alone raised: nobody's
    problem is laid to another's by the one who would gain by it.
    """
    return tuple(
        pair
        for pair, families in sorted(_said_alike(verdicts, raised).items())
        if len(families) > 1 or any(_impartial(family, pair, raised) for family in families)
    )


def told_apart(verdicts: Iterable[Verdict], raised: Mapping[str, frozenset[str]]) -> tuple[tuple[str, str], ...]:
    """Pairs that a family judged both of without a word that one fix resolves them; `raised` as for `told_alike`.

    Its silence counts as its word would: from who raised neither, or both alone. Where anybody calls the two one they
    are not told apart.
    """
    heard = tuple(verdicts)
    alike = _said_alike(heard, raised)
    judged: defaultdict[str, set[str]] = defaultdict(set)
    for verdict in heard:
        if verdict.about in raised:
            judged[verdict.by].add(verdict.about)
    silent = {
        pair
        for family, names in judged.items()
        for pair in combinations(sorted(names), 2)
        if pair not in alike and _impartial(family, pair, raised)
    }
    return tuple(sorted(silent))


def _said_alike(
    verdicts: Iterable[Verdict], raised: Mapping[str, frozenset[str]]
) -> Mapping[tuple[str, str], frozenset[str]]:
    """The families that call a pair one, whoever they are."""
    said: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for verdict in verdicts:
        for other in verdict.same_as:
            if other != verdict.about and {other, verdict.about} <= raised.keys():
                said[min(verdict.about, other), max(verdict.about, other)].add(verdict.by)
    return {pair: frozenset(families) for pair, families in said.items()}


def _impartial(family: str, pair: tuple[str, str], raised: Mapping[str, frozenset[str]]) -> bool:
    one, other = (raised[name] for name in pair)
    return family not in one | other or one == other == frozenset({family})


def _by_family(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    """By family in the order of their names: one of them is one voice, however often it was asked."""
    families: defaultdict[str, list[Verdict]] = defaultdict(list)
    for verdict in sorted(verdicts, key=lambda verdict: (verdict.by, verdict.member, verdict.about)):
        families[verdict.by].append(verdict)
    return dict(families)


def _shift(verdict: Verdict) -> float:
    shift = WORD[word_of(verdict)] + IMPORTANCE * (verdict.importance - 50) / 50
    return shift if verdict.quote_stands else max(shift, UNPROVEN)


def _word_of_most(verdicts: Iterable[Verdict]) -> VerdictWord:
    return _most([word_of(verdict) for verdict in verdicts])


def _most(words: list[VerdictWord]) -> VerdictWord:
    return next((word for word in _CLEAREST if 2 * words.count(word) > len(words)), "unsure")


def _mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)
