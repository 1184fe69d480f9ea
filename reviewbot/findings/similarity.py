"""How probably two findings are one problem, by their text alone. Knows nothing of places, ranks or votes.

The features and weights are those of JUDGEMENT section 3, fitted on one-sentence findings of 15 public review tools;
`benchmarks/merge_check.py` measures them.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from reviewbot.findings.model import Finding

BIAS = -7.814
ROOT_DICE = 10.623
SAME_CALL = -6.118
"""By Dice: one call does not say one thing twice, so likeness within it counts for less."""
SHARED_LITERAL = 1.117
MUTUAL = 2.286
"""By how near the pair comes to the best match either of them has in this review."""
NO_SHARED_NAME = -0.576
SHARED_NAMES = 0.655
LEAST_BEST = 0.25
"""Among a handful of findings the best match need not be a match: a Dice under this is never called best. Changes no
figure of JUDGEMENT section 1 by more than .005, and keeps two lone findings with a Dice of .2 apart."""
GRAM = 4

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
    names: frozenset[str]
    """Identifiers, in lower case."""
    literals: frozenset[str]
    """What stands in backticks or quotation marks."""


def wording_of(finding: Finding) -> Wording:
    text = f"{finding.draft.title} {finding.draft.body}"
    plain = _NOT_PLAIN.sub(" ", text.lower()).strip()
    literals = frozenset(next(filter(None, match.groups())) for match in _LITERAL.finditer(text))
    tokens = (token for token in _TOKEN.finditer(text) if token["word"] is None or _LIKE_CODE.search(token["word"]))
    chains = (*literals, *(token[0] for token in tokens))
    return Wording(
        grams=frozenset(plain[at : at + GRAM] for at in range(max(1, len(plain) - GRAM + 1))) - {""},
        names=frozenset(word.lower() for chain in chains for word in _WORD.findall(chain) if len(word) > 2),
        literals=literals,
    )


def match_probabilities(findings: Sequence[Finding], near: Callable[[int, int], bool]) -> list[list[float]]:
    """For each pair of these findings, how probably both tell of one problem; 0 to 1, symmetric, 0 where not `near`.

    How rare a name is and how good a match is are measured within these findings: give all of a review, each once.
    """
    wordings = [wording_of(finding) for finding in findings]
    dice = _dice([wording.grams for wording in wordings])
    best = [max((LEAST_BEST, *row)) for row in dice]
    rarity = _rarity(wordings)
    probabilities = [[0.0] * len(findings) for _ in findings]
    for i, j in combinations(range(len(findings)), 2):
        if near(i, j):
            likeness = dice[i][j]
            z = BIAS + ROOT_DICE * math.sqrt(likeness) + MUTUAL * likeness / max(best[i], best[j])
            z += SAME_CALL * likeness if _call(findings[i]) == _call(findings[j]) else 0.0
            z += _by_names(wordings[i], wordings[j], rarity)
            probabilities[i][j] = probabilities[j][i] = 1 / (1 + math.exp(-z))
    return probabilities


def _by_names(one: Wording, other: Wording, rarity: Mapping[str, float]) -> float:
    """What shared code in the text says for the pair, or against it."""
    z = 0.0 if one.literals.isdisjoint(other.literals) else SHARED_LITERAL
    shared = one.names & other.names
    if shared:
        mass, *masses = (math.fsum(rarity[name] for name in names) for names in (shared, one.names, other.names))
        return z + SHARED_NAMES * mass / min(masses)
    return z + NO_SHARED_NAME if one.names and other.names else z


def _call(finding: Finding) -> tuple[str, str]:
    """One seat is one call: two lenses of a member are not."""
    return finding.member, finding.lens


def _rarity(wordings: Sequence[Wording]) -> dict[str, float]:
    """What sharing a name tells: the fewer findings here have it, the more."""
    having = Counter(name for wording in wordings for name in wording.names)
    return {name: math.log((len(wordings) + 1) / count) + 0.1 for name, count in having.items()}


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
