"""The story on one page: a change is heard by the council, and what was heard is judged.

`hear` asks and waits; its record holds everything that was said. `judge` is a pure function of the record, so a
recorded run gives the same report again. Nothing here prints or posts.
"""

import secrets
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import partial
from importlib.metadata import version

from reviewbot.change import Change, Gap
from reviewbot.council import ASKED, Brief, Invited, Ledger, Lens, Progress, Review, Seat, ask_council
from reviewbot.council.budget import NOTHING_HELD, Resumed
from reviewbot.council.plan import gap
from reviewbot.council.prompt import digest, load_lenses, read_page, standing_orders, wire_schema
from reviewbot.council.reading import read_change, show_reading
from reviewbot.errors import BadSettings, NoCouncil
from reviewbot.findings import RULES, Finding, Ranked, ground, merge, rank
from reviewbot.record import RunRecord
from reviewbot.report import Report
from reviewbot.report.compose import not_covered, report_finding, report_seat, spent
from reviewbot.report.model import ReportBudget, ReportChange, Run
from reviewbot.settings import Operator, Policy


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


async def hear(
    change: Change,
    settings: Operator,
    council: Sequence[Invited],
    progress: Progress = _unwatched,
    resumed: Resumed | None = None,
) -> RunRecord:
    """Ask every seat about the change. The record keeps the change as it was shown, with its secrets redacted."""
    began, started = time.monotonic(), datetime.now(UTC)
    key, spent = (resumed.id, resumed.spent) if resumed else (secrets.token_hex(16), NOTHING_HELD)
    shared, lenses = read_page("shared.md"), load_lenses(change.lenses)
    asked = _asked_lenses(lenses, settings, change.policy)
    budget = settings.budget.within(change.policy.budget)
    reading = read_change(change, settings)
    reviews: tuple[Review, ...] = ()
    if reading.change.diff.files:
        orders = standing_orders(shared, reading.change)
        shown, not_shown = show_reading(reading, settings, orders, key)
        brief = Brief(
            change=reading.change,
            rules=orders,
            shown=shown,
            schema=wire_schema(lenses.values()),
            not_shown=not_shown,
            max_output_tokens=settings.max_output_tokens,
            seconds=settings.seconds,
        )
        heard = await ask_council(council, asked, brief, ledger=Ledger(budget, spent), progress=progress)
        reviews = tuple(_in_closed_list(review, lenses.values()) for review in heard)
        if not reviews:
            names = " or ".join(lens.name for lens in asked)
            raise NoCouncil("council", f"nobody who sits can look at {names}", "seat a model: reviewbot check --help")
    return RunRecord(
        id=key,
        version=version("reviewbot"),
        started=started.isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 2),
        change=reading.change,
        files=len(change.diff.files) + len(change.unread),
        additions=change.diff.additions,
        deletions=change.diff.deletions,
        prompts=_sent(shared, asked) if any(invited.reads_prompts for invited in council) else {},
        reviews=reviews,
        not_covered=reading.gaps,
        whole=not reading.unread,
        budget=budget,
    )


def judge(record: RunRecord) -> Report:
    """What the council said, looked up in the diff, merged and ranked. The same record gives the same report."""
    findings = tuple(
        finding for review in record.reviews for finding in ground(review.drafts, record.change.diff, seat=review.seat)
    )
    asked = partial(_asked_families, record.reviews)
    clusters = merge(findings, record.change.diff, asked=asked)
    ranked = rank(clusters, asked=asked, comments=record.change.policy.comments)
    _nothing_lost(findings, ranked)
    return _report(record, ranked)


def _asked_lenses(lenses: Mapping[str, Lens], settings: Operator, policy: Policy) -> tuple[Lens, ...]:
    """The operator's choice, else the policy's, else all of them."""
    wanted = settings.lenses or policy.lenses or tuple(lenses)
    if unknown := next((name for name in wanted if name not in lenses), None):
        near = get_close_matches(unknown, lenses, n=1)
        remedy = f"did you mean {near[0]}?" if near else "known: " + ", ".join(lenses)
        raise BadSettings(f"lens {unknown}", "there is no such lens", remedy)
    return tuple(lenses[name] for name in dict.fromkeys(wanted))


def _sent(shared: str, lenses: Iterable[Lens]) -> dict[str, str]:
    return {"shared": digest(shared)} | {lens.name: digest(lens.text) for lens in lenses}


def _in_closed_list(review: Review, lenses: Iterable[Lens]) -> Review:
    """A category that is on no lens's list is "other": a server need not hold its model to the schema."""
    known = {category for lens in lenses for category in lens.categories}
    drafts = tuple(
        draft if draft.category in known else draft.model_copy(update={"category": "other"}) for draft in review.drafts
    )
    return review.model_copy(update={"drafts": drafts})


def _left_open(review: Review) -> set[str]:
    """Files the seat says it could not judge, and said nothing else about."""
    return {page.path for page in review.could_not_judge} - {draft.path for draft in review.drafts}


def _unjudged(record: RunRecord) -> tuple[Gap, ...]:
    """Files that every seat that answered left open: nobody looked at them."""
    answered = [_left_open(review) for review in record.reviews if review.state in ASKED]
    nobody = set.intersection(*answered) if answered else set()
    why = {page.path: page.why for review in record.reviews for page in review.could_not_judge}
    return tuple(gap(file, why[file.path]) for file in record.change.diff.files if file.path in nobody)


def _asked_families(reviews: Iterable[Review], lens: str, path: str) -> tuple[str, ...]:
    """Families whose seat for this lens finished on this file. Rules are not asked: their silence says nothing."""
    return tuple(
        sorted(
            {
                review.seat.member.family
                for review in reviews
                if review.seat.lens == lens
                and review.state in ASKED
                and review.seat.member.family != RULES
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
            tier="standard",
            tier_reason="the default",
        ),
        complete=record.whole and not unjudged and all(review.state == "ok" for review in reviews),
        seats=tuple(map(report_seat, reviews)),
        findings=tuple(report_finding(place, row) for place, row in enumerate(ranked, start=1)),
        not_covered=not_covered((*record.not_covered, *unjudged), reviews),
        spent=spent(reviews),
        budget=ReportBudget(usd=record.budget.usd, tokens=record.budget.tokens),
        prompts=record.prompts,
        run=Run(
            id=record.id,
            version=record.version,
            started=record.started,
            seconds=record.seconds,
            policy_hash=digest(change.policy.model_dump_json()),
        ),
    )
