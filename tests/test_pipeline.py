"""The story from a change to a report, with scripted voices: real rooms, no vendor."""

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from typing import Any

import pytest

from reviewbot import review_change
from reviewbot.change import Change, Diff, File, Hunk, parse_diff
from reviewbot.council import Call, Invited, Member, Outcome, Reply, Usage
from reviewbot.errors import BadSettings
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord, dump_record
from reviewbot.report import Report
from reviewbot.settings import Budget, Operator, Policy

DIFF = b"""diff --git a/pay.py b/pay.py
index 1111111..2222222 100644
--- a/pay.py
+++ b/pay.py
@@ -1,2 +1,4 @@
 import bank
-bank.pay(1)
+user = User.objects.get(email=payment.email)
+bank.pay(user)
+bank.pay(user)
diff --git a/logo.png b/logo.png
new file mode 100644
index 0000000..3333333
Binary files /dev/null and b/logo.png differ
"""


def draft(title: str, body: str, quote: str, **facts: Any) -> dict[str, Any]:
    return {
        "title": title, "body": body, "severity": "high", "confidence": "likely",
        "category": "other", "path": "pay.py", "side": "new", "line": 2, "quote": quote, "fix": None,
        "assumption": None,
    } | facts  # fmt: skip


IDENTITY = draft(
    "The e-mail picks the account",
    "Anybody can type any address at the checkout, so `User.objects.get` credits a stranger.",
    "user = User.objects.get(email=payment.email)",
    category="identity",
)
TWICE = draft("The transfer runs again", "A second call of the bank moves the sum once more.", "bank.pay(user)")
LOST = draft("Nobody closes the file", "The handle leaks until the worker dies.", "open('x')")


def member(family: str, answers: Mapping[str, Iterable[dict[str, Any]] | Outcome]) -> Invited:
    """Somebody who says the same each time; a lens that answers with a word ends in that outcome."""

    async def ask(call: Call) -> Reply:
        said = answers.get(call.lens, ())
        if isinstance(said, str):
            return Reply(outcome=said, detail=f"{family}: {said}; try again")
        text = json.dumps({"findings": list(said), "could_not_judge": []})
        return Reply(outcome="ok", text=text, usage=Usage(input=100, cached=50, output=10))

    return Invited(member=Member(name=f"{family}/m", family=family), connect=lambda: nullcontext(ask))


def change(**facts: Any) -> Change:
    return Change(diff=parse_diff(DIFF), **facts)


async def report_of(*council: Invited, operator: Operator | None = None, of: Change | None = None) -> Report:
    return await review_change(of or change(), operator or Operator(), council)


async def test_the_same_defect_in_two_voices_is_one_finding_with_both() -> None:
    report = await report_of(
        member("ada", {"assumptions": [IDENTITY]}),
        member("ben", {"assumptions": [IDENTITY | {"title": "Account picked by e-mail"}], "architecture": [TWICE]}),
    )
    assert [(f.rank, f.line, f.raised_by) for f in report.findings] == [(1, 2, ("ada", "ben")), (2, 3, ("ben",))]
    assert [voice.member for voice in report.findings[0].voices] == ["ada/m", "ben/m"]
    assert set(report.findings[1].asked) == {"ada", "ben"}
    assert report.complete


async def test_found_is_what_is_placed() -> None:
    report = await report_of(member("ada", {"architecture": [TWICE, TWICE, LOST], "security": [IDENTITY]}))
    assert sum(len(f.voices) for f in report.findings) == sum(seat.findings for seat in report.seats) == 4
    lost = next(f for f in report.findings if f.title == LOST["title"])
    assert (lost.line, lost.placement) == (None, "summary")


async def test_a_seat_that_failed_was_not_asked_and_the_report_is_not_complete() -> None:
    report = await report_of(member("ada", {"assumptions": [IDENTITY]}), member("ben", {"assumptions": "refused"}))
    assert report.findings[0].asked == ("ada",)
    assert not report.complete
    assert [seat.detail for seat in report.seats if seat.state == "refused"] == ["ben: refused; try again"]


