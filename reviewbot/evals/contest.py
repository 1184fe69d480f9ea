"""A council beside each of its members alone, on recorded findings: does merging and ranking pay? Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import ConfigDict, Field

from reviewbot.errors import BadInput, BadSettings
from reviewbot.evals.council import Comment, Merged, MergedPull, merge_recorded, score_merged
from reviewbot.evals.figures import Measured, difference, measure
from reviewbot.evals.recorded import RecordedPull, digest_of
from reviewbot.evals.score import Goldens, Listed, Tally, tally
from reviewbot.facts import Fact

SCHEMA_NAME = "reviewbot/eval-council@1"
COUNCIL = "council"
EVERYTHING = "everything posted"


class Method(Fact):
    """One way to make a list of findings, and what it is worth."""

    name: str
    figures: dict[str, Measured]
    tallies: tuple[Tally, ...]


class Contest(Fact):
    """What came of a council and of its members on the same pull requests."""

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True, validate_by_name=True)

    schema_name: Literal["reviewbot/eval-council@1"] = Field(default="reviewbot/eval-council@1", alias="schema")
    version: str
    file: str
    digest: str
    """Of the scored pull requests and what is known of them: two contests of one digest can be compared."""
    members: tuple[str, ...]
    merged: int
    """Pull requests that every member was run on."""
    left_out: int
    """Pull requests that some member was not run on."""
    unscored: int
    """Of the merged ones, those without goldens or with a comment that nobody judged."""
    methods: tuple[Method, ...] = ()
    """The council, each member alone, everything posted; none where nothing could be scored."""
    best_member: str | None = None
    """By F1 on these very pull requests: a bar that nobody who had to choose beforehand could set so high."""
    gain: dict[str, Measured] = Field(default_factory=dict)
    """Of the council over its best member."""


def read_members(text: str, rows: Sequence[RecordedPull]) -> tuple[str, ...]:
    """Names with commas between them. Raises BadSettings or BadInput where no council can be made of them."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    known = sorted({tool for row in rows for tool in row.tools})
    if not names or len(set(names)) < len(names):
        raise BadSettings("--members", "names nobody, or somebody twice", f"name some of {', '.join(known)}")
    for name in names:
        if name not in known:
            raise BadInput("--members", f"{name!r} is in no row", f"name some of {', '.join(known)}")
    if not any(row.tools.keys() >= set(names) for row in rows):
        raise BadInput("--members", "no pull request has findings of all of them", "name members that met")
    return names


def hold(
    rows: Sequence[RecordedPull], members: tuple[str, ...], *, file: str, version: str
) -> tuple[Contest, tuple[MergedPull, ...]]:
    """The contest, and what the council made of each pull request that all its members were run on."""
    met = [row for row in rows if row.tools.keys() >= set(members)]
    pulls = tuple(MergedPull(id=row.id, clusters=merge_recorded(row.bodies(members))) for row in met)
    told = [(row, pull.clusters, row.labels(members)) for row, pull in zip(met, pulls, strict=True)]
    scored = [(row, clusters, labels) for row, clusters, labels in told if labels is not None]
    contest = Contest(
        version=version,
        file=file,
        digest=digest_of([row for row, _, _ in scored]),
        members=members,
        merged=len(met),
        left_out=len(rows) - len(met),
        unscored=len(met) - len(scored),
    )
    return (_scored(contest, scored) if scored else contest), pulls


Scored = tuple[RecordedPull, Sequence[Merged], Mapping[Comment, Goldens]]


def _scored(contest: Contest, scored: Sequence[Scored]) -> Contest:
    council = _method(
        COUNCIL, [score_merged(row.id, clusters, labels, row.severities()) for row, clusters, labels in scored]
    )
    alone = [_method(name, [_alone(row, (name,), labels) for row, _, labels in scored]) for name in contest.members]
    everything = _method(EVERYTHING, [_alone(row, contest.members, labels) for row, _, labels in scored])
    best = max(alone, key=_f1)
    return contest.model_copy(
        update={
            "methods": (council, *alone, everything),
            "best_member": best.name,
            "gain": difference(best.tallies, council.tallies),
        }
    )


def _alone(row: RecordedPull, members: Sequence[str], labels: Mapping[Comment, Goldens]) -> Tally:
    """Every comment of these by itself, as it came, all posted."""
    listed = [Listed(goldens, posted=True) for (tool, _), goldens in labels.items() if tool in members]
    return tally(row.id, listed, row.severities())


def _method(name: str, tallies: Sequence[Tally]) -> Method:
    return Method(name=name, figures=measure(tallies), tallies=tuple(tallies))


def _f1(method: Method) -> float:
    measured = method.figures.get("F1")
    return measured.value or 0.0 if measured else 0.0
