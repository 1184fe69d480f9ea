"""From what was said to problems in rank order: looked up in the change, merged, ranked. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from reviewbot.change import Change
from reviewbot.council import ASKED, Review, Seat
from reviewbot.findings import Finding, Ranked, ground, is_rule, merge, rank
from reviewbot.findings.evidence import evidence
from reviewbot.findings.model import Prior
from reviewbot.record import RunRecord


def ranked_of(record: RunRecord) -> tuple[Ranked, ...]:
    """The problems of a recorded run, as today's code ranks them."""
    return ranked(record.change, record.reviews, record.sightings, *record.priors)


def ranked(
    change: Change, reviews: Sequence[Review], seen: Mapping[str, bool], *priors: Prior, as_claims: bool = False
) -> tuple[Ranked, ...]:
    """Every finding once, in the order a person should read. `seen` are names that were looked up in the tree.

    With `as_claims` they are what is put to a challenge.
    """
    findings = evidence(said(change, reviews), change, seen)
    verdicts = tuple(verdict for review in reviews for verdict in review.verdicts)
    asked = partial(_asked_families, reviews)
    clusters = merge(findings, change.diff, asked=asked, verdicts=verdicts, as_claims=as_claims)
    order = rank(clusters, asked=asked, comments=change.policy.comments, priors=priors)
    _nothing_lost(findings, order)
    return order


def said(change: Change, reviews: Iterable[Review]) -> tuple[Finding, ...]:
    """All findings, each at its place in the change."""
    return tuple(finding for review in reviews for finding in _grounded(review, change))


def _grounded(review: Review, change: Change) -> Iterable[Finding]:
    """The findings of a seat, each through the lens it came by."""
    seat = review.seat
    if not seat.covers:
        return ground(review.drafts, change.diff, seat=seat)
    return [
        finding
        for lens in seat.covers
        for finding in ground(
            [draft for draft, through in zip(review.drafts, review.through, strict=True) if through == lens],
            change.diff,
            seat=Seat(member=seat.member, lens=lens),
        )
    ]


def left_open(review: Review) -> set[str]:
    """Files the seat says it could not judge, and said nothing else about."""
    return {page.path for page in review.could_not_judge} - {draft.path for draft in review.drafts}


def _asked_families(reviews: Iterable[Review], lens: str, path: str) -> tuple[str, ...]:
    """Families whose seat for this lens finished on this file. Rules are not asked: their silence says nothing."""
    return tuple(
        sorted(
            {
                review.seat.member.family
                for review in reviews
                if lens in review.seat.lenses
                and review.state in ASKED
                and not is_rule(review.seat.member.family)
                and all(gap.path != path for gap in review.not_covered)
                and path not in left_open(review)
            }
        )
    )


def _nothing_lost(findings: Sequence[Finding], order: Sequence[Ranked]) -> None:
    """Found = inline + summary + withheld, checked in every run (DESIGN 1.4). A miss is a bug of ours."""
    placed = sum(len(row.cluster.findings) for row in order)
    if placed != len(findings):
        raise RuntimeError(f"{len(findings)} findings were made and {placed} were placed")
