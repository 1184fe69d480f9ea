"""The figures that a council is judged by, each a function of summed counts, with its interval. Pure.

An interval is the middle 95 % over draws of as many changes, with replacement: what the figure could have been had
other changes of the same kind been at hand. The draws are always the same ones, so the same counts give the same bytes.
"""

import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from reviewbot.evals.score import Tally
from reviewbot.facts import Fact

DRAWS = 1000
SEED = 20260101
TAIL = 0.025
"""Of the draws, left out at each end."""
DIGITS = 6
COUNTS: Final = tuple(name for name in Tally.model_fields if name != "id")

Totals = Mapping[str, float]


class Figure(NamedTuple):
    name: str
    of: Callable[[Totals], float | None]
    """None where there is nothing to measure it by."""
    better: Literal["more", "less", ""]
    meaning: str
    primary: bool = False
    """Getting worse in it is a regression."""


class Measured(Fact):
    """A figure and its 95 % interval; all None where there is nothing to measure, no interval for a single change."""

    value: float | None
    low: float | None = None
    high: float | None = None


def _ratio(part: str, whole: str) -> Callable[[Totals], float | None]:
    return lambda total: total[part] / total[whole] if total[whole] else None


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _strict_precision(total: Totals) -> float | None:
    """0 where nothing is posted, as in the protocol."""
    return total["new"] / max(1, total["new"] + total["false"] + total["repeats"]) if total["goldens"] else None


def _board_precision(total: Totals) -> float | None:
    return total["new"] / max(1, total["new"] + total["false"]) if total["goldens"] else None


def _strict_f1(total: Totals) -> float | None:
    precision = _strict_precision(total)
    return None if precision is None else _f1(precision, total["new"] / total["goldens"])


def _pair_f1(total: Totals) -> float | None:
    if not total["duplicates"]:
        return None
    return 2 * total["joined_right"] / (total["joined"] + total["duplicates"])


def _certain_f1(total: Totals) -> float | None:
    if not total["duplicates"]:
        return None
    return 2 * total["joined_right"] / (total["certain_joined"] + total["duplicates"])


FIGURES: Final = (
    Figure("F1", _strict_f1, "more", "of P and R", primary=True),
    Figure(
        "P", _strict_precision, "more",
        "strict precision: new goldens of new goldens, false findings and repeats that are posted", primary=True,
    ),
    Figure(
        "R", _ratio("new", "goldens"), "more",
        "recall: goldens told of by what is posted, of all goldens, those that nobody found too", primary=True,
    ),
    Figure("board P", _board_precision, "", "precision as public leaderboards have it: repeats left out"),
    Figure("P@5", _ratio("precision_5", "with_goldens"), "more", "of the first 5, those that tell of a new golden"),
    Figure("P@10", _ratio("precision_10", "with_goldens"), "more", "of the first 10, those that tell of a new golden"),
    Figure("R@5", _ratio("recall_5", "with_goldens"), "more", "goldens that the first 5 tell of"),
    Figure("R@10", _ratio("recall_10", "with_goldens"), "more", "goldens that the first 10 tell of"),
    Figure("nDCG@10", _ratio("ndcg_10", "with_goldens"), "more", "how early the severe goldens come; 1 is ideal"),
    Figure("posted", _ratio("posted", "changes"), "", "findings posted, a change"),
    Figure("plausible", _ratio("plausible", "labelled"), "", "of what is posted, true in the code but no golden"),
    Figure("unjudged", _ratio("unjudged", "labelled"), "", "of what is posted, what nobody could judge"),
    Figure("alarms", _ratio("alarms", "clean"), "less", "findings posted, a clean change", primary=True),
    Figure("alarmed", _ratio("alarmed", "clean"), "less", "of the clean changes, those with a finding posted"),
    Figure("murmured", _ratio("murmured", "clean"), "less", "of the clean changes, those with any finding"),
    Figure("pair P", _ratio("joined_right", "joined"), "more", "of the known pairs that are merged, the duplicates"),
    Figure("pair R", _ratio("joined_right", "duplicates"), "more", "of the duplicate pairs, those that are merged"),
    Figure("pair F1", _pair_f1, "more", "of pair P and pair R"),
    Figure("certain F1", _certain_f1, "more", "pair F1 over the pairs where both tell of a golden"),
)  # fmt: skip


def measure(tallies: Sequence[Tally], groups: Sequence[str] | None = None) -> dict[str, Measured]:
    """Every figure that there is something to measure by, over these changes.

    `groups` names for each change what it is drawn together with: a case and its twin are no two witnesses.
    """
    columns, count = _columns(tallies, groups)
    drawn = [_totals(columns, draw) for draw in _draws(count)]
    whole = _totals(columns, range(count))
    return _told({figure.name: _measured(figure.of(whole), map(figure.of, drawn)) for figure in FIGURES})


def values(tallies: Sequence[Tally]) -> dict[str, float]:
    """The same figures without their intervals."""
    columns, count = _columns(tallies, None)
    whole = _totals(columns, range(count))
    told = ((figure.name, figure.of(whole)) for figure in FIGURES)
    return {name: round(value, DIGITS) for name, value in told if value is not None}


def difference(
    before: Sequence[Tally], after: Sequence[Tally], groups: Sequence[str] | None = None
) -> dict[str, Measured]:
    """What each figure gained from one to the other over the same changes, in the same order, drawn as pairs."""
    left, count = _columns(before, groups)
    right, _ = _columns(after, groups)
    pairs = [(_totals(left, draw), _totals(right, draw)) for draw in _draws(count)]
    whole = _totals(left, range(count)), _totals(right, range(count))
    return _told(
        {figure.name: _measured(_gain(figure, *whole), (_gain(figure, *pair) for pair in pairs)) for figure in FIGURES}
    )


def _gain(figure: Figure, before: Totals, after: Totals) -> float | None:
    one, other = figure.of(before), figure.of(after)
    return None if one is None or other is None else other - one


def _columns(tallies: Sequence[Tally], groups: Sequence[str] | None) -> tuple[dict[str, list[float]], int]:
    """Each count of each group, the groups in the order of their first change, and how many groups there are."""
    names = groups or [one.id for one in tallies]
    place = {name: number for number, name in enumerate(dict.fromkeys(names))}
    columns = {count: [0.0] * len(place) for count in COUNTS}
    for name, one in zip(names, tallies, strict=True):
        for count, column in columns.items():
            column[place[name]] += getattr(one, count)
    return {count: column for count, column in columns.items() if any(column)}, len(place)


@lru_cache(maxsize=1)
def _draws(count: int) -> tuple[tuple[int, ...], ...]:
    """None of a single change, which tells nothing of others."""
    chance = random.Random(SEED)  # noqa: S311  a repeatable draw
    return tuple(tuple(chance.choices(range(count), k=count)) for _ in range(DRAWS if count > 1 else 0))


def _totals(columns: Mapping[str, Sequence[float]], draw: Sequence[int]) -> Totals:
    return defaultdict(float, {name: sum(map(column.__getitem__, draw)) for name, column in columns.items()})


def _measured(value: float | None, drawn: Iterable[float | None]) -> Measured:
    """Draws in which there is nothing to measure tell nothing."""
    told = sorted(one for one in drawn if one is not None)
    if value is None or not told:
        return Measured(value=None if value is None else round(value, DIGITS))
    cut = int(len(told) * TAIL)
    return Measured(value=round(value, DIGITS), low=round(told[cut], DIGITS), high=round(told[-1 - cut], DIGITS))


def _told(measured: Mapping[str, Measured]) -> dict[str, Measured]:
    return {name: one for name, one in measured.items() if one.value is not None}
