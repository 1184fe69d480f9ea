"""Marks: what we sign we know again, and nothing else is ours (THREATS S19, S20)."""

import base64
import hmac
import json
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.samples import emblem, finding

from reviewbot.forge.marks import (
    MAX_BODY,
    MAX_PAYLOAD,
    FindingMark,
    Mark,
    ReplyMark,
    ReviewMark,
    Signer,
    SummaryMark,
    digest,
    line_digests,
    review_key,
    scope_of,
)
from reviewbot.forge.model import Address, Pull

SIGNER = Signer((b"first", b"second"), "4001#7")
FINDING = FindingMark(
    id="0123456789ab", path="a.py", side="new", category="injection", lens="security", lines=("01234567",),
    head="1a2b3c4d", title="Look",
)  # fmt: skip
REVIEW = ReviewMark(key="k", head="h", part="p")
SUMMARY = SummaryMark(key="k", head="h", base="b", setup="s", complete=True, dismissed=("0123456789ab",))
MARKS: tuple[Mark, ...] = (FINDING, REVIEW, SUMMARY, ReplyMark(comment_id=3_000_000_001))


def pull(**more: object) -> Pull:
    values: dict[str, object] = {
        "address": Address("octo/shop", 7), "repository_id": 4001, "title": "", "body": "", "author_is_bot": False,
        "state": "open", "draft": False, "base_sha": "b" * 40, "base_ref": "main", "head_sha": "a" * 40,
        "head_repository_id": 4001, "changed_files": 1, "additions": 1, "deletions": 0,
    }  # fmt: skip
    return Pull.model_validate(values | more)


def forged(payload: bytes, key: bytes = b"first", scope: str = SIGNER.scope) -> str:
    """A body that anybody with the key could write: the payload need not be one of ours."""
    coded = base64.urlsafe_b64encode(payload).rstrip(b"=").decode()
    mac = hmac.digest(key, f"reviewbot:1\n{scope}\n{coded}".encode(), "sha256")
    return f"text\n\n<!-- reviewbot:1 {coded} {base64.urlsafe_b64encode(mac).rstrip(b'=').decode()} -->"


def packed(**content: object) -> bytes:
    return zlib.compress(json.dumps(content).encode())


@pytest.mark.parametrize("mark", MARKS, ids=lambda mark: mark.kind)
def test_every_mark_is_read_as_it_was_signed(mark: Mark):
    signed = SIGNER.read(SIGNER.sign(mark, "Look at **this**."))
    assert signed is not None
    assert (signed.mark, signed.text, signed.edited) == (mark, "Look at **this**.", False)


@given(st.text(max_size=200), st.sampled_from(["", "<!-- reviewbot:1 x y -->", "<!-- reviewbot", "-->"]))
def test_any_text_can_be_signed_and_hides_no_second_mark(text: str, trick: str):
    body = SIGNER.sign(REVIEW, f"{text}{trick}\n{text}")
    signed = SIGNER.read(body)
    assert signed is not None
    assert (signed.mark, signed.edited) == (REVIEW, False)


def test_line_ends_and_blanks_that_github_changes_are_no_edit():
    body = SIGNER.sign(SUMMARY, "One  \ntwo\n\nthree")
    for changed in (body.replace("\n", "\r\n"), body + "\n\n", body.replace("One  ", "One"), "\n" + body):
        signed = SIGNER.read(changed)
        assert signed is not None
        assert not signed.edited


def test_changed_words_are_an_edit():
    signed = SIGNER.read(SIGNER.sign(SUMMARY, "One two").replace("two", "three"))
    assert signed is not None
    assert (signed.mark, signed.text, signed.edited) == (SUMMARY, "One three", True)


