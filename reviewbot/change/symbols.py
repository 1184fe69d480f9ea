"""Names of functions, classes and methods, read from single lines: what a change defines, changes and mentions.

A diff shows pieces of files, in any language, and a search gives single lines, so nothing is parsed here: a definition
is known by its form, and what belongs to it by its indentation. Where a whole file is at hand, `change.syntax` reads
it with a grammar. Knows nothing of repositories.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from reviewbot.change.model import File, Hunk, Line

MAX_LINE = 1_000
"""Characters of a line that are read. Nobody writes a longer one."""
LANGUAGES = {
    ".py": "python", ".pyi": "python",
    ".js": "javascript", ".cjs": "javascript", ".mjs": "javascript", ".jsx": "javascript", ".ts": "javascript",
    ".cts": "javascript", ".mts": "javascript", ".tsx": "javascript", ".svelte": "javascript", ".vue": "javascript",
    ".go": "go", ".java": "jvm", ".kt": "jvm", ".kts": "jvm", ".scala": "jvm", ".groovy": "jvm",
    ".rb": "ruby", ".rake": "ruby", ".rs": "rust", ".php": "php", ".cs": "c#", ".swift": "swift", ".dart": "dart",
    ".c": "c", ".h": "c", ".cc": "c", ".cpp": "c", ".cxx": "c", ".hpp": "c", ".hh": "c", ".m": "c",
    ".ex": "elixir", ".exs": "elixir", ".lua": "lua", ".pl": "perl", ".pm": "perl", ".sh": "shell", ".sol": "solidity",
}  # fmt: skip
"""File name ending to the language: files of one language call each other."""
_MODIFIERS = (
    r"export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|pub(?:\([^()]*\))?|unsafe"
    "|extern|const|sealed|partial|open|data|inline|suspend|declare|case|fileprivate|mutating|local"
)
_TYPES = (
    "class|interface|struct|trait|enum|type|module|defmodule|record|protocol|object|union|contract|extension|namespace"
)
_KINDS = f"def|defp|func|function|fn|fun|sub|{_TYPES}"
_DEFINES = (
    re.compile(
        rf"\s*(?:(?:{_MODIFIERS})\s+)*(?:{_KINDS})\b\*?\s*(?:\([^()]*\)\s*|<[^<>]*>\s*)?(?:self\.)?([^\W\d]\w*)"
        r"\s*(?:[(\[<:{=?!,]|$|(?:extends|implements|struct|interface|where|for|do|with|is)\b|[\w.*\[\]]+\s*\{?\s*$)"
    ),
    re.compile(
        r"\s*(?:export\s+)?(?:const|let|var)\s+([^\W\d]\w*)\s*(?::[^=]*)?=\s*(?:async\s+|async(?=\())?"
        r"(?:function\b|class\b|\([^()]*\)\s*(?::[^=]*)?=>|\w+\s*=>)"
    ),
    re.compile(r"\s*((?:[\w<>\[\],.*&?@]+\s+)*)[*&]{0,3}([^\W\d]\w*)\s*\([^;]*\{\s*$"),
)
"""By a keyword, as a value with a name, and by a body that begins behind the arguments."""
_HOLDS_FIELDS = re.compile(rf"\s*(?:(?:{_MODIFIERS})\s+)*(?:{_TYPES})\b")
_MAY_DEFINE = re.compile(rf"(?<!\w)(?:{_KINDS})(?!\w)|=>|\{{\s*$")
_CALLBACK = re.compile(r"=>|->|(?<!\w)function(?!\w)")
_STATEMENTS = frozenset({
    "if", "for", "while", "switch", "catch", "with", "match", "return", "else", "elif", "do", "try", "synchronized",
    "using", "lock", "foreach", "unless", "until", "when", "new", "throw", "await", "function", "super", "assert",
})  # fmt: skip
_ASSIGNS = re.compile(r"(\s*)([^\W\d]\w{3,})\s*(?::[^=]{1,200})?(?:=(?!=)|:\s*$|:\s)")
_CONSTANT = re.compile(r"\s*(?:[\w<>\[\]]+\s+){0,5}([A-Z][A-Z0-9_]+)\s*(?::[^=]{1,200})?=(?!=)")
PLAIN = re.compile(
    "|".join(rf"{mark}[^{mark}\\]*(?:\\.[^{mark}\\]*)*(?:{mark}|\\?$)" for mark in "\"'`") + "|(?:#|//).*"
)
"""Strings and comments: a name in one calls nothing."""
_CALL = re.compile(r"(?<!\w)([^\W\d]\w{2,})\s*\(")
_NAME = re.compile(r"(?<!\w)([A-Z]\w{2,})(?!\w)")
_COMMON = _STATEMENTS | frozenset({
    "print", "len", "str", "int", "float", "bool", "list", "dict", "set", "tuple", "range", "isinstance", "super",
    "getattr", "setattr", "hasattr", "open", "sorted", "any", "all", "sum", "min", "max", "zip", "map", "filter",
    "enumerate", "type", "repr", "iter", "next", "append", "extend", "items", "keys", "values", "join", "split",
    "format", "strip", "require", "describe", "expect", "make", "string", "func", "panic", "console", "log", "push",
    "then", "puts", "None", "True", "False", "self", "not", "and", "def", "class", "Exception", "ValueError",
    "TypeError", "KeyError", "Error", "Promise", "String", "Object", "Array", "Math", "JSON", "Integer", "List", "Map",
})  # fmt: skip
"""What languages bring themselves. A repository that defines one of these again is rare."""


def ending_of(path: str) -> str:
    """Of a file's name, in lower case and with its dot; empty where there is none."""
    return posixpath.splitext(path)[1].lower()


