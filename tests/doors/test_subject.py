"""What of an earlier review still holds: only where nobody changed who asks what of whom (THREATS G37)."""

from pathlib import Path

import pytest
from e2e.pushes import POST, Pushes, draft
from hub.faults import answer
from hub.memory import MemoryForge
from hub.rejection import not_found

from reviewbot.change import Change
from reviewbot.doors.session import Session
from reviewbot.doors.subject import Subject, read_subject
from reviewbot.settings import Operator
from reviewbot.sources.pull_request import read_pull_request

A = "def pay(user):\n    charge(user, amount_of(user))\n"
BAD = draft("A is bad", "a.py", "    charge(user, amount_of(user))", 2)


@pytest.fixture
def pull(tmp_path: Path) -> Pushes:
    pull = Pushes(tmp_path, {"README": "x\n"}, {"a.py": A})
    pull.hear(BAD)
    return pull


def subject(pull: Pushes, *, whole: bool = False, **operator: object) -> Subject:
    forge = MemoryForge(pull.world)
    session = Session(forge, (b"a key",), "https://hub.example/blob/", pull.world.clock.now(), pull.world.clock)
    here = forge.pull(pull.number)
    change = read_pull_request(forge, here)
    models = Operator(models=(pull.voice([BAD]),), **operator)
    return read_subject(session, here, change, models, whole=whole)


def paths(change: Change) -> list[str]:
    return [file.path for file in change.diff.files]


def test_the_same_head_asked_the_same_stands(pull: Pushes) -> None:
    known = subject(pull)
    assert known.stands
    assert (paths(known.change), known.standing.unchanged) == ([], ("a.py",))


def test_after_a_push_only_what_is_new_is_read(pull: Pushes) -> None:
    pull.push({"b.py": "b = 1\n"})
    known = subject(pull)
    assert not known.stands
    assert (paths(known.change), paths(known.whole)) == (["b.py"], ["a.py", "b.py"])


@pytest.mark.parametrize(
    "other", [{"whole": True}, {"lenses": ("security",)}, {"max_changed_lines": 7}, {"max_prompt_tokens": 5_000}]
)
def test_whoever_asks_otherwise_reads_everything(pull: Pushes, other: dict[str, object]) -> None:
    pull.push({"b.py": "b = 1\n"})
    known = subject(pull, **other)
    assert (paths(known.change), known.before, known.standing.since) == (["a.py", "b.py"], None, None)


def test_a_review_that_was_not_whole_holds_for_nothing(tmp_path: Path) -> None:
    pull = Pushes(tmp_path, {"README": "x\n"}, {"a.py": A})
    answers = {lens: {"outcome": "fatal", "detail": "down"} for lens in ("security", "assumptions")}
    answers["architecture"] = {"answer": {"findings": [], "could_not_judge": []}}
    pull.review(POST, models=(pull.script(answers),))
    assert not subject(pull).stands
    assert paths(subject(pull).change) == ["a.py"]


def test_commits_that_are_gone_have_everything_read(pull: Pushes) -> None:
    pull.push({"b.py": "b = 1\n"})
    earlier = f"compare/{pull.base}...{subject(pull).earlier.head}"
    pull.world.faults.add("GET", earlier, answer(not_found()), times=float("inf"))
    pull.world.address = "http://127.0.0.1:9"
    assert paths(subject(pull).change) == ["a.py", "b.py"]
