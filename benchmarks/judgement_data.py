"""What `judgement.py` measures on: recorded findings as the product's own, councils of tools, naive ways to judge them.

Knows labels, and gives them only to what counts. A recorded finding is a text: all of a pull request stand on one line
with the same severity and confidence, so that text and votes alone decide.
"""

import math
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from statistics import NormalDist
from typing import NamedTuple

from reviewbot.change import Anchor, Diff
from reviewbot.evals.recorded import RecordedPull
from reviewbot.evals.score import Goldens, Listed, Tally, pairs, tally
from reviewbot.findings import Asked, Cluster, Draft, Finding, Ranked, merge, rank
from reviewbot.findings.linkage import average_linkage
from reviewbot.findings.model import Verdict, VerdictWord
from reviewbot.settings import Comments

TOOLS = ("claude", "gemini", "copilot", "augment", "bugbot", "qodo", "coderabbit", "greptile")
TRI = (*combinations(TOOLS, 3),)
CGP = TOOLS[:3]
NOWHERE = Diff(files=())
PLACE = Anchor(path="f", side="new", start_line=1, line=1)
COSINE = 0.13
"""Of the naive merge: the best there is for it on all rows."""

Labels = Mapping[Finding, Goldens]
Judge = Callable[[RecordedPull, Sequence[str]], Tally]


class Skill(NamedTuple):
    """How often a challenger is right: of a problem, and of a pair. Without the second it is silent on pairs."""

    verdict: float
    one_fix: float | None = None

    def __str__(self) -> str:
        pairs_too = "silent on pairs" if self.one_fix is None else f"of a pair {self.one_fix:.0%}"
        return f"right {self.verdict:.0%}, {pairs_too}"


def labels_of(row: RecordedPull, tools: Sequence[str]) -> dict[Finding, Goldens]:
    """Each finding and what it tells of; one tool is one family."""
    labels = row.labels(tools) or {}
    return {_finding(tool, index, row.tools[tool].comments[index].body): told for (tool, index), told in labels.items()}


def _finding(tool: str, index: int, body: str) -> Finding:
    quote = f"{tool} {index}"
    draft = Draft(
        title="", body=body, severity="medium", confidence="likely", category="other",
        path="f", side="new", line=index, quote=quote,
    )  # fmt: skip
    return Finding(member=tool, family=tool, lens="all", draft=draft, path="f", anchor=PLACE, quote=quote)


def asked_of(tools: Sequence[str]) -> Asked:
    families = tuple(sorted(tools))
    return lambda _lens, _path: families


def clusters_of(labels: Labels, tools: Sequence[str], verdicts: Iterable[Verdict] = ()) -> tuple[Cluster, ...]:
    return merge(tuple(labels), NOWHERE, asked=asked_of(tools), verdicts=verdicts)


def product(row: RecordedPull, tools: Sequence[str]) -> Tally:
    """The product, nobody challenged."""
    labels = labels_of(row, tools)
    return counted(row, _ranked(clusters_of(labels, tools), tools), labels)


def challenged(row: RecordedPull, tools: Sequence[str], *, skill: Skill, most: int) -> Tally:
    """The product, after a stranger judged the first problems."""
    labels = labels_of(row, tools)
    claims = merge(tuple(labels), NOWHERE, asked=asked_of(tools), as_claims=True)
    chance = random.Random(f"{row.id} {tools}")  # noqa: S311  a repeatable trial
    verdicts = [*_verdicts(_ranked(claims, tools)[:most], labels, skill, chance)]
    return counted(row, _ranked(clusters_of(labels, tools, verdicts), tools), labels)


def by_bars(row: RecordedPull, tools: Sequence[str], bars: Iterable[float]) -> dict[float, Tally]:
    """The product with each of these in place of its own bar."""
    labels = labels_of(row, tools)
    ranked = _ranked(clusters_of(labels, tools), tools)
    order = [([labels[finding] for finding in dict.fromkeys(one.cluster.findings)], one.probability) for one in ranked]
    return {bar: _tally(row, [(told, worth >= bar) for told, worth in order]) for bar in bars}


