"""A model as judge: what it is shown, what its answer becomes, and what a failure leaves. The model is a function."""

import json
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest
from evals.written import CASE, DIFF, noise, review, yen

from reviewbot.council import Call, Invited, Member, Reply, Usage
from reviewbot.council.prompt import digest, read_page
from reviewbot.evals.judge import judge_report, name_judge
from reviewbot.evals.model import Case, Judge
from reviewbot.evals.run import Opinions
from reviewbot.report import Report
from reviewbot.settings import Budget, Operator

TOKEN = "ghp_" + "x7Kq2mW9" * 4 + "Zr3T"
OPERATOR = Operator(seconds=5.0)
REPORT = review(yen(1), noise(2))


def model(texts: Sequence[str], calls: list[Call]) -> Invited:
    async def ask(call: Call) -> Reply:
        calls.append(call)
        return Reply(outcome="ok", text=texts[len(calls) - 1], usage=Usage(input=100, output=10))

    return Invited(member=Member(name="openai/gpt-6.1-sol", family="openai"), connect=lambda: nullcontext(ask))


async def judged(
    *texts: str, case: Case = CASE, report: Report = REPORT, **operator: Any
) -> tuple[Opinions, list[Call]]:
    calls: list[Call] = []
    return await judge_report(case, report, model(texts, calls), OPERATOR.model_copy(update=operator)), calls


def answer(call: Call, **labels: str) -> str:
    """Confirms the finding that speaks of yen; of the other it says what it is told."""
    rows = call.question.split("\n")
    ours = next(rows[place - 1].partition(":")[0] for place, row in enumerate(rows) if "hundred times" in row)
    other = {"f1": "f2", "f2": "f1"}[ours]
    said = {"finding": ours, "golden": ["g1"], "label": "confirmed", "quote": None, "because": "the same"}
    return json.dumps({"judgements": [said, said | {"finding": other, "golden": [], "label": "plausible"} | labels]})


async def an_answer(**labels: str) -> str:
    _, calls = await judged("{}", "{}")
    return answer(calls[0], **labels)


async def test_each_finding_has_its_label_in_one_call_that_is_paid_for() -> None:
    opinions, calls = await judged(await an_answer(label="fabricated", quote="log(total)"))
    assert {finding.title: opinions.of[finding.id].label for finding in REPORT.findings} == {
        "Yen are charged a hundred times over": "confirmed", "The log line leaks": "fabricated",
    }  # fmt: skip
    assert opinions.of[yen().id].golden == (0,)
    assert (len(calls), opinions.why_not, opinions.usd) == (1, "", pytest.approx(0.0003))


async def test_a_quote_that_stands_nowhere_in_the_change_refutes_nothing() -> None:
    opinions, _ = await judged(await an_answer(label="fabricated", quote="logging.disable(everything)"))
    assert opinions.of[noise(2).id].label == "plausible"


async def test_the_judge_sees_the_change_in_its_fence_and_no_secret() -> None:
    secret = CASE.model_copy(update={"diff": DIFF.replace("total * 100", f'total, "{TOKEN}"'), "body": f"by {TOKEN}"})
    _, calls = await judged("{}", "{}", case=secret)
    opening, *shown, closing = calls[0].shown.split("\n")
    assert opening.replace("<change", "</change") == closing
    assert f"{secret.title}" in shown
    assert "=== pay.py (modified)" in shown
    assert TOKEN not in f"{calls[0].rules}{calls[0].shown}{calls[0].question}"
    assert calls[0].rules == read_page("judge.md").strip()


async def test_a_quote_is_looked_up_in_what_the_judge_was_shown() -> None:
    secret = CASE.model_copy(update={"diff": DIFF.replace("log(total)", f'log("{TOKEN}")')})
    _, calls = await judged("{}", "{}", case=secret)
    quote = next(line for line in calls[0].shown.split("\n") if "log(" in line).partition(" ")[2]
    opinions, _ = await judged(answer(calls[0], label="fabricated", quote=quote), case=secret)
    assert "<SECRET" in quote
    assert opinions.of[noise(2).id].label == "fabricated"


async def test_of_a_change_that_is_too_long_the_judge_sees_one_part_beside_all_findings() -> None:
    case = CASE.model_copy(update={"diff": "".join(DIFF.replace("pay.py", f"pay{n}.py") for n in range(20))})
    long = review(*(yen(rank, title=f"number {rank}", body="w " * 500) for rank in range(1, 4)))
    _, calls = await judged("{}", "{}", case=case, report=long, max_prompt_tokens=2_500)
    assert 6_000 < len(f"{calls[0].rules}{calls[0].shown}{calls[0].question}") <= 7_500
    unseen = calls[0].shown.partition("Also changed, not shown: ")[2].split("\n")[0].split(", ")
    assert calls[0].shown.count("\n=== pay") + len(unseen) == 20


async def test_a_change_that_is_no_utf8_is_judged_all_the_same() -> None:
    odd = CASE.model_copy(update={"diff": DIFF.replace("log(total)", "log('\udcff')")})
    opinions, _ = await judged(await an_answer(), case=odd)
    assert opinions.why_not == ""


async def test_a_script_that_was_written_before_the_review_may_leave_findings_open() -> None:
    said = {"finding": yen(1).id, "golden": ["g1"], "label": "confirmed", "quote": None, "because": "the same"}
    script = replace(model([json.dumps({"judgements": [said, said | {"finding": "gone"}]})], []), reads_prompts=False)
    opinions = await judge_report(CASE, REPORT, script, OPERATOR)
    assert {*opinions.of} == {yen(1).id}


async def test_the_same_review_is_the_same_question_and_another_has_another_fence() -> None:
    first, again = (await judged("{}", "{}"), await judged("{}", "{}"))
    assert (first[1][0].shown, first[1][0].question) == (again[1][0].shown, again[1][0].question)
    other = (await judged("{}", "{}", case=CASE.model_copy(update={"golden": ()})))[1][0]
    assert other.shown.split("\n")[0] != first[1][0].shown.split("\n")[0]


async def test_an_answer_that_does_not_hold_is_asked_for_once_more_and_then_leaves_all_unjudged() -> None:
    opinions, calls = await judged(json.dumps({"judgements": []}), "{}")
    assert (len(calls), dict(opinions.of)) == (2, {})
    assert opinions.why_not.startswith("the judge, openai/gpt-6.1-sol: invalid: judgements: ")
    assert opinions.usd == pytest.approx(0.0006)
    mended, _ = await judged("{}", await an_answer())
    assert len(mended.of) == 2


async def test_what_cannot_be_judged_says_why() -> None:
    opinions, calls = await judged(case=CASE.model_copy(update={"diff": ""}))
    assert (opinions.why_not.startswith("there is nothing to judge by: "), calls) == (True, [])
    opinions, calls = await judged(budget=Budget(usd=0.0))
    assert ("over_budget" in opinions.why_not, calls) == (True, [])
    opinions, calls = await judged(max_prompt_tokens=1_000, case=CASE.model_copy(update={"body": "w " * 2_000}))
    assert ("do not fit" in opinions.why_not, calls) == (True, [])


async def test_nothing_found_is_nothing_asked() -> None:
    calls: list[Call] = []
    assert await judge_report(CASE, review(), model([], calls), OPERATOR) == Opinions({})
    assert calls == []


def test_a_result_names_the_judge_and_the_words_it_was_asked_in() -> None:
    named = name_judge("openai/gpt-6.1-sol", 0.5)
    assert named == Judge(name="openai/gpt-6.1-sol", prompt=digest(read_page("judge.md")), usd=0.5)
