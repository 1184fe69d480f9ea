"""Claims that something is not there, looked up where it would be: tests, closings, checks, timeouts, handlers.

A claim fails only where the code shows the very thing, and the claim has no condition that the code might not meet
("not closed *when the copy fails*"). It holds only where all of the place in question was seen. Everything between is
left undecided: a true finding must not be punished for its wording. Knows the change and what a tree has.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import NamedTuple

from reviewbot.change import Anchor, Line
from reviewbot.change.kinds import touched_by
from reviewbot.change.symbols import MAX_LINE, defined_in, indent_of
from reviewbot.findings.guards import NULL, guarded
from reviewbot.findings.model import Check, Finding
from reviewbot.findings.names import Name, named_in, without_fences, without_names
from reviewbot.findings.shown import Passage, Shown, code_of

IN_TESTS = " in tests"
"""Behind a name among the sightings: whether it stands in a test of the tree."""
MOST_SENTENCES = 60
MOST_CLAIMS = 5
"""Of one finding that are looked up: each may take a walk through the change."""
MOST_LINES = 2_000
"""That hold one name and are looked at. A name on more is a common word."""
LINES_OF_CALL = 12
MOST_OF_FUNCTION = 100
"""Lines of a function that hold a name."""
_SENTENCE = re.compile(r"[.!?;:]\s+|\n+|\s[-\u2013\u2014]+\s|, (?=so |which |but |and |because )")
_FILLER = frozenset({
    "a", "an", "the", "this", "that", "these", "it", "its", "there", "is", "are", "was", "were", "has", "have", "be",
    "been", "being", "for", "of", "in", "on", "to", "and", "or", "by", "any", "all", "new", "newly", "added",
    "changed", "function", "functions", "method", "methods", "class", "classes", "helper", "handler", "component",
    "endpoint", "module", "code", "logic", "behavior", "behaviour", "change", "diff", "pr", "patch", "pull",
    "request", "file", "unit", "integration", "covers", "cover", "covering", "exercises", "exercise", "anywhere",
    "here", "at", "yet", "currently", "still", "appears", "seems", "missing", "coverage", "variable", "object",
    "resource", "connection", "after", "use", "used", "i", "e", "one", "which", "call", "calls", "query", "column",
    "table", "field", "called", "made", "requests",
})  # fmt: skip
"""Words beside a claim that put no condition to it."""


class _Said(NamedTuple):
    """A claim as one sentence makes it."""

    finding: Finding
    names: tuple[Name, ...]
    """Of code in the sentence."""
    plain: bool
    """It has no condition."""

    @property
    def pieces(self) -> tuple[str, ...]:
        """Of all names: a column alone has namesakes in other tables, a method in other classes."""
        return tuple(piece for name in self.names for piece in re.findall(r"\w+", name.text))


class _Place(NamedTuple):
    shown: Shown
    sightings: Mapping[str, bool]


def absence(finding: Finding, shown: Shown, sightings: Mapping[str, bool]) -> Iterator[Check]:
    """At most one check: the first claim that fails, else the first that holds."""
    place = _Place(shown, sightings)
    checks = [check for look, said in islice(_claims(finding), MOST_CLAIMS) if (check := look(said, place))]
    yield from sorted(checks, key=lambda check: check.holds)[:1]


def said_untested(finding: Finding, shown: Shown) -> Iterator[str]:
    """The names it says no test names, where no test of the change does."""
    for look, said in islice(_claims(finding), MOST_CLAIMS):
        if look is _tested:
            yield from (name.last for name in said.names if name.last not in shown.tests)


def _claims(finding: Finding) -> Iterator[tuple["_Look", _Said]]:
    text = f"{finding.draft.title}\n{without_fences(finding.draft.body)}"
    for sentence in _SENTENCE.split(text, maxsplit=MOST_SENTENCES)[:MOST_SENTENCES]:
        for claim, look in _CLAIMS:
            if found := claim.search(sentence):
                rest = without_names(f"{sentence[: found.start()]} {sentence[found.end() :]}")
                yield look, _Said(finding, named_in(sentence), _FILLER.issuperset(re.findall(r"[a-z]+", rest.lower())))


def _tested(said: _Said, place: _Place) -> Check | None:
    """It fails by a test of the change, whose lines are seen; it holds where neither that nor the tree has any."""
    if not said.names:
        return None
    if said.plain and any(words.issuperset(said.pieces) for words in place.shown.testing):
        return _fails(f"a test in the change names `{said.names[0].text}`")
    names = [name.last for name in said.names]
    if all(name not in place.shown.tests and place.sightings.get(name + IN_TESTS) is False for name in names):
        return _holds(f"no test in the change or the tree names `{names[0]}`")
    return None


def _closed(said: _Said, place: _Place) -> Check | None:
    """The function it quotes; of an added file, all of it."""
    anchor, hunk = said.finding.anchor, place.shown.passage(said.finding.anchor)
    if anchor is None or hunk is None or len(said.names) != 1:
        return None
    name = said.names[0].text
    if said.plain and anchor.side == "new" and _closes(name, hunk, anchor):
        return _fails(f"the lines around it close `{name}`")
    if all(file.status != "added" for file in place.shown.files if file.path == said.finding.path):
        return None
    last = re.escape(said.names[0].last)
    naming = [line.text[:MAX_LINE] for line in hunk.new if re.search(rf"\b{last}\b", line.text[:MAX_LINE])]
    if naming and not any(_LEAVES.search(text) for text in naming):
        return _holds(f"nothing in its file closes `{name}`")
    return None


def _closes(name: str, hunk: Passage, anchor: Anchor) -> bool:
    """Whether its function closes the name whatever happens; not where the name has two values there."""
    own = re.escape(name)
    lines = _function_of(hunk.new, anchor.start_line)
    code = [(line.new or 0, code_of(line.text)) for line in lines]
    binds = re.compile(rf"(?<![\w.]){own}\b[^=(!<>]{{0,60}}(?<![=!<>])=(?!=)|\bas\s+\(?{own}\b")
    naming = [text for _, text in code if name in text]
    if len(naming) > MOST_OF_FUNCTION or sum(bool(binds.search(text)) for text in naming) > 1:
        return False
    by_block = re.compile(
        rf"\bwith\b.{{0,200}}\bas\s+\(?{own}\s*\)?\s*[,:]|\btry\s*\((?:.{{0,200}};)?\s*(?:final\s+)?[\w<>.]+\s+{own}\s*="
        rf"|^\s*defer\s+{own}\.Close\(|\busing\s*\(?\s*(?:await\s+)?\w+\s+{own}\s*="
    )
    if any(by_block.search(text) for text in naming):
        return True
    by_call = re.compile(rf"^\s*(?:await\s+)?{own}\??\.(?i:a?close|closeAsync|release|dispose|disposeAsync|unlock)\(")
    most = next((indent_of(text) for number, text in code if number == anchor.start_line), 0)
    before = ["", *(text for _, text in code)]
    return any(
        number >= anchor.start_line
        and by_call.match(text)
        and (indent_of(text) <= most or re.match(r"\s*\}?\s*(?:finally|ensure)\b", before[at]))
        for at, (number, text) in enumerate(code)
    )


def _function_of(lines: list[Line], number: int) -> list[Line]:
    """The lines about one, from where a function begins to where the next does."""
    starts = [line.new or 0 for line in lines if defined_in(line.text[:MAX_LINE])]
    first = max((start for start in starts if start <= number), default=0)
    end = min((start for start in starts if start > number), default=None)
    return [line for line in lines if line.new and first <= line.new and (end is None or line.new < end)]


_LEAVES = re.compile(
    r"\b(?:return|yield|with|using|try|defer|clos\w*|releas\w*|dispos\w*|free\w*|unlock\w*)\b", re.IGNORECASE
)
"""A line by which a thing may be closed, here or by who gets it."""


def _null_checked(said: _Said, place: _Place) -> Check | None:
    """A way out where the name is nothing, above the quoted line in the same function."""
    anchor, hunk = said.finding.anchor, place.shown.passage(said.finding.anchor)
    if anchor is None or anchor.side == "old" or hunk is None or not said.plain or len(said.names) != 1:
        return None
    name = said.names[0].text
    return _fails(f"`{name}` is checked above it") if guarded(name, hunk.new, anchor.start_line, anchor.line) else None


def _timed(said: _Said, place: _Place) -> Check | None:
    """The quoted call, up to the bracket that ends it."""
    anchor, hunk = said.finding.anchor, place.shown.passage(said.finding.anchor)
    if anchor is None or anchor.side == "old" or hunk is None:
        return None
    rows = [line.text for line in hunk.new if line.new is not None and line.new >= anchor.start_line]
    call = _call(rows[:LINES_OF_CALL])
    if call is None:
        return None
    if said.plain and _TIMEOUT.search(call):
        return _fails("the quoted call has a timeout")
    if place.shown.sets_times:
        return None
    return _holds("neither the quoted call nor any other line of the change sets a timeout")


_TIMEOUT = re.compile(
    r"\btimeout(?:_?(?:ms|s|seconds|millis))?[\"']?\s*[=:](?!=)\s*(?!None\b|null\b|0\b|undefined\b|-1)\S"
)


def _call(rows: list[str]) -> str | None:
    """The rows up to where every bracket that was opened is closed; None where none is opened, or one stays open."""
    depth, opened = 0, False
    for number, row in enumerate(rows, start=1):
        for letter in row[:MAX_LINE]:
            depth += (letter in "([{") - (letter in ")]}")
            opened |= letter == "("
        if opened and depth <= 0:
            return "\n".join(row[:MAX_LINE] for row in rows[:number])
    return None


def _awaited(said: _Said, place: _Place) -> Check | None:
    """The quoted lines: whether each call of the name is awaited, or none."""
    anchor = said.finding.anchor
    if anchor is None or anchor.side == "old" or not said.plain or len(said.names) != 1:
        return None
    name = said.names[0].last
    passage = place.shown.passage(anchor)
    rows = [line.text[:MAX_LINE] for line in (passage.at(anchor) if passage else ()) if line.kind != "-"]
    calls = [
        found
        for row in rows
        for found in re.finditer(rf"(?P<await>\bawait\s+(?:\w+\.){{0,5}})?\b{re.escape(name)}\(", row)
    ]
    awaited = calls and all(call["await"] for call in calls)
    return _fails(f"the quoted call of `{name}` is awaited") if awaited else None


def _handled(said: _Said, place: _Place) -> Check | None:
    """A handler of that very name anywhere in the change. A case of a switch may be no more than a label."""
    if not said.plain or len(said.names) != 1:
        return None
    name = said.names[0].text
    handles = re.compile(rf"\b(?:except|catch|rescue)\b[^\n]{{0,200}}(?<!\w){re.escape(name)}\b")
    if any(handles.search(code_of(text)) for text in islice(place.shown.lines_with(name), MOST_LINES)):
        return _fails(f"a line of the change handles `{name}`")
    return None


def _migrated(said: _Said, place: _Place) -> Check | None:
    """A migration in the change that names all of it."""
    if not said.plain or not said.names:
        return None
    paths = {file.path for file in place.shown.files if touched_by(file.path) == "a migration"}
    for path in paths:
        text = "\n".join(place.shown.new_lines(path.__eq__))
        if all(re.search(rf"\b{re.escape(piece)}\b", text) for piece in said.pieces):
            return _fails(f"a migration in the change names `{said.names[0].text}`")
    return None


def _indexed(said: _Said, place: _Place) -> Check | None:
    """A line of the change that makes an index and names all of it: two names at least, a column has namesakes."""
    if not said.plain or len(said.pieces) < 2:
        return None
    for line in (text[:MAX_LINE] for text in islice(place.shown.lines_with(said.pieces[0]), MOST_LINES)):
        if _INDEX.search(line) and all(re.search(rf"\b{re.escape(piece)}\b", line) for piece in said.pieces):
            return _fails(f"a line of the change makes an index on `{said.names[-1].text}`")
    return None


_INDEX = re.compile(r"\bcreate\s+(?:unique\s+)?index\b|\badd_index\b|\bcreate_index\b|\bcreateIndex\b", re.IGNORECASE)

_Look = Callable[[_Said, _Place], Check | None]
_LACKS = r"(?:no|without(?: an?y?)?|lacks?(?: an?y?)?|lacking|missing(?: an?)?)"
_CLAIMS: tuple[tuple[re.Pattern[str], _Look], ...] = tuple(
    (re.compile(said, re.IGNORECASE), look)
    for said, look in (
        (
            (
                rf"\b{_LACKS}\s(?:\w+\s){{0,2}}?tests?\b(?!\s*(?:data|fail|case|env|server|user|account|mode|file|suite|run))"
                r"|\b(?:is|are|was|were)\s(?:not|never)\s(?:\w+\s)?(?:tested|covered by (?:\w+\s){0,2}tests?)\b"
                r"|\b(?:untested|nothing tests)\b"
            ),
            _tested,
        ),
        (
            r"\b(?:never|not|n't)\s(?:\w+\s)?(?:closed|closes|released|releases|disposed|unlocked|unlocks|freed)\b",
            _closed,
        ),
        (
            (
                rf"\b{_LACKS}\s(?:the\s|explicit\s)?{NULL}(?:[-/ ]{NULL})?[- ](?:check|guard)s?\b"
                rf"|\bnot\s(?:checked|guarded)\s(?:for|against)\s{NULL}\b"
                rf"|\bwithout\s(?:checking|guarding)\s(?:(?:it|that|whether|if|for|against|is|`[^`\n]{{1,80}}`)\s){{0,4}}{NULL}\b"
            ),
            _null_checked,
        ),
        (rf"\b{_LACKS}\stimeout\b|\btimeout\sis\s(?:not|never)\sset\b|\bsets?\sno\stimeout\b", _timed),
        (
            r"\b(?:not|never|isn't|un-?)\s?(?:being\s)?awaited\b|\b(?:missing|without|lacks)\s(?:an?\s)?`?await\b`?",
            _awaited,
        ),
        (
            r"\bnothing\s(?:handles|catches)\b|\bnever\s(?:handled|caught)\b|\bno\s(?:\w+\s)?handler\s(?:for|of)\b",
            _handled,
        ),
        (rf"\b{_LACKS}\s(?:\w+\s)?migrations?\b|\bmigration\sis\smissing\b", _migrated),
        (rf"\b{_LACKS}\s(?:\w+\s)?index\s(?:on|for)\b|\bis\snot\sindexed\b", _indexed),
    )
)


def _fails(detail: str) -> Check:
    return Check(name="absence", holds=False, detail=detail)


def _holds(detail: str) -> Check:
    return Check(name="absence", holds=True, detail=detail)
