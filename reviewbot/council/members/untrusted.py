"""What the built-in rules say of a change's text itself, whatever the language: secrets, orders, what nobody sees.

Secrets come as the `<SECRET:kind:n>` that `change.redact` left in the diff, hidden characters as the places that
`change.hidden` found. Knows nothing of syntax, and judges nobody's reasons: whoever writes about models may write an
order to one, so an attempt is a question to a person.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewbot.change import Change, File, Hidden, HiddenKind, Line, Side
from reviewbot.change.hidden import reveal_text, spelled
from reviewbot.change.kinds import is_instructions, is_test, made_up
from reviewbot.council.members.prompt_injection import Attempt, attempts
from reviewbot.findings import Draft, Severity
from reviewbot.findings.rank import INJECTION

_SECRET = re.compile(r"<SECRET:([a-z-]+):(\d+)>")
_WEAK_KINDS = frozenset({"password", "secret", "token", "key", "private-key"})
"""Kinds that tests and manuals make up by the dozen, so there they are no finding, and a small one in a folder that is
only called like theirs. The others have the form of one vendor's keys."""
MAX_QUOTE = 300
"""Characters. A longer line is quoted by its beginning: 400 whole ones of 5 kB make an answer nobody reads."""
QUOTE_START = 200
SAID_IN = "the description of the change"
"""Stands for a path where the author's own words are meant."""


class Hit(NamedTuple):
    """A finding and the id of the rule that made it."""

    rule: str
    draft: Draft


class _Place(NamedTuple):
    path: str
    side: Side
    line: int
    quote: str


def hits_in(file: File) -> Iterator[Hit]:
    """What one file holds."""
    yield from _secrets(file)
    yield from _attempts(file)
    if is_instructions(file.path) or (file.old_path and is_instructions(file.old_path)):
        yield Hit("instruction-file", _instructions(_first_changed(file)))


def hits_beside(change: Change) -> Iterator[Hit]:
    """What stands in no line of a file: the author's words, the names of files, and what nobody sees anywhere."""
    said = f"{change.intent}\n{change.description}".split("\n")
    for attempt in attempts(said):
        yield Hit("prompt-injection", _attempt(attempt, _Place(SAID_IN, "new", 0, said[attempt.line][:MAX_QUOTE])))
    for file in change.diff.files:
        for attempt in attempts([re.sub(r"[\W_]+", " ", file.path)]):
            yield Hit("prompt-injection", _attempt(attempt, _Place(file.path, "new", 0, file.path)))
    yield from _hidden(change)


def quote_of(text: str) -> str:
    """Enough of a line to find it again. Whitespace does not count there, so a run of it must not fill the quote."""
    return text if len(text) <= MAX_QUOTE else " ".join(text.split())[:QUOTE_START]


def _attempts(file: File) -> Iterator[Hit]:
    """Each kind of attempt once a file, at the first line it begins on."""
    seen: set[str] = set()
    for hunk in file.hunks:
        for run in _runs_of_added(hunk.lines):
            for attempt in attempts([line.text for line in run]):
                if attempt.kind not in seen:
                    seen.add(attempt.kind)
                    line = run[attempt.line]
                    place = _Place(file.path, "new", line.new or 0, quote_of(line.text))
                    yield Hit("prompt-injection", _attempt(attempt, place))


def _runs_of_added(lines: Iterator[Line]) -> Iterator[Sequence[Line]]:
    """Added lines that a reader of the new side sees one below the other; removed ones stand between no two."""
    run: list[Line] = []
    for line in lines:
        if line.kind == "+":
            run.append(line)
        elif line.kind == " " and run:
            yield run
            run = []
    if run:
        yield run


_ATTEMPTS = {
    "override": ("This text tells who reads it to ignore their instructions", "follow it instead of their own rules"),
    "silence": ("This text tells reviewers what not to report", "say less about this change than they found"),
    "approval": ("This text claims an approval that no file can give", "take the change for reviewed"),
    "frame": ("This text imitates the frame of a model's prompt", "take what follows for a word of its operator"),
    "refusal": ("This text is made to stop a model from answering", "refuse, so that nobody looks at the change"),
    "leak": ("This text asks a model for what it was told", "put its instructions or keys into the review"),
}


def _attempt(attempt: Attempt, place: _Place) -> Draft:
    title, effect = _ATTEMPTS[attempt.kind]
    return Draft(
        **place._asdict(),
        title=title,
        body=(
            f'"{attempt.said}": a model that obeys text under review would {effect}. The council is told that all of '
            "the change is data, and while this stands no verdict of a model lowers another finding. Text about models "
            "may hold such words in good faith, which no rule can tell."
        ),
        category=INJECTION,
        severity="low" if is_test(place.path) else "medium",
        confidence="possible",
        fix="Take the words out, or have somebody who knows why they are there say so in the review.",
    )


