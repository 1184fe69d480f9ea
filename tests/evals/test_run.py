"""A suite goes through a council and a judge, case by case, and one that fails stops no other."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from reviewbot.council import Ask, Call, Invited, Member, Reply
from reviewbot.errors import NoCouncil
from reviewbot.evals.model import Case, Golden, Suite
from reviewbot.evals.run import Course, Opinion, Opinions, Reviewed, key_of, run_suite
from reviewbot.report import Report
from reviewbot.settings import Operator

PAY = """diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -1 +1,2 @@
 import bank
+bank.pay(user)
"""
GOLDEN = Golden(message="Paid twice.", severity="high", path="pay.py", start_line=2, line=2)
SUITE = Suite(
    name="small",
    digest="0",
    cases=(
        Case(id="pays", diff=PAY, golden=(GOLDEN,), title="Pay", language="Python", lens="architecture"),
        Case(id="pays.twin", diff=PAY.replace("user", "once"), golden=(), twin_of="pays"),
        Case(id="broken", diff="no diff", golden=(GOLDEN,)),
    ),
)
ASKED: list[Call] = []


@asynccontextmanager
async def voice() -> AsyncIterator[Ask]:
    async def ask(call: Call) -> Reply:
        call.started()
        ASKED.append(call)
        said = {
            "title": "Paid twice", "body": "A second call pays again.", "severity": "high", "confidence": "certain",
            "category": "state", "path": "pay.py", "side": "new", "line": 2, "quote": "bank.pay(user)",
        }  # fmt: skip
        found = [said] if call.lens == "architecture" and "pay(user)" in call.shown else []
        return Reply(outcome="ok", text=json.dumps({"findings": found}))

    yield ask


def seat(_case: Case) -> tuple[Invited, ...]:
    return (Invited(member=Member(name="ada/one", family="ada"), connect=voice),)


async def judging(case: Case, report: Report) -> Opinions:
    label = "confirmed" if case.golden else "fabricated"
    return Opinions({one.id: Opinion(label, (0,) if case.golden else ()) for one in report.findings}, 0.25)


def course(**given: object) -> Course:
    return Course(operator=Operator(tier="standard", challenged=0), seat=seat, judging=judging)._replace(**given)


async def run(**given: object) -> dict[str, Reviewed]:
    told: list[Reviewed] = []
    reviewed = await run_suite(SUITE, course(**given), told.append)
    assert [one.case.id for one in reviewed] == [case.id for case in SUITE.cases]
    assert {one.case.id for one in told} == {case.id for case in SUITE.cases}
    return {one.case.id: one for one in reviewed}


async def test_each_case_is_reviewed_and_judged_and_one_that_fails_says_why():
    done = await run()
    (finding,) = done["pays"].result.findings
    assert (finding.label, finding.golden, finding.voices) == ("confirmed", (0,), (("ada/one", "architecture"),))
    assert (done["pays"].result.tier, done["pays"].judging_usd) == ("standard", 0.25)
    assert (done["pays.twin"].result.findings, done["pays.twin"].judging_usd) == ((), 0.0)
    assert {seat.lens for seat in done["pays"].result.seats} == {"architecture", "security", "assumptions"}
    assert done["broken"].record is None
    assert "diff" in (done["broken"].result.failed or "")
    assert not done["broken"].result.complete


async def test_a_case_is_asked_the_same_bytes_each_time_and_another_case_others():
    ASKED.clear()
    await run()
    first = {(call.lens, call.shown) for call in ASKED}
    ASKED.clear()
    await run()
    assert {(call.lens, call.shown) for call in ASKED} == first
    assert key_of(SUITE.cases[0]) != key_of(SUITE.cases[1])


async def test_records_are_judged_again_and_nobody_is_asked():
    before = await run()
    ASKED.clear()
    records = {name: one.record for name, one in before.items() if one.record and name == "pays"}
    again = await run(records=records)
    assert again["pays"].result == before["pays"].result
    assert "no record" in (again["pays.twin"].result.failed or "")
    assert ASKED == []


async def test_a_case_that_nobody_judged_has_failed_and_is_no_miss():
    async def silent(_case: Case, _report: Report) -> Opinions:
        return Opinions({}, None, "the judge was away")

    async def absent(_case: Case, _report: Report) -> Opinions:
        raise NoCouncil("judge", "is gone", "seat another")

    for judge, told in ((silent, "the judge was away"), (absent, "judge: is gone; seat another")):
        done = await run(judging=judge)
        assert done["pays"].result.failed == f"was not judged: {told}"
        assert done["pays"].result.findings == ()
        assert done["pays"].record is not None
        assert done["pays.twin"].result.failed is None


async def test_what_the_judge_does_not_speak_of_is_unjudged():
    async def of_another(_case: Case, _report: Report) -> Opinions:
        return Opinions({"x": Opinion("confirmed", (0,))})

    done = await run(judging=of_another)
    assert [finding.label for finding in done["pays"].result.findings] == ["unjudged"]


async def test_rules_that_read_do_not_hide_that_no_model_answered():
    def with_rules(_case: Case) -> tuple[Invited, ...]:
        @asynccontextmanager
        async def refuse() -> AsyncIterator[Ask]:
            async def ask(_call: Call) -> Reply:
                return Reply(outcome="auth", detail="a wrong key")

            yield ask

        rules = Invited(member=Member(name="rules/builtin", family="rules"), connect=voice, reads_prompts=False)
        return (Invited(member=Member(name="bob/two", family="bob"), connect=refuse), rules)

    done = await run(seat=with_rules)
    assert "bob/two config_error" in (done["pays"].result.failed or "")
    assert done["pays"].result.findings == ()


async def test_a_recorded_run_needs_no_diff_of_its_suite():
    before = await run()
    bare = SUITE.cases[0].model_copy(update={"diff": ""})
    records = {"pays": before["pays"].record}
    (again,) = await run_suite(SUITE.model_copy(update={"cases": (bare,)}), course(records=records), lambda _done: None)
    assert again.result.findings == before["pays"].result.findings


@pytest.mark.parametrize("how", ["seat", "diff_of"])
async def test_what_one_case_lacks_fails_that_case_alone(how):
    def refuse(case: Case) -> tuple[Invited, ...] | str:
        if case.id == "pays":
            raise NoCouncil("council", "nobody is left", "seat somebody")
        return seat(case) if how == "seat" else case.diff

    done = await run(**{how: refuse})
    assert done["pays"].result.failed == "council: nobody is left; seat somebody"
    assert done["pays.twin"].result.failed is None
