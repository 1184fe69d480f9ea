from collections.abc import Mapping, Sequence

import pytest
from findings.samples import diff, file

from reviewbot.change import Hunk, Side
from reviewbot.findings.quotes import SIDES, Passage, find_quote, passages_of, stands

BODY = (
    " def refund(order_id, user):",
    "-    order = load(order_id, user)",
    "+    order = load_order(order_id)",
    "+    total = order.total * 100",
    "+",
    "+    pay(total)",
    "     return order",
    "+    }",
)
"""New lines 10 to 16 and old lines 10 to 12."""
FAR = (" def other():", "-    legacy_call(order)", "+    pay(total)", "     return", " }", " }")
"""New and old lines from 200 on."""


def passages(*bodies: Sequence[str], starts: Sequence[int] = (10, 200)) -> Mapping[Side, Sequence[Passage]]:
    hunks = [Hunk(old_start=at, new_start=at, body=tuple(body)) for at, body in zip(starts, bodies, strict=False)]
    return {side: passages_of(hunks, side) for side in SIDES}


def places(quote: str, number: int = 10, side: Side = "new") -> tuple[Side, int, int] | None:
    found = find_quote(quote, passages(BODY, FAR), side=side, number=number)
    return (found.side, found.start_line, found.line) if found else None


@pytest.mark.parametrize(
    ("quote", "place"),
    [
        ("    order = load_order(order_id)", ("new", 11, 11)),
        ("order = load_order(order_id)", ("new", 11, 11)),
        ("order=load_order( order_id )\r\n", ("new", 11, 11)),
        ("    order = load_order(order_id)\n    total = order.total * 100", ("new", 11, 12)),
        ("order = load_order(order_id) total = order.total * 100", ("new", 11, 12)),
        ("\n\n    total = order.total * 100\n\n    pay(total)\n", ("new", 12, 14)),
        ("total = order.total * 100\npay(total)", ("new", 12, 14)),
        ("load_order(order_id)", ("new", 11, 11)),
        ("order.total * 100", ("new", 12, 12)),
        ("def refund(order_id, user):", ("new", 10, 10)),
    ],
)
def test_a_quote_is_found_as_lines_without_whitespace_or_as_a_part(quote: str, place: tuple[Side, int, int]) -> None:
    assert places(quote) == place


@pytest.mark.parametrize(
    "quote",
    [
        "+    order = load_order(order_id)",
        "+order = load_order(order_id)",
        "11+    order = load_order(order_id)",
        "11     order = load_order(order_id)",
        "11:    order = load_order(order_id)",
        " 11 |    order = load_order(order_id)",
        "L11: order = load_order(order_id)",
        "11\t    order = load_order(order_id)",
        "-    order = load(order_id, user)\n+    order = load_order(order_id)",
        "11-    order = load(order_id, user)\n11+    order = load_order(order_id)",
    ],
)
def test_numbers_and_the_marks_of_a_diff_are_no_part_of_a_quote(quote: str) -> None:
    assert places(quote) == ("new", 11, 11)


def test_a_mark_that_is_the_code_itself_is_kept() -> None:
    listed = passages(("+- name: build", "+- name: test", "+1. name: test"))
    found = find_quote("- name: test", listed, side="new", number=1)
    assert found is not None
    assert (found.line, found.text) == (11, "- name: test")


@pytest.mark.parametrize(
    "quote", ["order = load(order_id, user)", "-    order = load(order_id, user)", "11-order = load(order_id, user)"]
)
def test_a_deleted_line_is_on_the_old_side_whatever_its_author_said(quote: str) -> None:
    assert places(quote, side="new") == places(quote, side="old") == ("old", 11, 11)


def test_an_added_line_is_on_the_new_side_whatever_its_author_said() -> None:
    assert places("order = load_order(order_id)", side="old") == ("new", 11, 11)


@pytest.mark.parametrize(("side", "line"), [("new", 15), ("old", 12)])
def test_a_context_line_is_on_the_side_that_was_asked(side: Side, line: int) -> None:
    assert places("return order", number=15, side=side) == (side, line, line)


def test_whole_lines_of_the_other_side_come_before_a_part_of_a_line_of_this() -> None:
    changed = passages(("-    return total", "+    return total + shipping"))
    found = find_quote("return total", changed, side="new", number=10)
    assert found is not None
    assert (found.side, found.fit) == ("old", "exact" if found.text == "return total" else "lines")


def test_a_line_spelled_exactly_comes_before_one_that_is_indented_otherwise() -> None:
    nested = passages(("+    charge(card, total)", "+        charge(card, total)"))
    exact = find_quote("        charge(card, total)", nested, side="new", number=10)
    loose = find_quote("charge(card, total)", nested, side="new", number=10)
    assert exact is not None
    assert loose is not None
    assert (exact.line, loose.line) == (11, 10)


@pytest.mark.parametrize(("number", "line"), [(1, 14), (14, 14), (90, 14), (130, 201), (9_000, 201)])
def test_of_several_places_the_nearest_to_the_number_is_taken(number: int, line: int) -> None:
    assert places("    pay(total)", number=number) == ("new", line, line)


@pytest.mark.parametrize(("number", "line"), [(203, 203), (206, 204), (207, 204), (208, None), (100, None), (13, 16)])
def test_a_quote_that_means_little_needs_a_number_that_is_near(number: int, line: int | None) -> None:
    assert places("}", number=number) == (None if line is None else ("new", line, line))


def test_a_part_that_stands_in_several_places_needs_a_number_that_is_near() -> None:
    twice = passages(("+first = convert(amount)",), ("+second = convert(amount)",))
    near = find_quote("convert(amount)", twice, side="new", number=198)
    assert near is not None
    assert near.line == 200
    assert find_quote("convert(amount)", twice, side="new", number=100) is None


@pytest.mark.parametrize(
    "quote", ["", "  \n\t\n", "+", "nothing like it", "pay(tot", "total * 1", "pay(total)\nreturn x"]
)
def test_what_is_not_quoted_or_does_not_stand_there_has_no_place(quote: str) -> None:
    assert places(quote) is None


def test_a_quote_does_not_reach_from_one_hunk_into_the_next() -> None:
    assert places("    }\n def other():", number=16) is None


def test_the_note_about_a_missing_line_feed_is_no_line() -> None:
    ended = passages(("-total = price", "\\ No newline at end of file", "+total = price * count", "+pay(total, card)"))
    found = find_quote("total = price * count\npay(total, card)", ended, side="new", number=10)
    assert found is not None
    assert (found.start_line, found.line) == (10, 11)
    assert find_quote("No newline at end of file", ended, side="new", number=10) is None


def test_bytes_that_are_no_text_are_found_like_any() -> None:
    odd = passages(("+name = 'caf\udce9 au lait'",))
    found = find_quote("name = 'caf\udce9 au lait'", odd, side="new", number=10)
    assert found is not None
    assert found.fit == "exact"


@pytest.mark.parametrize(
    ("quote", "there"),
    [
        ("total = price * count", True),
        ("  12+    total   =   price * count", True),
        ("total = cost", True),
        ("pay(total, card)\nsend(mail)", False),
        ("total", False),
        ("7     if owner != user:\n8         raise Denied", True),
        ("", False),
    ],
)
def test_what_a_challenger_quotes_stands_on_either_side_of_any_file_or_does_not(quote: str, there: bool) -> None:
    change = diff(file(["-total = cost", "+total = price * count"]), file(["+pay(total, card)"], path="b.py"))
    assert stands(quote, change, ["def load(owner):\n    if owner != user:\n        raise Denied"]) is there
