"""Text that may be anything becomes an answer, or a reason why it is none (THREATS L05, L06, L09)."""

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.council.answer import MAX_ANSWER, BadAnswer, declines, read_answer, salvage
from reviewbot.findings import Answer

DRAFT = {
    "title": "Paid twice",
    "body": "A retry charges again.",
    "severity": "high",
    "confidence": "likely",
    "category": "retries",
    "path": "pay.py",
    "side": "new",
    "line": 3,
    "quote": "charge(card)",
    "fix": None,
    "assumption": None,
}
WHOLE = json.dumps({"findings": [DRAFT], "could_not_judge": [{"path": "a.py", "why": "its caller is not shown"}]})


@pytest.mark.parametrize("around", ["{}", "Here is my review:\n```json\n{}\n```\nDone.", "  {} {{}}"])
def test_an_answer_is_found_among_prose_and_fences(around: str) -> None:
    answer = read_answer(around.replace("{}", WHOLE, 1))
    assert answer.findings[0].title == "Paid twice"
    assert answer.could_not_judge[0].path == "a.py"


def test_of_several_answers_the_last_counts() -> None:
    corrected = WHOLE.replace("Paid twice", "Paid three times")
    assert (
        read_answer(f"{WHOLE}\n\nCorrection, this one:\n\n{corrected} as {{said}}.").findings[0].title
        == "Paid three times"
    )


def test_a_missing_null_or_an_extra_key_voids_nothing() -> None:
    draft = {key: value for key, value in DRAFT.items() if key not in {"fix", "assumption"}} | {"id": 7}
    assert read_answer(json.dumps({"findings": [draft]})).findings[0].fix is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no JSON object"),
        ("[]", "no JSON object"),
        ("I looked and it is fine.", "no JSON object"),
        ('{"findings": [', "does not parse"),
        ('{"findings": [{"line": NaN}]}', "NaN is not JSON"),
        ('{"findings": [{"line": -Infinity}]}', "Infinity is not JSON"),
        ('{"answer": []}', "findings: Field required"),
        ('{"findings": [{"title": 5}]}', "findings.0.title"),
        ('{"findings": ' + "[" * 100_000, "does not parse"),
        ('{"findings": ' + "9" * 5_000 + "}", "does not parse"),
        ("{" * (MAX_ANSWER + 1), "characters"),
    ],
)
def test_what_is_no_answer_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadAnswer, match=reason):
        read_answer(text)


def test_half_a_character_does_not_travel_on() -> None:
    answer = read_answer(WHOLE.replace("Paid twice", r"Paid \ud800 twice"))
    assert answer.findings[0].title == "Paid ? twice"


@given(st.text(alphabet=st.sampled_from('{}[]",:findings01.5eE- \n\\'), max_size=200))
def test_no_text_escapes_as_another_exception(text: str) -> None:
    with contextlib.suppress(BadAnswer):
        assert isinstance(read_answer(text), Answer)


def test_a_plain_refusal_is_told_from_a_broken_answer() -> None:
    assert declines("I'm sorry, but I can't help with that.")
    assert not declines("Looks good to me.")
    assert not declines('I cannot see a fault: {"findings": []}')


@pytest.mark.parametrize("cut", range(0, 3 * len(json.dumps(DRAFT)), 7))
def test_a_cut_answer_keeps_exactly_its_whole_findings(cut: int) -> None:
    drafts = [DRAFT | {"title": f"number {n}"} for n in range(3)]
    head = '{"findings": ['
    text = head + ", ".join(map(json.dumps, drafts)) + "]}"
    ends = [text.index("}", text.index(f"number {n}")) + 1 for n in range(3)]
    whole = sum(end <= cut for end in ends)
    assert [draft.title for draft in salvage(text[:cut])] == [f"number {n}" for n in range(whole)]
