"""Planted defects stand where they are said to stand, and answers that are about nothing are known."""

import json
from typing import Any

import pytest

from reviewbot.council.canary import CANARIES, Canary, Heard, doubt, finds, finds_any
from reviewbot.council.prompt import load_lenses

EMPTY = json.dumps({"findings": [], "could_not_judge": [], "verdicts": []})
ORDERS = "You sit on a council that reviews one change. " * 10


def an_answer(canary: Canary, **changes: Any) -> str:
    """A finding at the planted line, or beside it."""
    draft = {
        "title": "t", "body": "b", "severity": "high", "confidence": "certain", "category": "other",
        "path": canary.path, "side": "new", "line": canary.line, "quote": canary.mark, "fix": None, "assumption": None,
    }  # fmt: skip
    return json.dumps({"findings": [draft | changes], "could_not_judge": [], "verdicts": []})


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.lens)
def test_the_defect_stands_on_an_added_line_of_a_diff_that_parses(canary: Canary) -> None:
    (file,) = canary.change.diff.files
    (line,) = (line for hunk in file.hunks for line in hunk.lines if line.new == canary.line and line.kind == "+")
    assert canary.mark in line.text
    assert (file.path, canary.lens in load_lenses()) == (canary.path, True)


@pytest.mark.parametrize("canary", CANARIES, ids=lambda canary: canary.lens)
def test_a_finding_at_the_line_or_with_its_quote_has_found_it(canary: Canary) -> None:
    assert finds(an_answer(canary), canary)
    assert finds(an_answer(canary, line=1), canary)
    assert finds(an_answer(canary, quote="", line=canary.line + 2, path=f"b/{canary.path}"), canary)
    assert not finds(an_answer(canary, quote="", line=canary.line + 9), canary)
    assert not finds(an_answer(canary, path="other.py"), canary)
    others = [other for other in CANARIES if other is not canary]
    assert not any(finds(an_answer(canary), other) for other in others)
    assert finds_any(an_answer(canary))


@pytest.mark.parametrize("text", [EMPTY, "", "[]", "I found nothing.", '{"findings": [{"path": "billing/charge.py"}]}'])
def test_an_answer_without_a_finding_has_missed_it(text: str) -> None:
    assert not finds_any(text)


@pytest.mark.parametrize(
    ("found", "doubted"),
    [((), False), ((False,), False), ((True, False), False), ((False, True), False), ((False, False), True)],
)
def test_two_misses_in_a_row_are_a_doubt(found: tuple[bool, ...], *, doubted: bool) -> None:
    assert ("planted defect" in doubt(found, (), ORDERS)) == doubted


def test_the_same_findings_for_several_pull_requests_are_a_doubt() -> None:
    said = an_answer(CANARIES[0])
    assert doubt((), [Heard((1, 7), said)] * 5 + [Heard((1, 8), said)], ORDERS) == ""
    assert "to the letter" in doubt((), [Heard((1, number), said) for number in (7, 8, 9)], ORDERS)
    assert doubt((), [Heard((1, number), EMPTY) for number in range(9)], ORDERS) == "", "nothing found is no sign"


def test_instructions_sent_back_for_several_pull_requests_are_a_doubt() -> None:
    echo = f"Sure. {' '.join(ORDERS.split())}"
    assert doubt((), [Heard((1, 7), echo)] * 2, ORDERS) == "", "one change may quote them"
    assert "instructions" in doubt((), [Heard((1, 7), echo), Heard((1, 8), "{}"), Heard((2, 7), echo)], ORDERS)
