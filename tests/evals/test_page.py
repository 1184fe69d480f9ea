"""A result as a page: what was found, what was missed, and strangers' words as text."""

from reviewbot.evals.model import CaseResult, EvalResult, Golden, Judge, JudgedFinding, SeatResult
from reviewbot.evals.page import result_page
from reviewbot.evals.results import metrics

HIT = Golden(message="The credit goes to a stranger.", severity="critical", path="pay.py", line=3, lens="assumptions")
MISSED = Golden(message="Nobody closes <b>it</b>.", severity="low", path="io.py", line=9, lens="architecture")
FOUND = JudgedFinding(
    id="a", rank=1, title="<script>alert(1)</script>", path="pay.py", line=3, lens="assumptions", category="identity",
    severity="critical", probability=0.7, placement="inline", voices=(("ada/one", "assumptions"),), label="confirmed",
    golden=(0,), because="the same fault",
)  # fmt: skip
SEAT = SeatResult(member="ada/one", family="ada", lens="assumptions", state="ok", findings=1, usd=0.5, seconds=1.0)


def result(*cases: CaseResult) -> EvalResult:
    return EvalResult(
        suite="mine", digest="0", version="0", started="2026-11-21T00:00:00+00:00", members=("ada/one",),
        prompts={"shared.md": "1"}, judge=Judge(name="place"), cases=cases,
    )  # fmt: skip


def page_of(*cases: CaseResult) -> str:
    made = result(*cases)
    return result_page(made, metrics(made))


def test_the_page_says_what_was_found_and_what_was_missed_and_what_each_costs():
    page = page_of(CaseResult(id="pays", golden=(HIT, MISSED), findings=(FOUND,), seats=(SEAT,), usd=0.5))
    assert "<b>1 of 2</b>" in page
    assert "<b>$0.5000</b>" in page
    assert "missed 1" in page
    assert "Nobody closes &lt;b&gt;it&lt;/b&gt;. (low, io.py:9)" in page
    assert "The credit goes to a stranger" not in page


def test_what_members_wrote_stays_text_and_nothing_is_fetched():
    page = page_of(CaseResult(id="pays", golden=(HIT,), findings=(FOUND,), seats=(SEAT,)))
    assert "&lt;script&gt;" in page
    assert not [word for word in ("<script", "src=", "http:", "https:", "@import", "url(") if word in page]


def test_a_failed_case_says_why_and_is_no_miss_and_a_silent_one_is_good():
    page = page_of(
        CaseResult(id="away", golden=(HIT,), failed="nobody is left", complete=False),
        CaseResult(id="quiet", golden=(), seats=(SEAT,)),
        CaseResult(id="loud", golden=(), findings=(FOUND.model_copy(update={"label": "fabricated", "golden": ()}),)),
    )
    assert "failed: nobody is left" in page
    assert "missed 1" not in page
    assert page.count(">silent<") == page.count(">spoke<") == 1
    assert "1</b><span>comments on 2 clean cases" in page


def test_a_case_that_was_not_wholly_looked_at_is_not_silent_and_says_why():
    away = SEAT.model_copy(update={"state": "unavailable", "detail": "no <credit>"})
    page = page_of(*(CaseResult(id=name, golden=(), complete=False, seats=(SEAT, away)) for name in ("a", "b")))
    assert ">silent<" not in page
    assert page.count('class="busy">incomplete<') == 2
    assert "What was not looked at" in page
    assert page.count("ada/one unavailable: no &lt;credit&gt;") == 1
