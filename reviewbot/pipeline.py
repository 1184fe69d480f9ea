"""The story on one page: a change is heard by the council, and what was heard is judged.

`hear` asks and waits; its record holds everything that was said. `judge` is a pure function of the record, so a
recorded run gives the same report again. Nothing here prints or posts.
"""

import asyncio
import secrets
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from typing import Final, NamedTuple

from reviewbot.change import Change, Gap
from reviewbot.change.context import PinnedTree
from reviewbot.council import ASKED, Hearing, Invited, Progress, Review, Seat, ask_council
from reviewbot.council.agenda import Agenda, make_agenda
from reviewbot.council.budget import Account, Resumed, run_ledger, to_plan_with
from reviewbot.council.caching import unread
from reviewbot.council.challenge import challenge, told_of
from reviewbot.council.fallback import able, replaced
from reviewbot.council.prices import BYTES_PER_TOKEN
from reviewbot.council.prompt import digest
from reviewbot.council.reading import Reading, look_around, read_change
from reviewbot.council.savings import as_asked
from reviewbot.council.skip import gap
from reviewbot.findings import Finding, Ranked, ground, is_rule, merge, rank
from reviewbot.record import RunRecord
from reviewbot.report import Report
from reviewbot.report.compose import not_covered, report_finding, report_seat, spent
from reviewbot.report.model import ReportBudget, ReportChange, Run
from reviewbot.settings import Operator

LOOKING_AROUND: Final = 0.1
"""Of the council's time that finding code around the change may take."""
BEFORE_CHALLENGE: Final = 0.7
"""Of the council's time that the lenses may take where a challenge follows."""


def _unwatched(_seat: Seat, _review: Review | None) -> None:
    """Progress that nobody looks at."""


async def review_change(
    change: Change, settings: Operator, council: Sequence[Invited], progress: Progress = _unwatched
) -> Report:
    """A change from its diff to a ranked report.

    A seat that fails is in the report. Raises NoCouncil when nobody who sits can look through the lenses asked for,
    BadSettings for a lens that does not exist, BadPrompt for one that does not hold.
    """
    return judge(await hear(change, settings, council, progress))


async def hear(  # noqa: PLR0913  what a run is made of; the last three are its surroundings
    change: Change,
    settings: Operator,
    council: Sequence[Invited],
    progress: Progress = _unwatched,
    resumed: Resumed | None = None,
    *,
    tree: PinnedTree | None = None,
    accounts: Sequence[Account] = (),
) -> RunRecord:
    """Ask every seat about the change. The record keeps the change as it was shown, with its secrets redacted.

    `tree` is the repository at the head, for code around the change; `accounts` are shared with other runs.
    """
    began, started = time.monotonic(), datetime.now(UTC)
    run = resumed or Resumed(id=secrets.token_hex(16))
    reading = read_change(change, settings)
    ledger = run_ledger(settings, change.policy, run, accounts)
    budget = settings.budget.within(change.policy.budget)
    agenda = make_agenda(reading, settings, council, to_plan_with(run, budget, ledger), with_tree=tree is not None)
    heard = _Heard(reading.change)
    if reading.change.diff.files:
        seen, notes = await _look_around(reading, agenda, tree, seconds=LOOKING_AROUND * settings.seconds)
        hearing = Hearing(
            brief=agenda.brief(reading, seen, settings, key=run.id),
            ledger=ledger,
            progress=progress,
            deadline=began + settings.seconds,
        )
        heard = await _hold(agenda, hearing, notes)
    return RunRecord(
        id=run.id,
        version=version("reviewbot"),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 2),
        change=heard.change,
        files=len(change.diff.files) + len(change.unread),
        additions=change.diff.additions,
        deletions=change.diff.deletions,
        prompts=agenda.prompts(heard.change, heard.reviews),
        reviews=heard.reviews,
        not_covered=reading.gaps,
        whole=not reading.unread,
        budget=budget,
        spent=ledger.spent,
        stakes=reading.stakes,
        notes=heard.notes,
    )


class _Heard(NamedTuple):
    """What came of all questions."""

    change: Change
    reviews: tuple[Review, ...] = ()
    notes: tuple[str, ...] = ()


async def _look_around(
    reading: Reading, agenda: Agenda, tree: PinnedTree | None, *, seconds: float
) -> tuple[Change, tuple[str, ...]]:
    """The change with code around it, where a model will read it in time, and what a person should know of it."""
    room = agenda.plan.context_tokens * BYTES_PER_TOKEN
    if tree is None or not room or not agenda.plan.models:
        return reading.change, agenda.plan.notes
    try:
        async with asyncio.timeout(seconds):
            seen = await asyncio.to_thread(look_around, reading, tree, room_bytes=room)
    except TimeoutError:
        late = f"No code around the change was shown: it was not found within {seconds:,.1f} seconds."
        return reading.change, (*agenda.plan.notes, late)
    finally:
        tree.stop()  # nobody can cancel a thread, and `asyncio.run` waits for it before Ctrl-C is answered
    return seen.change, (*agenda.plan.notes, *seen.notes)


