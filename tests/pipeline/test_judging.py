"""A record becomes a report that says what was looked at, and what was not."""

import pytest
from pipeline.scene import DIFF, IDENTITY, TWICE, change, draft, member, report_of, unsure

from reviewbot.change import Change, Diff, File, parse_diff
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord, dump_record
from reviewbot.settings import Budget, Operator, Policy


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


@pytest.mark.parametrize("others", [(), ("rules",)])
async def test_what_everybody_left_open_is_not_covered(others: tuple[str, ...]) -> None:
    rules = (member(family, {}, reads_prompts=False) for family in others)
    report = await report_of(unsure("ben", found=False), *rules)
    assert not report.complete, "rules leave nothing open"
    assert [(gap.path, gap.lines, gap.why) for gap in report.not_covered][-1] == ("pay.py", 4, "no caller")


async def test_an_empty_change_is_complete_without_a_question() -> None:
    report = await report_of(member("ada", {}), of=Change(diff=Diff(files=())))
    assert (report.seats, report.complete, report.not_covered) == ((), True, ())


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


async def test_a_policy_narrows_the_budget_and_never_widens_it() -> None:
    operator = Operator(budget=Budget(tokens=50))
    for policy, tokens in ((Policy(budget=Budget(tokens=10)), 10), (Policy(budget=Budget(tokens=1_000_000)), 50)):
        report = await report_of(member("ada", {}), operator=operator, of=change(policy=policy))
        assert report.budget.tokens == tokens
        assert {seat.state for seat in report.seats} == {"over_budget"}
        assert report.notes[-1] == "For the budget, no model could be asked anything."


async def test_tokens_are_summed_and_an_unknown_price_is_unknown() -> None:
    report = await report_of(member("ada", {}))
    assert (report.spent.input, report.spent.cached, report.spent.output) == (450, 150, 30)
    assert report.spent.usd is None


async def test_a_finding_that_sounds_like_one_in_another_file_says_where() -> None:
    body = "`retry_charge` sends the same charge again because no idempotency key is set, so the customer pays twice."
    files = b"".join(DIFF.partition(b"diff --git a/logo")[0].replace(b"pay.py", name) for name in (b"a.py", b"b.py"))
    said = [draft("Charge is sent twice", body, "bank.pay(user)", path=path, line=3) for path in ("a.py", "b.py")]
    report = await report_of(member("ada", {"architecture": said}), of=Change(diff=parse_diff(files)))
    first, second = report.findings
    assert [(place.id, place.path) for place in first.see_also] == [(second.id, second.path)]
    assert [place.id for place in second.see_also] == [first.id]
