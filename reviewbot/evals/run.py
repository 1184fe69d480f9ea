"""A suite reviewed by a council, case by case as a pull request would be, and each finding judged.

The council and the judge are given; a case that cannot be reviewed has failed, with the reason, and stops no other.
Knows no file and prints nothing.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple

from reviewbot.change import Change, parse_diff
from reviewbot.change.write import write_diff
from reviewbot.council import ASKED, Invited
from reviewbot.council.budget import Account, Resumed
from reviewbot.errors import NoCouncil, ReviewbotError
from reviewbot.evals.model import Case, CaseResult, JudgedFinding, Label, SeatResult, Suite
from reviewbot.findings import is_rule
from reviewbot.pipeline import hear, judge
from reviewbot.record import RunRecord
from reviewbot.report import Report
from reviewbot.report.model import ReportFinding
from reviewbot.settings import Operator, Policy
from reviewbot.sources.intent import stated


class Opinion(NamedTuple):
    """What the judge makes of one finding."""

    label: Label
    golden: tuple[int, ...] = ()
    """Which goldens of the case it tells of, from 0."""
    because: str = ""


class Opinions(NamedTuple):
    """What the judge makes of a report."""

    of: Mapping[str, Opinion]
    """By the finding's id; one that is not here is unjudged."""
    usd: float | None = 0.0
    why_not: str = ""
    """Why nothing was judged; empty where something was."""


Seat = Callable[[Case], Sequence[Invited]]
"""The council of a case. Raises ReviewbotError."""
Judging = Callable[[Case, Report], Awaitable[Opinions]]
Diffs = Callable[[Case], str]
"""The diff of a case whose suite has none. Raises ReviewbotError."""


class Course(NamedTuple):
    """How a suite is gone through."""

    operator: Operator
    seat: Seat
    judging: Judging
    policy: Policy = Policy()
    diff_of: Diffs = lambda case: case.diff
    records: Mapping[str, RunRecord] | None = None
    """Runs that were recorded, by case: nobody is asked again. None: everybody is asked."""
    accounts: Sequence[Account] = ()
    at_once: int = 4
    """Cases under way at the same time."""


class Reviewed(NamedTuple):
    """A case with what came of it; the run is None where it failed."""

    case: Case
    result: CaseResult
    record: RunRecord | None = None
    judging_usd: float | None = 0.0


async def run_suite(suite: Suite, course: Course, told: Callable[[Reviewed], None]) -> tuple[Reviewed, ...]:
    """All cases in the suite's order. `told` hears of each when it has ended."""
    places = asyncio.Semaphore(course.at_once)

    async def one(case: Case) -> Reviewed:
        async with places:
            reviewed = await _review(case, course)
        told(reviewed)
        return reviewed

    return tuple(await asyncio.gather(*map(one, suite.cases)))


def key_of(case: Case) -> str:
    """The id of a case's runs: always the same, so that its prompts are too, and an answer is recalled by them."""
    return hashlib.sha256(f"{case.id}\0{case.diff}".encode(errors="surrogatepass")).hexdigest()[:32]


async def _review(case: Case, course: Course) -> Reviewed:
    try:
        case = case.model_copy(update={"diff": _diff_of(case, course)})
        record = await _hear(case, course)
    except ReviewbotError as e:
        return Reviewed(case, _failed(_blank(case), str(e)))
    report = judge(record)
    if unheard := _unheard(report):
        return Reviewed(case, _failed(_result(case, report, Opinions({})), unheard))
    opinions = await _judged_by(course.judging, case, report)
    result = _result(case, report, opinions)
    if opinions.why_not:
        result = _failed(result, f"was not judged: {opinions.why_not}")
    return Reviewed(case, result, record, opinions.usd)


async def _judged_by(judging: Judging, case: Case, report: Report) -> Opinions:
    """A judge that fails fails the case, and none of what was paid for is lost."""
    if not report.findings:
        return Opinions({})
    try:
        return await judging(case, report)
    except ReviewbotError as e:
        return Opinions({}, why_not=str(e))


def _diff_of(case: Case, course: Course) -> str:
    """What is under review; of a recorded run whose suite has no diff, what the council saw."""
    record = (course.records or {}).get(case.id)
    if record is not None and not case.diff:
        return write_diff(record.change.diff).decode("utf-8", "surrogateescape")
    return course.diff_of(case)


def _unheard(report: Report) -> str:
    """Why nobody looked, where no model answered, or of rules alone none; empty where somebody did."""
    models = [seat for seat in report.seats if not is_rule(seat.family)]
    seats = models or report.seats
    if not seats or any(seat.state in ASKED for seat in seats):
        return ""
    reasons = dict.fromkeys(f"{seat.member} {seat.state}: {seat.detail}" for seat in seats)
    return str(NoCouncil("council", "no seat answered", "; ".join(reasons)))


def _failed(result: CaseResult, why: str) -> CaseResult:
    """Not looked at, which is no silence: it has no findings and is in no figure."""
    return result.model_copy(update={"failed": why, "complete": False, "findings": ()})


async def _hear(case: Case, course: Course) -> RunRecord:
    if course.records is not None:
        if case.id not in course.records:
            raise _no_record(case)
        was_shown = write_diff(course.records[case.id].change.diff).decode("utf-8", "surrogateescape")
        if case.diff != was_shown and course.records[case.id].id != key_of(case):
            raise ReviewbotError(case.id, "its record is of another change", "run it again with --records")
        return course.records[case.id]
    change = Change(
        diff=parse_diff(case.diff.encode("utf-8", "surrogateescape")),
        policy=course.policy,
        policy_from="the evaluation",
        description=case.id,
        intent=stated(case.title, case.body),
    )
    run = Resumed(id=key_of(case))
    return await hear(change, course.operator, course.seat(case), resumed=run, accounts=course.accounts)


def _no_record(case: Case) -> ReviewbotError:
    return ReviewbotError(case.id, "has no record", "run the suite once with --records, or leave --replay out")


def _blank(case: Case) -> CaseResult:
    return CaseResult(
        id=case.id, golden=case.golden, twin_of=case.twin_of, language=case.language, lens=case.lens, kind=case.kind
    )


def _result(case: Case, report: Report, opinions: Opinions) -> CaseResult:
    return _blank(case).model_copy(
        update={
            "tier": report.change.tier,
            "complete": report.complete,
            "findings": tuple(_judged(finding, opinions) for finding in report.findings),
            "seats": tuple(
                SeatResult(
                    member=seat.member,
                    family=seat.family,
                    lens=seat.lens,
                    state=seat.state,
                    findings=seat.findings,
                    usd=seat.usd,
                    seconds=seat.seconds,
                    detail=seat.detail,
                )
                for seat in report.seats
            ),
            "usd": report.spent.usd,
            "seconds": report.run.seconds,
        }
    )


def _judged(finding: ReportFinding, opinions: Opinions) -> JudgedFinding:
    opinion = opinions.of.get(finding.id, Opinion("unjudged", because=opinions.why_not))
    return JudgedFinding(
        id=finding.id,
        rank=finding.rank,
        title=finding.title,
        path=finding.path,
        line=finding.line,
        lens=finding.lens,
        category=finding.category,
        severity=finding.severity,
        probability=finding.probability,
        placement=finding.placement,
        voices=tuple(dict.fromkeys((voice.member, voice.lens) for voice in finding.voices)),
        label=opinion.label,
        golden=opinion.golden,
        because=opinion.because,
    )
