"""What a person asks of reviewbot in a comment, from the comment's text to an order. Pure.

The verbs are a closed list and none takes an option: a comment decides neither which model is asked nor where keys are
sent (THREATS S02). Who may give an order is not known here; `reviewbot.doors.commands` asks GitHub.
"""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from itertools import takewhile

from reviewbot.facts import Fact

NAME = "/reviewbot"
MAX_QUESTION = 2_000
"""Characters."""
MAX_REASON = 500
"""Characters; a longer reason is cut."""
MAX_IDS = 50
"""Of one dismissal."""

_OPTION = re.compile(r"--?[^\W\d]|[\w.-]+=")
"""How command lines spell a setting, at the beginning of a word. A number below zero is none."""
_ID = re.compile(r"[0-9a-f]{12}")
"""A finding's name (`reviewbot.findings.identity`)."""


class Again(Fact):
    """Review everything again, not only what changed since the last review."""


class Ask(Fact):
    """Answer a question about the change."""

    question: str


class Dismiss(Fact):
    """Say these findings no more."""

    ids: tuple[str, ...]
    reason: str = ""


class Help(Fact):
    """Say which orders there are."""


class Misuse(Fact):
    """A comment that is meant as an order and is none. `why` is one line of ours; it repeats nothing of the comment."""

    why: str


Order = Again | Ask | Dismiss | Help | Misuse


def parse_command(body: str) -> Order | None:
    """The order a comment begins with, or None where it is no command.

    Only the first line that is not blank counts, and only unindented: a quoted command, one in a code block and one in
    the middle of a text are somebody's words about commands.
    """
    lines = body.replace("\r\n", "\n").lstrip("\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    words = lines[first].split(maxsplit=2)
    if not lines[first].startswith(NAME) or words[0] != NAME:
        return None
    if any(map(_OPTION.match, lines[first].split()[1:3])):
        return Misuse(why="commands take no options: settings are the operator's and the repository's")
    verb, argument = words[1].lower() if len(words) > 1 else "help", "".join(words[2:])
    if read := _VERBS.get(verb):
        return read(argument, "\n".join(lines[first + 1 :]))
    near = get_close_matches(verb[:40], _VERBS, n=1)
    return Misuse(why=f"there is no such command; {f'did you mean `{near[0]}`?' if near else _KNOWN}")


def _again(argument: str, _below: str) -> Order:
    return Misuse(why="`review` takes nothing: it reviews everything again") if argument else Again()


def _ask(argument: str, below: str) -> Order:
    question = f"{argument}\n{below}".strip()
    if not question:
        return Misuse(why="`ask` takes a question")
    if len(question) > MAX_QUESTION:
        return Misuse(why=f"a question has at most {MAX_QUESTION:,} characters, this one has {len(question):,}")
    return Ask(question=question)


def _dismiss(argument: str, _below: str) -> Order:
    words = argument.split()
    ids = tuple(takewhile(_ID.fullmatch, (word.strip("`,").lower() for word in words)))
    reason = words[len(ids) :]
    if not ids:
        return Misuse(why="`dismiss` takes the id that stands below a finding, and a reason if you like")
    if len(ids) > MAX_IDS:
        return Misuse(why=f"`dismiss` takes at most {MAX_IDS} ids at once")
    if reason and _OPTION.match(reason[0]):
        return Misuse(why="`dismiss` takes ids and a reason, no options")
    return Dismiss(ids=tuple(dict.fromkeys(ids)), reason=" ".join(reason)[:MAX_REASON])


def _help(argument: str, _below: str) -> Order:
    return Misuse(why="`help` takes nothing") if argument else Help()


_VERBS: Mapping[str, Callable[[str, str], Order]] = {
    "review": _again,
    "ask": _ask,
    "dismiss": _dismiss,
    "help": _help,
}
"""Each reads the rest of its line and the lines below it."""
_KNOWN = "known: " + ", ".join(f"`{verb}`" for verb in _VERBS)
