"""Average linkage: which of many things belong together, given how probably each pair does. Knows only numbers."""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, count

Group = tuple[int, ...]
"""Indices of things, in rising order."""


def average_linkage(groups: Iterable[Group], likeness: Sequence[Sequence[float]], *, stop: float) -> list[Group]:
    """Joins the two groups whose members are most alike on average, until no two reach `stop` (which is above 0).

    Equal averages are settled by the order of the groups, so the result is a function of the values given.
    """
    members = dict(enumerate(groups))
    sums: dict[int, dict[int, float]] = {name: {} for name in members}
    for one, other in combinations(members, 2):
        if total := sum(likeness[i][j] for i in members[one] for j in members[other]):
            sums[one][other] = sums[other][one] = total

    def average(one: int, other: int) -> float:
        return sums[one][other] / (len(members[one]) * len(members[other]))

    pairs = ((one, other) for one in sums for other in sums[one] if one < other)
    queue = [(-average(*pair), pair) for pair in pairs if average(*pair) >= stop]
    heapq.heapify(queue)
    names = count(len(members))
    while queue:
        _, (one, other) = heapq.heappop(queue)
        if one in members and other in members:  # neither was joined with a third since the pair was queued
            joined = next(names)
            members[joined] = tuple(sorted(members.pop(one) + members.pop(other)))
            sums[joined] = _added(sums.pop(one), sums.pop(other), alive=members)
            for near, total in sums[joined].items():
                sums[near][joined] = total
                if average(near, joined) >= stop:
                    heapq.heappush(queue, (-average(near, joined), (near, joined)))
    return sorted(members.values())


def _added(one: Mapping[int, float], other: Mapping[int, float], *, alive: Mapping[int, Group]) -> dict[int, float]:
    """The sums of two groups as those of one, to the groups that are still there."""
    return {name: one.get(name, 0.0) + other.get(name, 0.0) for name in alive if name in one or name in other}
