"""How probably two findings are one problem, by their text alone. Knows nothing of ranks or votes.

Fitted on one-sentence findings of public review tools: `benchmarks/judgement.py` measures the weights on pull requests
they were not fitted on, and `--fit` prints them anew. What tells most is not how alike two findings are, but whether
either call has another finding that is as near: somebody who says one thing once has one finding that matches.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from operator import itemgetter, mul
from typing import NamedTuple

from reviewbot.findings.model import Finding


class Likeness(NamedTuple):
    """What the texts of two findings have in common. Dice is over their runs of four characters, 0 to 1."""

    same_call: float
    """Dice where one call said both, else 0: one call does not say one thing twice."""
    mutual: float
    """Dice by the best that either has among those near it."""
    lead: float
    """By how much Dice is ahead of the best other finding of the other's call; the lesser of both ways, -1 to 1."""
    heads: float
    """Dice over the beginnings of words, each by how rare it is in this review."""
    no_shared_name: float
    """1 where both name code and share no name, else 0."""


BIAS = -4.01
WEIGHTS = Likeness(same_call=-9.38, mutual=2.89, lead=6.83, heads=7.00, no_shared_name=-0.69)
"""Of the log odds that both are one problem."""
LEAST_BEST = 0.30
"""Among a handful of findings the best match need not be a match: a Dice under this is never called best."""
LEAST_RIVAL = 0.20
"""Where a call has no other finding, what anything said of the same change has in common with another is the rival."""
GRAM = 4
HEAD, LEAST_WORD = 4, 3
"""Characters of a word that stand for it, and those that a word has at least: `refund`, `refunded` and `refunds` are
one word, and no list of a language's endings is needed."""

_LITERAL = re.compile(r"`([^`\n]+)`|\"([^\"\n]+)\"|(?<!\w)'([^'\n]+)'(?!\w)")
_TOKEN = re.compile(
    r"(?P<chain>\b\w++(?:(?:\.|::|/|->)\w++)+)"  # dotted, scoped, slashed, or by pointer
    r"|(?P<call>\b\w++(?=\s?\())"
    r"|(?P<word>\b\w++)"  # possessive, each from a word's start: linear on whatever a stranger wrote
)
_LIKE_CODE = re.compile(r"_|[a-z][A-Z]|[A-Za-z]\d")
_WORD = re.compile(r"\w+")
_NOT_PLAIN = re.compile(r"[\W_]+")


class Wording(NamedTuple):
    """What the text of a finding is made of."""

    grams: frozenset[str]
    """Every run of four characters of the plain lower-case text."""
    heads: frozenset[str]
    """How its words begin, in lower case."""
    names: frozenset[str]
    """Identifiers and what stands in backticks or quotation marks, word by word in lower case."""


def wording_of(finding: Finding) -> Wording:
    text = f"{finding.draft.title} {finding.draft.body}"
    plain = _NOT_PLAIN.sub(" ", text.lower()).strip()
    literals = (next(filter(None, match.groups())) for match in _LITERAL.finditer(text))
    tokens = (token for token in _TOKEN.finditer(text) if token["word"] is None or _LIKE_CODE.search(token["word"]))
    chains = (*literals, *(token[0] for token in tokens))
    return Wording(
        grams=frozenset(plain[at : at + GRAM] for at in range(max(1, len(plain) - GRAM + 1))) - {""},
        heads=frozenset(word[:HEAD] for word in _WORD.findall(text.lower()) if len(word) >= LEAST_WORD),
        names=frozenset(word.lower() for chain in chains for word in _WORD.findall(chain) if len(word) > 2),
    )


def match_probabilities(
    findings: Sequence[Finding], near: Callable[[int, int], bool], *, least: float = 0.0
) -> list[list[float]]:
    """For each pair of these findings, how probably both tell of one problem; 0 to 1, symmetric, 0 where not `near`.

    How rare a word is and how good a match is are measured within these findings: give all of a review, each once. With
    `least`, a pair of a lower Dice is 0 unseen.
    """
    probabilities = [[0.0] * len(findings) for _ in findings]
    for i, j, likeness in likenesses(findings, near, least=least):
        z = BIAS + sum(map(mul, WEIGHTS, likeness))
        probabilities[i][j] = probabilities[j][i] = 1 / (1 + math.exp(-z))
    return probabilities


