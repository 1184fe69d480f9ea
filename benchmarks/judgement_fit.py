"""The weights of merging and ranking, fitted: logistic regression with a penalty, by Newton's method, in plain Python.

What is measured of a pair and of a problem is the product's own (`likenesses`, `signals_of`).
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from operator import mul
from statistics import fmean
from typing import NamedTuple

from judgement_data import TOOLS, TRI, by_bars, clusters_of, labels_of

from reviewbot.evals.recorded import RecordedPull
from reviewbot.evals.score import Tally
from reviewbot.findings import probability, similarity
from reviewbot.findings.placement import WORTH_A_COMMENT
from reviewbot.findings.probability import Signals
from reviewbot.findings.similarity import Likeness

PENALTY = 10.0
"""On the square of each standardised weight: that of ten made-up rows."""
STEPS = 8
COUNCILS = {2: [*combinations(TOOLS, 2)], 3: TRI[::2], 5: [*combinations(TOOLS, 5)][::2]}
"""Fitted on councils of several sizes, each size as heavy as another."""
BARS = (0.18, 0.20, 0.22, 0.25, 0.28, 0.30, 0.33)

Row = Sequence[float]


class Weights(NamedTuple):
    """All that is fitted."""

    pair_bias: float
    pair: Likeness
    bias: float
    signals: Signals

    def install(self) -> None:
        """Put them into the modules of the product, in this process."""
        similarity.BIAS, similarity.WEIGHTS = self.pair_bias, self.pair
        probability.BIAS, probability.WEIGHTS = self.bias, self.signals


def shipped() -> Weights:
    return Weights(similarity.BIAS, similarity.WEIGHTS, probability.BIAS, probability.WEIGHTS)


def fit(rows: Iterable[RecordedPull]) -> Weights:
    """The weights for these pull requests; they stay installed."""
    some = [*rows]
    pair_bias, *pair = logistic(*_pairs(some))
    shipped()._replace(pair_bias=pair_bias, pair=Likeness(*pair)).install()
    bias, *signals = logistic(*_problems(some))
    weights = Weights(pair_bias, Likeness(*pair), bias - probability.QUOTES_THE_CODE, Signals(*signals))
    weights.install()
    return weights


def _pairs(rows: Iterable[RecordedPull]) -> tuple[list[Row], list[float], list[float]]:
    """Pairs of which it is known whether they are one problem."""
    told, one = [], []
    for row in rows:
        for tools in COUNCILS[3]:
            labels = labels_of(row, tools)
            findings = [*labels]
            for i, j, likeness in similarity.likenesses(findings, near=lambda _i, _j: True):
                here, there = labels[findings[i]], labels[findings[j]]
                if here or there:
                    told.append(likeness)
                    one.append(float(bool(here & there)))
    return [*told], one, [1.0] * len(one)


def _problems(rows: Iterable[RecordedPull]) -> tuple[list[Row], list[float], list[float]]:
    """Problems as these weights merge them; real where what speaks for it tells of a golden."""
    told, real, weights = [], [], []
    for row in rows:
        for size, councils in COUNCILS.items():
            for tools in councils:
                labels = labels_of(row, tools)
                clusters = clusters_of(labels, tools)
                problems = probability.problems_by_family(clusters)
                told += [probability.signals_of(one, asked=size, problems=problems) for one in clusters]
                real += [float(bool(labels[one.findings[0]])) for one in clusters]
                weights += [len(TRI) / len(councils)] * len(clusters)
    return [*told], real, weights


@contextmanager
def fitted_to(rows: Sequence[RecordedPull]) -> Iterator[float]:
    """While it lasts the product has the weights and the bar of these pull requests; yields the bar."""
    before, bar = shipped(), WORTH_A_COMMENT["medium"]
    fit(rows)
    try:
        yield _set_bar(_best_bar(rows))
    finally:
        before.install()
        _set_bar(bar)


def _best_bar(rows: Sequence[RecordedPull]) -> float:
    """That with the highest F1, by the weights that are installed."""
    tried = [{tools: by_bars(row, tools, BARS) for tools in COUNCILS[3]} for row in rows]
    return max(BARS, key=lambda bar: fmean(f1([row[tools][bar] for row in tried]) for tools in COUNCILS[3]))


def _set_bar(bar: float) -> float:
    WORTH_A_COMMENT.update(medium=bar)  # type: ignore[attr-defined]  a dict, which the product does not change
    return bar


def f1(tallies: Iterable[Tally]) -> float:
    new = wrong = goldens = 0
    for one in tallies:
        new, wrong, goldens = new + one.new, wrong + one.false + one.repeats, goldens + one.goldens
    return 2 * new / (new + wrong + goldens) if new else 0.0


def logistic(rows: Sequence[Row], labels: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The intercept and a weight for each column."""
    columns = [*zip(*rows, strict=True)]
    means = [math.fsum(column) / len(column) for column in columns]
    spreads = [math.dist(column, [mean] * len(column)) / math.sqrt(len(column)) or 1.0
               for column, mean in zip(columns, means, strict=True)]  # fmt: skip
    scaled = [[1.0, *((x - m) / s for x, m, s in zip(row, means, spreads, strict=True))] for row in rows]
    size = len(means) + 1
    found = [0.0] * size
    for _ in range(STEPS):
        slope = [0.0] + [-PENALTY * value for value in found[1:]]
        curve = [[PENALTY if i == j and i else 0.0 for j in range(size)] for i in range(size)]
        for row, label, weight in zip(scaled, labels, weights, strict=True):
            value = 1 / (1 + math.exp(-sum(map(mul, found, row))))
            off, steep = weight * (label - value), weight * value * (1 - value)
            for i, x in enumerate(row):
                slope[i] += off * x
                line, by = curve[i], steep * x
                for j in range(i, size):
                    line[j] += by * row[j]
        step = _solved([[curve[min(i, j)][max(i, j)] for j in range(size)] for i in range(size)], slope)
        found = [value + more for value, more in zip(found, step, strict=True)]
    slopes = [value / spread for value, spread in zip(found[1:], spreads, strict=True)]
    return [found[0] - sum(map(mul, slopes, means)), *slopes]


def _solved(matrix: list[list[float]], values: list[float]) -> list[float]:
    """The solution of a small positive definite system."""
    rows = [[*line, value] for line, value in zip(matrix, values, strict=True)]
    for i, pivot in enumerate(rows):
        for j, row in enumerate(rows):
            if j != i:
                share = row[i] / pivot[i]
                rows[j] = [x - share * y for x, y in zip(row, pivot, strict=True)]
    return [row[-1] / row[i] for i, row in enumerate(rows)]
