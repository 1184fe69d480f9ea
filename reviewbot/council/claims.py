"""What a challenge is asked, and what is made of its answer. Pure.

Claims are text that a model wrote about a stranger's text, so they stand in a fence of their own. They are blind: no
author, no count, no severity and no confidence, because each of these would be repeated and not judged. Knows nothing
of how an answer is fetched, or of what a verdict does to a rank.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from itertools import chain, combinations
from typing import NamedTuple

from reviewbot.change.hidden import reveal_text
from reviewbot.change.redact import shown_path
from reviewbot.council.model import Member
from reviewbot.findings import Ranked, is_rule
from reviewbot.findings.model import Finding, SaidVerdict, Verdict
from reviewbot.findings.placement import fairly

PAGE = "challenge.md"
MOST_TITLE, MOST_BODY = 200, 1_200
"""Bytes of a claim that are shown: the pages of the lenses ask for under 80 words."""
CLAIMS_BYTES, LEAST_BODY = 9_000, 200
"""Of all claims of a question together, places beside them: what `council.pack` leaves free behind the change. Many
claims have shorter bodies, down to the least."""
MOST_BECAUSE = 600
"""Characters of a reason that are kept."""


class Claim(NamedTuple):
    """A problem as a challenger meets it."""

    name: str
    """In the question; it tells nothing of who raised it or where it ranks."""
    id: str
    """The problem's id (`findings.identity`)."""
    findings: tuple[Finding, ...]
    """The first speaks for it; whose they are is never shown."""

    @property
    def finding(self) -> Finding:
        return self.findings[0]

    @property
    def raised_by(self) -> frozenset[str]:
        return frozenset(finding.family for finding in self.findings)


class Task(NamedTuple):
    """What one member is asked to judge."""

    challenger: int
    """Which of the challengers."""
    wanted: frozenset[str]
    """Names of claims."""


def claims_of(ranked: Sequence[Ranked], *, key: str, most: int) -> tuple[Claim, ...]:
    """The first `most` problems that a member raised, in rank order; their names are shuffled by the run's key.

    No family alone fills the room of another with its claims.

    What rules and scanners alone found is not asked about: it is the same each time, and its worth is known
    (`findings.probability.RULE_PRECISION`).
    """
    raised = [row for row in ranked if not all(map(is_rule, row.raised_by))]
    chosen = fairly([row.raised_by for row in raised], most)
    raised = [row for index, row in enumerate(raised) if index in chosen]
    shuffled = sorted(raised, key=lambda row: _digest(key, row.id))
    names = {row.id: f"c{number}" for number, row in enumerate(shuffled, start=1)}
    return tuple(Claim(names[row.id], row.id, row.cluster.findings) for row in raised)


def assign(claims: Iterable[Claim], challengers: Sequence[Member], *, every: bool) -> tuple[Task, ...]:
    """Who judges which claims: a family that did not raise it before one that did, as few members as that takes.

    One member speaks for each family; only where there is no other family do several of one. With `every` all families
    that did not raise a claim judge it; what all raised all judge.
    """
    several = every and len({member.family for member in challengers}) > 1
    best = {claim.name: _strangers(claim, challengers) for claim in claims if challengers}
    given: dict[int, set[str]] = {index: set() for index in range(len(challengers))}
    few = _fewest([*given], best.values())
    for name, indices in best.items():
        one = min((index for index in few if index in indices), key=lambda index: len(given[index]))
        first = {challengers[index].family: index for index in (*reversed(indices), *few) if index in indices}
        for index in first.values() if several else [one]:
            given[index].add(name)
    return tuple(Task(index, frozenset(names)) for index, names in given.items() if names)


def _strangers(claim: Claim, challengers: Sequence[Member]) -> list[int]:
    """Those with the least part in the claim: of another family, else another model, else whoever there is."""

    def part(index: int) -> int:
        own = any(finding.member == challengers[index].name for finding in claim.findings)
        return (challengers[index].family in claim.raised_by) + own

    parts = [part(index) for index in range(len(challengers))]
    return [index for index, own in enumerate(parts) if own == min(parts)]


def _fewest(able: Sequence[int], wanted: Iterable[Sequence[int]]) -> tuple[int, ...]:
    """The fewest members, the first of them by preference, of whom each claim finds one among its best."""
    needs = {tuple(indices) for indices in wanted}
    sizes = range(1, len(able) + 1)
    choices = chain.from_iterable(combinations(able, size) for size in sizes)
    return next((few for few in choices if all(set(few) & set(need) for need in needs)), ())


def question_of(page: str, claims: Iterable[Claim], wanted: Collection[str], *, key: str) -> str:
    """The page, the claims in their fence, and the names a verdict is wanted for.

    All claims are shown, so that `same_as` can name any. The fence has a key that no member has seen: whoever raised a
    claim was shown the run's own, and could close its fence.
    """
    fence = _digest(key, PAGE)
    rows = [page.strip(), "", f"<claims {fence}>"]
    shown = sorted(claims, key=lambda claim: (len(claim.name), claim.name))
    room = max(LEAST_BODY, min(MOST_BODY, CLAIMS_BYTES // max(1, len(shown)) - MOST_TITLE))
    for claim in shown:
        said = claim.finding.draft
        anchor = claim.finding.anchor
        removed = " (removed)" if anchor and anchor.side == "old" else ""
        path = _flat(shown_path(claim.finding.path))
        place = f"{path}:{anchor.start_line}{removed}" if anchor else path
        rows += [f"{claim.name}: {place}", f"  {_cut(said.title, MOST_TITLE)}", f"  {_cut(said.body, room)}"]
    rows += [f"</claims {fence}>", "", f"Verdicts for: {', '.join(c.name for c in shown if c.name in wanted)}"]
    return "\n".join(rows)


def verdicts_of(
    said: Iterable[SaidVerdict],
    claims: Sequence[Claim],
    wanted: Collection[str],
    *,
    member: Member,
    was_shown: Callable[[str], bool],
) -> tuple[Verdict, ...]:
    """What a member said of the claims it was asked about, looked up in what it was shown.

    `was_shown` tells whether a quote stands there. The last word on each counts. A name that was not in the question
    means nothing and is passed over. A script, which cannot know the names of a run, says the id of a problem instead.
    """
    names = {claim.name: claim.id for claim in claims}
    ids = names | {claim.id: claim.id for claim in claims}
    asked = {names[name] for name in wanted if name in names}
    last = {name: word for word in said if (name := ids.get(word.claim.strip(), "")) in asked}
    return tuple(
        Verdict(
            about=name,
            by=member.family,
            member=member.name,
            verdict=word.verdict,
            because=_flat(word.because)[:MOST_BECAUSE],
            importance=min(max(word.importance, 0), 100),
            quote=word.quote,
            quote_stands=bool(word.quote) and was_shown(word.quote or ""),
            same_as=tuple(dict.fromkeys(ids[other] for other in word.same_as if ids.get(other, name) != name)),
        )
        for name, word in sorted(last.items())
    )


def _cut(text: str, most: int) -> str:
    return _flat(text).encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _flat(text: str) -> str:
    """On one line, and with nothing in it that cannot be seen: what a claim says cannot look like the next claim."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", reveal_text(text)).split())


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