def likenesses(
    findings: Sequence[Finding], near: Callable[[int, int], bool], *, least: float = 0.0
) -> Iterator[tuple[int, int, Likeness]]:
    """Each pair that is near and has at least this Dice, by index, the lesser first."""
    wordings = [wording_of(finding) for finding in findings]
    calls = [(finding.member, finding.lens) for finding in findings]  # one seat is one call: two lenses of a member not
    dice = _dice([wording.grams for wording in wordings])
    best = [max(LEAST_BEST, *row) for row in dice]
    rivals = [_by_call(row, calls, wordings) for row in dice]
    rarity = _rarity(wordings)
    masses = [math.fsum(rarity[head] for head in wording.heads) for wording in wordings]
    for i, j in combinations(range(len(findings)), 2):
        alike = dice[i][j]
        if alike >= least and near(i, j):
            one, other = wordings[i], wordings[j]
            shared = sum(rarity[head] for head in sorted(one.heads & other.heads))
            yield i, j, Likeness(
                same_call=alike if calls[i] == calls[j] else 0.0,
                mutual=alike / max(best[i], best[j]),
                lead=alike - max(LEAST_RIVAL, _rival(rivals[i], calls[j], other), _rival(rivals[j], calls[i], one)),
                heads=2 * shared / (masses[i] + masses[j]) if shared else 0.0,
                no_shared_name=float(bool(one.names and other.names and one.names.isdisjoint(other.names))),
            )  # fmt: skip


Near = tuple[float, frozenset[str]]
"""Dice with somebody's finding, and that one's runs of characters."""


def _by_call(
    row: Sequence[float], calls: Sequence[tuple[str, str]], wordings: Sequence[Wording]
) -> Mapping[tuple[str, str], Sequence[Near]]:
    """For each call its two best, of different wording: the same words twice are one finding's, and no rival of it."""
    found: dict[tuple[str, str], list[Near]] = {}
    for alike, call, wording in zip(row, calls, wordings, strict=True):
        some = found.setdefault(call, [])
        if (len(some) < 2 or alike > some[1][0]) and all(grams != wording.grams for _, grams in some):
            some.append((alike, wording.grams))
            some.sort(key=itemgetter(0), reverse=True)
            del some[2:]
    return found


def _rival(best: Mapping[tuple[str, str], Sequence[Near]], call: tuple[str, str], wording: Wording) -> float:
    """What else that call says that is as near."""
    for alike, grams in best[call]:
        if grams != wording.grams:
            return alike
    return 0.0


def _rarity(wordings: Sequence[Wording]) -> dict[str, float]:
    """What sharing a word tells: the fewer findings here have it, the more."""
    having = Counter(head for wording in wordings for head in wording.heads)
    return {head: math.log((len(wordings) + 1) / count) + 0.1 for head, count in having.items()}


def _dice(sets: Sequence[frozenset[str]]) -> list[list[float]]:
    """Dice's coefficient of each pair of sets. Sets become bits of an integer: thousands of pairs in milliseconds."""
    counts = Counter(gram for grams in sets for gram in grams)
    bits = {gram: 1 << place for place, gram in enumerate(sorted(gram for gram in counts if counts[gram] > 1))}
    masks = [_union(bits[gram] for gram in grams if gram in bits) for grams in sets]
    rows = [[0.0] * len(sets) for _ in sets]
    for i, j in combinations(range(len(sets)), 2):
        size = len(sets[i]) + len(sets[j])
        rows[i][j] = rows[j][i] = 2 * (masks[i] & masks[j]).bit_count() / size if size else 0.0
    return rows


def _union(bits: Iterable[int]) -> int:
    mask = 0
    for bit in bits:
        mask |= bit
    return mask