def is_readable(path: str) -> bool:
    """Whether the file is code, in a language whose definitions are known by their form."""
    return ending_of(path) in LANGUAGES


def defined_in(text: str) -> str | None:
    """The name of the function, class or method that begins on this line."""
    text = text[:MAX_LINE]
    if not _MAY_DEFINE.search(text):
        return None
    by_keyword, by_value, by_body = _DEFINES
    if found := by_keyword.match(text) or by_value.match(text):
        return found[1]
    if _CALLBACK.search(text):  # a call whose last argument is a function ends like a definition
        return None
    found = by_body.match(text)
    return found[2] if found and _STATEMENTS.isdisjoint((*found[1].split(), found[2])) else None


def defines(text: str, word: str) -> bool:
    """Whether a line gives a name its meaning: a function, a class, or a constant that stands in no function."""
    if defined_in(text) == word:
        return True
    found = _CONSTANT.match(text[:MAX_LINE]) if word.isupper() else None
    return found is not None and found[1] == word and indent_of(text) <= 4


def symbols_of(file: File) -> tuple[str, ...]:
    """Names of functions, classes and methods that the hunks of a file define or change, in the order they stand."""
    if not is_readable(file.path):
        return ()
    owned = (pair for hunk in file.hunks for pair in _owned(hunk))
    names = (owner.name for line, owner in owned if owner and line.kind != " " and line.text.strip())
    return tuple(dict.fromkeys(names))


class _Owner(NamedTuple):
    """A definition that lines belong to."""

    indent: int
    name: str
    holds_fields: bool
    """A class or the like: what is assigned in it is no local variable."""


def _owner(text: str) -> _Owner | None:
    name = defined_in(text)
    return _Owner(indent_of(text), name, _HOLDS_FIELDS.match(text) is not None) if name else None


def _owned(hunk: Hunk) -> Iterator[tuple[Line, _Owner | None]]:
    """Each line with the innermost definition it belongs to, as far as the hunk and its section tell."""
    open_ones = [owner for owner in [_owner(hunk.section)] if owner]
    for line in hunk.lines:
        text = line.text[:MAX_LINE]
        if text.strip():
            indent, owner = indent_of(text), _owner(text)
            closes = text.strip()[0] in ")}]" or text.strip() == "end"
            while open_ones and (open_ones[-1].indent > indent or (open_ones[-1].indent == indent and not closes)):
                open_ones.pop()
            if owner:
                open_ones.append(owner)
        yield line, open_ones[-1] if open_ones else None


def indent_of(text: str) -> int:
    """Columns before the first character, tabs to every fourth."""
    return len(text[: len(text) - len(text.lstrip())].expandtabs(4))


class Promises(NamedTuple):
    """Names whose definition itself is rewritten or removed: those who use them may break."""

    names: tuple[str, ...]
    """Of functions, classes and constants."""
    fields: tuple[str, ...]
    """Of a class or a module: elsewhere they stand behind a dot or before a value, and bare it is another name."""


def promises_of(file: File) -> Promises:
    """What the file's hunks promise otherwise: by the line that begins a definition or assigns to a name.

    A local variable is nobody else's.
    """
    if not is_readable(file.path):
        return Promises((), ())
    before, after = dict[str, str](), dict[str, str]()
    fields = set[str]()
    for line, owner in (pair for hunk in file.hunks for pair in _owned(hunk) if pair[0].kind != " "):
        text = line.text[:MAX_LINE]
        name = defined_in(text)
        if name is None and (name := _assigned(text, owner)) and not name.isupper():
            fields.add(name)
        if name:
            (before if line.kind == "-" else after)[name] = " ".join(text.split())
    changed = [name for name, text in before.items() if after.get(name) != text]
    return Promises(
        tuple(name for name in changed if name not in fields), tuple(name for name in changed if name in fields)
    )


def _assigned(text: str, owner: _Owner | None) -> str | None:
    """The name in a module or a class that a line assigns to."""
    found, indent = _ASSIGNS.match(text), indent_of(text)
    outside = indent == 0 or (indent <= 4 and owner is not None and owner.holds_fields)
    return found[2] if found and outside and found[2] not in _COMMON else None


def mentions_of(file: File) -> tuple[str, ...]:
    """Names that the file's changed lines call or refer to: what is added before what is removed, calls first."""
    if not is_readable(file.path):
        return ()
    added, removed = ([PLAIN.sub('""', line.text[:MAX_LINE]) for line in _of_kind(file, kind)] for kind in "+-")
    own = {defined_in(text) for text in (*added, *removed)}
    found = (
        name
        for texts, form in ((added, _CALL), (removed, _CALL), (added, _NAME))
        for text in texts
        for name in form.findall(text)
    )
    return tuple(name for name in dict.fromkeys(found) if name not in _COMMON and name not in own)


def _of_kind(file: File, kind: str) -> Iterator[Line]:
    return (line for hunk in file.hunks for line in hunk.lines if line.kind == kind)
