"""What `judgement.py` measures where findings have places: distinct comments merged away, and lenses of one family."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from reviewbot.change import Anchor, Diff, parse_diff
from reviewbot.council import Member, Seat
from reviewbot.findings import Answer, Draft, Finding, ground, merge

Row = Mapping[str, Any]


def swallowed(path: Path) -> float:
    """The share of valid comments that lost their own entry: all but one of the valid ones in each cluster."""
    valid = lost = 0
    for row in _rows(path):
        comments = [(author, comment) for author, said in row["models"].items() for comment in said]
        findings = [_placed(author, comment) for author, comment in comments]
        group = _groups(findings, Diff(files=()))
        kept = [group[finding] for finding, (_, comment) in zip(findings, comments, strict=True) if comment["valid"]]
        valid, lost = valid + len(kept), lost + len(kept) - len(set(kept))
    return lost / valid


def merged_lenses(answers: Path, diffs: Path, claims: Path | None) -> str:
    """One family through three lenses: how many problems are left, and what another model says of the pairs."""
    by_change: dict[str, dict[tuple[str, int], Finding]] = defaultdict(dict)
    changes = {}
    for row in _rows(answers):
        change = changes[row["id"]] = parse_diff((diffs / f"{row['id']}.diff").read_bytes())
        seat = Seat(member=Member(name="one/model", family="one"), lens=row["lens"])
        for index, finding in enumerate(ground(Answer.model_validate(row["answer"]).findings, change, seat=seat)):
            by_change[row["id"]][row["lens"], index] = finding
    told = _rows(claims) if claims else []
    found = left = same = called = both = 0
    for name, findings in by_change.items():
        group = _groups([*findings.values()], changes[name])
        found, left = found + len(findings), left + len(set(group.values()))
        own = [claim for claim in told if claim["id"] == name]
        alike = set(_one_fix(own))
        for pair in combinations(sorted({(claim["lens"], claim["index"]) for claim in own}), 2):
            true, one = frozenset(pair) in alike, len({group[findings[key]] for key in pair}) == 1
            same, called, both = same + true, called + one, both + (true and one)
    return (
        f"lenses of one family: {found} findings are {left} problems; of {same} pairs that another model calls one "
        f"{both} are joined, and {called - both} more"
    )


def _rows(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _groups(findings: Sequence[Finding], diff: Diff) -> dict[Finding, int]:
    return {finding: n for n, cluster in enumerate(merge(findings, diff)) for finding in cluster.findings}


def _one_fix(claims: Sequence[Row]) -> Iterator[frozenset[tuple[str, int]]]:
    """Pairs of (lens, index) that one fix resolves, by any wording of the question."""
    for wording in {claim["wording"] for claim in claims}:
        asked = [claim for claim in claims if claim["wording"] == wording]
        names = {claim["verdict"]["claim"]: (claim["lens"], claim["index"]) for claim in asked}
        for claim in asked:
            for other in claim["verdict"]["same_as"]:
                yield frozenset((names[claim["verdict"]["claim"]], names[other]))


def _placed(author: str, comment: Row) -> Finding:
    first, last = sorted((comment["from_line"], comment["line"]))
    side = "old" if comment["side"] == "left" else "new"
    anchor = Anchor(path=comment["path"], side=side, start_line=first, line=last)
    draft = Draft(
        title="", body=comment["body"], severity="medium", confidence="likely", category="other",
        path=comment["path"], side=side, line=last, quote="",
    )  # fmt: skip
    return Finding(member=author, family=author, lens="all", draft=draft, path=anchor.path, anchor=anchor, quote="")
