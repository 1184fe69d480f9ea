from findings.samples import PATH, diff, file

from reviewbot.change import Anchor, Change, Excerpt
from reviewbot.findings.shown import shown_of

CODE = file([" def settle(order):", "-    return Old(order)", "+    return New(order)"], [" a", "+b"])
TEST = file(["-old_name()", "+settle(1)"], path="tests/test_refund.py", old_path="tests/test_money.py")
CHANGE = Change(
    diff=diff(CODE, TEST),
    context=(Excerpt(path="bank.py", start_line=1, kind="definition", about="Bank", text="transfer()"),),
    intent="Closes the LedgerGap",
)


def test_a_name_stands_in_either_side_the_context_a_path_or_the_description() -> None:
    words = shown_of(CHANGE).words
    assert {"settle", "old", "new", "refund", "test_money", "bank", "transfer", "ledgergap", "old_name"} <= words
    assert "nowhere" not in words


def test_tests_are_the_test_files_as_they_will_be() -> None:
    assert shown_of(CHANGE).tests == {"settle", "1"}


def test_lines_between_the_ends_of_an_anchor_are_its_own() -> None:
    shown = shown_of(CHANGE)
    anchor = Anchor(path=PATH, side="new", start_line=1, line=2)
    first = shown.passage(anchor)
    second = shown.passage(Anchor(path=PATH, side="new", start_line=102, line=102))
    assert first is not None
    assert second is not None
    assert (first.source, second.source) == CODE.hunks
    assert [line.kind for line in first.at(anchor)] == [" ", "-", "+"]
    assert shown.passage(Anchor(path=PATH, side="old", start_line=2, line=2)) == first
    assert [line.text for line in second.new] == ["a", "b"]
    for side, line in (("new", 50), ("new", 3), ("old", 102)):
        assert shown.passage(Anchor(path=PATH, side=side, start_line=line, line=line)) is None


def test_lines_after_the_change_are_found_by_a_name_and_by_their_file() -> None:
    shown = shown_of(CHANGE)
    assert [*shown.lines_with("settle")] == ["def settle(order):", "settle(1)"]
    assert [*shown.lines_with("Old")] == []
    assert [*shown.new_lines(lambda path: path == PATH)] == ["def settle(order):", "    return New(order)", "a", "b"]


def test_a_hunk_that_has_no_lines_on_a_side_hides_none() -> None:
    cut = file(["+a"], start=4).hunks[0], file(["-b"], start=4).hunks[0]
    shown = shown_of(Change(diff=diff(CODE.model_copy(update={"hunks": cut}))))
    found = shown.passage(Anchor(path=PATH, side="new", start_line=4, line=4))
    assert found is not None
    assert found.source == cut[0]


def test_words_of_time_are_seen_anywhere_after_the_change() -> None:
    assert not shown_of(CHANGE).sets_times
    assert not shown_of(Change(diff=diff(file(["-timeout = 5"])))).sets_times
    for line in ("+TIMEOUT = 5", " deadline(5)"):
        assert shown_of(Change(diff=diff(file([line])))).sets_times