async def test_what_nobody_can_read_is_named() -> None:
    report = await report_of(member("ada", {}))
    assert [(gap.path, gap.why) for gap in report.not_covered] == [("logo.png", "binary")]
    assert (report.change.files, report.change.additions, report.change.deletions) == (2, 3, 1)


async def test_with_nothing_to_read_nobody_is_asked_and_nothing_is_called_clean() -> None:
    binary = File(path="a.png", old_path=None, status="added", binary=True)
    report = await report_of(member("ada", {}), of=Change(diff=Diff(files=(binary,))))
    assert (report.seats, report.complete) == ((), False)


async def test_what_the_policy_ignores_altogether_is_no_failure_to_look() -> None:
    report = await report_of(member("ada", {}), of=change(policy=Policy(ignore=("*",))))
    assert (report.seats, report.complete, len(report.not_covered)) == ((), True, 2)


def unsure(family: str, *, found: bool) -> Invited:
    """Somebody who could not judge pay.py, and found something there all the same, or not."""

    async def ask(_: Call) -> Reply:
        answer = {"findings": [TWICE] if found else [], "could_not_judge": [{"path": "pay.py", "why": "no caller"}]}
        return Reply(outcome="ok", text=json.dumps(answer))

    return Invited(member=Member(name=f"{family}/m", family=family), connect=lambda: nullcontext(ask))


async def test_who_could_not_judge_a_file_does_not_dissent_about_it() -> None:
    report = await report_of(member("ada", {"security": [TWICE]}), unsure("ben", found=False), unsure("cy", found=True))
    assert report.findings[0].asked == ("ada", "cy")
    assert report.complete, "ada looked"


async def test_what_everybody_left_open_is_not_covered() -> None:
    report = await report_of(unsure("ben", found=False))
    assert not report.complete
    assert [(gap.path, gap.lines, gap.why) for gap in report.not_covered][-1] == ("pay.py", 4, "no caller")


async def test_a_category_on_no_list_is_other() -> None:
    report = await report_of(member("ada", {"security": [TWICE | {"category": "made up"}]}))
    assert report.findings[0].category == "other"


async def test_an_assumption_without_its_two_systems_is_not_put_at_the_line() -> None:
    report = await report_of(member("ada", {"assumptions": [TWICE | {"severity": "critical"}]}))
    assert (report.findings[0].placement, report.complete) == ("summary", True)
    assert "names no two systems" in report.findings[0].reason


async def test_an_empty_change_is_complete_without_a_question() -> None:
    report = await report_of(member("ada", {}), of=Change(diff=Diff(files=())))
    assert (report.seats, report.complete, report.not_covered) == ((), True, ())


async def test_what_does_not_fit_one_prompt_is_named_and_the_seat_is_partial() -> None:
    body = tuple(f"+line {n}" for n in range(900))
    files = tuple(
        File(path=f"{n}.py", old_path=None, status="added", hunks=(Hunk(old_start=0, new_start=1, body=body),))
        for n in range(2)
    )
    report = await report_of(
        member("ada", {}), operator=Operator(max_prompt_tokens=7_000), of=Change(diff=Diff(files=files))
    )
    assert {seat.state for seat in report.seats} == {"partial"}
    assert [(gap.path, gap.lines) for gap in report.not_covered] == [("1.py", 900)]


async def test_a_run_reads_no_more_lines_than_the_operator_allows() -> None:
    report = await report_of(member("ada", {}), operator=Operator(max_changed_lines=3))
    assert not report.complete
    assert report.not_covered[-1].why == "beyond the 3 changed lines one run reads"
    assert report.not_covered[-1].path == "pay.py"


