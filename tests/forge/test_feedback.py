"""What people did with a comment: one verdict each, and in doubt none."""

import pytest
from forge.posting_scene import LINES, PATH, added, found
from forge.remarks import SIGNER, remark, thread
from report.samples import finding

from reviewbot.change import Diff, parse_diff
from reviewbot.forge.earlier import mark_of
from reviewbot.forge.feedback import feedback_of
from reviewbot.forge.marks import MAX_VOICES, FindingMark, Signer, SummaryMark, changes_digest, voices_of
from reviewbot.forge.model import Address, Conversation, Pull
from reviewbot.record.feedback import Feedback
from reviewbot.report import Voice

AS_IT_WAS = added(LINES)
CHANGED = added([*LINES[:2], "value_03 = safely(3)", *LINES[3:]])
ELSEWHERE = added([*LINES[:9], "guard()", *LINES[9:]])
VOICES = (("ada/large", "security"), ("bob/small", "architecture"))
PULL = Pull(
    address=Address("octo/shop", 7), repository_id=4001, title="", body="", author_is_bot=False, state="open",
    draft=False, base_sha="b" * 40, base_ref="main", head_sha="later", head_repository_id=4001, changed_files=1,
    additions=1, deletions=0,
)  # fmt: skip
AT = "2026-11-21T10:00:00+00:00"


def mark(line: int = 3, head: str = "first") -> FindingMark:
    return mark_of(found(line), head, AS_IT_WAS.files[0]).model_copy(update={"voices": VOICES})


def summary(*dismissed: str, **more: object) -> SummaryMark:
    return SummaryMark(key="k", head="h", base="b", setup="s", complete=True, dismissed=dismissed).model_copy(
        update=more
    )


def read(conversation: Conversation, diff: Diff = AS_IT_WAS) -> tuple[Feedback, ...]:
    return feedback_of(conversation, SIGNER, diff, pull=PULL, at=AT)


def kind(
    diff: Diff = AS_IT_WAS,
    *,
    resolved: bool = False,
    dismissed: bool = False,
    of: FindingMark | None = None,
    **more: object,
) -> str | None:
    """What became of one comment."""
    of = of or mark()
    comments = (remark(summary(of.id), 9),) if dismissed else ()
    rows = read(Conversation(threads=(thread(remark(of, **more), resolved=resolved),), comments=comments), diff)
    return rows[0].kind if rows else None


def test_a_comment_is_told_with_what_it_remembers_and_without_anybodys_name() -> None:
    (row,) = read(Conversation(threads=(thread(remark(mark(), 31, up=2)),)))
    assert row == Feedback(
        repository="octo/shop", number=7, finding=found(3).id, comment=31, title=found(3).title, voices=VOICES,
        kind="praised", at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "open"),
        ({"up": 1}, "praised"),
        ({"down": 1}, "disliked"),
        ({"up": 1, "down": 2}, "disliked"),
        ({"up": 2, "down": 2}, "open"),
        ({"resolved": True}, "closed"),
        ({"resolved": True, "up": 1}, "praised"),
        ({"dismissed": True, "up": 5, "diff": CHANGED}, "dismissed"),
        ({"diff": CHANGED}, "changed"),
        ({"diff": CHANGED, "down": 3, "resolved": True}, "changed"),
    ],
)
def test_of_several_signals_the_surest_counts(told: dict[str, object], expected: str) -> None:
    assert kind(**told) == expected


def test_code_that_only_moved_is_not_changed() -> None:
    moved = added(["first = compute(0)", *(f"    {line}" for line in LINES)])
    assert kind(moved) == "open"
    assert (
        kind(Diff(files=(AS_IT_WAS.files[0].model_copy(update={"old_path": "x.py", "status": "renamed"}),))) == "open"
    )


def test_what_changed_before_the_comment_is_nothing_that_it_did() -> None:
    assert kind(CHANGED, of=mark(head="later")) == "open"


EDITED = """\
diff --git a/shop.py b/shop.py
--- a/shop.py
+++ b/shop.py
@@ -1,3 +1,4 @@
 import os
 value_03 = compute(3)
+log("paid")
 save(user)
@@ -40,2 +41,3 @@
 x = first(1)
+y = second(2)
 return x
"""
TOP, HUNK, REST = EDITED.partition("@@ -1,3 +1,4 @@\n")


