"""From what was heard and ranked to the one value every format prints.

Whatever a member said has its secrets taken out here, once, so no format and no mark holds any (THREATS S25). Paths,
names and numbers are the diff's and ours: they stay as they are, because a place is found again by them.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reviewbot.change import Gap
from reviewbot.council import Review
from reviewbot.findings import Assumption, Finding, Ranked, Unjudged
from reviewbot.findings.evidence import counted_checks
from reviewbot.findings.model import Check, Verdict
from reviewbot.findings.verdicts import heard, word_of
from reviewbot.report.masking import masked
from reviewbot.report.model import (
    Challenge,
    NotCovered,
    Place,
    ReportCheck,
    ReportFinding,
    ReportSeat,
    Spent,
    Voice,
    Word,
)
from reviewbot.report.wording import listed


def report_seat(review: Review) -> ReportSeat:
    return ReportSeat(
        member=review.seat.member.name,
        family=review.seat.member.family,
        lens=review.seat.lens,
        state=review.state,
        detail=masked("; ".join(filter(None, (review.detail, _unjudged(review.could_not_judge))))),
        findings=len(review.drafts),
        usage=review.usage,
        usd=review.usd,
        seconds=review.seconds,
    )


def _unjudged(pages: Iterable[Unjudged]) -> str:
    """What the seat itself says it could not judge, by reason: mostly code that the change does not show."""
    paths: defaultdict[str, list[str]] = defaultdict(list)
    for page in pages:
        paths[page.why].append(page.path)
    said = "; ".join(f"{', '.join(names)}: {why}" for why, names in paths.items())
    return f"could not judge {said}" if said else ""


def report_finding(place: int, row: Ranked, others: Iterable[Ranked] = ()) -> ReportFinding:
    """One ranked cluster: its first finding speaks, every wording is kept as a voice. `others` may be linked to."""
    first = row.cluster.findings[0]
    anchor = first.anchor
    assumption = next((f.draft.assumption for f in row.cluster.findings if f.draft.assumption), None)
    return ReportFinding(
        id=row.id,
        rank=place,
        severity=row.severity,
        probability=round(row.probability, 4),
        lens=first.lens,
        category=masked(first.draft.category),
        title=masked(first.draft.title),
        body=masked(first.draft.body),
        path=first.path,
        side=anchor.side if anchor else first.draft.side,
        start_line=anchor.start_line if anchor else None,
        line=anchor.line if anchor else None,
        quote=masked(first.quote),
        fix=None if first.draft.fix is None else masked(first.draft.fix),
        assumption=assumption and _assumption(assumption),
        voices=tuple(map(_voice, row.cluster.findings)),
        raised_by=row.raised_by,
        asked=row.asked,
        challenge=_challenge(row.cluster.verdicts),
        placement=row.placement,
        reason=masked(row.reason),
        evidence=tuple(_check(check) for check in counted_checks(row.cluster)),
        see_also=tuple(_place(other) for other in others if other.id in row.see_also),
    )


def _check(made: Check) -> ReportCheck:
    return ReportCheck(check=made.name, holds=made.holds, detail=masked(made.detail))


def _place(row: Ranked) -> Place:
    first = row.cluster.findings[0]
    return Place(id=row.id, path=first.path, line=first.anchor.line if first.anchor else None)


def _assumption(said: Assumption) -> Assumption:
    return said.model_copy(update={name: masked(text) for name, text in said if text is not None})


def _challenge(verdicts: Sequence[Verdict]) -> Challenge | None:
    """All that was said by those who were asked to refute it, as one."""
    hearing = heard(verdicts)
    if hearing is None:
        return None
    words = tuple(
        Word(by=said.by, verdict=word_of(said), importance=said.importance, because=masked(_reason(said)))
        for said in verdicts
    )
    several = "; ".join(f"{said.by} ({said.verdict}): {said.because.rstrip('.')}" for said in words)
    return Challenge(
        by=listed(hearing.by),
        verdict=hearing.verdict,
        importance=hearing.importance,
        because=words[0].because if len(words) == 1 else several,
        words=words,
    )


def _reason(said: Verdict) -> str:
    """A refutation counts by the line it quotes; a person is told where there is none."""
    doubted = said.verdict == "refuted" and not said.quote_stands
    return f"{said.because} (It says refuted, and quotes no line of the change.)" if doubted else said.because


def _voice(said: Finding) -> Voice:
    draft = said.draft
    return Voice(
        member=said.member,
        lens=said.lens,
        severity=draft.severity,
        title=masked(draft.title),
        body=masked(draft.body),
        path=said.path,
        side=said.anchor.side if said.anchor else draft.side,
        line=said.anchor.line if said.anchor else None,
    )


def not_covered(gaps: Iterable[Gap], reviews: Sequence[Review]) -> tuple[NotCovered, ...]:
    """What nobody read, then what some members were not shown, with their names: each path and reason once."""
    said: dict[tuple[str, int, str], list[str]] = {(gap.path, gap.lines, gap.why): [] for gap in gaps}
    for review in reviews:
        for gap in review.not_covered:
            said.setdefault((gap.path, gap.lines, gap.why), []).append(review.seat.member.name)
    return tuple(
        NotCovered(path=path, lines=lines, why=masked(why + (f" ({', '.join(dict.fromkeys(names))})" if names else "")))
        for (path, lines, why), names in said.items()
    )


def spent(reviews: Iterable[Review]) -> Spent:
    """What all seats came to. One unknown price makes the sum unknown: a part of a bill is not the bill."""
    rows = tuple(reviews)
    prices = [review.usd for review in rows]
    return Spent(
        usd=None if None in prices else round(sum(price for price in prices if price is not None), 6),
        input=sum(review.usage.input + review.usage.cached + review.usage.cache_written for review in rows),
        cached=sum(review.usage.cached for review in rows),
        output=sum(review.usage.output for review in rows),
    )
