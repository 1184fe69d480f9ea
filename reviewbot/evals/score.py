"""The strict protocol: what a ranked list of findings is worth, against the defects that people know of. Pure.

A listed finding counts for the goldens that the words at its head tell of, never for those of other wordings merged
into it: merging too much cannot hide a false finding behind a hit. A golden counts once; telling of it again is a
repeat, and a repeat is as wrong as a false finding. All is counted for one change and can be added up over many.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

from reviewbot.facts import Fact
from reviewbot.findings import Severity

WORTH: Final[Mapping[Severity, int]] = {"low": 1, "medium": 2, "high": 3, "critical": 4}
"""The gain of a golden in nDCG."""
FIRST = 10
"""How many of the list nDCG looks at."""

Goldens = frozenset[int]


class Listed(NamedTuple):
    """A place of the ranked list."""

    goldens: Goldens
    """What it tells of; empty for a false finding."""
    posted: bool


class Tally(Fact):
    """What one change adds to every figure. A figure is a function of the sums (`evals.figures`)."""

    id: str
    changes: int = 1
    goldens: int = 0
    posted: int = 0
    new: int = 0
    """Goldens that what is posted tells of."""
    false: int = 0
    """Posted findings that tell of no golden."""
    repeats: int = 0
    """Posted findings that tell only of goldens told of before."""
    with_goldens: int = 0
    """1 where there is a golden; what follows is counted only then, over the whole list whether posted or not."""
    precision_5: float = 0.0
    precision_10: float = 0.0
    recall_5: float = 0.0
    recall_10: float = 0.0
    ndcg_10: float = 0.0
    joined: int = 0
    """Pairs in one cluster of which it is known whether they are duplicates."""
    joined_right: int = 0
    duplicates: int = 0
    certain_joined: int = 0
    """The same of pairs where both tell of a golden."""
    clean: int = 0
    """1 where there is no golden: the right answer is silence."""
    alarms: int = 0
    """Posted findings of a clean change."""
    alarmed: int = 0
    """1 where a clean change has a posted finding."""
    murmured: int = 0
    """1 where a clean change has any finding, posted or not."""
    labelled: int = 0
    """Posted findings that a judge was shown; none where it is known from elsewhere what each tells of."""
    plausible: int = 0
    """Posted findings that tell of no golden and hold in the code. They are among `false`."""
    unjudged: int = 0
    """Posted findings of which nobody could tell. They are among `false`."""


def tally(name: str, listed: Sequence[Listed], goldens: Mapping[int, Severity]) -> Tally:
    """The counts of one ranked list. `goldens` are all of the change, by number."""
    seen: Goldens = frozenset()
    new = false = repeats = 0
    posted = [one for one in listed if one.posted]
    for one in posted:
        new += len(one.goldens - seen)
        false += not one.goldens
        repeats += bool(one.goldens) and one.goldens <= seen
        seen |= one.goldens
    counted = Tally(id=name, goldens=len(goldens), posted=len(posted), new=new, false=false, repeats=repeats)
    return counted.model_copy(update=_in_order(listed, goldens) if goldens else _silence(listed))


def _in_order(listed: Sequence[Listed], goldens: Mapping[int, Severity]) -> dict[str, float]:
    news = [*_news(listed)]
    gains = [sum(WORTH[goldens[golden]] for golden in new) for new in news]
    ideal = sorted((WORTH[severity] for severity in goldens.values()), reverse=True)
    return {
        "with_goldens": 1,
        "precision_5": sum(map(bool, news[:5])) / 5,
        "precision_10": sum(map(bool, news[:10])) / 10,
        "recall_5": sum(map(len, news[:5])) / len(goldens),
        "recall_10": sum(map(len, news[:10])) / len(goldens),
        "ndcg_10": _discounted(gains) / _discounted(ideal),
    }


def _silence(listed: Sequence[Listed]) -> dict[str, float]:
    alarms = sum(one.posted for one in listed)
    return {"clean": 1, "alarms": alarms, "alarmed": int(alarms > 0), "murmured": int(bool(listed))}


def _news(listed: Iterable[Listed]) -> Iterable[Goldens]:
    """What each is the first to tell of."""
    seen: Goldens = frozenset()
    for one in listed:
        yield one.goldens - seen
        seen |= one.goldens


def _discounted(gains: Iterable[int]) -> float:
    return math.fsum(gain / math.log2(place + 1) for place, gain in enumerate([*gains][:FIRST], 1))


def pairs(clusters: Iterable[Collection[Goldens]]) -> dict[str, int]:
    """The pair counts of a `Tally`, from the goldens of each finding in each cluster.

    Two findings that share a golden are duplicates; two that do not are none; of two without any nobody knows.
    """
    placed = [(number, goldens) for number, cluster in enumerate(clusters) for goldens in cluster]
    counts = dict.fromkeys(("joined", "joined_right", "duplicates", "certain_joined"), 0)
    for (here, one), (there, other) in combinations(placed, 2):
        same = bool(one & other)
        counts["duplicates"] += same
        if here == there:
            counts["joined"] += bool(one or other)
            counts["joined_right"] += same
            counts["certain_joined"] += bool(one and other)
    return counts
