"""What was said before: only ours counts, one comment stands for one finding, and people settle what is settled."""

import pytest
from forge.posting_scene import LINES, added, found, report
from forge.remarks import SIGNER, remark, thread
from report.samples import finding

from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.forge.earlier import (
    DISMISSED,
    RESOLVED,
    last_review,
    mark_of,
    overview,
    reviews,
    said,
    spent_so_far,
    summaries,
)
from reviewbot.forge.marks import ReplyMark, ReviewMark, Signer, SummaryMark
from reviewbot.forge.model import Conversation, Remark, Thread
from reviewbot.report import ReportFinding

DIFF = added(LINES)
SUMMARY = SummaryMark(key="k", head="h", base="b", setup="s", complete=True)


def on(*findings: ReportFinding) -> Conversation:
    """A conversation with a comment on each finding, one after the other."""
    rows = enumerate(findings, start=1)
    return Conversation(threads=tuple(thread(remark(mark_of(f, "h"), n), number=n) for n, f in rows))


def renamed(*lines: int, **more: object) -> ReportFinding:
    """A finding on these lines whose id is like no other."""
    return found(lines[-1], 9_999, quote="\n".join(LINES[line - 1] for line in lines), **more)


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
            thread(remark(None), remark(mark)),
        ),
        comments=(remark(SUMMARY, ours=False), remark(None), remark(mark)),
    )
    assert said(conversation, SIGNER) == ()
    assert summaries(conversation, SIGNER) == ()
    assert last_review(conversation, SIGNER) is None
    assert last_review(Conversation(), SIGNER) is None


def test_what_was_spent_is_the_last_summarys_sum_and_every_answer_of_ours():
    spent = Hold(tokens=100, usd=0.5)
    answer = ReplyMark(comment_id=7, spent=spent)
    summary = SUMMARY.model_copy(update={"spent": spent})
    conversation = Conversation(
        comments=(remark(SUMMARY), remark(summary), remark(answer), remark(answer), remark(answer, ours=False))
    )
    assert spent_so_far(conversation, SIGNER) == Hold(tokens=300, usd=1.5)
    assert spent_so_far(Conversation(comments=(remark(SUMMARY),)), SIGNER) == NOTHING_HELD, "as in older marks"


def test_the_last_review_is_that_of_the_newest_summary_even_if_a_person_wrote_in_it():
    second = SUMMARY.model_copy(update={"head": "h2"})
    edited = remark(second, 2).model_copy(update={"body": SIGNER.sign(second, "Said.").replace("Said", "I said")})
    assert last_review(Conversation(comments=(remark(SUMMARY), edited)), SIGNER) == second


def test_reviews_are_known_by_their_bodies():
    mark = ReviewMark(key="k", head="h", part="p")
    conversation = Conversation(reviews=(remark(None, 1), remark(mark, 2), remark(mark, 3, ours=False)))
    assert [(there, one.id) for there, one in reviews(conversation, SIGNER)] == [(mark, 2)]


def test_a_new_finding_is_new_and_a_known_one_has_its_comment():
    now = overview(report(found(3), found(7), found(9, placement="summary")), on(found(3)), SIGNER, DIFF)
    assert [f.id for f in now.new] == [found(7).id]
    assert {id_: comment.url for id_, comment in now.known.items()} == {found(3).id: "https://hub/1"}
    assert (now.quiet, now.raised) == ({}, {"T1"})


def test_a_finding_of_the_summary_keeps_the_comment_it_once_had():
    now = overview(report(found(3, placement="summary")), on(found(3)), SIGNER, DIFF)
    assert list(now.known) == [found(3).id]


def test_of_several_comments_the_one_with_its_id_is_named_and_all_count_as_raised():
    now = overview(report(found(3)), on(renamed(3), found(3), renamed(2, 3)), SIGNER, DIFF)
    assert now.known[found(3).id].url == "https://hub/2"
    assert now.raised == {"T1", "T2", "T3"}


def test_a_comment_stands_for_one_finding_and_what_shares_a_line_with_it_is_new():
    other = renamed(2, 3, title="Worse", severity="critical")
    now = overview(report(found(3), other), on(found(3)), SIGNER, DIFF)
    assert list(now.known) == [found(3).id]
    assert now.new == (other,)


def test_a_comment_that_is_open_is_not_quiet():
    (comment,) = said(on(found(3)), SIGNER)
    assert not comment.answered
    assert overview(report(found(3)), on(found(3)), SIGNER, DIFF).quiet == {}


def test_what_people_resolved_is_quiet():
    there = thread(remark(mark_of(found(3), "h")), resolved=True)
    now = overview(report(found(3)), Conversation(threads=(there,)), SIGNER, DIFF)
    assert now.quiet == {found(3).id: RESOLVED}
    assert now.new == ()


