"""How well findings are merged, against what people and judges said of them. Reads files, prints figures, needs no key.

COUNCIL.jsonl   findings of several review tools on the same pull requests, each matched to the goldens people wrote.
                Text only: no path, no line. Two findings of one golden are one problem, of two goldens are two; one
                with and one without a golden count as two; without any, nobody knows, and the pair is left out.
--lenses        answers of one model to three lenses (DESIGN 4.3), with --diffs, a folder of ID.diff. They are grounded
                and merged; with --claims, another model's word for which of them one fix would resolve.
--distinct      comments with places that annotators called valid and distinct: each one merged away is an error.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, NamedTuple

from reviewbot.change import Anchor, Diff, parse_diff
from reviewbot.council import Member, Seat
from reviewbot.findings import Answer, Draft, Finding, ground, merge

TRI = ("claude", "gemini", "copilot", "augment", "bugbot", "qodo", "coderabbit", "greptile")
COUNCILS = {
    "CGP": ("claude", "gemini", "copilot"),
    "T3": ("augment", "qodo-v2", "bugbot"),
    "C5": ("claude", "gemini", "copilot", "bugbot", "kg"),
}
Row = Mapping[str, Any]


class Pairs(NamedTuple):
    """Pairs that are one problem, those we called one, and those that are both."""

    true: int = 0
    called: int = 0
    both: int = 0

    def __str__(self) -> str:
        precision, recall = self.both / max(1, self.called), self.both / max(1, self.true)
        f1 = 2 * self.both / max(1, self.true + self.called)
        return f"precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}  ({self.both} of {self.true} pairs)"


def add(one: Pairs, other: Pairs) -> Pairs:
    return Pairs(*(a + b for a, b in zip(one, other, strict=True)))


def main() -> None:
    """Print the figures of each file that was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("council", type=Path)
    for flag in ("--lenses", "--diffs", "--claims", "--distinct"):
        parser.add_argument(flag, type=Path)
    given = parser.parse_args()
    check_council(rows_of(given.council))
    if given.lenses and given.diffs:
        check_lenses(rows_of(given.lenses), given.diffs, rows_of(given.claims) if given.claims else [])
    if given.distinct:
        check_distinct(rows_of(given.distinct))


