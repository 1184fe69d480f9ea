"""The languages a suggestion may be made in: how their files end, what a fence calls them, which words are their own.

A list of what is allowed, so what is not here gets no suggestion (THREATS S18). Left out are formats that a machine
obeys, and languages whose punctuation alone runs a command, such as the backticks of shells, Ruby, Perl and PHP. Knows
nothing of findings.
"""

import re
from typing import NamedTuple


class Language(NamedTuple):
    endings: frozenset[str]
    """Of a file, without the dot."""
    names: frozenset[str]
    """What the language is called behind a fence."""
    keywords: frozenset[str]
    """Its words that only steer values. None loads, declares, swallows or switches something off."""
    comment: str
    """A pattern of its comments."""


_SLASHES = r"//[^\n]*|/\*(?:[\s\S]*?\*/|[\s\S]*)"


def _language(endings: str, names: str, keywords: str, comment: str = _SLASHES) -> Language:
    return Language(frozenset(endings.split()), frozenset(names.split()), frozenset(keywords.split()), comment)


_C_LIKE = "if else for while do return const new switch case default break continue"
LANGUAGES = (
    _language("py pyi", "py python python3", "if elif else for while in is not and or return yield await async with as "
              "lambda raise break continue", r"#[^\n]*"),
    _language("js jsx mjs cjs", "js jsx javascript mjs cjs", f"{_C_LIKE} let of in async await throw instanceof"),
    _language("ts tsx mts cts", "ts tsx typescript js javascript", f"{_C_LIKE} let of in async await throw as"),
    _language("go", "go golang", "if else for range return switch case default break continue var const nil"),
    _language("rs", "rs rust", "if else for while loop in let mut match return as ref move async await"),
    _language("java", "java", f"{_C_LIKE} final throw instanceof"),
    _language("kt", "kt kotlin", "if else for while do in is as return val var when throw"),
    _language("swift", "swift", "if else for while in is as return let var guard switch case default throw try await"),
    _language("c h", "c h", _C_LIKE.replace(" new", "")),
    _language("cc cpp cxx hh hpp", "cc cpp cxx c++ hpp", f"{_C_LIKE} auto throw"),
    _language("cs", "cs csharp", f"{_C_LIKE} var in is as foreach throw await async"),
)  # fmt: skip
_ORDERS = frozenset({
    "build", "conf", "config", "configuration", "conftest", "dodo", "env", "fabfile", "gruntfile", "gulpfile",
    "hook", "hooks", "jakefile", "manage", "noxfile", "package", "pipeline", "plugin", "pre", "rc", "settings", "setup",
    "sitecustomize", "tasks", "usercustomize", "workflow",
})  # fmt: skip
"""Parts of the name of a source file that configures, builds or hooks into something."""
_MACHINES = frozenset({
    "bin", "build", "buildsrc", "ci", "deploy", "gradle", "hooks", "infra", "scripts", "tools", "workflows",
})  # fmt: skip
"""Folders of such files."""


def language_of(path: str) -> Language | None:
    """The language of a source file that a program reads and no machine obeys; None for every other file."""
    *folders, name = path.lower().split("/")
    if any(folder.startswith(".") or folder in _MACHINES for folder in folders):
        return None
    *parts, ending = re.split(r"[._-]", name)
    if not name.endswith(f".{ending}") or not parts[0] or not _ORDERS.isdisjoint(parts):
        return None
    return next((language for language in LANGUAGES if ending in language.endings), None)
