"""What a repository asks of its reviews: `.reviewbot.yml` at the base commit. It narrows what the operator allows."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from reviewbot.errors import BadPolicy
from reviewbot.facts import Fact
from reviewbot.settings.mapping import read_mapping, validated

SeverityWord = Literal["critical", "high", "medium", "low"]
POLICY_FILE = ".reviewbot.yml"


class Budget(Fact):
    """Ceilings for one run; None is no ceiling."""

    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    tokens: Annotated[int, Field(ge=0)] | None = None

    def within(self, other: "Budget") -> "Budget":
        """The tighter of the two: a policy may narrow the operator's budget, never widen it."""
        return Budget(
            usd=min((usd for usd in (self.usd, other.usd) if usd is not None), default=None),
            tokens=min((tokens for tokens in (self.tokens, other.tokens) if tokens is not None), default=None),
        )


class Comments(Fact):
    """How much is put in front of a person at the line itself. The rest is in the summary, never lost."""

    max: Annotated[int, Field(ge=0)] = 12
    min_severity: SeverityWord = "low"
    suggestions: bool = False
    """Offer a fix as a suggestion that one click commits, where it is harmless to (THREATS S18)."""


class Triggers(Fact):
    """When a pull request is reviewed without being asked."""

    drafts: bool = False
    bots: bool = True
    """Pull requests that a bot opened."""
    strangers: bool = False
    """Pull requests from forks by people who never had one merged here, where a service pays for the review.

    Somebody who may push can always ask for a review.
    """
    pushes: Literal["new", "all", "none"] = "new"
    """After a review, a push has its new parts reviewed, everything again, or nothing until somebody asks."""


TierName = Literal["low", "standard", "high"]
"""How much depends on a change, and so how hard the council looks at it."""
TIERS: tuple[TierName, ...] = ("low", "standard", "high")
ChallengeWord = Literal["none", "one", "every"]
"""Who is asked to refute a finding: nobody, one family by preference another than who raised it, or every family."""


class TierRules(Fact):
    """What a repository changes about one tier; None leaves it as it is."""

    lenses: tuple[str, ...] | None = None
    members: tuple[str, ...] | None = None
    """Of the operator's models, those that sit in this tier. Rules and scanners sit whatever it says."""
    challenge: ChallengeWord | None = None


class Tiers(Fact):
    """How much depends on which files, and what each tier is given."""

    paths: Mapping[str, TierName] = Field(default_factory=dict)
    """Glob to tier. It decides for the files it matches, up or down; the change has the highest tier of its files."""
    low: TierRules = TierRules()
    standard: TierRules = TierRules()
    high: TierRules = TierRules()


class Policy(Fact):
    """What a repository asks of its reviews (`.reviewbot.yml` at the base commit)."""

    lenses: tuple[str, ...] | None = None
    """Which lenses look; None is all of them, the repository's own included."""
    models: tuple[str, ...] | None = None
    """Which of the operator's members sit, in every tier; None is all of them.

    Those are the ones the operator named; else the roster of its keys, the rules, and whom its `members:` speak of.
    """
    ignore: tuple[str, ...] = ()
    """Globs of files nobody reads. Each skip is listed in the report; workflows and executables are never skipped."""
    paths: Mapping[str, str] = Field(default_factory=dict)
    """Glob to extra instructions, given to the models when a changed file matches."""
    invariants: tuple[str, ...] = (".reviewbot/invariants.md", "AGENTS.md")
    """Pages people wrote about what must hold. The first that stands at the base commit is used."""
    tiers: Tiers = Tiers()
    comments: Comments = Comments()
    triggers: Triggers = Triggers()
    check: Literal["neutral", "success"] = "neutral"
    """What the check run of a complete review says. It never fails: a person decides."""
    budget: Budget = Budget()
    language: str = "English"
    """The language findings are written in."""


def load_policy(text: str, *, who: str) -> Policy:
    """A policy file's text. Raises BadPolicy, which names the line's key and the nearest one that exists."""
    return validated(Policy, read_mapping(text, who, BadPolicy), who, BadPolicy)