@pytest.mark.parametrize(
    ("quote", "pushed", "expected"),
    [
        ("value_03 = compute(3)", EDITED, "open"),
        ("value_03 = compute(3)", TOP + "@@ -40,2 +40,3 @@\n" + REST.partition("+41,3 @@\n")[2], "open"),
        (
            "value_03 = compute(3)",
            EDITED.replace(" value_03 = compute(3)\n", "-value_03 = compute(3)\n+value_03 = safely(3)\n"),
            "changed",
        ),
        ("y = second(2)", EDITED.replace("+y = second(2)", "+y = another(2)"), "changed"),
        ("y = second(2)", EDITED.replace('+log("paid")', "+log(paid, late)"), "open"),
    ],
    ids=["as it was", "the line beside it was put back", "the line itself was edited", "an added line was edited",
         "another added line was edited"],
)  # fmt: skip
def test_a_line_that_only_left_the_diff_is_not_changed(quote: str, pushed: str, expected: str) -> None:
    before = parse_diff(EDITED.encode()).files[0]
    said = mark_of(finding(1, path=PATH, quote=quote), "first", before).model_copy(update={"voices": VOICES})
    assert kind(parse_diff(pushed.encode()), of=said) == expected


def test_a_file_that_left_the_pull_request_says_nothing_but_what_people_said() -> None:
    gone = added(["x = 1"], "other.py")
    assert (kind(gone), kind(gone, resolved=True)) == (None, None)
    assert (kind(gone, up=1), kind(gone, dismissed=True)) == ("praised", "dismissed")


def test_a_thread_resolved_after_its_file_changed_elsewhere_may_be_fixed_there() -> None:
    assert kind(ELSEWHERE, resolved=True) == "open"


def test_a_quote_without_a_telling_line_never_tells_that_its_code_changed() -> None:
    assert kind(CHANGED, of=mark_of(finding(1, path=PATH, quote="});"), "first")) == "open"


def test_a_mark_that_is_not_ours_or_cannot_be_verified_tells_nothing() -> None:
    stranger = Signer((b"another key",), SIGNER.scope)
    assert kind(up=1, ours=False) is None
    assert kind(up=1, body=stranger.sign(mark(), "Said.")) is None


def test_what_two_runs_said_at_once_is_one_comment_and_the_hidden_one_is_no_verdict() -> None:
    twice = (thread(remark(mark(), 1)), thread(remark(mark(), 2), resolved=True, number=2))
    assert [(row.comment, row.kind) for row in read(Conversation(threads=twice))] == [(1, "open")]
    again = (*twice, thread(remark(mark(head="second"), 3, up=1), number=3))
    assert [(row.comment, row.kind) for row in read(Conversation(threads=again))] == [(3, "praised")]


def test_a_finding_dismissed_from_the_summary_is_told_by_those_who_raised_it() -> None:
    carried = finding(5, voices=(voice("ada/large"), voice("ada/large")))
    told = remark(summary(carried.id, "another", carried=(carried, finding(6))), 9)
    (row,) = read(Conversation(comments=(told,)))
    assert (row.finding, row.comment, row.kind, row.voices) == (
        carried.id, 0, "dismissed", (("ada/large", "security"),),
    )  # fmt: skip


def test_a_finding_dismissed_at_its_line_is_told_by_its_comment() -> None:
    carried = found(3)
    told = remark(summary(carried.id, carried=(carried,)), 9)
    (row,) = read(Conversation(threads=(thread(remark(mark(), 31)),), comments=(told,)))
    assert (row.comment, row.kind, row.voices) == (31, "dismissed", VOICES)


def test_a_mark_from_before_voices_were_kept_is_nobodys() -> None:
    old = mark().model_copy(update={"voices": (), "changes": ""})
    (row,) = read(Conversation(threads=(thread(remark(old, up=1), resolved=True),)))
    assert (row.kind, row.voices) == ("praised", ())
    assert kind(of=old, resolved=True) == "open"


def voice(member: str) -> Voice:
    return Voice(member=member, lens="security", severity="high", title="T", body="B")


def test_so_many_voices_are_remembered_that_a_mark_stays_small() -> None:
    many = finding(1, voices=tuple(voice(f"server/some-quite-long-model-name-{n}") for n in range(200)))
    assert len(voices_of(many)) == MAX_VOICES
    assert len(SIGNER.sign(mark().model_copy(update={"voices": voices_of(many)}), "")) < 2_000


def test_a_files_changes_are_known_again_after_a_rebase_and_not_after_an_edit() -> None:
    moved = AS_IT_WAS.files[0].hunks[0].model_copy(update={"new_start": 90, "section": "def f"})
    rebased = AS_IT_WAS.files[0].model_copy(update={"hunks": (moved,)})
    assert changes_digest(rebased) == changes_digest(AS_IT_WAS.files[0])
    assert changes_digest(ELSEWHERE.files[0]) != changes_digest(AS_IT_WAS.files[0])
