"""One question about a change, put to one model. Its answer is text for a person and never becomes a finding.

The change is shown as in a review: fenced, its secrets redacted, cut where one prompt ends. The question is data too:
whoever may write to the repository worded it, for anybody to read. Nothing here raises for a model that failed.
"""

import asyncio
import json
import secrets
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from reviewbot.change import Change, Gap
from reviewbot.council.answer import MAX_ANSWER, MAX_OBJECTS, BadAnswer, declines
from reviewbot.council.attempt import attempt
from reviewbot.council.budget import NOTHING_HELD, Ledger, Resumed
from reviewbot.council.model import Ask, Billed, Call, Invited, Reply, State, Usage
from reviewbot.council.prompt import read_page, standing_orders
from reviewbot.council.reading import read_change, show_reading
from reviewbot.council.seat import ATTEMPTS, LONGEST_WAIT, STATE_OF
from reviewbot.errors import NoCouncil, ReviewbotError
from reviewbot.facts import Fact
from reviewbot.findings.model import Said
from reviewbot.settings import Operator

PAGE = "ask.md"
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"answer": {"type": "string"}, "unsure_about": {"anyOf": [{"type": "string"}, {"type": "null"}]}},
    "required": ["answer", "unsure_about"],
    "additionalProperties": False,
}
"""What the model must answer, inside the strictest common subset of the vendors (PROVIDERS 1.1)."""


_Text = Annotated[str, AfterValidator(lambda text: text.encode("utf-8", "replace").decode())]
"""JSON may spell half a character, which no comment can carry on."""
_DECODER = json.JSONDecoder(strict=False)


class Words(Said):
    """An answer as the model worded it."""

    answer: Annotated[_Text, Field(pattern=r"\S")]
    unsure_about: _Text | None = None
    """What it says cannot be seen in the change; None where nothing is open."""


class Answered(Fact):
    """How a question ended: words, or a state that says why there are none."""

    member: str
    state: State
    detail: str = ""
    """Who, what, remedy where the state is not `ok`."""
    words: Words | None = None
    not_shown: tuple[Gap, ...] = ()
    """Parts of the change that did not fit. An answer that did not see them is `partial`."""
    usage: Usage = Usage()
    usd: float | None = 0.0
    """Dollars for all attempts; None where the price is not known."""
    attempts: int = 0


async def ask_question(
    change: Change,
    question: str,
    council: Sequence[Invited],
    settings: Operator,
    resumed: Resumed | None = None,
) -> Answered:
    """Put the question to the first member that reads prompts, within the run's budget and time.

    Raises NoCouncil where only rules and scanners sit: they answer no questions. BadPrompt for a lost page.
    """
    invited = next((invited for invited in council if invited.reads_prompts), None)
    if invited is None:
        remedy = "seat a model: give the API key of one, or name it with --model"
        raise NoCouncil("question", "nobody who can answer it sits, the rules only read diffs", remedy)
    key, spent = (resumed.id, resumed.spent) if resumed else (secrets.token_hex(16), NOTHING_HELD)
    call, not_shown = _call(change, question, settings, key)
    answered = Answered(member=invited.member.name, state="unavailable", not_shown=not_shown)
    async with AsyncExitStack() as stack:
        try:
            ask = await stack.enter_async_context(invited.connect())
        except (OSError, ImportError, ValueError, ReviewbotError) as e:
            detail = f"no connection could be opened: {e}"
            return answered.model_copy(update={"state": "config_error", "detail": detail})
        ledger = Ledger(settings.budget.within(change.policy.budget), spent)
        return await _converse(ask, call, answered, invited=invited, ledger=ledger)


def _call(change: Change, question: str, settings: Operator, key: str) -> tuple[Call, tuple[Gap, ...]]:
    """The prompt, and what of the change is not in it although it could be read."""
    reading = read_change(change, settings, question)
    policy = change.policy.model_copy(update={"language": "English"})  # of findings: the question has its own
    orders = standing_orders(read_page(PAGE), reading.change.model_copy(update={"policy": policy}))
    shown, cut = show_reading(reading, settings, orders, key)
    call = Call(
        rules=orders,
        shown=shown,
        question=f"<question {key}>\n{reading.question}\n</question {key}>",
        lens="ask",
        schema=SCHEMA,
        max_output_tokens=settings.max_output_tokens,
        seconds=settings.seconds,
        cache=False,
        started=lambda: None,
        change=reading.change,
    )
    return call, (*reading.unread, *cut)


async def _converse(ask: Ask, call: Call, answered: Answered, *, invited: Invited, ledger: Ledger) -> Answered:
    """Ask until there is an answer, or a state that no further attempt would better."""
    deadline = time.monotonic() + call.seconds
    while True:
        timed = replace(call, seconds=max(0.1, deadline - time.monotonic()))
        billed = await attempt(ask, timed, invited=invited, ledger=ledger)
        if isinstance(billed, str):
            return answered.model_copy(update={"state": "over_budget", "detail": billed})
        reply = billed.reply
        answered = _booked(_heard(reply, answered), billed)
        wait = min(reply.retry_after or 0.5 * 2**answered.attempts, LONGEST_WAIT)
        passing = reply.outcome in ("rate", "transient") and answered.attempts < ATTEMPTS
        if not passing or wait >= deadline - time.monotonic():
            return answered
        await asyncio.sleep(wait)


def _booked(answered: Answered, billed: Billed) -> Answered:
    reply, usd = billed
    return answered.model_copy(
        update={
            "usage": answered.usage + reply.usage,
            "usd": None if usd is None or answered.usd is None else answered.usd + usd,
            "attempts": answered.attempts + 1,
        }
    )


def _heard(reply: Reply, before: Answered) -> Answered:
    """What a reply makes of the question, its cost aside."""
    if state := STATE_OF.get(reply.outcome):
        return before.model_copy(update={"state": state, "detail": reply.detail})
    try:
        words = read_words(reply.text)
    except BadAnswer as e:
        unread: State = "refused" if declines(reply.text) else "invalid"
        state = "truncated" if reply.outcome == "cut" else unread
        return before.model_copy(update={"state": state, "detail": reply.detail or str(e)})
    whole = reply.outcome == "ok" and not before.not_shown
    detail = reply.detail or (before.not_shown[0].why if before.not_shown else "")
    return before.model_copy(update={"state": "ok" if whole else "partial", "detail": detail, "words": words})


def read_words(text: str) -> Words:
    """The answer in the text, whatever stands around it. Raises BadAnswer where there is none."""
    if len(text) > MAX_ANSWER:
        raise BadAnswer(f"the answer has {len(text):,} characters")
    words, position, why = None, 0, "there is no JSON object in the answer"
    for _ in range(MAX_OBJECTS):
        position = text.find("{", position)
        if position < 0:
            break
        try:
            value, position = _DECODER.raw_decode(text, position)
            words = Words.model_validate(value)  # the last one counts: models correct themselves in the same breath
        except ValidationError as e:
            why = f"the answer does not hold: {e.errors()[0]['msg'].lower()}"
        except (ValueError, RecursionError):
            position += 1
    if words is None:
        raise BadAnswer(why)
    return words
