"""What a judged suite says of its council: figures with intervals, and who found what at which price. Pure.

Posted is what stood at its line. A case that failed was not looked at: it is counted as failed and is in no figure.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

from reviewbot.council import ASKED, CHALLENGE
from reviewbot.evals.figures import Measured, measure
from reviewbot.evals.model import CaseResult, EvalResult, JudgedFinding, Label, SeatResult
from reviewbot.evals.score import Goldens, Listed, Tally, tally
from reviewbot.facts import Fact

Voice = Literal["member", "lens"]
DIGITS = 6


class Slice(Fact):
    """How one lens, member, tier or language did on the cases it finished."""

    name: str
    cases: int
    goldens: int
    """Of these cases; for a lens its own and those that are nobody's in particular."""
    found: int
    """Of these goldens, those that a finding with its voice tells of, wherever it was shown."""
    posted: int
    """The same, at its line."""
    elsewhere: int
    """For a lens: goldens of other lenses that it tells of."""
    findings: int
    labels: dict[Label, int]
    """Of these findings."""
    clean: int
    """Cases without a golden."""
    alarms: int
    """Findings posted on clean cases."""
    murmurs: int
    """Findings of clean cases that stood in the summary or nowhere."""
    usd: float | None
    """None where a price is unknown."""
    usd_per_true: float | None
    """By golden found; None where the price is unknown or nothing was found."""


class Part(NamedTuple):
    """Of a case, what belongs to a slice."""

    case: CaseResult
    findings: Sequence[JudgedFinding]
    own: Goldens


class Summary(Fact):
    """A whole result. `usd_per_true` is the council's price, the judge's apart, by golden found."""

    cases: int
    failed: tuple[str, ...]
    incomplete: int
    """Reviewed cases of which some seat failed or some lines were not covered."""
    goldens: int
    found: int
    clean: int
    twins: int
    """Cases reviewed together with their twin, which looks alike and is right."""
    told_apart: int
    """Of these, those whose defects were found while nothing was posted on the twin."""
    labels: dict[Label, int]
    figures: dict[str, Measured]
    lenses: tuple[Slice, ...]
    members: tuple[Slice, ...]
    tiers: tuple[Slice, ...]
    languages: tuple[Slice, ...]
    usd: float | None
    judge_usd: float | None
    usd_per_true: float | None


def metrics(result: EvalResult) -> Summary:
    """Everything that is said of a result, by the page, in JSON and as text."""
    reviewed = [case for case in result.cases if case.failed is None]
    findings = [finding for case in reviewed for finding in case.findings]
    found = sum(len(_told(case, case.findings)) for case in reviewed)
    usd = _sum(case.usd for case in result.cases)
    by_id = {case.id: case for case in reviewed}
    twins = [(by_id[twin.twin_of], twin) for twin in reviewed if twin.twin_of in by_id]
    return Summary(
        cases=len(reviewed),
        failed=tuple(case.id for case in result.cases if case.failed is not None),
        incomplete=sum(not case.complete for case in reviewed),
        goldens=sum(len(case.golden) for case in reviewed),
        found=found,
        clean=sum(not case.golden for case in reviewed),
        twins=len(twins),
        told_apart=sum(
            _told(case, case.findings) == _numbers(case) and not _inline(twin.findings) for case, twin in twins
        ),
        labels=_labels(findings),
        figures=measure([*map(tally_case, reviewed)], [*map(group_of, reviewed)]),
        lenses=_by_voice(reviewed, "lens"),
        members=_by_voice(reviewed, "member"),
        tiers=_by_case(reviewed, lambda case: case.tier),
        languages=_by_case(reviewed, lambda case: case.language),
        usd=usd,
        judge_usd=result.judge.usd,
        usd_per_true=_each(usd, found),
    )


def unseen(case: CaseResult) -> tuple[str, ...]:
    """Why a reviewed case is not complete, each reason once; empty where it is."""
    if case.complete or case.failed is not None:
        return ()
    seats = [f"{seat.member} {seat.state}: {seat.detail}".rstrip(": ") for seat in case.seats if seat.state != "ok"]
    judged = [f"not judged: {one.because}".rstrip(": ") for one in case.findings if one.label == "unjudged"]
    return tuple(dict.fromkeys((*seats, *judged))) or ("some lines were not covered",)


def tally_case(case: CaseResult) -> Tally:
    """The counts of one reviewed case. Strictly, what is plausible or unjudged is false."""
    listed = [Listed(_goldens(case, finding), finding.placement == "inline") for finding in case.findings]
    posted = Counter(finding.label for finding in case.findings if finding.placement == "inline")
    counted = tally(case.id, listed, {number: golden.severity for number, golden in enumerate(case.golden)})
    judged = {"labelled": posted.total(), "plausible": posted["plausible"], "unjudged": posted["unjudged"]}
    return counted.model_copy(update=judged)


