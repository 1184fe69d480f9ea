"""What was said before: only ours counts, and a finding is known again when its words, lines or file change."""

import pytest
from forge.posting_scene import LINES, PATH, found, report
from forge.remarks import SIGNER, remark, thread
from report.samples import finding

from reviewbot.forge.earlier import (
    DISMISSED,
    is_about,
    last_review,
    mark_of,
    overview,
    quiet_reason,
    reviews,
    said,
    summaries,
)
from reviewbot.forge.marks import ReviewMark, Signer, SummaryMark
from reviewbot.forge.model import Conversation, Thread
from reviewbot.report import ReportFinding

PATHS = {PATH}
SUMMARY = SummaryMark(key="k", head="h", base="b", setup="s", complete=True)


def on(*findings: ReportFinding) -> Conversation:
    """A conversation with a comment on each finding, one after the other."""
    rows = enumerate(findings, start=1)
    return Conversation(threads=tuple(thread(remark(mark_of(f, "h"), n), number=n) for n, f in rows))


def about(earlier: ReportFinding, now: ReportFinding, paths: set[str] = PATHS) -> bool:
    return is_about(mark_of(earlier, "h"), mark_of(now, ""), paths)


def renamed(*lines: int, **more: object) -> ReportFinding:
    """A finding on these lines whose id is like no other."""
    return found(lines[-1], 9_999, quote="\n".join(LINES[line - 1] for line in lines), **more)


def test_the_same_id_is_the_same_finding_whatever_else_changed():
    assert about(found(3), found(3, path="b.py", category="other", side="old", quote="other(code)", line=40))


def test_one_telling_line_of_the_same_kind_in_the_same_file_is_the_same_finding():
    assert about(found(3), renamed(2, 3, 4))
    assert about(found(3), renamed(3, lens="assumptions"))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(renamed(4), id="other lines"),
        pytest.param(renamed(3, side="old"), id="the other side"),
        pytest.param(renamed(3, category="injection"), id="another category"),
        pytest.param(renamed(3, path="b.py"), id="another file"),
    ],
)
def test_a_finding_that_differs_in_what_counts_is_another(other: ReportFinding):
    assert not about(found(3), other, {PATH, "b.py"})


def test_lines_that_stand_everywhere_make_no_two_findings_the_same():
    assert not about(finding(1, quote="});\nreturn"), finding(2, quote="});\nreturn"))


def test_a_comment_follows_its_file_to_another_name():
    assert about(found(3), renamed(3, path="b.py"), {"b.py"})
    assert not about(found(3), renamed(3, path="b.py"), {"b.py", PATH})


def test_a_quote_of_many_lines_leaves_a_mark_of_bounded_size():
    mark = mark_of(finding(quote="\n".join(f"a_telling_line({n})" for n in range(5_000)), title="t" * 5_000), "h")
    assert len(SIGNER.sign(mark, "")) < 2_000


def test_what_is_not_ours_or_not_signed_was_not_said():
    mark = mark_of(found(3), "h")
    conversation = Conversation(
        threads=(
            thread(remark(mark, ours=False)),
            thread(remark(None)),
            thread(remark(SUMMARY)),
            thread(),
            thread(remark(mark, body=Signer((b"other",), SIGNER.scope).sign(mark, "Said."))),
            thread(remark(None), remark(mark)),
        ),
        comments=(remark(SUMMARY, ours=False), remark(None), remark(mark)),
    )
    assert said(conversation, SIGNER) == ()
    assert summaries(conversation, SIGNER) == ()
    assert last_review(conversation, SIGNER) is None
    assert last_review(Conversation(), SIGNER) is None


def test_the_last_review_is_that_of_the_newest_summary_even_if_a_person_wrote_in_it():
    second = SUMMARY.model_copy(update={"head": "h2"})
    edited = remark(second, 2).model_copy(update={"body": SIGNER.sign(second, "Said.").replace("Said", "I said")})
    assert last_review(Conversation(comments=(remark(SUMMARY), edited)), SIGNER) == second


def test_reviews_are_known_by_their_bodies():
    mark = ReviewMark(key="k", head="h", part="p")
    conversation = Conversation(reviews=(remark(None, 1), remark(mark, 2), remark(mark, 3, ours=False)))
    assert [(there, one.id) for there, one in reviews(conversation, SIGNER)] == [(mark, 2)]


def test_a_new_finding_is_new_and_a_known_one_has_its_comment():
    now = overview(report(found(3), found(7), found(9, placement="summary")), on(found(3)), SIGNER, PATHS)
    assert [f.id for f in now.new] == [found(7).id]
    assert {id_: comment.url for id_, comment in now.known.items()} == {found(3).id: "https://hub/1"}
    assert (now.quiet, now.raised) == ({}, {"T1"})


def test_a_finding_of_the_summary_keeps_the_comment_it_once_had():
    now = overview(report(found(3, placement="summary")), on(found(3)), SIGNER, PATHS)
    assert list(now.known) == [found(3).id]


def test_of_several_comments_the_one_with_its_id_is_named_and_all_count_as_raised():
    now = overview(report(found(3)), on(renamed(3), found(3), renamed(2, 3)), SIGNER, PATHS)
    assert now.known[found(3).id].url == "https://hub/2"
    assert now.raised == {"T1", "T2", "T3"}


def test_without_its_id_the_newest_comment_is_named():
    now = overview(report(renamed(3)), on(found(3), found(3, 8)), SIGNER, PATHS)
    assert now.known[renamed(3).id].url == "https://hub/2"


def test_a_comment_that_is_open_is_not_quiet():
    (comment,) = said(on(found(3)), SIGNER)
    assert quiet_reason(comment) is None
    assert not comment.answered


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (thread(remark(mark_of(found(3), "h")), resolved=True), "its thread is resolved"),
        (thread(remark(mark_of(found(3), "h")), remark(None, 2, ours=False)), "answered in its thread"),
        (thread(remark(mark_of(found(3), "h"), down=1)), "a reader gave its comment a thumbs down"),
    ],
    ids=["resolved", "answered", "thumbs down"],
)
def test_what_people_are_done_with_is_quiet(there: Thread, why: str):
    now = overview(report(found(3)), Conversation(threads=(there,)), SIGNER, PATHS)
    assert now.quiet == {found(3).id: why}
    assert now.new == ()


def test_our_own_reply_is_no_answer():
    (comment,) = said(Conversation(threads=(thread(remark(mark_of(found(3), "h")), remark(None, 2)),)), SIGNER)
    assert quiet_reason(comment) is None


def test_words_of_ours_that_a_person_changed_are_answered():
    mark = mark_of(found(3), "h")
    changed = remark(mark, body=SIGNER.sign(mark, "Said.").replace("Said", "Settled"))
    (comment,) = said(Conversation(threads=(thread(changed),)), SIGNER)
    assert comment.answered


@pytest.mark.parametrize("carried", [True, False])
def test_a_dismissed_finding_is_quiet_and_known_in_other_words_while_it_is_carried(carried: bool):
    mark = SUMMARY.model_copy(update={"dismissed": (found(3).id,), "carried": (found(3),) if carried else ()})
    there = Conversation(comments=(remark(mark),))
    now = overview(report(found(3), renamed(3)), there, SIGNER, PATHS)
    assert now.quiet == dict.fromkeys((found(3).id, renamed(3).id) if carried else (found(3).id,), DISMISSED)
    assert [f.id for f in now.new] == ([] if carried else [renamed(3).id])
