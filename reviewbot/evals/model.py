"""A suite of changes whose defects are known, and what came of reviewing them."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from reviewbot.change import Side
from reviewbot.council import State
from reviewbot.facts import Fact
from reviewbot.findings import Placement, Severity

SCHEMA_NAME = "reviewbot/eval@1"
Label = Literal["confirmed", "plausible", "fabricated", "unjudged"]
"""Of a finding: it tells of a golden; it tells of none and holds in the code; it does not hold; nobody could tell."""


class Golden(Fact):
    """A defect that people know to be in a change."""

    message: str
    severity: Severity
    path: str | None = None
    """None where the suite gives no place."""
    side: Side = "new"
    start_line: int | None = None
    line: int | None = None
    lens: str | None = None
    category: str = ""
    between: tuple[str, str] | None = None
    """The two systems or parts that it lies between."""
    question: str = ""


class Case(Fact):
    """One change to review. Where there is no golden, the right answer is silence."""

    id: str
    diff: str
    """As git printed it."""
    golden: tuple[Golden, ...]
    title: str = ""
    body: str = ""
    language: str = ""
    lens: str | None = None
    kind: str = ""
    twin_of: str | None = None
    """The case that this one looks like, and is right."""
    url: str | None = None


class Suite(Fact):
    name: str
    cases: tuple[Case, ...]
    digest: str
    """First 12 hexadecimal digits of the SHA-256 of all its cases: two results of one digest can be compared."""


class JudgedFinding(Fact):
    """A problem of the report, and what the judge made of it."""

    id: str
    rank: int
    title: str
    path: str
    line: int | None
    lens: str
    category: str
    severity: Severity
    probability: float
    placement: Placement
    voices: tuple[tuple[str, str], ...]
    """Member and lens of each wording."""
    label: Label
    golden: tuple[int, ...] = ()
    """Which goldens of the case it tells of, from 0."""
    because: str = ""


class SeatResult(Fact):
    member: str
    family: str
    lens: str
    state: State
    findings: int
    usd: float | None
    seconds: float
    detail: str = ""
    """Why it did not answer in full, or what it could not judge."""


class CaseResult(Fact):
    """One case, reviewed and judged. `failed` says why there is no review; then it has no findings."""

    id: str
    golden: tuple[Golden, ...]
    twin_of: str | None = None
    language: str = ""
    lens: str | None = None
    kind: str = ""
    tier: str = ""
    complete: bool = True
    failed: str | None = None
    findings: tuple[JudgedFinding, ...] = ()
    """In rank order."""
    seats: tuple[SeatResult, ...] = ()
    usd: float | None = 0.0
    seconds: float = 0.0


class Judge(Fact):
    """Who said what a finding is worth. `prompt` is the digest of its page; empty where no model judged."""

    name: str
    prompt: str = ""
    usd: float | None = 0.0


class EvalResult(Fact):
    """A suite, reviewed by one council."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    schema_name: Literal["reviewbot/eval@1"] = Field(default="reviewbot/eval@1", alias="schema")
    suite: str
    digest: str
    version: str
    started: str
    """UTC, ISO 8601, to the second."""
    members: tuple[str, ...]
    prompts: dict[str, str]
    judge: Judge
    cases: tuple[CaseResult, ...]
    summary: dict[str, Any] | None = None
    """The figures made of the cases (`evals.results`), for who reads the file; they are made anew where it is read."""
