"""Which threads are done with: each of the four conditions counts, and in doubt a thread stays open."""

import pytest
from forge.posting_scene import LINES, PATH, added, found, report
from forge.remarks import SIGNER, remark, thread
from report.samples import finding, seat

from reviewbot.change import Diff
from reviewbot.forge.earlier import mark_of, said
from reviewbot.forge.marks import Signer
from reviewbot.forge.model import Conversation, Remark
from reviewbot.forge.threads import done_with
from reviewbot.report import NotCovered, Report, ReportFinding

AS_IT_WAS = added(LINES)
CHANGED = added([*LINES[:2], "value_03 = safely(3)", *LINES[3:]])
CLEAN = report()
ON_LINE_3 = found(3)


def done(
    earlier: ReportFinding = ON_LINE_3,
    *replies: Remark,
    now: Report = CLEAN,
    diff: Diff = CHANGED,
    raised: tuple[str, ...] = (),
    resolved: bool = False,
    **more: object,
) -> bool:
    there = thread(remark(mark_of(earlier, "h"), **more), *replies, resolved=resolved)
    comments = said(Conversation(threads=(there,)), SIGNER)
    return bool(done_with(comments, now, diff=diff, raised=raised))


def test_a_thread_is_done_with_when_its_code_changed_and_nobody_says_otherwise():
    assert done()


def test_one_changed_line_of_several_is_a_change():
    assert done(found(4, start_line=2, quote="\n".join(LINES[1:4])))


def test_code_that_only_moved_or_was_indented_is_not_changed():
    assert not done(diff=AS_IT_WAS)
    assert not done(diff=added(["first = compute(0)", *(f"    {line}" for line in LINES)]))


def test_code_that_went_with_its_file_to_another_name_is_not_changed():
    assert not done(diff=added(LINES, "moved.py"))
    assert done(diff=added(LINES[10:], "moved.py"))


def test_the_same_lines_in_another_file_do_not_count_while_its_own_is_there():
    both = Diff(files=(*CHANGED.files, *added(LINES, "copy.py").files))
    assert done(diff=both)


def test_lines_count_on_their_own_side():
    assert done(found(3, side="old"), diff=AS_IT_WAS)


@pytest.mark.parametrize("diff", [CHANGED, Diff(files=())], ids=["changed", "empty"])
def test_a_quote_without_a_telling_line_never_tells_that_its_code_changed(diff: Diff):
    assert not done(finding(1, path=PATH, quote="});"), diff=diff)


def test_a_file_that_left_the_diff_has_changed():
    assert done(diff=Diff(files=()))


def test_a_finding_that_is_raised_again_keeps_its_thread_open():
    assert not done(raised=("T1",))
    assert done(raised=("T2",))


def test_an_answer_of_a_person_keeps_a_thread_open_and_one_of_a_bot_does_not():
    assert not done(ON_LINE_3, remark(None, 2, ours=False, author_is_bot=False))
    assert done(ON_LINE_3, remark(None, 2, ours=False))
    assert done(ON_LINE_3, remark(None, 2))


def test_a_thumbs_down_keeps_a_thread_open():
    assert not done(down=1)


def test_a_thread_whose_mark_cannot_be_verified_is_left_alone():
    gone = Signer((b"a key that is gone",), SIGNER.scope)
    assert not done(body=gone.sign(mark_of(ON_LINE_3, "h"), "Said."))


def test_a_resolved_thread_is_left_alone():
    assert not done(resolved=True)


@pytest.mark.parametrize(
    "now",
    {
        "the file was left out": report(not_covered=(NotCovered(path=PATH, lines=3, why="ignored"),)),
        "a seat of the lens failed": report(seats=(seat(lens="security"), seat(lens="security", state="refused"))),
        "a seat answered in part": report(seats=(seat(lens="security", state="partial"),)),
        "the lens was not asked": report(seats=(seat(lens="architecture"),)),
        "nobody was asked": report(seats=()),
    }.items(),
    ids=lambda case: case[0],
)
def test_what_this_run_did_not_cover_stays_open(now: tuple[str, Report]):
    assert not done(now=now[1])


LEFT_OUT = NotCovered(path=PATH, lines=3, why="ignored")


def test_a_file_that_was_taken_out_needs_nobody_to_be_asked():
    elsewhere = added(["other = code(1)"], "other.py")
    assert done(now=report(seats=()), diff=elsewhere)
    assert done(now=report(seats=()), diff=Diff(files=()))
    assert not done(now=report(seats=(), not_covered=(LEFT_OUT,)), diff=elsewhere)
    assert not done(now=report(seats=()), diff=added(LINES, "moved.py"))


def test_other_lenses_and_files_do_not_matter():
    assert done(
        now=report(
            seats=(seat(lens="security"), seat(lens="architecture", state="refused")),
            not_covered=(NotCovered(path="other.py", lines=3, why="ignored"),),
        )
    )
