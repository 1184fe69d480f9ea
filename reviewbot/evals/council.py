"""Recorded findings of several tools, merged and ranked as the product would (DESIGN 4.8). No network, no model.

A tool is a family, and every member was asked of every file. A recorded finding is a text: it has no place, severity or
confidence of its own, so all of them stand on one made-up line with the same words, and text alone decides.
"""

from collections.abc import Mapping, Sequence

from reviewbot.change import Anchor, Diff
from reviewbot.evals.score import Goldens, Listed, Tally, pairs, tally
from reviewbot.facts import Fact
from reviewbot.findings import Draft, Finding, Ranked, Severity, merge, rank
from reviewbot.settings import Comments

NOWHERE = Diff(files=())
LINE = Anchor(path="f", side="new", start_line=1, line=1)
DIGITS = 6

Comment = tuple[str, int]
"""A tool, and which of its comments, from 0."""


class Merged(Fact):
    """One problem of the merged list."""

    members: tuple[Comment, ...]
    """The representative first."""
    representative: Comment
    probability: float
    posted: bool
    """The default policy would comment on it at its line."""


class MergedPull(Fact):
    """All that the members said of one pull request, in rank order: a line of OUT."""

    id: str
    clusters: tuple[Merged, ...]


def merge_recorded(said: Mapping[str, Sequence[str]]) -> tuple[Merged, ...]:
    """Every comment in exactly one cluster, in rank order. `said` are the members with their comments' bodies."""
    families = tuple(sorted(map(_family, said)))

    def asked(_lens: str, _path: str) -> tuple[str, ...]:
        return families

    findings = (_finding(tool, index, body) for tool, bodies in said.items() for index, body in enumerate(bodies))
    clusters = merge(findings, NOWHERE, asked=asked)
    return tuple(map(_merged, rank(clusters, asked=asked, comments=Comments())))


def score_merged(
    name: str, clusters: Sequence[Merged], labels: Mapping[Comment, Goldens], goldens: Mapping[int, Severity]
) -> Tally:
    listed = [Listed(labels[one.representative], one.posted) for one in clusters]
    counts = pairs([[labels[comment] for comment in one.members] for one in clusters])
    return tally(name, listed, goldens).model_copy(update=counts)


def _family(tool: str) -> str:
    """No tool is taken for a rule, whatever it is called."""
    return f"{tool} "


def _finding(tool: str, index: int, body: str) -> Finding:
    """A made-up place and quote tell two findings of the same words apart."""
    quote = f"{tool} {index}"
    draft = Draft(
        title="", body=body, severity="medium", confidence="likely", category="other",
        path=LINE.path, side=LINE.side, line=index, quote=quote,
    )  # fmt: skip
    return Finding(member=tool, family=_family(tool), lens="all", draft=draft, path=LINE.path, anchor=LINE, quote=quote)


def _merged(ranked: Ranked) -> Merged:
    members = tuple((finding.member, finding.draft.line) for finding in ranked.cluster.findings)
    return Merged(
        members=members,
        representative=members[0],
        probability=round(ranked.probability, DIGITS),
        posted=ranked.placement == "inline",
    )