async def test_secrets_leave_this_machine_in_no_prompt_and_no_record() -> None:
    key = "AKIA" + "QX7ZWPNM3TRSVKLD"
    leak = DIFF.replace(b"bank.pay(user)\n", b'aws_access_key_id = "' + key.encode() + b'"\n', 1)
    prompts: list[str] = []

    async def ask(call: Call) -> Reply:
        prompts.append(call.rules + call.shown + call.question)
        return Reply(outcome="ok", text='{"findings": [], "could_not_judge": []}')

    invited = Invited(member=Member(name="ada/m", family="ada"), connect=lambda: nullcontext(ask))
    record = await hear(Change(diff=parse_diff(leak), intent=f"Use {key}"), Operator(), [invited])
    assert len(prompts) == 3
    assert key not in "".join(prompts) + dump_record(record)
    assert "Use <SECRET:" in prompts[0], "what the author says stays, under the same names as in the diff"


async def test_an_endless_line_is_cut_and_said_to_be() -> None:
    endless = DIFF.replace(b"bank.pay(user)\n", b"bank.pay('" + b"x " * 15_000 + b"')\n", 1)
    report = await report_of(member("ada", {}), of=Change(diff=parse_diff(endless)))
    assert not report.complete
    assert [(gap.path, gap.lines) for gap in report.not_covered] == [("logo.png", 0), ("pay.py", 1)]


async def test_names_that_are_not_text_can_be_recorded() -> None:
    odd = DIFF.replace(b"a/logo.png b/logo.png", b'"a/logo\\377.png" "b/logo\\377.png"').replace(
        b"b/logo.png differ", b'"b/logo\\377.png" differ'
    )
    record = await hear(Change(diff=parse_diff(odd), description="b\udcff.diff"), Operator(), [member("ada", {})])
    assert "logo" in dump_record(record)
    assert judge(record).not_covered[0].path == r"logo\xff.png"


async def test_the_same_record_gives_the_same_report() -> None:
    record = await hear(change(), Operator(), [member("ada", {"security": [TWICE]}), member("ben", {})])
    read_again = RunRecord.model_validate_json(dump_record(record))
    assert judge(read_again).model_dump_json() == judge(record).model_dump_json()


async def test_lenses_are_the_operators_then_the_policys_choice() -> None:
    policy = Policy(lenses=("security",))
    assert [seat.lens for seat in (await report_of(member("ada", {}), of=change(policy=policy))).seats] == ["security"]
    operator = Operator(lenses=("assumptions",))
    report = await report_of(member("ada", {}), operator=operator, of=change(policy=policy))
    assert [seat.lens for seat in report.seats] == ["assumptions"]
    assert report.prompts.keys() == {"shared", "assumptions"}


async def test_an_unknown_lens_names_the_nearest() -> None:
    with pytest.raises(BadSettings, match=r"lens securty: there is no such lens; did you mean security\?"):
        await report_of(member("ada", {}), operator=Operator(lenses=("securty",)))


async def test_a_policy_narrows_the_budget_and_never_widens_it() -> None:
    operator = Operator(budget=Budget(tokens=50))
    for policy, tokens in ((Policy(budget=Budget(tokens=10)), 10), (Policy(budget=Budget(tokens=1_000_000)), 50)):
        report = await report_of(member("ada", {}), operator=operator, of=change(policy=policy))
        assert report.budget.tokens == tokens
        assert {seat.state for seat in report.seats} == {"over_budget"}


async def test_tokens_are_summed_and_an_unknown_price_is_unknown() -> None:
    report = await report_of(member("ada", {}))
    assert (report.spent.input, report.spent.cached, report.spent.output) == (450, 150, 30)
    assert report.spent.usd is None


async def test_ids_stay_when_the_code_moves() -> None:
    moved = DIFF.replace(b"@@ -1,2 +1,4 @@", b"@@ -41,2 +51,4 @@")
    first = await report_of(member("ada", {"security": [TWICE]}))
    later = await report_of(member("ada", {"security": [TWICE]}), of=Change(diff=parse_diff(moved)))
    assert [f.id for f in first.findings] == [f.id for f in later.findings]
    assert first.findings[0].line != later.findings[0].line
