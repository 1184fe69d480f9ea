"""The tree that is drawn is the tree that is."""

import inspect
import re

from reviewbot import errors
from reviewbot.errors import BadDiff, Exit, ReviewbotError


def test_the_drawn_tree_names_every_error_with_its_parent() -> None:
    parents: list[tuple[int, str]] = []
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"^(    [│├└─ ]*)([A-Z]\w+)  ", line):
            depth = len(match[1])
            parents = [(d, name) for d, name in parents if d < depth]
            drawn[match[2]] = parents[-1][1] if parents else "Exception"
            parents.append((depth, match[2]))
    classes = {
        name: cls.__base__.__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, ReviewbotError)
    }
    assert drawn == classes


def test_an_error_is_one_line_of_who_what_and_remedy() -> None:
    error = BadDiff("stdin", "is empty", "pipe a diff into it")
    assert str(error) == "stdin: is empty; pipe a diff into it"
    assert (error.who, error.what, error.remedy) == ("stdin", "is empty", "pipe a diff into it")


def test_exit_codes_are_the_promised_ones() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 130]
