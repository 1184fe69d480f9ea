"""Answers kept on this machine: the same question is paid for once, and nothing of it can be read in the file."""

import asyncio
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from asking import a_call

from reviewbot.council import Call, Invited, Ledger, Member, Outcome, Reply, Usage
from reviewbot.council.attempt import Unmade, attempt
from reviewbot.council.model import Billed
from reviewbot.council.reach import reach
from reviewbot.errors import BadSettings
from reviewbot.record.answers import RECALLED, Memory, digest, remembered
from reviewbot.settings import Budget

USED = Usage(input=100, output=10)
ANSWER = Billed(Reply(outcome="ok", text="{}", usage=USED), 0.25)


def model(asked: list[Call], outcome: Outcome = "ok", **facts: Any) -> Invited:
    async def ask(call: Call) -> Reply:
        asked.append(call)
        return Reply(outcome=outcome, text=f'{{"answer": {len(asked)}}}', usage=USED)

    named = facts.pop("name", "openai/gpt-6.1-sol")
    return Invited(member=Member(name=named, family="openai"), connect=lambda: nullcontext(ask), **facts)


async def put_to(invited: Invited, **call: Any) -> Billed:
    async with reach(invited) as ask:
        assert not isinstance(ask, str)
        billed = await attempt(ask, a_call(**call), invited=invited, ledger=Ledger(Budget()))
        assert not isinstance(billed, Unmade)
        return billed


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "answers.sqlite"


async def test_the_same_question_is_asked_once_for_ever(path: Path) -> None:
    asked: list[Call] = []
    first = await put_to(remembered(model(asked), Memory(path)))
    memory = Memory(path)
    again = await put_to(remembered(model(asked), memory))
    assert (len(asked), first.reply.text, again.reply.text) == (1, '{"answer": 1}', '{"answer": 1}')
    assert (first.usd, again.usd) == (pytest.approx(0.0003), 0.0)
    assert (again.reply.usage, again.reply.detail) == (Usage(), RECALLED)
    assert (memory.recalled, memory.saved_usd, memory.lost) == (1, first.usd, "")


async def test_at_cost_an_answer_says_what_it_cost_when_it_was_asked_for(path: Path) -> None:
    memory = Memory(path)
    first = await put_to(remembered(model([]), memory, at_cost=True))
    again = await put_to(remembered(model([]), memory, at_cost=True))
    assert (again.usd, again.reply.usage, again.reply.detail) == (first.usd, USED, RECALLED)


@pytest.mark.parametrize("text", ["no JSON", '{"findings": [', "[]", ""])
async def test_what_nobody_can_read_is_asked_again(path: Path, text: str) -> None:
    memory, replies = Memory(path), iter([text, '{"findings": []}', "not asked"])

    async def ask(_call: Call) -> Reply:
        return Reply(outcome="ok", text=next(replies), usage=USED)

    invited = Invited(member=Member(name="openai/gpt-6.1-sol", family="openai"), connect=lambda: nullcontext(ask))
    said = [(await put_to(remembered(invited, memory))).reply.text for _ in range(3)]
    assert said == [text, '{"findings": []}', '{"findings": []}']


@pytest.mark.parametrize("outcome", ["cut", "refused", "rate", "transient", "too_long"])
async def test_only_whole_answers_are_kept(path: Path, outcome: Outcome) -> None:
    asked: list[Call] = []
    memory = Memory(path)
    for _ in range(2):
        await put_to(remembered(model(asked, outcome), memory))
    assert (len(asked), memory.recalled) == (2, 0)


@pytest.mark.parametrize(
    "change",
    [
        {"rules": "Other."}, {"shown": "other"}, {"question": "Which?"}, {"lens": "security"}, {"schema": {}},
        {"max_output_tokens": 7}, {"effort": "low"},
    ],
)  # fmt: skip
def test_whatever_decides_an_answer_makes_another_question(change: dict[str, Any]) -> None:
    assert digest(model([]), a_call(**change)) != digest(model([]), a_call())
    assert digest(model([], name="openai/other"), a_call()) != digest(model([]), a_call())


def test_neither_the_time_nor_the_key_of_a_run_makes_another_question() -> None:
    one, other = (a_call(shown=f"<change {key}>\n12+ x\n</change {key}>", question=f"{key}?") for key in ("k1", "k2"))
    assert digest(model([]), one, "k1") == digest(model([]), other, "k2") != digest(model([]), other)
    assert digest(model([]), a_call(seconds=1.0, cache=False)) == digest(model([]), a_call())


async def test_who_reads_no_prompt_is_not_remembered_and_what_a_run_knows_comes_first(path: Path) -> None:
    rules = model([], reads_prompts=False)
    assert remembered(rules, Memory(path)) is rules
    asked: list[Call] = []
    assert await put_to(remembered(model(asked, recall=lambda _: ANSWER), Memory(path))) == ANSWER
    assert asked == []


def test_several_write_at_once_and_the_first_answer_stays(path: Path) -> None:
    def keep(number: int) -> None:
        memory = Memory(path)
        memory.keep(f"question {number % 4}", Billed(Reply(outcome="ok", text=str(number)), None))
        assert (memory.lost, memory.recall(f"question {number % 4}") is None) == ("", False)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(32)))
    memory = Memory(path)
    before = [memory.recall(f"question {number}") for number in range(4)]
    memory.keep("question 0", ANSWER)
    assert [memory.recall(f"question {number}") for number in range(4)] == before
    assert memory.saved_usd is None


def test_of_a_question_only_a_digest_is_kept_for_its_owner(path: Path) -> None:
    asyncio.run(put_to(remembered(model([]), Memory(path)), shown="a line of private code"))
    files = [*path.parent.iterdir()]
    assert not any(b"private code" in file.read_bytes() for file in files)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_used_is_said_in_one_line(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("something else, and long enough to be no database at all" * 20)
    with pytest.raises(BadSettings, match=r"answers\.sqlite: cannot be used \(.*\); name another file, or remove"):
        Memory(path)
    path.unlink()
    memory = Memory(path)
    path.unlink()
    path.mkdir()
    memory.keep("question", ANSWER)
    assert "cannot be used" in memory.lost
    with pytest.raises(BadSettings):
        memory.recall("question")
