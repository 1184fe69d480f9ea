"""What people did with our comments, read from a conversation."""

from typing import Any

from reviewbot.forge.earlier import said
from reviewbot.forge.feedback import Feedback, feedback
from reviewbot.forge.marks import FindingMark, Signer
from reviewbot.forge.model import Conversation, Remark, Thread

SIGNER = Signer((b"k" * 32,), scope="7#1")
MARK = FindingMark(
    id="0123456789ab", path="a.py", side="new", category="money", lens="assumptions", lines=(), head="a" * 40, title="t"
)


def remark(body: str = "thanks", **changes: Any) -> Remark:
    said: dict[str, Any] = {
        "id": 1, "node_id": "n", "body": body, "ours": False, "author": "grace", "author_is_bot": False,
        "created": "2026-11-21T09:00:00Z", "url": "u",
    }  # fmt: skip
    return Remark(**said | changes)


def ours(**changes: Any) -> Remark:
    return remark(SIGNER.sign(MARK, "A finding"), ours=True, author="reviewbot", author_is_bot=True, **changes)


def heard(*remarks: Remark, resolved: bool = False, dismissed: tuple[str, ...] = ()) -> tuple[Feedback, ...]:
    thread = Thread(id="T", path="a.py", line=1, resolved=resolved, outdated=False, remarks=remarks)
    return feedback(said(Conversation(threads=(thread,)), SIGNER), dismissed)


def test_a_comment_nobody_touched_has_a_row_of_nothing() -> None:
    assert heard(ours()) == (
        Feedback(
            finding=MARK.id,
            lens="assumptions",
            category="money",
            up=0,
            down=0,
            resolved=False,
            dismissed=False,
            replies=0,
        ),
    )


def test_reactions_to_our_words_count_and_those_to_others_do_not() -> None:
    (row,) = heard(ours(up=2, down=1), remark(up=7), ours(up=1))
    assert (row.up, row.down) == (3, 1)


def test_replies_are_those_of_people() -> None:
    (row,) = heard(ours(), remark(), remark(author=""), ours(), remark(author="other[bot]", author_is_bot=True))
    assert row.replies == 2


def test_resolved_and_dismissed_are_told_apart() -> None:
    assert [(row.resolved, row.dismissed) for row in heard(ours(), resolved=True)] == [(True, False)]
    assert [(row.resolved, row.dismissed) for row in heard(ours(), dismissed=(MARK.id,))] == [(False, True)]


def test_threads_of_others_have_no_row_even_with_our_mark_copied() -> None:
    assert heard(remark()) == ()
    assert heard(remark(SIGNER.sign(MARK, "copied"))) == ()