def group_of(case: CaseResult) -> str:
    """A case and its twin are drawn together: they are nearly the same change."""
    return case.twin_of or case.id


def _goldens(case: CaseResult, finding: JudgedFinding) -> Goldens:
    """What it tells of; a number that is no golden's is passed over."""
    return frozenset(finding.golden) & _numbers(case) if finding.label == "confirmed" else frozenset()


def _told(case: CaseResult, findings: Iterable[JudgedFinding]) -> Goldens:
    return frozenset().union(*(_goldens(case, finding) for finding in findings))


def _labels(findings: Iterable[JudgedFinding]) -> dict[Label, int]:
    counted = Counter(finding.label for finding in findings)
    return {label: counted[label] for label in ("confirmed", "plausible", "fabricated", "unjudged")}


def _by_case(cases: Sequence[CaseResult], name_of: Callable[[CaseResult], str]) -> tuple[Slice, ...]:
    """Slices by something of the case; a case without it is in none."""
    slices = []
    for name in sorted({name_of(case) for case in cases} - {""}):
        parts = [Part(case, case.findings, _numbers(case)) for case in cases if name_of(case) == name]
        slices.append(_slice(name, parts, _sum(part.case.usd for part in parts)))
    return tuple(slices)


def _by_voice(cases: Sequence[CaseResult], kind: Voice) -> tuple[Slice, ...]:
    """Slices by who spoke, each over the cases in which it finished: a call that failed is not a miss.

    A member that only challenged looked for nothing and has no slice.
    """
    slices = []
    for name in sorted({getattr(seat, kind) for case in cases for seat in case.seats if _looks(seat, kind)}):
        seats = [(case, seat) for case in cases for seat in case.seats if getattr(seat, kind) == name]
        finished = {case.id for case, seat in seats if seat.state in ASKED and _looks(seat, kind)}
        parts = [Part(case, _voiced(case, name, kind), _own(case, name, kind)) for case in cases if case.id in finished]
        slices.append(_slice(name, parts, _sum(seat.usd for _, seat in seats)))
    return tuple(slices)


def _looks(seat: SeatResult, kind: Voice) -> bool:
    return kind == "lens" or seat.lens != CHALLENGE


def _voiced(case: CaseResult, name: str, kind: Voice) -> list[JudgedFinding]:
    part = 0 if kind == "member" else 1
    return [finding for finding in case.findings if any(voice[part] == name for voice in finding.voices)]


def _own(case: CaseResult, name: str, kind: Voice) -> Goldens:
    """Any member should find any golden; a lens those of its own question, and those that are nobody's."""
    if kind == "member":
        return _numbers(case)
    return frozenset(number for number, golden in enumerate(case.golden) if golden.lens in {None, name})


def _numbers(case: CaseResult) -> Goldens:
    return frozenset(range(len(case.golden)))


def _slice(name: str, parts: Sequence[Part], usd: float | None) -> Slice:
    told = [(part, _told(part.case, part.findings)) for part in parts]
    found = sum(len(goldens & part.own) for part, goldens in told)
    elsewhere = sum(len(goldens - part.own) for part, goldens in told)
    quiet = [part for part in parts if not part.case.golden]
    shown = Counter(finding.placement == "inline" for part in quiet for finding in part.findings)
    return Slice(
        name=name,
        cases=len(parts),
        goldens=sum(len(part.own) for part in parts),
        found=found,
        posted=sum(len(_told(part.case, _inline(part.findings)) & part.own) for part in parts),
        elsewhere=elsewhere,
        findings=sum(len(part.findings) for part in parts),
        labels=_labels(finding for part in parts for finding in part.findings),
        clean=len(quiet),
        alarms=shown[True],
        murmurs=shown[False],
        usd=usd,
        usd_per_true=_each(usd, found + elsewhere),
    )


def _inline(findings: Iterable[JudgedFinding]) -> list[JudgedFinding]:
    return [finding for finding in findings if finding.placement == "inline"]


def _sum(prices: Iterable[float | None]) -> float | None:
    """None where one is unknown."""
    known: list[float] = []
    for price in prices:
        if price is None:
            return None
        known.append(price)
    return round(math.fsum(known), DIGITS)


def _each(usd: float | None, found: int) -> float | None:
    return round(usd / found, DIGITS) if usd is not None and found else None
