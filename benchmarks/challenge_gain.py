"""What a challenge is worth, with challengers of a known skill. Reads a file, prints figures, needs no key.

COUNCIL.jsonl   findings of several review tools on the same pull requests, each matched to the goldens people wrote
                (text only: all findings of a pull request are put on one line, so that text alone decides).

A simulated challenger judges the first 12 problems of each pull request. It sees one number a problem, normal, whose
mean is higher for a problem that has a golden; its sign is right as often as the column says. The number is the rating,
its sign the word. So it errs by chance: real challengers err where the reviewers did, and are worth less than this.
`one fix` is how often it is right about a doubtful pair. Figures are means over all councils of three of eight tools.
"""

import argparse
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import NormalDist, mean
from typing import Any, NamedTuple

from reviewbot.change import Anchor, Diff
from reviewbot.findings import Draft, Finding, Ranked, merge, rank
from reviewbot.findings.model import Verdict, VerdictWord
from reviewbot.settings import Comments

TRI = ("claude", "gemini", "copilot", "augment", "bugbot", "qodo", "coderabbit", "greptile")
CHALLENGED = 12
NOWHERE = Diff(files=())
Row = Mapping[str, Any]
Goldens = Mapping[Finding, frozenset[int]]


class Skill(NamedTuple):
    """How often a challenger is right: of a problem, and of a doubtful pair."""

    verdict: float | None
    one_fix: float | None = None

    def __str__(self) -> str:
        if self.verdict is None:
            return "no challenge"
        return f"right {self.verdict:.0%}" + (f", one fix {self.one_fix:.0%}" if self.one_fix else "")


SKILLS = (Skill(None), Skill(0.5), Skill(0.65), Skill(0.75), Skill(0.85), Skill(0.75, 0.75), Skill(0.75, 0.9))


class Score(NamedTuple):
    """Of one council over all pull requests, as the page of the data defines them."""

    f1: float
    precision_at_5: float
    posted: float


def main() -> None:
    """Print one line for each skill."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("council", type=Path)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    rows = [json.loads(line) for line in given.council.read_text(encoding="utf-8").splitlines()]
    councils = [*combinations(TRI, 3)]
    before: list[Score] = []
    for skill in SKILLS:
        seeds = range(given.seeds if skill.verdict else 1)
        scores = [score(rows, tools, skill, seed) for seed in seeds for tools in councils]
        before = before or scores
        better = sum(s.f1 > b.f1 for s, b in zip(scores, before * len(seeds), strict=True)) / len(seeds)
        f1, p5, posted = (mean(values) for values in zip(*scores, strict=True))
        print(
            f"{skill!s:26} strict F1 {f1:.3f}  P@5 {p5:.3f}  posted {posted:4.1f} a pull request  "
            f"better for {better:.0f} of {len(councils)} councils"
        )


def score(rows: Sequence[Row], tools: Sequence[str], skill: Skill, seed: int) -> Score:
    new = misses = total = 0
    firsts = []
    for row in rows:
        goldens = findings_of(row, tools)
        ranked = judged(goldens, skill, random.Random(f"{seed} {row['id']} {tools}"))  # noqa: S311  a repeatable trial
        shown = [*news((one for one in ranked if one.placement == "inline"), goldens)]
        total, new, misses = total + len(row["golden"]), new + sum(map(len, shown)), misses + shown.count(frozenset())
        firsts.append(sum(map(bool, news(ranked[:5], goldens))) / 5)
    precision, recall = new / max(1, new + misses), new / total
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Score(f1, mean(firsts), (new + misses) / len(rows))


def news(ranked: Iterable[Ranked], goldens: Goldens) -> Iterator[frozenset[int]]:
    """The goldens that each problem is the first to hit, by the words that speak for it."""
    seen: frozenset[int] = frozenset()
    for one in ranked:
        hit = goldens[one.cluster.findings[0]]
        yield hit - seen
        seen |= hit


def findings_of(row: Row, tools: Iterable[str]) -> dict[Finding, frozenset[int]]:
    """Each finding and its goldens; one tool is one family."""
    place = Anchor(path="f", side="new", start_line=1, line=1)
    goldens = {}
    for tool in tools:
        for number, comment in enumerate(row["tools"][tool]["comments"]):
            draft = Draft(
                title="", body=comment["body"], severity="medium", confidence="likely", category="other",
                path="f", side="new", line=number, quote="",
            )  # fmt: skip
            finding = Finding(
                member=tool, family=tool, lens="all", draft=draft, path="f", anchor=place, quote=f"{tool} {number}"
            )
            inferred = comment.get("inferred_golden")
            goldens[finding] = frozenset(comment["matched_golden"] or ([inferred] if inferred is not None else []))
    return goldens


def judged(goldens: Goldens, skill: Skill, chance: random.Random) -> tuple[Ranked, ...]:
    families = tuple(sorted({finding.family for finding in goldens}))

    def ranked(verdicts: Iterable[Verdict]) -> tuple[Ranked, ...]:
        clusters = merge(tuple(goldens), NOWHERE, asked=lambda _lens, _path: families, verdicts=verdicts)
        return rank(clusters, asked=lambda _lens, _path: families, comments=Comments())

    unheard = ranked(())
    return unheard if skill.verdict is None else ranked([*challenged(unheard[:CHALLENGED], goldens, skill, chance)])


def challenged(ranked: Sequence[Ranked], goldens: Goldens, skill: Skill, chance: random.Random) -> Iterator[Verdict]:
    """One verdict a problem, by a family that did not raise it."""
    distance = NormalDist().inv_cdf(skill.verdict or 0.5)
    for one in ranked:
        real = goldens[one.cluster.findings[0]]
        number = chance.gauss(distance if real else -distance, 1)
        word: VerdictWord = "upheld" if number > 0 else "refuted" if number < -1 else "unsure"
        yield Verdict(
            about=one.id, by="another", member="another/model", because="", quote="", quote_stands=word != "unsure",
            verdict=word,
            importance=round(min(max(50 + 20 * number, 0), 100)),
            same_as=tuple(
                other.id
                for other in ranked
                if skill.one_fix and other.id > one.id
                and bool(real & goldens[other.cluster.findings[0]]) == (chance.random() < skill.one_fix)
            ),
        )  # fmt: skip


if __name__ == "__main__":
    main()
