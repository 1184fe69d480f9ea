"""What was said about a change, from a model's word to a place in the ranked list.

A `Draft` is what a member said. A `Finding` is a draft we looked up in the diff. A `Cluster` is one problem in all the
wordings it was given. A `Ranked` cluster knows where a person will meet it, and why there.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from reviewbot.change import Anchor, Side
from reviewbot.facts import Fact

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")
"""Worst first."""
Confidence = Literal["certain", "likely", "possible"]
Placement = Literal["inline", "summary", "withheld"]
RULES = "rules"
"""The family of our own deterministic rules."""
SCANNER = " scanner"
"""How the family of somebody else's rules ends: "bandit scanner". No vendor and no server is called so."""


def is_rule(family: str) -> bool:
    """Whether rules speak, ours or a scanner's: precise when they do, and their silence says nothing."""
    return family == RULES or family.endswith(SCANNER)


class Said(BaseModel):
    """What a member said: frozen like every fact, but lenient to read.

    A missing null or an extra key voids no answer; the schema a member is given (`council.prompt`) is strict.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")


class Assumption(Said):
    """What one system relies on of another. `guaranteed_by` is None where nobody guarantees it."""

    system_a: str
    system_b: str
    relies_on: str
    guaranteed_by: str | None = None
    breaks_when: str
    ask: str


class Draft(Said):
    """A finding as its author worded it (DESIGN 4.3): nothing of it has been checked."""

    title: str
    body: str
    severity: Severity
    confidence: Confidence
    category: str
    path: str
    side: Side
    line: int
    quote: str
    fix: str | None = None
    assumption: Assumption | None = None


class Unjudged(Said):
    """A path its author says they could not judge, and why."""

    path: str
    why: str


VerdictWord = Literal["upheld", "refuted", "unsure"]


class SaidVerdict(Said):
    """What a member says of somebody's claim, asked blind to refute it. Nothing of it has been checked."""

    claim: str
    """The name it was given in the question."""
    verdict: VerdictWord
    quote: str | None = None
    """The code that proves or refutes it, verbatim."""
    because: str
    importance: int
    """0 to 100: how surely a maintainer wants it fixed before the merge."""
    same_as: tuple[str, ...] = ()
    """Claims that the same fix would resolve."""


class Answer(Said):
    """A whole answer of one member to one question: to a lens findings, to a challenge verdicts."""

    findings: tuple[Draft, ...]
    could_not_judge: tuple[Unjudged, ...] = ()
    verdicts: tuple[SaidVerdict, ...] = ()


class Check(Fact):
    """One thing that could be looked up of a finding without a model, and whether it bears the finding out."""

    name: Literal["quote", "fix", "absence", "symbol", "unchanged"]
    holds: bool
    detail: str
    """What was looked up and what came of it, as one clause for a person: "`close_all` stands nowhere in the tree"."""


class Finding(Fact):
    """A draft looked up in the diff, with the name of who said it."""

    member: str
    family: str
    lens: str
    draft: Draft
    path: str
    """The diff's own path where the draft's could be mapped to one, else the draft's."""
    anchor: Anchor | None
    """None: the quote does not stand in this diff, so the finding has no precise line."""
    quote: str
    """The lines at the anchor as they stand in the diff, or the draft's quote where there is no anchor."""
    evidence: tuple[Check, ...] = ()
    """What was looked up of it (`findings.evidence`); empty where nothing could be."""


class Verdict(Fact):
    """What a family said of a problem when it was asked, blind, to refute it."""

    about: str
    """The id of the problem it was asked about (`identity`)."""
    by: str
    """The family."""
    member: str
    verdict: VerdictWord
    because: str
    importance: int
    """0 to 100."""
    quote: str | None = None
    quote_stands: bool = False
    """The quoted code stands in what the member was shown. A refutation without that counts as unsure."""
    same_as: tuple[str, ...] = ()
    """Ids of problems that one fix would resolve together with this one."""


class Cluster(Fact):
    """One problem. The first finding represents it; every wording is kept."""

    findings: tuple[Finding, ...]
    verdicts: tuple[Verdict, ...] = ()
    """Of those who were asked to refute it; empty where nobody was."""
    support: float = 0.0
    """How closely the other families' findings match the first, 0 to 1, averaged over the other families asked."""


class Term(Fact):
    """One reason of P(real): what it adds to the log odds."""

    name: str
    value: float


class Prior(Fact):
    """What people did with the findings of one member through one lens, as far as it was recorded."""

    member: str
    lens: str
    wanted: Annotated[int, Field(ge=0, le=10**9)]
    """Findings they acted on or praised."""
    unwanted: Annotated[int, Field(ge=0, le=10**9)]
    """Findings they dismissed or disliked."""


class Ranked(Fact):
    """A cluster in the order a person should read, and where it will be shown."""

    id: str
    cluster: Cluster
    severity: Severity
    probability: float
    """P(real), 0 to 1."""
    terms: tuple[Term, ...] = ()
    """What P(real) is made of, in a fixed order."""
    raised_by: tuple[str, ...]
    asked: tuple[str, ...]
    """Families whose seats finished on this file, those that raised it among them."""
    placement: Placement
    reason: str
    """One line a person believes: why here and not elsewhere."""
    see_also: tuple[str, ...] = ()
    """Ids of problems in other files that sound like this one."""
