"""Figures as text."""

from reviewbot.evals.figures import Measured
from reviewbot.evals.model import CaseResult, EvalResult, Judge, SeatResult
from reviewbot.evals.results import metrics
from reviewbot.evals.tables import columns, gained, meanings, money, spread, summary_text, value


def test_columns_line_up_and_a_name_from_a_file_stays_in_its_cell():
    table = columns(("", "F1", "95 %"), [("council", "0.5", "-"), ("to\x1b[2Jol\n", "0.125", "0.1 to 0.2")])
    assert table == (
        "                            F1        95 %\n"
        "council                    0.5           -\n"
        "to<U+001B>[2Jol<U+000A>  0.125  0.1 to 0.2\n"
    )  # fmt: skip


def test_what_cannot_be_measured_is_a_dash_and_never_nought():
    nothing = Measured(value=None)
    assert (value(nothing), value(None), gained(None), spread(Measured(value=1)), money(None)) == ("-",) * 4 + ("?",)
    told = Measured(value=-0.05, low=-0.1, high=0)
    assert (value(told), gained(told), spread(told, sign="+")) == ("-0.050", "-0.050", "-0.100 to +0.000")


def test_each_figure_is_explained_in_a_line():
    assert meanings(["F1", "nDCG@10"]).splitlines() == [
        "F1       of P and R", "nDCG@10  how early the severe goldens come; 1 is ideal",
    ]  # fmt: skip


def test_a_judged_suite_is_told_with_its_failures_and_its_price():
    cases = (CaseResult(id="a", golden=(), usd=None), CaseResult(id="b", golden=(), failed="no diff"))
    result = EvalResult(
        suite="own", digest="0" * 12, version="1", started="2026-01-01T00:00:00Z", members=("one/model",), prompts={},
        judge=Judge(name="place"), cases=cases,
    )  # fmt: skip
    told = summary_text(result, metrics(result))
    assert told.startswith(
        "own (000000000000): one/model; judged by place\n"
        "1 case, 1 more failed, 0 incomplete; 0 goldens, 0 found; 1 clean; "
        "findings: 0 confirmed, 0 plausible, 0 fabricated, 0 unjudged\n"
        "spent ?, - a golden found; judge $0.0000\n"
    )
    assert "\nalarms    0.000     -\n" in told


def test_the_first_incomplete_cases_are_named_with_a_reason_and_the_others_counted():
    away = SeatResult(
        member="one/m", family="one", lens="security", state="unavailable", findings=0, usd=0, seconds=1, detail="gone"
    )
    cases = [CaseResult(id=f"c{number}", golden=(), complete=False, seats=(away,)) for number in range(7)]
    result = EvalResult(
        suite="own", digest="0" * 12, version="1", started="2026-01-01T00:00:00Z", members=("one/m",), prompts={},
        judge=Judge(name="place"), cases=tuple(cases),
    )  # fmt: skip
    told = summary_text(result, metrics(result))
    assert [line for line in told.splitlines() if line.startswith("incomplete")] == [
        *(f"incomplete: c{number}: one/m unavailable: gone" for number in range(5)), "incomplete: 2 more cases",
    ]  # fmt: skip
