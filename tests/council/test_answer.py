"""Text that may be anything becomes an answer, or a reason why it is none (THREATS L05, L06, L09)."""

import contextlib
import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewbot.council.answer import (
    MAX_ANSWER,
    BadAnswer,
    declines,
    read_answer,
    read_verdicts,
    salvage,
    salvage_verdicts,
)
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


def test_an_answer_of_20_findings_cut_at_every_byte_keeps_exactly_its_whole_ones() -> None:
    drafts = [DRAFT | {"title": f"number {n:02}"} for n in range(20)]
    text = '{"findings": [' + ", ".join(map(json.dumps, drafts)) + "]}"
    ends = [text.index("}", text.index(f"number {n:02}")) + 1 for n in range(20)]
    for cut in range(len(text)):
        kept = [draft.title for draft in salvage(text[:cut])]
        assert kept == [f"number {n:02}" for n in range(sum(end <= cut for end in ends))], cut


def mutant(chance: random.Random, text: str) -> str:
    """The text with one to three places cut out, said twice, or filled with what confuses a reader of JSON."""
    noise = [
        "{",
        "}",
        "]",
        '"',
        ",",
        "NaN",
        "```json",
        '{"findings": []}',
        "\\ud800",
        "9" * 5_000,
        "[" * 3_000,
        "\0",
    ]
    for _ in range(chance.randint(1, 3)):
        start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
        end = min(end, start + 80)
        text = text[:start] + chance.choice(["", text[start:end] * 2, *noise]) + text[end:]
    return text


def test_of_300_damaged_answers_each_is_read_or_refused_and_no_finding_is_made_up() -> None:
    chance, read = random.Random(9), 0  # noqa: S311  the same 300 in each run
    whole = json.dumps({"findings": [DRAFT, DRAFT, DRAFT], "could_not_judge": []})
    for _ in range(300):
        text = mutant(chance, whole)
        for made_of in (lambda said: read_answer(said).findings, salvage):
            with contextlib.suppress(BadAnswer):
                findings = made_of(text)
                read += 1
                assert len(findings) <= text.count('"title"'), text
                assert all(finding.quote.replace("?", "")[:5] in text for finding in findings), text
    assert 300 < read < 600


VERDICT = {"claim": "c1", "verdict": "upheld", "quote": None, "because": "so", "importance": 70, "same_as": []}


def test_a_challenge_is_answered_by_verdicts_alone() -> None:
    assert read_verdicts(json.dumps({"verdicts": [VERDICT]})).verdicts[0].importance == 70
    assert read_verdicts(f"Here:\n{json.dumps({'findings': [], 'verdicts': []})}").verdicts == ()
    with pytest.raises(BadAnswer, match="verdicts: Field required"):
        read_verdicts(WHOLE)


def test_verdicts_that_stand_whole_in_a_cut_answer_are_kept() -> None:
    text = json.dumps({"findings": [], "could_not_judge": [], "verdicts": [VERDICT, VERDICT | {"claim": "c2"}]})
    for cut in range(len(text)):
        kept = [said.claim for said in salvage_verdicts(text[:cut])]
        assert kept == ["c1", "c2"][: len(kept)]
    assert len(salvage_verdicts(text[:-10])) == 1
    assert salvage_verdicts("{}") == ()
