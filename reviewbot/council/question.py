"""One question about a change, put to one model. Its answer is text for a person and never becomes a finding.

The change is shown as in a review: fenced, its secrets redacted, cut where one prompt ends. The question is data too:
whoever may write to the repository worded it, for anybody to read. Nothing here raises for a model that failed.
"""

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from reviewbot.change import Change, Diff, Gap
from reviewbot.change.context import PinnedTree
from reviewbot.change.redact import redact_text
from reviewbot.council.answer import MAX_ANSWER, MAX_OBJECTS, BadAnswer
from reviewbot.council.brief import Brief, Part, call_of
from reviewbot.council.budget import NOTHING_HELD, Account, Hold, Resumed, anew, run_ledger
from reviewbot.council.exchange import Exchange, Reader, put
from reviewbot.council.model import Call, Invited, State, Usage
from reviewbot.council.prices import BYTES_PER_TOKEN
from reviewbot.council.prompt import read_page, standing_orders
from reviewbot.council.reach import reach
from reviewbot.council.reading import Reading, Seen, look_around, read_change
from reviewbot.errors import NoCouncil
from reviewbot.facts import Fact
from reviewbot.findings.model import Said
from reviewbot.settings import Operator

PAGE, CONTEXT = "ask.md", "context.md"
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
    notes: tuple[str, ...] = ()
    """What a person should know of what the model was shown."""
    words: Words | None = None
    not_shown: tuple[Gap, ...] = ()
    """Parts of the change that did not fit. An answer that did not see them is `partial`."""
    usage: Usage = Usage()
    usd: float | None = 0.0
    """Dollars for all attempts; None where the price is not known."""
    attempts: int = 0
    spent: Hold = NOTHING_HELD
    """What was booked: for an answer that broke off, all that was held for it."""


async def ask_question(  # noqa: PLR0913  as a review, whose settings it shares
    change: Change,
    question: str,
    council: Sequence[Invited],
    settings: Operator,
    resumed: Resumed | None = None,
    *,
    tree: PinnedTree | None = None,
    accounts: Sequence[Account] = (),
) -> Answered:
    """Put the question to the first member that reads prompts, within the run's budget and time.

    `tree` is the repository at the head, for code around the change; what the budget has no room for goes without it.
    Raises NoCouncil where only rules and scanners sit: they answer no questions. BadPrompt for a lost page.
    """
    invited = next((invited for invited in council if invited.reads_prompts), None)
    if invited is None:
        remedy = "seat a model: give the API key of one, or name it with --model"
        raise NoCouncil("question", "nobody who can answer it sits, the rules only read diffs", remedy)
    run = resumed or anew()
    reading = read_change(change, settings, question)
    answered = Answered(member=invited.member.name, state="unavailable")
    ledger = run_ledger(settings, change.policy, run, accounts)
    async with reach(invited) as ask:
        if isinstance(ask, str):
            return answered.model_copy(update={"state": "config_error", "detail": ask})
        deadline = time.monotonic() + settings.seconds
        for seen in await _look_around(reading, settings, tree):
            brief = _brief(reading, seen.change, settings, run.id)
            call = _call(brief, reading, invited, settings)
            exchange = await put(call, ask, WORDS, invited=invited, ledger=ledger, deadline=deadline)
            if exchange.attempts or exchange.state != "over_budget":
                break
    not_shown = (*reading.unread, *brief.not_shown(invited))
    answered = answered.model_copy(update={"not_shown": not_shown, "notes": seen.notes, "spent": ledger.spent})
    return _answered(answered, exchange)


async def _look_around(reading: Reading, settings: Operator, tree: PinnedTree | None) -> Sequence[Seen]:
    """What to show, best first: the change with code around it, where there is any, and the change alone."""
    room = settings.context_tokens * BYTES_PER_TOKEN
    if tree is None or not room:
        return [Seen(reading.change)]
    seen = await asyncio.to_thread(look_around, reading, tree, room_bytes=room)
    alone = Seen(reading.change, ("For the budget, no code around the change was shown.",))
    return [seen, alone] if seen.change.context else [seen]


def _brief(reading: Reading, change: Change, settings: Operator, key: str) -> Brief:
    """The change as one prompt shows it: nobody answers a question in parts."""
    policy = change.policy.model_copy(update={"language": "English"})  # of findings: the question has its own
    rules = standing_orders(read_page(PAGE), change.model_copy(update={"policy": policy}))
    return Brief(
        change=change,
        rules=f"{rules}\n\n{read_page(CONTEXT).strip()}" if change.context else rules,
        schema=SCHEMA,
        key=key,
        max_output_tokens=settings.max_output_tokens,
        seconds=settings.seconds,
        call_seconds=settings.call_seconds,
        max_prompt_tokens=settings.max_prompt_tokens,
        left_out=tuple(sorted({gap.path for gap in reading.gaps})),
        held_back=reading.held_back,
        most_parts=1,
    )


def _call(brief: Brief, reading: Reading, invited: Invited, settings: Operator) -> Call:
    nothing = Part(0, 1, "", Diff(files=()), settings.max_output_tokens)
    question = redact_text(reading.question, PAGE, reading.values)  # the code around the change may have told more
    return call_of(
        brief,
        next(iter(brief.parts(invited)), nothing),
        question=f"<question {brief.key}>\n{question}\n</question {brief.key}>",
        lens="ask",
        effort=invited.effort,
        cache=False,
        seconds=settings.call_seconds,
    )


def _answered(before: Answered, exchange: Exchange[Words]) -> Answered:
    """What became of the question. Words that did not see all of the change are a part of an answer."""
    state, detail = exchange.state, exchange.detail
    if state == "ok" and before.not_shown:
        state, detail = "partial", before.not_shown[0].why
    return before.model_copy(
        update={
            "state": state,
            "detail": detail,
            "words": exchange.value,
            "usage": exchange.usage,
            "usd": exchange.usd,
            "attempts": exchange.attempts,
        }
    )


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


WORDS = Reader[Words](read=read_words, salvage=lambda _text: None)
"""Half an answer in prose is none: where it stops cannot be told from where it ends."""
