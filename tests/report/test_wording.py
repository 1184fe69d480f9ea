import pytest
from report.samples import council, finding

from reviewbot.report.wording import QUOTED_LINES, commits, count, dollars, duration, listed, place, quoted


@pytest.mark.parametrize(
    ("usd", "words"),
    [(None, "unknown"), (0, "$0.00"), (0.00001, "<$0.0001"), (0.0213, "$0.0213"), (1.5, "$1.50"), (1234, "$1,234.00")],
)
def test_dollars_never_make_something_nothing(usd, words):
    assert dollars(usd) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0.0 s"), (59.94, "59.9 s"), (59.96, "1 min 00 s"), (125, "2 min 05 s")]
)
def test_durations_read_as_a_person_says_them(seconds, words):
    assert duration(seconds) == words


def test_names_and_counts_are_english():
    assert [listed(("a", "b", "c")[:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert (count(1, "finding"), count(0, "finding"), count(1200, "line")) == ("1 finding", "0 findings", "1,200 lines")


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"start_line": 3, "line": 5}, "a.py:3-5"),
        ({"start_line": 5, "line": 5}, "a.py:5"),
        ({"start_line": None, "line": 5}, "a.py:5"),
        ({"start_line": None, "line": None}, "a.py"),
        ({"start_line": 5, "line": 5, "side": "old"}, "a.py:5 (removed)"),
    ],
)
def test_a_place_is_written_as_editors_read_it(where, words):
    assert place(finding(path="a.py", **where)) == words


def test_quoted_lines_carry_their_numbers():
    assert quoted(finding(start_line=9, line=10, quote="a\n b\n")) == ((" 9", "a"), ("10", " b"))


def test_a_quotation_without_a_place_has_no_numbers():
    assert quoted(finding(start_line=None, line=None, quote="a")) == (("", "a"),)


def test_a_finding_without_code_quotes_nothing():
    assert quoted(finding(quote=" \n")) == ()


def test_a_long_quotation_says_how_much_was_cut():
    rows = quoted(finding(start_line=1, quote="\n".join("x" * (QUOTED_LINES + 3))))
    assert len(rows) == QUOTED_LINES + 1
    assert rows[-1] == ("  ", "... 3 more lines")


@pytest.mark.parametrize(
    ("base", "head", "words"),
    [
        ("a" * 40, "b" * 40, "aaaaaaaa..bbbbbbbb"),
        ("a" * 40, None, "work since aaaaaaaa"),
        (None, "b" * 40, "bbbbbbbb"),
        (None, None, ""),
    ],
)
def test_the_reviewed_range_is_named_as_far_as_commits_name_it(base, head, words):
    assert commits(council().change.model_copy(update={"base_sha": base, "head_sha": head})) == words