@pytest.mark.parametrize(
    "change",
    {
        "nothing there": lambda _: "",
        "no mark": lambda _: "Just text.",
        "text behind it": lambda body: body + " more",
        "two marks": lambda body: f"{body}\n{body}",
        "half a mark": lambda body: body[: len(body) // 2],
        "a byte of the payload": lambda body: body.replace("<!-- reviewbot:1 e", "<!-- reviewbot:1 f"),
        "another version": lambda body: body.replace("reviewbot:1", "reviewbot:2"),
        "no mac": lambda body: f"{body.rsplit(' ', 2)[0]} -->",
        "a huge payload": lambda _: f"<!-- reviewbot:1 {'A' * 1_000_000} {'A' * 43} -->",
        "no ASCII": lambda body: body.replace(" -->", "é -->"),
    }.items(),
    ids=lambda case: case[0],
)
def test_a_body_that_is_not_exactly_as_signed_has_no_mark(change):
    assert SIGNER.read(SIGNER.sign(REVIEW, "Text")) is not None
    assert SIGNER.read(change[1](SIGNER.sign(REVIEW, "Text"))) is None


@pytest.mark.parametrize(
    "payload",
    {
        "no base64 of zlib": b"text",
        "no JSON": zlib.compress(b"{"),
        "no mark": packed(text=""),
        "a mark of another kind": packed(text="", mark={"kind": "approval"}),
        "a field too many": packed(text="", mark={**REVIEW.model_dump(), "admin": True}),
        "a bomb": zlib.compress(b" " * 20_000_000),
        "cut off": packed(text="", mark=REVIEW.model_dump())[:-6],
    }.items(),
    ids=lambda case: case[0],
)
def test_a_signed_payload_that_is_none_of_ours_has_no_mark(payload: tuple[str, bytes]):
    assert SIGNER.read(forged(packed(text="", mark=REVIEW.model_dump()))) is not None
    before = time.process_time()
    assert SIGNER.read(forged(payload[1])) is None
    assert time.process_time() - before < 0.5


def test_a_mark_of_another_pull_request_is_none():
    assert SIGNER._replace(scope="4001#8").read(SIGNER.sign(REVIEW, "Text")) is None


def test_each_key_is_accepted_and_others_are_not():
    rotated = Signer((b"new", b"first"), SIGNER.scope)
    assert rotated.read(SIGNER.sign(REVIEW, "Text")) is not None
    assert SIGNER.read(rotated.sign(REVIEW, "Text")) is None


def test_carried_findings_come_back_whole():
    mark = SUMMARY.model_copy(update={"carried": (emblem(), finding(2))})
    signed = SIGNER.read(SIGNER.sign(mark, "Text"))
    assert signed is not None
    assert signed.mark == mark


def test_what_does_not_fit_is_dropped_and_the_review_is_no_longer_complete():
    words = [digest(str(n)) for n in range(6_000)]
    carried = tuple(finding(n, body=" ".join(words[n * 50 : n * 50 + 50])) for n in range(1, 100))
    body = SIGNER.sign(SUMMARY.model_copy(update={"carried": carried}), "Text")
    signed = SIGNER.read(body)
    assert len(body) < MAX_PAYLOAD
    assert signed is not None
    assert signed.mark == SUMMARY.model_copy(update={"complete": False})


def test_a_body_is_rendered_into_the_room_its_mark_leaves():
    asked: list[int] = []

    def render(room: int) -> str:
        asked.append(room)
        return "x" * room

    body = SIGNER.sign_within(SUMMARY, render)
    assert len(body) <= MAX_BODY
    assert len(body) > MAX_BODY - 200
    assert body.startswith("x" * asked[0] + "\n")


def test_a_scope_holds_when_the_repository_is_renamed():
    assert scope_of(pull()) == scope_of(pull(address=Address("octo/store", 7))) == "4001#7"


def test_a_review_has_another_key_for_each_thing_that_changes_it():
    keys = {
        review_key(pull(), base="b", setup="s"),
        review_key(pull(), base="c", setup="s"),
        review_key(pull(), base="b", setup="t"),
        review_key(pull(head_sha="c" * 40), base="b", setup="s"),
        review_key(pull(repository_id=4002), base="b", setup="s"),
        review_key(pull(address=Address("octo/shop", 8)), base="b", setup="s"),
    }
    assert len(keys) == 6
    assert review_key(pull(title="Other", address=Address("octo/store", 7)), base="b", setup="s") in keys


def test_parts_are_not_spelled_alike():
    assert len({digest("ab", "c"), digest("a", "bc"), digest("abc"), digest("abc", "")}) == 4


def test_only_telling_lines_have_a_digest():
    assert line_digests(["    });", "return", "", 'key = "<SECRET:aws:1>"', "name = '\ufffd\ufffd long enough'"]) == ()
    assert len(line_digests(["x = compute(1)", "x = compute(2)"])) == 2


def test_whitespace_does_not_make_another_line():
    assert line_digests(["\tx = compute( 1 )\r"]) == line_digests(["x = compute(1)", "  x=compute(1)"])


def test_the_end_of_a_very_long_line_does_not_count():
    assert line_digests(["x" * 30_000]) == line_digests(["x" * 20_000])