def _first_changed(file: File) -> _Place:
    """Where a comment about the whole file can hang: its first added line, else its first removed one, else nowhere."""
    changed = [line for hunk in file.hunks for line in hunk.lines if line.kind != " "]
    line = next((line for line in changed if line.kind == "+"), changed[0] if changed else None)
    if line is None:
        return _Place(file.path, "new", 0, "")
    side: Side = "new" if line.kind == "+" else "old"
    return _Place(file.path, side, line.new or line.old or 0, quote_of(line.text))


def _instructions(place: _Place) -> Draft:
    return Draft(
        **place._asdict(),
        title="What agents and reviewers are told changes here",
        body=(
            f"Tools read `{place.path.rsplit('/', 1)[-1]}` as orders: from the merge on they act and judge as it says. "
            "This review took its own rules from the base commit, and this file was shown to the council as data."
        ),
        category="supply-chain",
        severity="low",
        confidence="certain",
        fix="Read it as you would read a script that runs with the rights of everybody who uses such a tool.",
    )


_HIDDEN: dict[HiddenKind, tuple[str, str, Severity, str]] = {
    "tag": ("Letters that nobody sees stand here", "Models read tag characters as letters", "high", INJECTION),
    "variation": (
        "A run of variation marks that change nothing stands here",
        "Such runs carry bytes that nobody sees",
        "medium",
        INJECTION,
    ),
    "bidi": (
        "The text is shown in another order than it stands in",
        "Marks that turn the direction of text make code run otherwise than it reads (CVE-2021-42574)",
        "high",
        "supply-chain",
    ),
    "control": (
        "Control characters stand here",
        "A terminal obeys them: they hide, delete or overwrite what stands around them",
        "low",
        "supply-chain",
    ),
    "invisible": (
        "Characters of no width stand here",
        "They make two names that look alike differ, and hide words from a search",
        "low",
        "supply-chain",
    ),
}


def _hidden(change: Change) -> Iterator[Hit]:
    """Each kind once a file, at the first line it stands on, with how many more there are."""
    texts = {(file.path, line.new): line.text for file in change.diff.files for line in _wanted(file, change.hidden)}
    counts: dict[tuple[str, HiddenKind], int] = {}
    for found in change.hidden:
        counts[found.path, found.kind] = counts.get((found.path, found.kind), 0) + found.count
    for found in change.hidden:
        count = counts.pop((found.path, found.kind), 0)
        if count:
            said = next((line for line in change.intent.split("\n") if "<U+" in line), "")
            text = texts.get((found.path, found.line), reveal_text(found.path) or said)
            yield Hit(f"hidden-{found.kind}", _hidden_draft(found, text, count))


def _wanted(file: File, hidden: Sequence[Hidden]) -> Iterator[Line]:
    numbers = {found.line for found in hidden if found.path == file.path}
    return (line for hunk in file.hunks if numbers for line in hunk.lines if line.new in numbers and line.kind == "+")


def _hidden_draft(found: Hidden, text: str, count: int) -> Draft:
    title, why, severity, category = _HIDDEN[found.kind]
    says = f' Those of this line spell "{spelled(text)[:MAX_QUOTE]}".' if spelled(text) else ""
    many = f"{count:,} such characters are" if count > 1 else "One such character is"
    return Draft(
        **_Place(found.path or SAID_IN, found.side, found.line if found.path else 0, quote_of(text))._asdict(),
        title=title,
        body=f"{why}, and people see nothing. {many} in this file, shown to the council as `<U+...>`.{says}",
        category=category,
        severity="low" if is_test(found.path) else severity,
        confidence="likely",
        fix="Delete them, or write them as escapes where a program needs them.",
    )


def _secrets(file: File) -> Iterator[Hit]:
    """Each secret that an added line holds, once a file, at the first line it stands in."""
    pretended = made_up(file.path) == "surely"
    seen: set[str] = set()
    for line in (line for hunk in file.hunks for line in hunk.lines if line.kind == "+"):
        for mark, kind in ((match.group(), match[1]) for match in _SECRET.finditer(line.text)):
            if mark not in seen and not (pretended and kind in _WEAK_KINDS):
                yield Hit("secret-in-code", _secret(kind, file.path, line))
            seen.add(mark)


_KIND_NAMES = {"key": "An API key", "private-key": "A private key", "secret": "A secret", "token": "A token"}


def _secret(kind: str, path: str, line: Line) -> Draft:
    unsure = made_up(path) != "no"
    what = _KIND_NAMES.get(kind, "A password" if kind == "password" else f"A vendor's key ({kind})")
    return Draft(
        **_Place(path, "new", line.new or 0, quote_of(line.text))._asdict(),
        title=f"{what} is in the code",
        body=(
            "Everybody who can read the repository, its forks, its builds or a log of them can use this value, and it "
            "stays in the history when the line is deleted. It was taken out before any member of the council saw it."
        ),
        category="secrets",
        severity=("low" if kind in _WEAK_KINDS else "medium") if unsure else "high",
        confidence="possible" if unsure else "likely",
        fix="Revoke the value where it was made, then read a new one from the environment or a secret store.",
    )
