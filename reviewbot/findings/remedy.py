"""Whether a proposed fix changes anything: only where the fix is code, and only by comparing it with the code.

Words about code are not compared: nobody can tell what they would come to.
"""

import re
from collections.abc import Iterator

from reviewbot.findings.model import Check, Finding
from reviewbot.findings.quotes import SUBSTANTIAL, find_quote, passages_of
from reviewbot.findings.shown import Passage, Shown

LONGEST_FIX = 20_000
"""Characters of a fix that are compared."""
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})")
_USE = r"\s*(?:(?:use|write|change (?:it|this|the line) to|replace (?:it|this|the line) with|should be)\s*:?\s*)?"
_WHOLE_SPAN = re.compile(rf"{_USE}`([^`\n]{{1,500}})`[.;]?\s*", re.IGNORECASE)
"""A fix that is one piece of code, and no more words than "use"."""
_BARE = re.compile(_USE, re.IGNORECASE)
_SPACE = re.compile(r"(\"[^\"\n]*\"|'[^'\n]*'|`[^`\n]*`)|\s+")
_ABOUT_SPACE = re.compile(
    r"\b(?:white-?space|indent\w*|newlines?|blank|spac(?:es?|ing)|tabs?|trailing|format(?:ted|ting)?)\b", re.IGNORECASE
)
"""Nobody sees here what such a fix changes: codes are compared without their white space."""
AS_IT_STANDS = Check(name="fix", holds=False, detail="its fix is the code as it stands")


def remedy(finding: Finding, shown: Shown) -> Iterator[Check]:
    """Fails where the fix is bare code: the quoted code, or what this change already puts in its place.

    Words beside the code may say to move it or to take it away.
    """
    fix = (finding.draft.fix or "")[:LONGEST_FIX]
    if not fix.strip() or finding.anchor is None:
        return
    pieces, is_bare = _code(fix)
    if _ABOUT_SPACE.search(f"{finding.draft.title} {finding.draft.body[:LONGEST_FIX]}"):
        return
    if _stands(pieces or (fix,), finding, shown):
        if is_bare or not pieces:
            yield AS_IT_STANDS
    elif pieces:
        yield Check(name="fix", holds=True, detail="its fix differs from the code as it stands")


def _stands(pieces: tuple[str, ...], finding: Finding, shown: Shown) -> bool:
    if finding.anchor and finding.anchor.side == "old":
        return all(_is_there(piece, shown.passage(finding.anchor)) for piece in pieces)
    whole, part = _packed(finding.quote), _packed(finding.draft.quote)
    return {whole, part if part in whole else whole}.issuperset(map(_packed, pieces))


def _packed(code: str) -> str:
    """The code without white space but that in its strings, which is no layout."""
    return _SPACE.sub(lambda found: found[1] or "", code)


def _is_there(piece: str, passage: Passage | None) -> bool:
    """Whether a fix of a removed line stands, in whole lines, on the new side of its hunk."""
    if passage is None or len(piece) < SUBSTANTIAL:
        return False
    hunk = passage.source
    place = find_quote(piece, {"new": passages_of([hunk], "new"), "old": ()}, side="new", number=hunk.new_start)
    now = _packed("\n".join(line.text for line in passage.new))
    return place is not None and place.fit != "part" and _packed(piece) in now


def _code(fix: str) -> tuple[tuple[str, ...], bool]:
    """The fenced pieces, else the one piece in backticks that the whole fix is; and whether the fix is no more."""
    pieces, beside = list[str](), list[str]()
    mark, held = "", list[str]()
    for line in fix.split("\n"):
        fence = _FENCE.match(line)
        if not mark and fence:
            mark, held = fence[1], []
        elif mark and line.strip() == mark:
            mark = ""
            pieces.append("\n".join(held))
        else:
            (held if mark else beside).append(line)
    if pieces:
        return tuple(pieces), not mark and _BARE.fullmatch("\n".join(beside)) is not None
    whole = _WHOLE_SPAN.fullmatch(fix)
    return ((whole[1],), True) if whole else ((), False)
