"""What a judge is asked about the findings of one review, and what is made of its answer. Pure.

The judge is blind: findings come in an order of their own, without who raised them, how sure, how severe or how high.
Defects and findings are text that others wrote, so they stand in a fence whose key hangs on all of it. Knows nothing of
how an answer is fetched.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import Field, ValidationError

from reviewbot.council.answer import MAX_ANSWER, BadAnswer
from reviewbot.evals.model import Golden
from reviewbot.evals.run import Opinion
from reviewbot.findings.model import Said
from reviewbot.report.model import ReportFinding
from reviewbot.report.safe import visible

PAGE: Final = "judge.md"
MOST_TITLE, MOST_BODY, LEAST_BODY = 200, 1_200, 200
"""Bytes of a finding that are shown; of many findings less of each body, down to the least."""
SHEET_BYTES: Final = 40_000
MOST_BECAUSE: Final = 400
"""Characters of a reason that are kept."""
_LABELS: Final = ("confirmed", "plausible", "fabricated")
_JUDGEMENT: Final[dict[str, Any]] = {
    "finding": {"type": "string"},
    "golden": {"type": "array", "items": {"type": "string"}},
    "label": {"type": "string", "enum": [*_LABELS]},
    "quote": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    "because": {"type": "string"},
}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


SCHEMA: Final = _object({"judgements": {"type": "array", "items": _object(_JUDGEMENT)}})
"""What the judge must answer, inside the strictest common subset of the vendors (PROVIDERS 1.1)."""


class Judgement(Said):
    """What a judge says of one finding. Nothing of it has been checked."""

    finding: str
    golden: tuple[str, ...] = ()
    label: Literal["confirmed", "plausible", "fabricated"]
    quote: str | None = None
    because: Annotated[str, Field(pattern=r"\S")]


class Judgements(Said):
    judgements: tuple[Judgement, ...]


class Sheet(NamedTuple):
    """The question about one review."""

    text: str
    findings: Mapping[str, str]
    """Name of each finding in the question to its id; a name tells nothing of who raised it or where it ranks."""
    golden: Mapping[str, int]
    """Name of each known defect to its place in the case, from 0."""


def sheet_of(golden: Sequence[Golden], findings: Sequence[ReportFinding], cleaned: Callable[[str, str], str]) -> Sheet:
    """The known defects and the findings in their fence, and the names that a judgement is wanted for.

    `cleaned` takes a text and its path, and gives it as it may be shown: without secrets. The same case with the same
    findings gives the same bytes, so that an answer is kept for the next time.
    """
    known = {f"g{number}": number - 1 for number in range(1, len(golden) + 1)}
    shuffled = sorted(findings, key=lambda finding: _digest(finding.title, finding.body, finding.path, finding.id))
    named = {f"f{number}": finding for number, finding in enumerate(shuffled, 1)}
    body = max(LEAST_BODY, min(MOST_BODY, SHEET_BYTES // max(1, len(named)) - MOST_TITLE))
    rows = ["Known defects:" if known else "Known defects: none"]
    rows += [row for name, place in known.items() for row in _defect(name, golden[place], cleaned)]
    rows.append("Findings:")
    rows += [row for name, finding in named.items() for row in _finding(name, finding, body, cleaned)]
    key = _digest(PAGE, *rows)
    fenced = [f"<findings {key}>", *rows, f"</findings {key}>", "", f"Judgements for: {', '.join(named)}"]
    return Sheet("\n".join(fenced), {name: finding.id for name, finding in named.items()}, known)


def _defect(name: str, golden: Golden, cleaned: Callable[[str, str], str]) -> Iterator[str]:
    place = _place(golden.path, golden.side, golden.start_line or golden.line)
    yield f"{name}: {place}".rstrip(": ")
    yield f"  {_shown(cleaned(golden.message, golden.path or ''), MOST_BODY)}"


def _finding(name: str, finding: ReportFinding, room: int, cleaned: Callable[[str, str], str]) -> Iterator[str]:
    yield f"{name}: {_place(finding.path, finding.side, finding.start_line)}"
    yield f"  {_shown(cleaned(finding.title, finding.path), MOST_TITLE)}"
    yield f"  {_shown(cleaned(finding.body, finding.path), room)}"


def _place(path: str | None, side: str, line: int | None) -> str:
    number = "" if line is None else f":{line}"
    return f"{_shown(path or '', MOST_TITLE)}{number}{' (removed)' if number and side == 'old' else ''}"


def _shown(text: str, most: int) -> str:
    """On one line, with nothing in it that cannot be seen: what a finding says cannot look like the next one."""
    flat = " ".join(visible(" ".join(text.split())).split())
    return flat.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def read_judgements(text: str, sheet: Sheet, *, strict: bool = True) -> Judgements:
    """One judgement for each finding of the sheet, neither more nor less. Raises BadAnswer with the reason.

    A script, which cannot know the names, says the ids of findings instead. It was written before the review, so it
    need not be `strict`: it may leave findings open, and what it says of others means nothing.
    """
    if len(text) > MAX_ANSWER:
        raise BadAnswer(f"the answer has {len(text):,} characters")
    begin, end = text.find("{"), text.rfind("}")
    if begin < 0:
        raise BadAnswer("there is no JSON object in the answer")
    try:
        said = Judgements.model_validate_json(text[begin : end + 1])
    except ValidationError as e:
        first = e.errors()[0]
        raise BadAnswer(f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")) from e
    ids = {known: name for name, known in sheet.findings.items()}
    told = [one.model_copy(update={"finding": ids.get(one.finding, one.finding)}) for one in said.judgements]
    said = Judgements(judgements=tuple(one for one in told if strict or one.finding in sheet.findings))
    names = [one.finding for one in said.judgements]
    if strict and sorted(names) != sorted(sheet.findings):
        raise BadAnswer(f"one judgement each is wanted for {', '.join(sheet.findings)}; there are {', '.join(names)}")
    for one in said.judgements:
        _check(one, sheet)
    return said


def _check(said: Judgement, sheet: Sheet) -> None:
    if unknown := [name for name in said.golden if name not in sheet.golden]:
        raise BadAnswer(f"{said.finding}: {unknown[0]} is no known defect")
    if bool(said.golden) != (said.label == "confirmed"):
        raise BadAnswer(f"{said.finding}: {said.label} goes with {'a' if said.label == 'confirmed' else 'no'} defect")


def opinions_of(said: Judgements, sheet: Sheet, *, was_shown: Callable[[str], bool]) -> dict[str, Opinion]:
    """By the finding's id. A finding is fabricated where the judge quotes a line that says so, else plausible.

    `was_shown` tells whether a quote stands in the change. A judge may miss the point of a finding, too; who says that
    another is wrong has to show it.
    """
    opinions = dict[str, Opinion]()
    for one in said.judgements:
        because, label = " ".join(visible(one.because).split())[:MOST_BECAUSE], one.label
        if label == "fabricated" and not (one.quote and was_shown(one.quote)):
            label, because = "plausible", f"called fabricated without a line of the change: {because}"
        golden = tuple(sorted({sheet.golden[name] for name in one.golden}))
        opinions[sheet.findings[one.finding]] = Opinion(label, golden, because)
    return opinions


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
