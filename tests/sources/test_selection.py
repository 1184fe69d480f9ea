"""What a person names on the command line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.errors import BadRange
from reviewbot.sources import Selection


def words(range: str | None = None, base: str | None = None, *, staged: bool = False) -> Selection:  # noqa: A002
    return Selection.from_words(range, base, staged)


def test_nothing_named_is_the_work_tree_since_the_default_branch():
    assert words() == Selection() == Selection(head="work tree", since=None, from_merge_base=True)


def test_a_base_is_where_the_work_tree_parted_from_it():
    assert words(base="develop") == Selection(since="develop")


def test_staged_is_the_index():
    assert words(staged=True).head == "index"


@pytest.mark.parametrize(
    ("text", "since", "until", "parted"),
    [
        ("a..b", "a", "b", False),
        ("a...b", "a", "b", True),
        ("a..", "a", "HEAD", False),
        ("..b", "HEAD", "b", False),
        ("...b", "HEAD", "b", True),
        ("v1.2..v1.3", "v1.2", "v1.3", False),
        ("HEAD~3..HEAD@{1 day ago}", "HEAD~3", "HEAD@{1 day ago}", False),
    ],
)
def test_a_range_is_two_commits(text: str, since: str, until: str, parted: bool):
    assert words(text) == Selection(head="commit", since=since, until=until, from_merge_base=parted)


@pytest.mark.parametrize("text", ["..", "...", "a....b", "a..b..c", "a...b..c", ""])
def test_what_is_almost_a_range_is_refused(text: str):
    with pytest.raises(BadRange, match="is not a range; write it as"):
        words(text)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("main", "`--base main` reviews everything since it, `main..HEAD` its commits"),
        ("my.patch", "`--diff my.patch`"),
        ("-", "`--diff -`"),
        ("https://github.com/o/r/pull/1", "reviewbot pr"),
        ("o/r#1", "reviewbot pr"),
    ],
)
def test_what_is_no_range_names_the_flag_for_it(text: str, flag: str):
    with pytest.raises(BadRange) as caught:
        words(text)
    assert flag in str(caught.value)


def test_a_range_given_as_a_base_says_where_it_belongs():
    with pytest.raises(BadRange, match=r"`reviewbot check a\.\.b` without --base"):
        words(base="a..b")


def test_an_empty_base_is_refused():
    with pytest.raises(BadRange, match="name a branch"):
        words(base="")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"range": "a..b", "base": "c"}, "RANGE and --base"),
        ({"range": "a..b", "staged": True}, "RANGE and --staged"),
        ({"base": "c", "staged": True}, "--base and --staged"),
    ],
)
def test_two_changes_at_once_are_refused(given: dict[str, str], named: str):
    with pytest.raises(BadRange, match=f"{named}: name two different changes"):
        words(**given)


REVISION = st.text(alphabet="abc09~^@{}/_-", min_size=1)


@given(REVISION, st.sampled_from(["..", "..."]), REVISION)
def test_a_range_is_read_as_it_is_written(since: str, dots: str, until: str):
    read = words(since + dots + until)
    assert (read.since, read.until, read.from_merge_base) == (since, until, dots == "...")
