import pytest
from findings.samples import diff, file, finding

from reviewbot.change import Diff, Hunk
from reviewbot.findings import Finding, merge

NOWHERE = Diff(files=())
OWNER = ("`refund` loads any order without an owner check", "A signed-in customer can refund the order of another.")
OWNER_AGAIN = ("No owner check in `refund`", "Any signed-in customer can refund an order that is not theirs.")
ALMOST = ("`refund` trusts its id", "The owner is not compared with the customer.")
"""Likely to be OWNER, not clearly."""


def said_by(family: str, words: tuple[str, str], **more: object) -> Finding:
    return finding(words[0], body=words[1], family=family, **more)


@pytest.mark.parametrize(
    ("other", "clusters"),
    [
        ({"line": 30}, 1),
        ({"line": 31}, 2),
        ({"path": "shop/cart.py"}, 2),
        ({"line": None}, 1),
        ({"line": None, "path": "shop/cart.py"}, 2),
        ({"line": 12, "side": "old"}, 2),
    ],
)
def test_place_is_a_gate(other: dict[str, object], clusters: int) -> None:
    assert len(merge([said_by("anthropic", OWNER), said_by("openai", OWNER_AGAIN, **other)], NOWHERE)) == clusters


def test_without_a_place_text_alone_decides_over_files() -> None:
    findings = [said_by("anthropic", OWNER, line=None), said_by("openai", OWNER_AGAIN, line=None, path="else.py")]
    assert len(merge(findings, NOWHERE)) == 1


def test_one_hunk_is_one_neighbourhood_on_both_sides() -> None:
    change = diff(file(["+line", "-gone"] * 40, ["+line"]))
    far = said_by("openai", OWNER_AGAIN, line=35)
    assert len(merge([said_by("anthropic", OWNER, line=2), far], change)) == 1
    assert len(merge([said_by("anthropic", OWNER, line=2, side="old"), far], change)) == 1
    assert len(merge([said_by("anthropic", OWNER, line=2), said_by("openai", OWNER_AGAIN, line=101)], change)) == 2


def test_two_hunks_are_two_problems_unless_the_texts_say_clearly_that_they_are_one() -> None:
    hunks = tuple(Hunk(old_start=n, new_start=n, body=("+code",)) for n in (14, 30))
    change = diff(file().model_copy(update={"hunks": hunks}))
    times = ("f3 multiplies where it added", "f3(5) gives 15 and not 8, so every caller that pages by it skips rows.")
    same = ("f7 returns its argument", "f7(5) gives 5 and not 12, so a caller that adds a margin adds none.")
    assert len(merge([said_by("p", times, line=14), said_by("q", same, line=30)], change)) == 2
    assert len(merge([said_by("p", OWNER, line=14), said_by("q", OWNER_AGAIN, line=30)], change)) == 1


@pytest.mark.parametrize(("line", "clusters"), [(20, 1), (21, 2)])
def test_lines_far_from_each_other_are_two_places_where_no_hunk_tells(line: int, clusters: int) -> None:
    assert len(merge([said_by("anthropic", OWNER), said_by("openai", ALMOST, line=line)], NOWHERE)) == clusters