MARK = mark_of(found(3), "h")
ANSWERED = {
    "a reply": thread(remark(MARK), remark(None, 2, ours=False, author_is_bot=False)),
    "a thumbs down": thread(remark(MARK, down=1)),
    "other words": thread(remark(MARK, body=SIGNER.sign(MARK, "Said.").replace("Said", "Settled"))),
    "words behind the mark": thread(remark(MARK, body=SIGNER.sign(MARK, "Said.") + "\n\nEdit: see ticket 7")),
}


@pytest.mark.parametrize("there", ANSWERED.values(), ids=ANSWERED)
def test_an_answer_settles_nothing_but_is_a_persons_to_close(there: Thread):
    conversation = Conversation(threads=(there,))
    (comment,) = said(conversation, SIGNER)
    now = overview(report(found(3)), conversation, SIGNER, DIFF)
    assert comment.answered
    assert (list(now.known), now.quiet, now.new) == ([found(3).id], {}, ())


@pytest.mark.parametrize("reply", [remark(None, 2), remark(None, 2, ours=False)], ids=["ours", "another bot's"])
def test_what_a_bot_replies_is_no_answer(reply: Remark):
    (comment,) = said(Conversation(threads=(thread(remark(MARK), reply),)), SIGNER)
    assert not comment.answered


@pytest.mark.parametrize("resolved", [True, False])
def test_a_comment_that_cannot_be_verified_prevents_a_repeat_and_nothing_else(resolved: bool):
    body = Signer((b"a key that is gone",), SIGNER.scope).sign(MARK, "Said.")
    there = thread(remark(MARK, body=body), resolved=resolved)
    now = overview(report(found(3)), Conversation(threads=(there,)), SIGNER, DIFF)
    assert now.unverified == {found(3).id}
    assert (now.known, now.quiet, now.new) == ({}, {}, ())


def test_a_comment_that_is_verified_comes_before_one_that_is_not():
    theirs = thread(remark(MARK, 2, body=Signer((b"other",), SIGNER.scope).sign(MARK, "Said.")), number=2)
    ours = thread(remark(mark_of(renamed(2, 3), "h")))
    now = overview(report(found(3)), Conversation(threads=(theirs, ours)), SIGNER, DIFF)
    assert now.known[found(3).id].url == "https://hub/1"
    assert not now.unverified


def dismissing(*findings: ReportFinding, carried: tuple[ReportFinding, ...] = ()) -> Remark:
    return remark(SUMMARY.model_copy(update={"dismissed": tuple(f.id for f in findings), "carried": carried}), 9)


@pytest.mark.parametrize("carried", [True, False])
def test_a_dismissed_finding_is_known_under_another_id_while_it_is_carried(carried: bool):
    there = Conversation(comments=(dismissing(found(3), carried=(found(3),) if carried else ()),))
    now = overview(report(renamed(3)), there, SIGNER, DIFF)
    assert now.quiet == ({renamed(3).id: DISMISSED} if carried else {})
    assert now.new == (() if carried else (renamed(3),))


def test_a_dismissal_silences_one_copy_and_not_the_others():
    there = Conversation(comments=(dismissing(found(3), carried=(found(3),)),))
    assert overview(report(found(3), renamed(3)), there, SIGNER, DIFF).quiet == {found(3).id: DISMISSED}
    copies = (renamed(3), found(3, 8_888))
    assert overview(report(*copies), there, SIGNER, DIFF).quiet == {copies[0].id: DISMISSED}


def test_a_finding_is_dismissed_with_the_comment_that_says_it():
    there = on(found(3)).model_copy(update={"comments": (dismissing(found(3)),)})
    assert overview(report(renamed(3)), there, SIGNER, DIFF).quiet == {renamed(3).id: DISMISSED}


def test_an_id_that_went_from_one_copy_to_another_takes_no_dismissal_along():
    """Of two copies the first was dismissed and is gone: the second is counted first now, and has the id of that."""
    first = thread(remark(mark_of(found(3), "h"), 1)).model_copy(update={"line": None})
    second = thread(remark(mark_of(found(3, 9, line=40), "h"), 2), number=2).model_copy(update={"line": 40})
    there = Conversation(threads=(first, second), comments=(dismissing(found(3)),))
    now = overview(report(found(3, line=40, start_line=40)), there, SIGNER, DIFF)
    assert (now.known[found(3).id].url, now.quiet) == ("https://hub/2", {})


def test_an_id_that_only_the_summary_showed_can_be_dismissed():
    there = on(renamed(3)).model_copy(update={"comments": (dismissing(found(3)),)})
    assert overview(report(found(3)), there, SIGNER, DIFF).quiet == {found(3).id: DISMISSED}
