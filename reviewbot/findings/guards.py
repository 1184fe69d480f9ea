"""Whether a name that is nothing can reach a line: a way out above it, in one function, for that very name.

Read by form and indentation, so a check counts only where nothing between it and the line could undo it. Knows no
findings.
"""

import re
from collections.abc import Sequence

from reviewbot.change import Line
from reviewbot.change.symbols import MAX_LINE, defined_in, indent_of

LINES_BEFORE = 20
"""Lines above a use in which a check of a name is looked for."""
NULL = r"(?:null|nil|none|undefined)"
_EXIT = re.compile(r"\b(?:return|raise|throw|continue|break|panic|abort)\b")
_BRANCH = re.compile(r"\s*\}?\s*(?:else|elif|elsif|case|default|when|catch|except|finally|rescue|ensure)\b")


def guarded(name: str, lines: Sequence[Line], first: int, last: int) -> bool:
    """Whether the lines `first` to `last`, by their new numbers, are left out above them where the name is nothing."""
    own = [line for line in lines if line.new is not None and first <= line.new <= last]
    if not own or not _used(name, own) or any(_may_set(name, line.text) for line in own):
        return False
    check = _check_of(name)
    above = [line for line in lines if line.new is not None and line.new < first][-LINES_BEFORE:]
    between: list[str] = []
    for text in (line.text[:MAX_LINE] for line in reversed(above)):
        if defined_in(text):
            return False
        if (found := check.match(text)) and _encloses(text, [*between, own[0].text]):
            return _leaves(found["then"], indent_of(text), between, own[0].text)
        if _may_set(name, text) or ("." in name and "(" in text):
            return False
        if text.strip():
            between.insert(0, text)
    return False


def _used(name: str, own: Sequence[Line]) -> bool:
    """That name, and no longer one that ends like it, which may be another object's."""
    text = "\n".join(line.text[:MAX_LINE] for line in own)
    last = re.split(r"\W+", name)[-1]
    exact = re.findall(rf"(?<![\w.>:]){re.escape(name)}(?!\w)", text)
    return bool(exact) and len(exact) == len(re.findall(rf"(?<!\w){last}(?!\w)", text))


def _may_set(name: str, text: str) -> bool:
    """Whether a line may give the name, or who owns it, another value."""
    root = re.escape(re.split(r"\W+", name)[0])
    return bool(
        re.search(
            rf"\b{root}\b[^=!<>\n]{{0,200}}(?<![=!<>])=(?!=)|\b(?:for|as|lambda|catch|del|delete)\b.{{0,200}}\b{root}\b"
            rf"|&{root}\b",
            text[:MAX_LINE],
        )
    )


def _check_of(name: str) -> re.Pattern[str]:
    own = re.escape(name)
    return re.compile(
        rf"^\s*\}}?\s*if\b\s*\(?\s*(?:!\s*{own}|not\s+{own}|{own}\s*(?:==|is)\s*(?i:{NULL})|{own}\.nil\?)"
        r"(?![\w.(\[])\s*\)?\s*(?P<then>.*)$"
    )


def _encloses(check: str, below: Sequence[str]) -> bool:
    """Whether no line below leaves the block of the check, or begins another branch beside it."""
    at = indent_of(check)
    return all(indent_of(text) > at or (indent_of(text) == at and not _BRANCH.match(text)) for text in below)


def _leaves(then: str, at: int, between: Sequence[str], own: str) -> bool:
    """Whether what a check guards goes away first of all, and the line is not itself in there."""
    inline = then.strip("{: ")
    if inline:
        return bool(_EXIT.match(then.lstrip("{:( ")))
    is_behind = any(indent_of(text) == at for text in (*between, own))
    return bool(between and is_behind and _EXIT.match(between[0].strip()))