def _ranked(clusters: Iterable[Cluster], tools: Sequence[str]) -> tuple[Ranked, ...]:
    return rank(clusters, asked=asked_of(tools), comments=Comments())


def _verdicts(ranked: Sequence[Ranked], labels: Labels, skill: Skill, chance: random.Random) -> Iterator[Verdict]:
    """By one number a problem, normal, with a higher mean for a real one; its sign is right as often as the skill says.

    The number is the rating, its sign the word. So it errs by chance: real challengers err where the reviewers did.
    """
    distance = NormalDist().inv_cdf(skill.verdict)
    for one in ranked:
        told = labels[one.cluster.findings[0]]
        number = chance.gauss(distance if told else -distance, 1)
        word: VerdictWord = "upheld" if number > 0 else "refuted" if number < -1 else "unsure"
        yield Verdict(
            about=one.id, by="another", member="another/model", because="", quote="", quote_stands=word != "unsure",
            verdict=word,
            importance=round(min(max(50 + 20 * number, 0), 100)),
            same_as=tuple(
                other.id
                for other in ranked
                if skill.one_fix is not None and other.id > one.id
                and bool(told & labels[other.cluster.findings[0]]) == (chance.random() < skill.one_fix)
            ),
        )  # fmt: skip


def counted(row: RecordedPull, ranked: Iterable[Ranked], labels: Labels) -> Tally:
    order = [(one.cluster.findings, one.placement == "inline") for one in ranked]
    return _tally(row, [([labels[finding] for finding in dict.fromkeys(found)], posted) for found, posted in order])


def _tally(row: RecordedPull, order: Sequence[tuple[Sequence[Goldens], bool]]) -> Tally:
    listed = [Listed(told[0], posted) for told, posted in order]
    return tally(row.id, listed, row.severities()).model_copy(update=pairs([told for told, _ in order]))


def everything(row: RecordedPull, tools: Sequence[str]) -> Tally:
    """All that the tools say, unmerged."""
    return _tally(row, [([told], True) for told in labels_of(row, tools).values()])


def exact(row: RecordedPull, tools: Sequence[str]) -> Tally:
    """Two tools that say it in the same words."""
    labels = labels_of(row, tools)
    alike: dict[str, list[Finding]] = {}
    for finding in labels:
        alike.setdefault(finding.draft.body.casefold(), []).append(finding)
    return _voted(row, alike.values(), labels)


def tf_idf(row: RecordedPull, tools: Sequence[str]) -> Tally:
    """Two tools that say it in words whose TF-IDF vectors are near."""
    labels = labels_of(row, tools)
    findings = [*labels]
    counts = [Counter(re.findall(r"\w+", finding.draft.body.lower())) for finding in findings]
    having = Counter(word for count in counts for word in count)
    vectors = [{word: n * math.log((len(counts) + 1) / having[word]) for word, n in count.items()} for count in counts]
    table = [[_cosine(one, other) if one is not other else 0.0 for other in vectors] for one in vectors]
    groups = average_linkage([(index,) for index in range(len(findings))], table, stop=COSINE)
    return _voted(row, [[findings[index] for index in group] for group in groups], labels)


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    lengths = math.hypot(*one.values()) * math.hypot(*other.values())
    return sum(value * other.get(word, 0.0) for word, value in one.items()) / lengths if lengths else 0.0


def _voted(row: RecordedPull, groups: Iterable[Sequence[Finding]], labels: Labels) -> Tally:
    """By the number of tools; what two of them say is posted."""
    votes = [(len({finding.family for finding in group}), group) for group in groups]
    votes.sort(key=lambda vote: -vote[0])
    return _tally(row, [([labels[finding] for finding in group], count > 1) for count, group in votes])
