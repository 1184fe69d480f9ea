"""From a draft to a finding: what a member said is looked up in the diff.

Quote first: the line number of a member only helps to choose between places where the quote stands (THREATS L11). A
finding whose quote stands nowhere is kept without an anchor. Knows nothing of other findings.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Protocol

from reviewbot.change import Anchor, Diff, Hunk, Side
from reviewbot.findings.model import Draft, Finding
from reviewbot.findings.paths import paths_of, resolve
from reviewbot.findings.quotes import SIDES, Passage, find_quote, passages_of


class Speaker(Protocol):
    """A member of the council by name; the council's own types are above this room."""

    @property
    def name(self) -> str: ...
    @property
    def family(self) -> str: ...


class Seat(Protocol):
    """Who said it, and to which question."""

    @property
    def member(self) -> Speaker: ...
    @property
    def lens(self) -> str: ...


def ground(drafts: Iterable[Draft], diff: Diff, *, seat: Seat) -> tuple[Finding, ...]:
    """The drafts of one seat as findings, in their order, with the diff's own path and an anchor where there is one.

    An anchor is lines of one side of one hunk, context lines included, and the quote stands on them but for whitespace,
    line numbers and the marks of a diff. A member who names the wrong side is put right.
    """
    paths = paths_of(diff)
    hunks: defaultdict[str, list[Hunk]] = defaultdict(list)
    for file in diff.files:
        hunks[file.path] += file.hunks

    @cache
    def passages(path: str) -> Mapping[Side, Sequence[Passage]]:
        return {side: passages_of(hunks[path], side) for side in SIDES}

    def look_up(draft: Draft) -> Finding:
        path = resolve(draft.path, paths)
        place = find_quote(draft.quote, passages(path), side=draft.side, number=draft.line) if path else None
        return Finding(
            member=seat.member.name,
            family=seat.member.family,
            lens=seat.lens,
            draft=draft,
            path=path or draft.path,
            anchor=Anchor(path=path, side=place.side, start_line=place.start_line, line=place.line)
            if path and place
            else None,
            quote=place.text if place else draft.quote,
        )

    return tuple(map(look_up, drafts))
