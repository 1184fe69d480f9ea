"""What a recorded run is as a case: its change, and the findings that a person says are true."""

import pytest
from pipeline.scene import IDENTITY, LOST, TWICE, change, member

from reviewbot.change import Change, Diff, parse_diff
from reviewbot.errors import BadInput, BadSettings
from reviewbot.evals.add import case_of
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord
from reviewbot.settings import Operator

ASSUMED = IDENTITY | {
    "assumption": {
        "system_a": "the bank", "system_b": "the shop", "relies_on": "one address", "breaks_when": "two share it",
        "ask": "Which id do both keep?",
    }
}  # fmt: skip


async def recorded(of: Change | None = None) -> RunRecord:
    ada = member("ada", {"assumptions": [ASSUMED], "architecture": [TWICE, LOST]})
    return await hear(of or change(intent="Pay\n\nAs the bank asks."), Operator(tier="standard"), [ada])


def ids(record: RunRecord) -> dict[str, str]:
    return {finding.title: finding.id for finding in judge(record).findings}


async def test_true_findings_become_goldens_with_their_systems_and_their_question():
    record = await recorded()
    named = ids(record)
    row, diff = case_of(
        record, "pays", true=[named["The e-mail picks the account"], named["The transfer runs again"]] * 2
    )
    assert (row["id"], row["title"], row["body"], row["diff"]) == (
        "pays",
        "Pay",
        "As the bank asks.",
        "diffs/pays.diff",
    )
    assert (row["lens"], row["kind"], len(row["golden"])) == ("assumptions", "identity", 2)
    first, second = row["golden"]
    assert (first["path"], first["line"], first["between"]) == ("pay.py", 2, ["the bank", "the shop"])
    assert (first["question"], second["between"], second["question"]) == ("Which id do both keep?", None, "")
    assert parse_diff(diff) == record.change.diff


async def test_without_a_true_one_silence_is_right():
    row, _ = case_of(await recorded(), "pays", true=[])
    assert (row["lens"], row["kind"], row["golden"]) == (None, "harmless", [])


async def test_what_can_be_no_golden_is_told():
    record = await recorded()
    with pytest.raises(BadInput, match="no precise line"):
        case_of(record, "pays", true=[ids(record)["Nobody closes the file"]])
    with pytest.raises(BadSettings, match=r"known: \w+, \w+, \w+"):
        case_of(record, "pays", true=["nobody"])
    with pytest.raises(BadInput, match="no change"):
        case_of(await recorded(Change(diff=Diff(files=()))), "pays", true=[])
