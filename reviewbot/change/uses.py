"""Of the places where a name stands in a repository, those worth showing: its definition, and who calls it.

Names are all there is to go by, so a name that many define says nothing about which of them is meant. Knows nothing of
how a repository is searched.
"""

import posixpath
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple

from reviewbot.change.kinds import is_generated, is_test
from reviewbot.change.symbols import PLAIN, defines
from reviewbot.change.syntax import Block, last_line

MAX_SAME_NAME = 3
"""Definitions of one name. Past that nobody can tell by the name which is meant."""
MAX_DEFINITION = 30
"""Lines of a definition that is shown whole; of a longer one the signature and the lines behind it."""
BEGINNING = 12
MAX_CALLERS = 4
"""Of one name."""
MAX_HITS = 2_000
"""Of one name that are looked at. A name with more is a common word."""
AROUND_CALL = 4
"""Lines on either side of a call."""
_IMPORT = re.compile(r"\s*(?:from\s|import\b|use\s|using\s|require\b|#\s*include\b|export\s*[{*])")


class Hit(NamedTuple):
    """A line of a repository that holds a word that was searched for."""

    path: str
    line: int
    text: str


class Place(NamedTuple):
    """A definition or a call that is worth showing."""

    kind: Literal["definition", "caller"]
    about: str
    path: str
    line: int

    def lines(self, blocks: Sequence[Block], rows: Sequence[str]) -> tuple[int, ...]:
        """Which lines to show of it, given the functions and classes it stands in."""
        own = next((block for block in reversed(blocks) if block.start <= self.line <= block.head), None)
        if self.kind == "definition":
            start, end = (own.start, own.end) if own else (self.line, last_line(rows, self.line))
            cut = max(own.head if own else start, start) + BEGINNING
            return tuple(range(start, (end if end - start < MAX_DEFINITION else min(end, cut)) + 1))
        inner = blocks[-1] if blocks else Block("", 1, 0, len(rows))
        start, end = max(inner.start, self.line - AROUND_CALL), min(inner.end, self.line + AROUND_CALL)
        head = range(inner.start, min(inner.head, inner.start + 1) + 1)
        return tuple(sorted({*head, *range(start, end + 1)}))


class Uses:
    """Where the names of a change stand in the repository. Files near to the changed ones come first."""

    def __init__(
        self,
        hits: Mapping[str, Sequence[Hit]],
        *,
        visible: Callable[[str], bool],
        shown: Mapping[str, set[int]],
        near: Sequence[str],
    ) -> None:
        kept = {word: islice((hit for hit in found if visible(hit.path)), MAX_HITS) for word, found in hits.items()}
        self._hits = {word: tuple(found) for word, found in kept.items()}
        self._defining = {word: {hit for hit in found if defines(hit.text, word)} for word, found in self._hits.items()}
        self._shown = shown
        self._folders = {folder for path in near for folder in _folders(path)}
        self._changed = set(near)
        self._homes = {posixpath.dirname(path) for path in near}

    def definitions(self, word: str) -> list[Place]:
        """Where a name is defined; nothing where the diff shows that, or too many places define it."""
        found = self._defining.get(word, set())
        if not 0 < len(found) <= MAX_SAME_NAME or any(self._is_shown(hit) for hit in found):
            return []
        return [Place("definition", word, hit.path, hit.line) for hit in sorted(found, key=self._order)]

    def callers(self, word: str, most: int = MAX_CALLERS, *, field: bool = False) -> list[Place]:
        """Where a name is used, one place a file: calls with many arguments first, for they rely on most of it.

        Of a name that many define, only what is in the folders of the change. A file that defines it means its own,
        but behind a dot.
        """
        defining = self._defining.get(word, set())
        others = {hit.path for hit in defining} - self._changed
        is_use, elsewhere = _use_of(word, field=field), re.compile(rf"(?<!self)(?<!this)(?<!cls)\.{word}(?!\w)")
        found = [hit for hit in self._hits.get(word, ()) if hit not in defining and not self._is_shown(hit)]
        found = [hit for hit in found if is_use(hit.text) and (hit.path not in others or elsewhere.search(hit.text))]
        if len(defining) > MAX_SAME_NAME:
            found = [hit for hit in found if posixpath.dirname(hit.path) in self._homes]
        first = dict[str, Hit]()
        for hit in sorted(found, key=lambda hit: (is_test(hit.path), -_weight(hit.text, word), *self._order(hit))):
            first.setdefault(hit.path, hit)
        return [Place("caller", word, hit.path, hit.line) for hit in list(first.values())[:most]]

    def _is_shown(self, hit: Hit) -> bool:
        return hit.line in self._shown.get(hit.path, ())

    def _order(self, hit: Hit) -> tuple[bool, bool, int, str, int]:
        depth = max((folder.count("/") + 1 for folder in _folders(hit.path) & self._folders), default=0)
        return is_test(hit.path), is_generated(hit.path), -depth, hit.path, hit.line


def _use_of(word: str, *, field: bool) -> Callable[[str], bool]:
    """Whether a line uses a name.

    A field has an owner or a value beside it, else it is a variable that is called alike. What may as well be an
    English word is looked for outside strings and comments, called or behind a sign.
    """
    if field:
        form = re.compile(rf"(?:\.|->){word}(?!\w)|(?<!\w){word}=(?!=)|(?:^|[{{(,])\s*{word}:")
    elif word.isalpha() and word.islower():
        form = re.compile(rf"(?<!\w){word}\(|(?:[.@(\[&:]|=\s?){word}(?!\w|=[^=])")
    else:
        return lambda _text: True

    def is_use(text: str) -> bool:
        code = PLAIN.sub('""', text)
        return (_IMPORT.match(code) is not None and word in code) or form.search(code) is not None

    return is_use


def _weight(text: str, word: str) -> int:
    """How much a line relies on what a name means: an import not at all, a call by its arguments."""
    if _IMPORT.match(text):
        return 0
    arguments = text.partition(f"{word}(")[2]
    return 1 + (1 + min(arguments.count(","), 3) if arguments else 0)


def _folders(path: str) -> set[str]:
    """The folders a file is in, from its own up."""
    parts = path.split("/")[:-1]
    return {"/".join(parts[: count + 1]) for count in range(len(parts))}
