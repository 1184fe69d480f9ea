import random

import pytest
from findings.samples import PATH, changes, diff, draft, file, numbers_of, seat
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewbot.change import Diff, Side
from reviewbot.findings import Draft, Finding, ground
from reviewbot.findings.quotes import fold

MARKS = "+- +  -++ " * 12
SOURCE = [f"{mark}    value_{number} = compute(source[{number}], rate)" for number, mark in enumerate(MARKS)]
CHANGE = diff(
    file([*SOURCE, "+    }", "+", "+    }"], [*SOURCE[::-1], "-    }", "     return", "+    }"]),
    file(["+import os", " import sys", "-import re"], path="shop/cart.py", old_path="shop/basket.py"),
)


def stands_in(one: Finding, change: Diff) -> bool:
    """GitHub's rules for a comment: known lines of one side of one hunk, in order; and the text is theirs."""
    anchor = one.anchor
    if anchor is None or anchor.start_line > anchor.line or one.path != anchor.path:
        return False
    wanted = range(anchor.start_line, anchor.line + 1)
    hunks = numbers_of(change, anchor.path, anchor.side)
    return any(all(n in hunk for n in wanted) and one.quote == "\n".join(hunk[n] for n in wanted) for hunk in hunks)


def one(said: Draft, change: Diff = CHANGE) -> Finding:
    (found,) = ground([said], change, seat=seat())
    return found


def test_a_finding_carries_who_said_it_and_what_was_said() -> None:
    said = draft("import os", path="b/shop/cart.py", line=40)
    (found,) = ground([said], CHANGE, seat=seat("openai/gpt", "security"))
    assert (found.member, found.family, found.lens, found.draft) == ("openai/gpt", "openai", "security", said)
    assert found.path == "shop/cart.py"
    assert found.anchor is not None
    assert (found.anchor.side, found.anchor.start_line, found.anchor.line) == ("new", 1, 1)


def test_a_rename_is_found_by_its_old_name_and_anchored_under_the_new() -> None:
    found = one(draft("import re", path="shop/basket.py", line=2))
    assert found.anchor is not None
    assert (found.path, found.anchor.path, found.anchor.side, found.anchor.line) == (
        "shop/cart.py", "shop/cart.py", "old", 2,
    )  # fmt: skip


@pytest.mark.parametrize(("written", "path"), [("elsewhere.py", "elsewhere.py"), ("a/shop\\cart.py", "shop/cart.py")])
def test_a_quote_that_stands_nowhere_leaves_a_finding_without_an_anchor(written: str, path: str) -> None:
    found = one(draft("delete_everything(now)", path=written))
    assert found.anchor is None
    assert (found.path, found.quote) == (path, "delete_everything(now)")


def test_a_quote_from_another_file_is_no_evidence_in_this_one() -> None:
    assert one(draft("import os", path=PATH)).anchor is None


def test_a_file_without_text_anchors_nothing() -> None:
    assert one(draft("import os", path="logo.png"), diff(file(path="logo.png"))).anchor is None


def test_two_entries_of_one_file_are_searched_together() -> None:
    parts = diff(file(["+first_call(order)"]), file(["+second_call(order)"], start=50))
    assert [one(draft(quote), parts).anchor is not None for quote in ("first_call(order)", "second_call(order)")] == [
        True,
        True,
    ]


def test_every_draft_becomes_one_finding_in_its_order() -> None:
    drafts = [draft("import os", title=str(number), path="shop/cart.py") for number in range(5)] * 2
    assert [found.draft for found in ground(drafts, CHANGE, seat=seat())] == drafts


def test_a_thousand_wrong_numbers_and_sides_end_on_lines_that_hold_the_quote() -> None:
    """THREATS L11: numbers shifted, of the other side, counted in the patch; quotes whole, cut, re-indented, marked."""
    rng = random.Random(1117)  # noqa: S311  a seed, not a secret
    told = [(side, number, text) for side in ("new", "old") for hunk in numbers_of(CHANGE, PATH, side)
            for number, text in hunk.items() if len(fold(text)) > 20]  # fmt: skip
    whole = {fold(text) for _, _, text in told}
    drafts, wanted = [], []
    for _ in range(1_000):
        side, number, text = rng.choice(told)
        cut = text[rng.randrange(4) : len(text) - rng.randrange(4)]
        mark = "+" if side == "new" else "-"
        quote = rng.choice([text, cut, text.strip(), "\t" + text.strip(), mark + text, f"{number}{mark}{text}"])
        named: Side = rng.choice(("new", "old"))
        shifted = max(1, number + rng.choice([0, 1, -2, 30, -30, 5_000]))
        drafts.append(draft(quote, side=named, line=shifted))
        wanted.append(cut if quote == cut else text)
    found = ground(drafts, CHANGE, seat=seat())
    anchored = [(one, text) for one, text in zip(found, wanted, strict=True) if one.anchor]
    assert all(stands_in(one, CHANGE) and fold(text) in fold(one.quote) for one, text in anchored)
    assert all(fold(one.draft.quote) not in whole for one in found if not one.anchor), "only a part may be in doubt"
    assert len(anchored) > 900


@settings(max_examples=40, deadline=None)
@given(changes(), st.data())
def test_an_anchor_is_lines_of_one_hunk_and_holds_the_quote(change: Diff, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(change.files))
    lines = [line.text for hunk in at.hunks for line in hunk.lines]
    start = data.draw(st.integers(0, len(lines) - 1))
    quote = "\n".join(lines[start : start + data.draw(st.integers(1, 3))])
    side, number = data.draw(st.sampled_from(("new", "old"))), data.draw(st.integers(1, 320))
    found = one(draft(quote, path=at.path, side=side, line=number), change)
    if found.anchor is None:
        assert found.quote == quote
    else:
        assert stands_in(found, change)
        assert fold(quote) in fold(found.quote)


@settings(max_examples=25, deadline=None)
@given(changes(), st.data())
def test_a_line_that_means_something_is_found_from_any_number(change: Diff, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from(change.files))
    telling = [line for hunk in at.hunks for line in hunk.lines if len(fold(line.text)) >= 8]
    if telling:
        line = data.draw(st.sampled_from(telling))
        side: Side = "old" if line.kind == "-" else "new"
        found = one(draft(line.text, path=at.path, side=side, line=data.draw(st.integers(1, 320))), change)
        assert stands_in(found, change)
        assert found.anchor is not None
        assert found.anchor.side == side


def test_many_drafts_over_thousands_of_files_are_looked_up_once_each() -> None:
    many = diff(*(file([f"+call_{n}(order)"], path=f"src/part_{n}/module.py") for n in range(5_000)))
    drafts = [draft(f"call_{n}(order)", path=f"src/part_{n}/module.py") for n in range(0, 5_000, 10)]
    assert all(found.anchor for found in ground(drafts, many, seat=seat()))
