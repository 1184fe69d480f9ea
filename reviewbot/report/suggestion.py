"""Which fix may be offered as a suggestion, that one click of a maintainer commits (THREATS S18).

One click is little thought, so a suggestion must be harmless to take unread: small, in place, plain to the eye, and
made of nothing but what stands in the change already. What is not known to be so is ordinary text. Whether a repository
wants suggestions at all is its policy's to say and the caller's to ask; which files may have one is for `languages`.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from reviewbot.change import Diff, File
from reviewbot.report.blocks import Code, blocks
from reviewbot.report.languages import Language, language_of
from reviewbot.report.model import ReportFinding
from reviewbot.report.safe import fence
from reviewbot.report.wording import first_line

MAX_GROWTH = 5
"""Lines more than stand there now."""
MAX_WIDTH = 120
"""Columns: what is beyond the edge of the screen is not read."""
MIN_LIKENESS = 0.6
"""Of the words and marks of a line to those of the one that takes its place, 0 to 1."""

_WORDS_THAT_ACT = frozenset({
    "import", "imports", "importlib", "include", "require", "requires", "using", "load", "dlopen", "ctypes",
    "eval", "exec", "execv", "execve", "execvp", "system", "popen", "spawn", "subprocess", "shell", "child",
    "reflect", "invoke", "pickle", "unserialize", "deserialize", "atob", "base64", "unsafe", "asm",
})  # fmt: skip
"""What loads code, runs it, or hides it: no such word is offered, though it stands in the change (S18)."""
_WORD_PART = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_LITERAL = r"""\"{3}[\s\S]*?\"{3}|'{3}[\s\S]*?'{3}|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
_SMALL = frozenset("012")
"""Numbers that need not stand in the change: an index, a step, a half."""


class Vocabulary(NamedTuple):
    """What code is made of, without its punctuation."""

    literals: frozenset[str]
    """Strings and comments, whole."""
    words: frozenset[str]
    numbers: frozenset[str]


def suggestion_of(finding: ReportFinding, diff: Diff) -> str | None:
    """The lines to put in the place of the finding's, or None where its fix is not surely a harmless one.

    The finding must stand on lines of the new side that one hunk shows whole. `diff` is what was reviewed.
    """
    file = next((file for file in diff.files if file.path == finding.path), None)
    language = _language(file) if file else None
    if file is None or language is None:
        return None
    current = _current(finding, file)
    offered = _indented(_code(finding.fix or "", language), current)
    is_one = _fits(offered, current) and _is_plain(offered, current) and _says_nothing_new(offered, file, language)
    return offered if is_one else None


def _language(file: File) -> Language | None:
    """Of an ordinary source file, under the name it has and under the one it had."""
    plain = not {file.old_mode, file.new_mode} - {None, "100644"}
    language = language_of(file.path)
    return language if plain and (file.old_path is None or language_of(file.old_path)) else None


def _current(finding: ReportFinding, file: File) -> str:
    """The finding's lines as they stand on the new side of one hunk; empty where they do not."""
    first = first_line(finding)
    if finding.side == "old" or first is None or finding.line is None:
        return ""
    for hunk in file.hunks:
        shown = {line.new: line.text for line in hunk.lines if line.new is not None}
        if first in shown and finding.line in shown:
            return "\n".join(shown[number] for number in range(first, finding.line + 1))
    return ""


def _code(fix: str, language: Language) -> str:
    """The only fenced block of a fix, where its fence calls it nothing or the language of the file."""
    codes = [part for part in blocks(fix.replace("\r\n", "\n")) if isinstance(part, Code)]
    return codes[0].text if len(codes) == 1 and codes[0].language in {"", *language.names} else ""


def _indented(code: str, current: str) -> str:
    """The code as deep as the lines it replaces: who writes a fix often leaves out what all its lines share."""
    has, wants = _indent(code), _indent(current)
    lines = (line.rstrip(" \t") for line in code.strip("\n").split("\n"))
    return "\n".join(wants + line[len(has) :] if line else "" for line in lines)


def _indent(code: str) -> str:
    """What all lines share in front; empty where they mix tabs and blanks."""
    indents = [line[: len(line) - len(line.lstrip())] for line in code.split("\n") if line.strip()]
    least = min(indents, key=len, default="")
    return least if all(indent.startswith(least) for indent in indents) else ""


def _fits(offered: str, current: str) -> bool:
    """Whether each line is kept or has a successor that is like it, in order, and only a few are new."""
    new, old = offered.split("\n"), [line.rstrip() for line in current.split("\n") if line.strip()]
    if not old or new == current.split("\n") or len(new) > current.count("\n") + 1 + MAX_GROWTH:
        return False
    if max(map(len, (*new, *old))) > MAX_WIDTH:
        return False
    places = iter(new)
    return all(any(_are_alike(line, place) for place in places) for line in old)


def _are_alike(line: str, successor: str) -> bool:
    """Whether most of the words and marks of both are the same, in whatever order: two names may be swapped."""
    one, other = (re.findall(r"\w+|\S", text) for text in (line, successor))
    return SequenceMatcher(None, one, other, autojunk=False).quick_ratio() >= MIN_LIKENESS


def _is_plain(offered: str, current: str) -> bool:
    """Nothing hidden from the eye, and nothing that our own sanitiser would have to change."""
    return (
        not {char for char in offered if not (char.isascii() and char.isprintable()) and char != "\n"} - {*current}
        and not re.search(r"\S[ \t]{4}", offered)
        and not any(mark in offered for mark in ("...", "\u2026", "`"))
        and offered.count("//") <= current.count("//")
        and not any(mark in text for text in (offered, current) for mark in ("~~~", "<SECRET:", "<CUT:", "<U+", "\r"))
        and all(f"\n{text}\n" in fence(text) for text in (offered, current))
    )


def _says_nothing_new(offered: str, file: File, language: Language) -> bool:
    """Whether each word, number, string and comment stands in the shown hunks of the file. No word of it may act."""
    shown, said = _vocabulary(_shown(file), language), _vocabulary([offered], language)
    return (
        said.literals <= shown.literals
        and said.words <= shown.words | language.keywords
        and said.numbers <= shown.numbers | _SMALL
        and not any('"' in rest or "'" in rest for rest in _unquoted(offered, language))
        and _WORDS_THAT_ACT.isdisjoint(part.lower() for word in said.words for part in _WORD_PART.findall(word))
    )


def _shown(file: File) -> Sequence[str]:
    """The two sides of each hunk as text: a string may take several lines."""
    sides = ((hunk, side) for hunk in file.hunks for side in "+-")
    return ["\n".join(line.text for line in hunk.lines if line.kind in (" ", side)) for hunk, side in sides]


def _vocabulary(texts: Sequence[str], language: Language) -> Vocabulary:
    literals, words, numbers = set[str](), set[str](), set[str]()
    for text in texts:
        literals |= {*_opaque(language).findall(text)}
        for rest in _unquoted(text, language):
            tokens = re.findall(r"\w+", rest)
            numbers |= {token for token in tokens if token[0].isdigit()}
            words |= {token for token in tokens if not token[0].isdigit()}
    return Vocabulary(frozenset(literals), frozenset(words), frozenset(numbers))


def _unquoted(text: str, language: Language) -> list[str]:
    """The code between strings and comments."""
    return _opaque(language).split(text)


def _opaque(language: Language) -> re.Pattern[str]:
    return re.compile(f"{_LITERAL}|{language.comment}")
