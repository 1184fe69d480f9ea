"""Marks: what we sign we know again, and nothing else is ours (THREATS S19, S20)."""

import base64
import hmac
import json
import time
import zlib
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.samples import emblem, finding

from reviewbot.forge.marks import (
    CUT,
    MAX_BODY,
    MAX_CARRIED,
    MAX_PAYLOAD,
    MIN_TEXT,
    FindingMark,
    Mark,
    ReplyMark,
    ReviewMark,
    Signer,
    SummaryMark,
    digest,
    line_digests,
    quote_digest,
    review_key,
    scope_of,
)
from reviewbot.forge.model import Address, Pull
from reviewbot.report import ReportFinding, Voice

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


@pytest.mark.parametrize("more", [" more", "\n\nmore", "\r\nmore\r\n"])
def test_what_a_person_wrote_behind_the_mark_is_text_and_an_edit(more: str):
    signed = SIGNER.read(SIGNER.sign(FINDING, "One") + more)
    assert signed is not None
    assert (signed.mark, signed.text.split(), signed.edited, signed.verified) == (FINDING, ["One", "more"], True, True)


def test_text_that_went_behind_its_mark_is_an_edit():
    body = SIGNER.sign(REVIEW, "One")
    signed = SIGNER.read(f"{body.removeprefix('One')}\nOne")
    assert signed is not None
    assert (signed.text, signed.edited) == ("One", True)


def test_changed_words_are_an_edit():
    signed = SIGNER.read(SIGNER.sign(SUMMARY, "One two").replace("two", "three"))
    assert signed is not None
    assert (signed.mark, signed.text, signed.edited) == (SUMMARY, "One three", True)


@pytest.mark.parametrize(
    "change",
    {
        "nothing there": lambda _: "",
        "no mark": lambda _: "Just text.",
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


@pytest.mark.parametrize(
    "foreign", [Signer((b"gone",), SIGNER.scope), SIGNER._replace(scope="4001#8")], ids=["key", "scope"]
)
def test_only_the_mark_of_a_finding_is_read_unverified(foreign: Signer):
    read = [SIGNER.read(foreign.sign(mark, "Text")) for mark in MARKS]
    assert [(signed.mark, signed.verified) for signed in read if signed] == [(FINDING, False)]


def test_what_nobody_signed_may_not_unpack_to_much():
    bodies = [
        forged(packed(text="", mark={**FINDING.model_dump(), "title": "t" * size}), key=b"gone")
        for size in (10_000, 30_000)
    ]
    assert [SIGNER.read(body) is not None for body in bodies] == [True, False]


def test_a_mark_from_before_quotes_and_voices_were_kept_is_read():
    old = FINDING.model_dump(exclude={"quote", "voices", "changes"})
    signed = SIGNER.read(forged(packed(text="", mark=old)))
    assert signed is not None
    assert signed.mark == FINDING


def test_carried_findings_come_back_whole():
    mark = SUMMARY.model_copy(update={"carried": (emblem(), finding(2))})
    signed = SIGNER.read(SIGNER.sign(mark, "Text"))
    assert signed is not None
    assert signed.mark == mark


WORDS = [digest(str(n)) for n in range(20_000)]
"""They hardly compress."""


def long_findings(count: int, *, body: int, voices: int) -> tuple[ReportFinding, ...]:
    """So many, with so many words in each body and each voice."""
    words = iter(WORDS)

    def text() -> str:
        return " ".join(islice(words, body))

    def voice(number: int) -> Voice:
        return Voice(member=f"m{number}", lens="security", severity="high", title="T", body=text())

    return tuple(
        finding(n, body=text(), fix=text(), quote="x = compute(1)", voices=tuple(map(voice, range(voices))))
        for n in range(1, count + 1)
    )


def read_back(**more: object) -> SummaryMark:
    body = SIGNER.sign(SUMMARY.model_copy(update=more), "Text")
    signed = SIGNER.read(body)
    assert len(body) < MAX_PAYLOAD + 200
    assert signed is not None
    assert isinstance(signed.mark, SummaryMark)
    return signed.mark


def test_where_room_is_short_all_voices_but_the_first_go_first():
    carried = long_findings(15, body=20, voices=3)
    mark = read_back(carried=carried)
    assert mark.carried == tuple(f.model_copy(update={"voices": f.voices[:1]}) for f in carried)
    assert (mark.complete, mark.carries) == (True, True)


def test_then_long_texts_are_cut_so_that_one_sees_it():
    carried = long_findings(15, body=50, voices=1)
    mark = read_back(carried=carried)
    assert [f.id for f in mark.carried] == [f.id for f in carried]
    assert all(f.body.endswith(CUT) and f.fix and f.fix.endswith(CUT) and not f.voices for f in mark.carried)
    assert all(f.quote == "x = compute(1)" and len(f.body) <= MAX_CARRIED + 10 for f in mark.carried)
    assert (mark.complete, mark.carries) == (True, True)
    assert read_back(carried=(*mark.carried, *long_findings(1, body=1_500, voices=0))).carried[:-1] == mark.carried


def test_what_does_not_fit_at_all_is_not_carried_and_the_mark_says_so():
    mark = read_back(carried=long_findings(99, body=50, voices=0), unread=("a.py",))
    assert mark == SUMMARY.model_copy(update={"carries": False, "unread": ("a.py",)})


def test_the_unread_paths_go_last():
    mark = read_back(carried=long_findings(3, body=5, voices=0), unread=tuple(WORDS[:5_000]))
    assert mark == SUMMARY.model_copy(update={"carries": False})


def test_a_mark_that_packs_well_is_not_signed_larger_than_it_is_read():
    carried = tuple(finding(n, body="A request is made without a timeout. " * 150) for n in range(1, 250))
    mark = read_back(carried=carried)
    assert len(mark.carried) == len(carried)
    assert mark.carried[0].body.endswith(CUT)


def test_a_body_is_rendered_into_the_room_its_mark_leaves():
    asked: list[int] = []

    def render(room: int) -> str:
        asked.append(room)
        return "x" * room

    body = SIGNER.sign_within(SUMMARY, render)
    assert len(body) <= MAX_BODY
    assert len(body) > MAX_BODY - 200
    assert body.startswith("x" * asked[0] + "\n")


@pytest.mark.parametrize("limit", [MAX_BODY, MAX_BODY * 2 // 3, MAX_BODY // 2])
def test_a_mark_leaves_room_for_the_text(limit: int):
    asked: list[int] = []
    carried = long_findings(40, body=25, voices=0)
    body = SIGNER.sign_within(
        SUMMARY.model_copy(update={"carried": carried}), lambda room: asked.append(room) or "x" * room, limit
    )
    assert len(body) <= limit
    assert min(asked) >= MIN_TEXT


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


def test_a_quote_is_known_by_all_of_its_lines_and_not_by_its_whitespace():
    quotes = ("    pass\n", "pass", "pass\npass", "return")
    assert len({quote_digest(quote) for quote in quotes}) == 3
    assert quote_digest("") == quote_digest(" \n") == ""


def test_a_quote_that_was_cut_is_not_taken_for_the_whole():
    assert quote_digest(f"x = compute(1)\ny = comp {CUT}") == ""
    assert line_digests(["x = compute(1)", f"y = comp {CUT}"]) == line_digests(["x = compute(1)"])


def test_the_end_of_a_very_long_line_does_not_count():
    assert line_digests(["x" * 30_000]) == line_digests(["x" * 20_000])
