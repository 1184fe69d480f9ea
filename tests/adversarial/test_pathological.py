"""Text that is made to take long: every pattern of the package, and changes of a size that nobody writes (S28, S29)."""

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest

import reviewbot
from reviewbot.change import Change, Diff, File, Hunk
from reviewbot.change.redact import MAX_LINE
from reviewbot.council.members.rules import judge
from reviewbot.council.reading import read_change
from reviewbot.settings import Operator

CHARACTERS = 1_000
SECONDS = 0.08
"""For one pattern and one attack: a linear one takes a thousandth of it, one worse than quadratic many times it."""
UNITS = (
    "a", "A", "0", " ", "\t", "\n", "-", "_", ".", "/", "\\", "=", ":", ",", "@", "#", "<", "(", "[", "{", "`", "*",
    "'", "|", "$", "?", "\u0645\u200c", "\U0001f3f4", "a ", "a.", "a_", "aA", "a=b", "-----BEGIN ", "ignore all ",
)  # fmt: skip


def modules() -> Iterator[Any]:
    for found in pkgutil.walk_packages(reviewbot.__path__, "reviewbot."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def patterns_in(value: object, depth: int = 3) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, tuple | list | set | frozenset):
        for inner in value:
            yield from patterns_in(inner, depth - 1)
    elif depth and isinstance(value, dict):
        yield from patterns_in(tuple(value.values()), depth)


def looked_up() -> dict[re.Pattern[Any], tuple[str, bool]]:
    """Each pattern by its name, and whether it is looked for anywhere in a text or only held against all of one."""
    found = {}
    for module in modules():
        source = inspect.getsource(module)
        for name, value in vars(module).items():
            anywhere = not isinstance(value, re.Pattern) or bool(search_of(name).search(source))
            for pattern in patterns_in(value):
                found[pattern] = (f"{module.__name__}.{name}", anywhere or found.get(pattern, ("", False))[1])
    return found


def search_of(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b{name}\.(?:search|finditer|findall|sub|subn|split)\b")


def seconds(pattern: re.Pattern[Any], text: str, *, anywhere: bool) -> float:
    """The least of three, where the first is much: the suite shares its machine."""
    attack = text.encode("utf-8", "replace") if isinstance(pattern.pattern, bytes) else text
    least = float("inf")
    for _ in range(3):
        began = time.process_time()
        (pattern.search if anywhere else pattern.fullmatch)(attack)
        least = min(least, time.process_time() - began)
        if least < SECONDS:
            break
    return least


def test_no_pattern_of_the_package_takes_long():
    patterns = looked_up()
    assert len(patterns) > 60
    attacks = [(unit * CHARACTERS)[:CHARACTERS] + "\x00" for unit in UNITS]
    slow = [
        (name, attack[:10])
        for pattern, (name, anywhere) in patterns.items()
        for attack in attacks
        if seconds(pattern, attack, anywhere=anywhere) > SECONDS
    ]
    assert slow == []


def test_no_pattern_means_another_thing_to_an_older_python():
    """Until 3.11.5 a possessive group with branches in it matched other texts (CPython issue 106052)."""
    group = re.compile(r"(?<!\\)\)(?:[*+?]|\{[\d,]+\})\+")
    assert [name for pattern, (name, _) in looked_up().items() if group.search(str(pattern.pattern))] == []


def test_a_line_of_eight_megabytes_is_cut_and_said_to_be():
    began = time.process_time()
    line = "+" + "password = 'aB3$" * 512_000
    reading = read_change(Change(diff=Diff(files=(file(line), file("+eval(text)", path="b.py")))), Operator())
    assert len(line) > 8_000_000
    assert len(reading.change.diff.files[0].hunks[0].body[0]) < MAX_LINE + 100
    assert [(gap.path, gap.lines) for gap in reading.gaps] == [("a.py", 1)]
    answer = judge(reading.change, "security", seconds=30)
    assert [draft.path for draft in answer.findings] == ["b.py"]
    assert time.process_time() - began < 8  # 0.3 s on an idle core


@pytest.mark.parametrize(("files", "hunks"), [(10_000, 1), (1, 50_000)])
def test_a_change_of_any_number_of_files_and_hunks_is_read_and_what_is_left_out_is_named(files: int, hunks: int):
    began = time.process_time()
    many = tuple(Hunk(old_start=n * 9 + 1, new_start=n * 9 + 1, body=("+x = 1",)) for n in range(hunks))
    diff = Diff(files=tuple(File(path=f"{n}.py", old_path=None, status="added", hunks=many) for n in range(files)))
    reading = read_change(Change(diff=diff), Operator(max_changed_lines=5_000))
    shown = reading.change.diff.additions
    assert shown == 5_000
    assert sum(gap.lines for gap in reading.unread) == files * hunks - shown
    assert reading.stakes.tier == "high"
    assert time.process_time() - began < 10  # 1 s on an idle core


def file(*body: str, path: str = "a.py") -> File:
    return File(path=path, old_path=path, status="modified", hunks=(Hunk(old_start=1, new_start=1, body=body),))
