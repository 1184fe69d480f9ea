"""Of all the places where a name stands, the few that help: by nearness, by weight, and none where nobody can tell."""

import time

import pytest

from reviewbot.change.syntax import Block
from reviewbot.change.uses import MAX_CALLERS, MAX_DEFINITION, MAX_SAME_NAME, Hit, Place, Uses

NEAR = ["shop/pay/charge.py"]


def uses(*hits: Hit, shown: dict[str, set[int]] | None = None) -> Uses:
    there = frozenset(hit.path for hit in hits if not hit.path.startswith("gone/"))
    return Uses({"charge": hits}, visible=there.__contains__, shown=shown or {}, near=NEAR)


def places(found: list[Place]) -> list[tuple[str, int]]:
    return [(place.path, place.line) for place in found]


def test_the_definition_of_a_name_is_found_and_the_nearest_comes_first():
    found = uses(
        Hit("a/far.py", 1, "def charge(x):"),
        Hit("shop/near.py", 2, "def charge(y):"),
        Hit("shop/near.py", 9, "charge(1)"),
    )
    assert places(found.definitions("charge")) == [("shop/near.py", 2), ("a/far.py", 1)]
    assert found.definitions("other") == []


def test_a_name_that_many_define_tells_nothing_about_which_is_meant():
    defining = [Hit(f"far/{number}.py", 1, "def charge():") for number in range(MAX_SAME_NAME + 1)]
    callers = [Hit("far/c.py", 5, "charge()"), Hit("shop/pay/d.py", 6, "charge()")]
    found = uses(*defining, *callers)
    assert found.definitions("charge") == []
    assert places(found.callers("charge")) == [("shop/pay/d.py", 6)]


def test_what_the_diff_shows_is_not_shown_again():
    definition, call = Hit("shop/a.py", 3, "def charge(x):"), Hit("shop/a.py", 9, "charge(1)")
    assert uses(definition, call, shown={"shop/a.py": {3}}).definitions("charge") == []
    assert uses(definition, call, shown={"shop/a.py": {9}}).callers("charge") == []


def test_a_call_counts_more_than_a_mention_and_that_more_than_an_import_and_tests_come_last():
    found = uses(
        Hit("shop/pay/a.py", 1, "from shop.pay.charge import charge"),
        Hit("shop/pay/b.py", 2, "handlers = [charge]"),
        Hit("far/c.py", 3, "charge(total, 'EUR', key)"),
        Hit("shop/pay/d.py", 4, "charge(total)"),
        Hit("tests/test_e.py", 5, "charge(1, 2, 3, 4)"),
    )
    order = ["far/c.py", "shop/pay/d.py", "shop/pay/b.py", "shop/pay/a.py"]
    assert [place.path for place in found.callers("charge")] == order[:MAX_CALLERS]
    assert [place.path for place in found.callers("charge", most=9)] == [*order, "tests/test_e.py"]


def test_one_place_a_file_and_nothing_that_is_not_in_the_tree():
    found = uses(Hit("a.py", 1, "charge()"), Hit("a.py", 7, "charge(a, b)"), Hit("gone/b.py", 1, "charge()"))
    assert places(found.callers("charge")) == [("a.py", 7)]


@pytest.mark.parametrize(
    ("text", "as_name", "as_field"),
    [
        ("handlers = [charge]", True, False),
        ("x = order.charge", True, True),
        ("pay(charge=2)", False, True),
        ("charge = first.run()", False, False),
        ("    The charge: what a bank takes, `charge`.", False, False),
        ("pay(1)  # (charge) comes later", False, False),
        ("from bank import charge", True, True),
    ],
)
def test_a_use_is_told_from_a_word_and_from_a_variable_that_is_called_alike(text: str, as_name: bool, as_field: bool):
    found = uses(Hit("shop/a.py", 1, text))
    assert (bool(found.callers("charge")), bool(found.callers("charge", field=True))) == (as_name, as_field)


def test_a_file_that_defines_a_name_means_its_own_but_behind_a_dot():
    def called(path: str, call: str) -> bool:
        return bool(uses(Hit(path, 1, "def charge():"), Hit(path, 9, call)).callers("charge"))

    assert not called("shop/a.py", "charge(1)")
    assert not called("shop/a.py", "self.charge(1)")
    assert called("shop/a.py", "bank.charge(1)")
    assert called(NEAR[0], "charge(1)")


def test_a_word_that_stands_everywhere_is_not_slow_to_look_at():
    hits = [Hit(f"a/{number}.py", 1, f"def charge(x{number}):") for number in range(20_000)]
    began = time.process_time()
    assert uses(*hits).definitions("charge") == []
    assert uses(*hits).callers("charge") == []
    assert time.process_time() - began < 1.0


ROWS = [f"row {number}" for number in range(1, 101)]


@pytest.mark.parametrize(
    ("place", "blocks", "lines"),
    [
        (Place("definition", "f", "a.py", 4), [Block("f", 3, 5, 9)], [*range(3, 10)]),
        (Place("definition", "f", "a.py", 4), [Block("f", 3, 5, 90)], [*range(3, 18)]),
        (Place("caller", "f", "a.py", 50), [Block("A", 1, 1, 99), Block("g", 30, 31, 52)], [30, 31, *range(46, 53)]),
        (Place("caller", "f", "a.py", 98), [], [*range(94, 101)]),
    ],
)
def test_which_lines_of_a_place_are_shown(place: Place, blocks: list[Block], lines: list[int]):
    assert list(place.lines(blocks, ROWS)) == lines


def test_a_constant_is_shown_with_its_value():
    rows = ["LIMITS = {", "    'a': 1,", "}", "x = 1"]
    assert place_lines(rows) == [1, 2, 3]
    assert len(rows) < MAX_DEFINITION


def place_lines(rows: list[str]) -> list[int]:
    return list(Place("definition", "LIMITS", "a.py", 1).lines([], rows))