async def _hold(agenda: Agenda, hearing: Hearing, notes: tuple[str, ...]) -> _Heard:
    """All lenses, and then, where the plan has it, what they found is put to somebody who is to refute it."""
    plan, change = agenda.plan, hearing.brief.change
    lenses = hearing
    if plan.challenge != "none":
        lenses = replace(hearing, deadline=hearing.deadline - (1 - BEFORE_CHALLENGE) * hearing.seconds_left)
    reviews = tuple(map(agenda.settled, await ask_council(plan, lenses)))
    while (other := replaced(plan, reviews)) and lenses.seconds_left > 0:
        silent, asked = (some.models[0].invited.member.name for some in (plan, other))
        notes += (f"{silent} did not answer, so {asked} was asked instead.",)
        plan, further = other, replace(other, sittings=other.models)
        reviews += tuple(map(agenda.settled, await ask_council(further, lenses)))
    for sitting in plan.models:
        own = [review for review in reviews if review.seat.member == sitting.invited.member]
        notes += tuple(unread(sitting.invited, own))
    if plan.models and all(
        review.state == "over_budget" for review in reviews if not is_rule(review.seat.member.family)
    ):
        notes += ("For the budget, no model could be asked anything.",)
    plan = able(plan, reviews)
    challenged, unasked = as_asked(plan, await challenge(_ranked(change, reviews), plan, hearing))
    reviews += tuple(map(agenda.settled, challenged))
    return _Heard(change, reviews, (*notes, *unasked, *told_of(reviews)))


def judge(record: RunRecord) -> Report:
    """What the council said, looked up in the diff, merged and ranked. The same record gives the same report."""
    return _report(record, _ranked(record.change, record.reviews))


def _ranked(change: Change, reviews: Sequence[Review]) -> tuple[Ranked, ...]:
    findings = tuple(finding for review in reviews for finding in _grounded(review, change))
    verdicts = tuple(verdict for review in reviews for verdict in review.verdicts)
    asked = partial(_asked_families, reviews)
    clusters = merge(findings, change.diff, asked=asked, verdicts=verdicts)
    ranked = rank(clusters, asked=asked, comments=change.policy.comments)
    _nothing_lost(findings, ranked)
    return ranked


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


def _left_open(review: Review) -> set[str]:
    """Files the seat says it could not judge, and said nothing else about."""
    return {page.path for page in review.could_not_judge} - {draft.path for draft in review.drafts}


def _unjudged(record: RunRecord) -> tuple[Gap, ...]:
    """Files that every seat that answered left open: nobody looked at them. Rules leave nothing open, and understand
    nothing: they count where no model answered.
    """
    answered = [review for review in record.reviews if review.seat.lenses and review.state in ASKED]
    models = [review for review in answered if not is_rule(review.seat.member.family)]
    left_open = [_left_open(review) for review in models or answered]
    nobody = set.intersection(*left_open) if left_open else set()
    why = {page.path: page.why for review in record.reviews for page in review.could_not_judge}
    return tuple(gap(file, why[file.path]) for file in record.change.diff.files if file.path in nobody)


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
                and path not in _left_open(review)
            }
        )
    )


def _nothing_lost(findings: Sequence[Finding], ranked: Sequence[Ranked]) -> None:
    """Found = inline + summary + withheld, checked in every run (DESIGN 1.4). A miss is a bug of ours."""
    placed = sum(len(row.cluster.findings) for row in ranked)
    if placed != len(findings):
        raise RuntimeError(f"{len(findings)} findings were made and {placed} were placed")


def _report(record: RunRecord, ranked: Sequence[Ranked]) -> Report:
    change, reviews, unjudged = record.change, record.reviews, _unjudged(record)
    return Report(
        change=ReportChange(
            repository=change.repository,
            number=change.number,
            base_sha=change.base_sha,
            head_sha=change.head_sha,
            files=record.files,
            additions=record.additions,
            deletions=record.deletions,
            tier=record.stakes.tier,
            tier_reason=record.stakes.reason,
        ),
        complete=record.whole
        and not unjudged
        and all(review.state == "ok" for review in reviews if review.seat.lenses),
        seats=tuple(map(report_seat, reviews)),
        findings=tuple(report_finding(place, row) for place, row in enumerate(ranked, start=1)),
        not_covered=not_covered((*record.not_covered, *unjudged), reviews),
        spent=spent(reviews),
        budget=ReportBudget(usd=record.budget.usd, tokens=record.budget.tokens),
        notes=record.notes,
        prompts=record.prompts,
        run=Run(
            id=record.id,
            version=record.version,
            started=record.started,
            seconds=record.seconds,
            policy_hash=digest(change.policy.model_dump_json()),
        ),
    )
