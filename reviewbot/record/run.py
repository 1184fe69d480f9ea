"""The run record: everything that was asked and answered, from which the report is made again without a network.

It holds the change as the council saw it (secrets already redacted) and each seat's review. It holds no key.
"""

from pathlib import Path
from typing import Final, Literal

from pydantic import ConfigDict, Field, ValidationError

from reviewbot.change import Change, Gap, Stakes
from reviewbot.council import Review
from reviewbot.council.budget import NOTHING_HELD, Hold
from reviewbot.errors import BadRecord
from reviewbot.facts import Fact
from reviewbot.findings import Placement
from reviewbot.findings.model import Prior, Term
from reviewbot.settings import Budget

SCHEMA_NAME: Final = "reviewbot/record@1"


class Judgement(Fact):
    """Where a problem stood when the run was made, so that a replay can say what moved and why."""

    id: str
    rank: int
    title: str
    probability: float
    placement: Placement
    reason: str
    terms: tuple[Term, ...] = ()


class RunRecord(Fact):
    """One run, up to the last answer. What follows (ground, merge, rank, report) is a function of this value."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    schema_name: Literal["reviewbot/record@1"] = Field(default=SCHEMA_NAME, alias="schema")
    id: str
    version: str
    started: str
    """UTC, ISO 8601, to the second."""
    seconds: float
    change: Change
    """As the council saw it: without what was skipped, and with its secrets redacted."""
    files: int
    additions: int
    deletions: int
    """Of the whole change, what was skipped included."""
    prompts: dict[str, str]
    """Name of each prompt page to the digest of its text."""
    reviews: tuple[Review, ...]
    not_covered: tuple[Gap, ...]
    """What no seat was shown."""
    whole: bool
    """Nothing was left out because one run reads no more than the operator allows."""
    budget: Budget
    spent: Hold = NOTHING_HELD
    """What the run's ledger booked: for an answer that broke off, all that was held for it."""
    stakes: Stakes = Stakes(tier="standard", reason="the default")
    notes: tuple[str, ...] = ()
    """What a person should know of how this council was asked: what was given up for the budget, and why."""
    sightings: dict[str, bool] = Field(default_factory=dict)
    """Names that findings speak of: whether they stand in the tree at the head; "NAME in tests": in a test of it."""
    priors: tuple[Prior, ...] = ()
    """What was known, when the run was made, of how findings of its members were received."""
    judged: tuple[Judgement, ...] | None = None
    """How the run was judged when it was made; None where that was not kept yet. `judge` does not read it."""


def dump_record(record: RunRecord) -> str:
    """The record as JSON text, one line feed at the end."""
    return record.model_dump_json(indent=1) + "\n"


def load_record(path: Path) -> RunRecord:
    """A record written by `check --record`. Raises BadRecord."""
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except OSError as e:
        raise BadRecord(str(path), e.strerror or "cannot be read", "name a file written by `check --record`") from e
    except ValidationError as e:
        reason = f"{e.error_count()} places do not fit {SCHEMA_NAME}"
        raise BadRecord(str(path), reason, "name a file written by `check --record` of this version") from e
