"""Which comment says which finding: the same code of the same kind, or some of it at the same place; one to one."""

import pytest
from forge.posting_scene import LINES, PATH, found
from hypothesis import given
from hypothesis import strategies as st
from report.samples import finding

from reviewbot.forge.earlier import mark_of
from reviewbot.forge.matching import NEAR, Found, Match, Told, matches, one_to_one, same_remark
from reviewbot.report import ReportFinding

PATHS = {PATH}


def told(said: ReportFinding, line: int | None = 3, **more: object) -> Told:
    return Told(mark_of(said, "h").model_copy(update=more), line)


def now(said: ReportFinding) -> Found:
    return Found(mark_of(said, ""), said.start_line, said.line)


def about(comment: Told, said: ReportFinding, paths: set[str] = PATHS) -> bool:
    return matches([comment], [now(said)], paths) == (Match(0, 0),)


def pairs(comments: list[Told], findings: list[ReportFinding]) -> set[tuple[int, int]]:
    """Each finding's comment, by their numbers."""
    return {(pair.finding, pair.comment) for pair in one_to_one(matches(comments, list(map(now, findings)), PATHS))}


def renamed(*lines: int, **more: object) -> ReportFinding:
    """A finding on these lines whose id is like no other."""
    values = {"start_line": lines[0], "quote": "\n".join(LINES[line - 1] for line in lines)}
    return found(lines[-1], 9_999, **values | more)


def test_the_same_code_of_the_same_kind_is_the_same_finding_wherever_it_went():
    assert about(told(found(3)), renamed(3, line=43, start_line=43, lens="assumptions"))
    assert about(told(found(3), None), renamed(3))
    assert about(told(found(3)), renamed(3, line=None, start_line=None))


def test_code_of_short_lines_is_known_too():
    assert about(told(found(3, quote="    pass")), renamed(3, quote="\tpass\n"))
    assert not about(told(found(3, quote="    pass")), renamed(3, quote="return"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(renamed(4), id="other lines"),
        pytest.param(renamed(3, side="old"), id="the other side"),
        pytest.param(renamed(3, category="injection", lens="architecture"), id="another category and lens"),
        pytest.param(renamed(3, path="b.py"), id="another file"),
    ],
)
def test_a_finding_that_differs_in_what_counts_is_another(other: ReportFinding):
    assert not about(told(found(3)), other, {PATH, "b.py"})


def test_its_id_alone_makes_no_finding_the_same():
    assert not about(told(found(3)), found(3, quote="other(code)"))


def test_a_mark_from_before_quotes_were_digested_goes_by_its_id():
    assert about(told(found(3), quote="", lines=()), found(3))
    assert not about(told(found(3), quote="", lines=()), renamed(3))


@pytest.mark.parametrize(("line", "same"), [(3, True), (3 + NEAR, True), (4 + NEAR, False), (None, True)])
def test_of_another_category_the_same_code_must_be_near(line: int | None, same: bool):
    assert about(told(found(3), line), renamed(3, category="race")) is same


def test_of_another_category_code_without_a_place_must_be_the_only_one():
    other, copy = renamed(3, category="race"), found(3, 8, line=40, category="contract")
    assert pairs([told(found(3), None)], [other, copy]) == set()
    assert pairs([told(found(3), None), told(found(3), None)], [other]) == set()


def test_other_words_for_more_of_the_same_place_are_the_same_finding():
    assert about(told(found(3)), renamed(2, 3, 4))
    assert about(told(renamed(2, 3, 4)), found(3))


def test_a_shared_line_elsewhere_makes_no_two_findings_the_same():
    assert not about(told(found(3)), renamed(2, 3, 4, line=40, start_line=38))


def test_quotes_that_only_overlap_are_two_findings():
    assert not about(told(renamed(2, 3)), renamed(3, 4))


def test_where_a_comment_has_no_place_two_lines_must_be_shared():
    assert about(told(renamed(2, 3), None), renamed(2, 3, 4))
    assert not about(told(found(3), None), renamed(2, 3, 4))


def test_other_words_about_code_that_was_not_shown_are_another_finding():
    assert not about(told(found(3)), renamed(2, 3, 4, line=None, start_line=None))


def test_lines_that_stand_everywhere_make_no_two_findings_the_same():
    short = finding(1, path=PATH, quote="});\nreturn", line=3, start_line=2)
    assert not about(told(short), renamed(3, quote="});\nreturn\npass"))


def test_a_comment_follows_its_file_to_another_name():
    assert about(told(found(3)), renamed(3, path="b.py"), {"b.py"})
    assert not about(told(found(3)), renamed(3, path="b.py"), {"b.py", PATH})


def test_copies_go_to_the_comment_that_is_nearest_whatever_their_ids():
    first, second = found(3, 1, line=2, start_line=2), found(3, 2, line=6, start_line=6)
    assert pairs([told(first, 6), told(second, 2)], [first, second]) == {(0, 1), (1, 0)}


def test_a_copy_that_nobody_spoke_of_has_no_comment():
    new, known = found(3, 1, line=2, start_line=2), found(3, 2, line=6, start_line=6)
    assert pairs([told(new, 6)], [new, known]) == {(1, 0)}


def test_the_code_comes_before_the_place():
    assert pairs([told(found(3), 5)], [renamed(3, 4, 5), found(3)]) == {(1, 0)}


def test_a_comment_that_is_verified_comes_first():
    unverified = told(found(3))._replace(verified=False)
    assert pairs([unverified, told(renamed(2, 3), 4)], [found(3)]) == {(0, 1)}


def test_where_nothing_else_tells_the_id_does():
    assert pairs([told(found(3)), told(renamed(3))], [renamed(3), found(3)]) == {(0, 1), (1, 0)}


def test_the_same_remark_is_the_same_code_through_the_same_lens():
    mark = mark_of(found(3), "h")
    assert same_remark(mark, mark_of(renamed(3, category="race"), ""), PATHS)
    assert not same_remark(mark, mark_of(renamed(3, lens="architecture"), ""), PATHS)
    assert not same_remark(mark, mark_of(renamed(2, 3), ""), PATHS)


PLACES = st.builds(
    lambda line, copy, category: found(line, 1 + copy, line=line + 10 * copy, start_line=line, category=category),
    st.integers(1, 3), st.integers(0, 3), st.sampled_from(["race", "contract"]),
)  # fmt: skip


@given(st.lists(PLACES, max_size=8, unique_by=lambda one: (one.quote, one.line)))
def test_what_was_just_posted_is_found_again_each_by_its_own_comment(findings: list[ReportFinding]):
    comments = [told(one, one.line) for one in findings]
    assert pairs(comments, findings) == {(n, n) for n in range(len(findings))}


@given(st.lists(PLACES, max_size=8), st.lists(st.tuples(PLACES, st.none() | st.integers(1, 40)), max_size=8))
def test_no_comment_and_no_finding_is_used_twice(
    findings: list[ReportFinding], earlier: list[tuple[ReportFinding, int | None]]
):
    used = pairs([told(said, line) for said, line in earlier], findings)
    assert len({finding for finding, _ in used}) == len({comment for _, comment in used}) == len(used)
