from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.findings.linkage import average_linkage


def table(size: int, **pairs: float) -> list[list[float]]:
    """`p01=.9` is how alike 0 and 1 are."""
    rows = [[0.0] * size for _ in range(size)]
    for name, value in pairs.items():
        i, j = int(name[1]), int(name[2])
        rows[i][j] = rows[j][i] = value
    return rows


def alone(size: int) -> list[tuple[int, ...]]:
    return [(index,) for index in range(size)]


def test_the_most_alike_are_joined_until_none_are_alike_enough() -> None:
    likeness = table(4, p01=0.9, p23=0.5, p02=0.2)
    assert average_linkage(alone(4), likeness, stop=0.3) == [(0, 1), (2, 3)]
    assert average_linkage(alone(4), likeness, stop=0.6) == [(0, 1), (2,), (3,)]
    assert average_linkage(alone(4), likeness, stop=0.95) == alone(4)


def test_a_chain_does_not_hold_what_is_not_alike_on_average() -> None:
    likeness = table(4, p01=0.9, p12=0.5, p23=0.9)
    assert average_linkage(alone(4), likeness, stop=0.3) == [(0, 1), (2, 3)]


def test_groups_that_are_given_stay_together() -> None:
    assert average_linkage([(0, 2), (1,)], table(3, p01=0.5, p12=0.2), stop=0.3) == [(0, 1, 2)]
    assert average_linkage([(0, 2), (1,)], table(3, p01=0.5), stop=0.3) == [(0, 2), (1,)]


def test_equals_are_settled_by_their_order() -> None:
    assert average_linkage(alone(3), table(3, p01=0.5, p12=0.5), stop=0.3) == [(0, 1), (2,)]


def test_nothing_is_grouped_into_nothing() -> None:
    assert average_linkage([], [], stop=0.3) == []


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 8), st.data())
def test_groups_are_what_joining_the_best_pair_again_and_again_gives(size: int, data: st.DataObject) -> None:
    likeness = table(size)
    for i in range(size):
        for j in range(i):
            likeness[i][j] = likeness[j][i] = data.draw(st.floats(0, 1).map(lambda value: round(value, 9)))
    found = average_linkage(alone(size), likeness, stop=0.4)
    assert sorted(index for group in found for index in group) == list(range(size))
    averages = [
        sum(likeness[i][j] for i in one for j in other) / (len(one) * len(other))
        for one in found
        for other in found
        if one != other
    ]
    assert all(average < 0.4 + 1e-9 for average in averages)
