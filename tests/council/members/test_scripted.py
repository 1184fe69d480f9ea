"""Answers from a file: what stands in it is what is answered, and a file that does not hold is said to be so."""

import asyncio
import json
import time
from pathlib import Path

import pytest
from asking import a_call

from reviewbot.council.members.scripted import connect, read_script
from reviewbot.council.model import Access, Usage
from reviewbot.errors import BadSettings

ANSWER = {"findings": [], "could_not_judge": [{"path": "a.py", "why": "é"}]}


def written(folder: Path, **answers: object) -> Path:
    path = folder / "ada.json"
    path.write_text(json.dumps({"family": "ada", "recorded": "by hand", "answers": answers}))
    return path


def test_a_script_says_whose_voice_it_is_and_where_it_comes_from(tmp_path: Path) -> None:
    script = read_script(written(tmp_path, security={"answer": ANSWER}, assumptions={"answer": None}))
    assert (script.family, script.recorded, tuple(script.answers)) == ("ada", "by hand", ("security", "assumptions"))


async def test_each_lens_has_its_own_answer(tmp_path: Path) -> None:
    path = written(
        tmp_path, security={"answer": ANSWER, "usage": {"input": 7}}, architecture={"answer": {"findings": []}}
    )
    async with connect(Access(model=str(path))) as ask:
        reply = await ask(a_call(lens="security"))
        other = await ask(a_call(lens="architecture"))
    assert (json.loads(reply.text), reply.usage, reply.outcome) == (ANSWER, Usage(input=7), "ok")
    assert json.loads(other.text) == {"findings": []}


async def test_a_failure_can_be_scripted(tmp_path: Path) -> None:
    path = written(tmp_path, security={"answer": None, "outcome": "refused", "detail": "I would rather not"})
    async with connect(Access(model=str(path))) as ask:
        reply = await ask(a_call(lens="security"))
    assert (reply.outcome, reply.text, reply.detail) == ("refused", "", "I would rather not")


async def test_a_lens_nothing_was_written_for_is_a_failure_and_no_empty_answer(tmp_path: Path) -> None:
    began: list[int] = []
    path = written(tmp_path, security={"answer": ANSWER})
    async with connect(Access(model=str(path))) as ask:
        reply = await ask(a_call(lens="assumptions", started=lambda: began.append(1)))
    assert (reply.outcome, reply.text, began) == ("fatal", "", [])
    assert "ada.json has no answer for lens assumptions" in reply.detail


async def test_answers_take_their_time_side_by_side(tmp_path: Path) -> None:
    path = written(tmp_path, security={"answer": ANSWER, "seconds": 0.2})
    async with connect(Access(model=str(path))) as ask:
        began = time.monotonic()
        await asyncio.gather(*(ask(a_call(lens="security")) for _ in range(5)))
    assert 0.2 <= time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("{", "the file: invalid json"),
        ("[]", "the file"),
        ('{"answers": {}}', "family"),
        ('{"family": "ada", "answers": {"security": {"outcome": "fine"}}}', r"answers\.security\.outcome"),
        ('{"family": "ada", "answers": {"security": {"seconds": -1}}}', r"answers\.security\.seconds"),
        ('{"family": "ada", "answers": {}, "author": "me"}', "author"),
    ],
)
def test_a_file_that_does_not_hold_says_where(tmp_path: Path, text: str | None, words: str) -> None:
    path = tmp_path / "ada.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(BadSettings, match=words) as failure:
        read_script(path)
    assert "ada.json" in str(failure.value)
