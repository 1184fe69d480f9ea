"""A model as judge: one call a case says what each finding of a review is worth, against the defects people know.

The change is shown as in a review: fenced, its secrets redacted, cut where one prompt ends. A judge that fails leaves
the findings unjudged, with the reason; nothing here raises for it.
"""

import time
from collections.abc import Sequence
from functools import partial
from typing import Final

from reviewbot.change import Change, parse_diff
from reviewbot.council import Invited
from reviewbot.council.brief import Brief, call_of
from reviewbot.council.budget import Account, Resumed, run_ledger
from reviewbot.council.exchange import Exchange, Reader, put
from reviewbot.council.model import Call
from reviewbot.council.prices import estimate_tokens
from reviewbot.council.prompt import digest, read_page
from reviewbot.council.reach import reach
from reviewbot.council.reading import Reading, read_change
from reviewbot.errors import BadDiff
from reviewbot.evals.model import Case, Judge
from reviewbot.evals.run import Opinions
from reviewbot.evals.sheet import PAGE, SCHEMA, Judgements, Sheet, opinions_of, read_judgements, sheet_of
from reviewbot.findings.quotes import stands
from reviewbot.report import Report
from reviewbot.settings import Operator
from reviewbot.sources.intent import stated

LENS: Final = "judge"
"""What its calls are named."""


def name_judge(member: str, usd: float | None = 0.0) -> Judge:
    """The judge as a result names it. Two results with other judges or pages cannot be compared. Raises BadPrompt."""
    return Judge(name=member, prompt=digest(read_page(PAGE)), usd=usd)


async def judge_report(
    case: Case, report: Report, invited: Invited, operator: Operator, accounts: Sequence[Account] = ()
) -> Opinions:
    """What the judge makes of each finding, or why nothing was judged. The case must have its diff."""
    if not report.findings:
        return Opinions({})
    try:
        diff = parse_diff(case.diff.encode("utf-8", "surrogateescape"))
    except BadDiff as e:
        return Opinions({}, why_not=f"there is nothing to judge by: {e}")
    change = Change(diff=diff, intent=stated(case.title, case.body), description=case.id)
    reading = read_change(change, operator)
    sheet = sheet_of(case.golden, report.findings, reading.cleaned)
    call = _call(reading, sheet, invited, operator)
    if isinstance(call, str):
        return Opinions({}, why_not=call)
    exchange = await _asked(call, sheet, invited, operator, accounts)
    if exchange.value is None or exchange.state != "ok":
        return Opinions({}, exchange.usd, f"the judge, {invited.member.name}: {exchange.state}: {exchange.detail}")
    return Opinions(
        opinions_of(exchange.value, sheet, was_shown=partial(stands, diff=reading.change.diff)), exchange.usd
    )


def _call(reading: Reading, sheet: Sheet, invited: Invited, operator: Operator) -> Call | str:
    """The question behind as much of the change as one prompt holds, or why there is none."""
    brief = Brief(
        change=reading.change,
        rules=read_page(PAGE).strip(),
        schema=SCHEMA,
        key=_key(reading, sheet),
        max_output_tokens=operator.max_output_tokens,
        seconds=operator.seconds,
        call_seconds=operator.call_seconds,
        max_prompt_tokens=max(1, operator.max_prompt_tokens - estimate_tokens(sheet.text)),
        left_out=tuple(sorted({gap.path for gap in reading.gaps})),
        held_back=reading.held_back,
        most_parts=1,
    )
    part = next(iter(brief.parts(invited)), None)
    if part is None:
        return "the change and its findings do not fit into one prompt of the judge"
    return call_of(
        brief,
        part,
        question=sheet.text,
        lens=LENS,
        effort=invited.effort,
        cache=False,
        seconds=operator.call_seconds,
    )


def _key(reading: Reading, sheet: Sheet) -> str:
    """The key of the fence around the change: it hangs on all that is shown, so that no text can hold its own."""
    return digest(f"{reading.change.model_dump_json()}\n{sheet.text}") + digest(sheet.text)


async def _asked(
    call: Call, sheet: Sheet, invited: Invited, operator: Operator, accounts: Sequence[Account]
) -> Exchange[Judgements]:
    read = partial(read_judgements, sheet=sheet, strict=invited.reads_prompts)
    reader = Reader[Judgements](read=read, salvage=lambda _text: None)
    ledger = run_ledger(operator, call.change.policy, Resumed(id=LENS), accounts)
    async with reach(invited) as ask:
        if isinstance(ask, str):
            return Exchange[Judgements](state="config_error", detail=ask)
        deadline = time.monotonic() + operator.seconds
        return await put(call, ask, reader, invited=invited, ledger=ledger, deadline=deadline)