def rows_of(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def draft(body: str, path: str = "", line: int = 1) -> Draft:
    return Draft(
        title="", body=body, severity="medium", confidence="likely", category="other",
        path=path, side="new", line=line, quote="",
    )  # fmt: skip


def check_council(rows: Sequence[Row]) -> None:
    """Pair figures by council; TRI is the mean over all councils of three of eight tools."""
    print("Known pairs of findings (text only). certain: both have a golden")
    for name, tools in COUNCILS.items():
        known, certain = council_pairs(rows, tools)
        print(f"  {name:4} known    {known}\n  {'':4} certain  {certain}")
    every = [council_pairs(rows, tools) for tools in combinations(TRI, 3)]
    for kind, pairs in zip(("known", "certain"), zip(*every, strict=True), strict=True):
        mean = sum(2 * p.both / max(1, p.true + p.called) for p in pairs) / len(pairs)
        precision = sum(p.both / max(1, p.called) for p in pairs) / len(pairs)
        print(f"  TRI  {kind:8} mean F1 {mean:.3f} at precision {precision:.3f} over {len(pairs)} councils")


def council_pairs(rows: Iterable[Row], tools: Sequence[str]) -> tuple[Pairs, Pairs]:
    """All known pairs, and those of two findings that both hit a golden."""
    known = certain = Pairs()
    for row in rows:
        if all(tool in row["tools"] for tool in tools):
            one, other = row_pairs(row, tools)
            known, certain = add(known, one), add(certain, other)
    return known, certain


def row_pairs(row: Row, tools: Sequence[str]) -> tuple[Pairs, Pairs]:
    comments = [(tool, comment) for tool in tools for comment in row["tools"][tool]["comments"]]
    findings = [
        Finding(member=tool, family=tool, lens="all", draft=draft(text["body"], line=n), path="", anchor=None, quote="")
        for n, (tool, text) in enumerate(comments)
    ]
    group = groups(findings, Diff(files=()))
    known = certain = Pairs()
    for i, j in combinations(range(len(findings)), 2):
        ours, theirs = goldens(comments[i][1]), goldens(comments[j][1])
        if ours or theirs:
            true, called = bool(ours & theirs), group[findings[i]] == group[findings[j]]
            pair = Pairs(true, called, true and called)
            known = add(known, pair)
            certain = add(certain, pair) if ours and theirs else certain
    return known, certain


def goldens(comment: Row) -> set[int]:
    inferred = comment.get("inferred_golden")
    return set(comment["matched_golden"]) or ({inferred} if inferred is not None else set())


def groups(findings: Sequence[Finding], diff: Diff) -> dict[Finding, int]:
    return {finding: n for n, cluster in enumerate(merge(findings, diff)) for finding in cluster.findings}


def check_lenses(rows: Sequence[Row], diffs: Path, claims: Sequence[Row]) -> None:
    """One family through three lenses: what stands in the diff, and how many problems are left."""
    by_change: dict[str, dict[tuple[str, int], Finding]] = defaultdict(dict)
    changes = {row["id"]: parse_diff((diffs / f"{row['id']}.diff").read_bytes()) for row in rows}
    for row in rows:
        seat = Seat(member=Member(name="one/model", family="one"), lens=row["lens"])
        drafts = Answer.model_validate(row["answer"]).findings
        for index, finding in enumerate(ground(drafts, changes[row["id"]], seat=seat)):
            by_change[row["id"]][row["lens"], index] = finding
    print("Lenses of one family")
    total, found, left, anchored = Pairs(), 0, 0, 0
    for change, findings in by_change.items():
        group = groups(tuple(findings.values()), changes[change])
        found, left = found + len(findings), left + len(set(group.values()))
        anchored += sum(finding.anchor is not None for finding in findings.values())
        judged = sorted(key for key in findings if any(key == (c["lens"], c["index"]) for c in claims))
        same = set(same_problem([claim for claim in claims if claim["id"] == change]))
        for one, other in combinations(judged, 2):
            true, called = frozenset((one, other)) in same, group[findings[one]] == group[findings[other]]
            total = add(total, Pairs(true, called, true and called))
    print(f"  {found} findings, {anchored} anchored, {left} problems after merging")
    if claims:
        print(f"  against the other model's word  {total}")


def same_problem(claims: Sequence[Row]) -> Iterator[frozenset[tuple[str, int]]]:
    """Pairs of (lens, index) that one fix resolves, by any wording of the question."""
    for wording in {claim["wording"] for claim in claims}:
        asked = [claim for claim in claims if claim["wording"] == wording]
        names = {claim["verdict"]["claim"]: (claim["lens"], claim["index"]) for claim in asked}
        for claim in asked:
            for other in claim["verdict"]["same_as"]:
                yield frozenset((names[claim["verdict"]["claim"]], names[other]))


def check_distinct(rows: Sequence[Row]) -> None:
    """Valid comments that lost their own entry: all but one of the valid ones in each cluster."""
    valid = swallowed = 0
    for row in rows:
        comments = [(author, comment) for author, said in row["models"].items() for comment in said]
        findings = [placed(author, comment) for author, comment in comments]
        group = groups(findings, Diff(files=()))
        kept = [group[finding] for finding, (_, comment) in zip(findings, comments, strict=True) if comment["valid"]]
        valid, swallowed = valid + len(kept), swallowed + len(kept) - len(set(kept))
    print(f"Distinct valid comments swallowed by merging: {swallowed / valid:.3f} ({swallowed} of {valid})")


def placed(author: str, comment: Row) -> Finding:
    first, last = sorted((comment["from_line"], comment["line"]))
    side = "old" if comment["side"] == "left" else "new"
    anchor = Anchor(path=comment["path"], side=side, start_line=first, line=last)
    said = draft(comment["body"], comment["path"], last)
    return Finding(member=author, family=author, lens="all", draft=said, path=anchor.path, anchor=anchor, quote="")


if __name__ == "__main__":
    main()
