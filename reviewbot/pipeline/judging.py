"""From the record of a run to its report: a pure function, so the same record gives the same report."""

from collections.abc import Sequence

from reviewbot.change import Gap
from reviewbot.council import ASKED
from reviewbot.council.prompt import digest
from reviewbot.council.skip import gap
from reviewbot.findings import Ranked, is_rule
from reviewbot.pipeline.weighing import left_open, ranked_of
from reviewbot.record import RunRecord
from reviewbot.report import Report
from reviewbot.report.compose import not_covered, report_finding, report_seat, spent
from reviewbot.report.model import ReportBudget, ReportChange, Run


def judge(record: RunRecord) -> Report:
    """What the council said, looked up in the diff, merged and ranked."""
    return _report(record, ranked_of(record))


def _unjudged(record: RunRecord) -> tuple[Gap, ...]:
    """Files that every seat that answered left open: nobody looked at them. Rules leave nothing open, and understand
    nothing: they count where no model answered.
    """
    answered = [review for review in record.reviews if review.seat.lenses and review.state in ASKED]
    models = [review for review in answered if not is_rule(review.seat.member.family)]
    open_to_each = [left_open(review) for review in models or answered]
    nobody = set.intersection(*open_to_each) if open_to_each else set()
    why = {page.path: page.why for review in record.reviews for page in review.could_not_judge}
    return tuple(gap(file, why[file.path]) for file in record.change.diff.files if file.path in nobody)


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
        findings=tuple(report_finding(place, row, ranked) for place, row in enumerate(ranked, start=1)),
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
