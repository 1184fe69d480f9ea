"""The report: one value that holds everything a run came to, in the form of DESIGN 4.4. It has no verdict."""

from typing import Final, Literal

from pydantic import ConfigDict, Field

from reviewbot.change import Side
from reviewbot.council import State, Usage
from reviewbot.facts import Fact
from reviewbot.findings import Assumption, Placement, Severity
from reviewbot.findings.model import VerdictWord

SCHEMA_NAME: Final = "reviewbot/report@1"


class ReportChange(Fact):
    repository: str | None
    number: int | None
    base_sha: str | None
    head_sha: str | None
    files: int
    additions: int
    deletions: int
    tier: Literal["low", "standard", "high"]
    tier_reason: str


class ReportSeat(Fact):
    member: str
    family: str
    lens: str
    state: State
    detail: str
    findings: int
    usage: Usage
    usd: float | None
    seconds: float


class Voice(Fact):
    """One wording of a finding, and whose it is."""

    member: str
    lens: str
    severity: Severity
    title: str
    body: str
    path: str | None = None
    """Where this voice saw it. None in a report of before this was kept."""
    side: Side = "new"
    line: int | None = None
    """None, too, where the voice has no precise line."""


class Word(Fact):
    """What one family said when it was asked to refute a finding."""

    by: str
    verdict: VerdictWord
    """A refutation that quotes no line of the change is `unsure`."""
    importance: int
    because: str


class Challenge(Fact):
    """What others said when they were asked, blind, to refute the finding."""

    by: str
    """The family; several as a list in words."""
    verdict: VerdictWord
    """The word of most; `unsure` where none has most."""
    importance: int
    """0 to 100: how surely a maintainer wants it fixed before the merge; the mean of several."""
    because: str
    """Of several, each one's."""
    words: tuple[Word, ...] = ()
    """Each one's, apart. Empty in a report of before this was kept."""


class ReportCheck(Fact):
    """One thing that was looked up of a finding without a model."""

    check: Literal["quote", "fix", "absence", "symbol", "unchanged"]
    holds: bool
    detail: str


class Place(Fact):
    """Where another finding stands."""

    id: str
    path: str
    line: int | None


class ReportFinding(Fact):
    id: str
    rank: int
    severity: Severity
    probability: float
    lens: str
    category: str
    title: str
    body: str
    path: str
    side: Side
    start_line: int | None
    """None, like `line`, where the finding has no precise place in the diff."""
    line: int | None
    quote: str
    fix: str | None
    assumption: Assumption | None
    voices: tuple[Voice, ...]
    raised_by: tuple[str, ...]
    asked: tuple[str, ...]
    challenge: Challenge | None
    placement: Placement
    reason: str
    evidence: tuple[ReportCheck, ...] = ()
    """Of the finding that speaks for all voices. Empty in a report of before this was kept."""
    see_also: tuple[Place, ...] = ()
    """Findings elsewhere in this report that sound alike: who mends one wants to see the others."""


class NotCovered(Fact):
    path: str
    lines: int
    why: str


class Spent(Fact):
    """What the run cost. `usd` is None where the price of some member is not known."""

    usd: float | None
    input: int
    cached: int
    output: int


class ReportBudget(Fact):
    usd: float | None
    tokens: int | None


class Run(Fact):
    id: str
    version: str
    started: str
    """UTC, ISO 8601, to the second."""
    seconds: float
    policy_hash: str


class Report(Fact):
    """Everything a run came to. `complete` is False when a seat did not answer in full, or nobody was asked."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    schema_name: Literal["reviewbot/report@1"] = Field(default=SCHEMA_NAME, alias="schema")
    change: ReportChange
    complete: bool
    seats: tuple[ReportSeat, ...]
    findings: tuple[ReportFinding, ...]
    not_covered: tuple[NotCovered, ...]
    spent: Spent
    budget: ReportBudget
    prompts: dict[str, str]
    """Name of each prompt page used to the first 12 hexadecimal digits of its SHA-256."""
    run: Run
    notes: tuple[str, ...] = ()
    """What a person should know of how the council was asked: a cache that was not read, what the budget gave up."""
