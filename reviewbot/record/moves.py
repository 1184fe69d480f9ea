"""What today's code makes of a run that was judged before: what moved, and which reason moved it. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from reviewbot.facts import Fact
from reviewbot.findings import Ranked
from reviewbot.findings.model import Term
from reviewbot.record.run import Judgement, RunRecord
from reviewbot.report.safe import visible_line
from reviewbot.report.wording import count

TOLD: Final = 0.005
"""Of log odds: what moves less is not told."""


class Move(Fact):
    """A problem that stands elsewhere than it did. `before` or `now` is None where it is not there."""

    before: Judgement | None
    now: Judgement | None
    why: tuple[str, ...]
    """A clause each, the weightiest first."""


def judgements_of(ranked: Sequence[Ranked]) -> tuple[Judgement, ...]:
    """Where each problem stands, for the record."""
    return tuple(
        Judgement(
            id=row.id,
            rank=place,
            title=row.cluster.findings[0].draft.title,
            probability=round(row.probability, 4),
            placement=row.placement,
            reason=row.reason,
            terms=row.terms,
        )
        for place, row in enumerate(ranked, start=1)
    )


def moves(before: Sequence[Judgement], now: Sequence[Judgement]) -> tuple[Move, ...]:
    """What stands elsewhere, or for another reason, in the order of now; then what is gone."""
    was = {judgement.id: judgement for judgement in before}
    there = {judgement.id for judgement in now}
    moved = (Move(before=was.get(one.id), now=one, why=tuple(_why(was.get(one.id), one))) for one in now)
    gone = (
        Move(before=one, now=None, why=("its findings are now told under another one's name",))
        for one in before
        if one.id not in there
    )
    return (*(move for move in moved if move.why), *gone)


def _why(before: Judgement | None, now: Judgement) -> Iterator[str]:
    if before is None:
        yield "its findings were told under another one's name"
        return
    shifts = _shifts(before.terms, now.terms)
    yield from (f"{name} {was:+.2f} -> {is_now:+.2f}" for name, was, is_now in shifts)
    if before.placement != now.placement or before.reason != now.reason:
        yield f"was {before.placement}: {before.reason}; is {now.placement}: {now.reason}"
    if before.rank != now.rank and not shifts:
        yield "others passed it" if now.rank > before.rank else "it passed others"


def _shifts(before: Iterable[Term], now: Iterable[Term]) -> list[tuple[str, float, float]]:
    """Reasons of P(real) that weigh otherwise, the most changed first."""
    was, is_now = ({term.name: term.value for term in terms} for terms in (before, now))
    rows = [(name, was.get(name, 0.0), is_now.get(name, 0.0)) for name in {**was, **is_now}]
    changed = [row for row in rows if abs(row[1] - row[2]) > TOLD]
    return sorted(changed, key=lambda row: -abs(row[1] - row[2]))


def moves_text(record: RunRecord, moved: Sequence[Move]) -> str:
    """What moved, for a person: each with its place then and now, and why."""
    if record.judged is None:
        return "The record does not tell how it was judged: it was made by an earlier version.\n"
    if not record.judged and not moved:
        return f"Nothing was found when reviewbot {record.version} judged the run, and nothing is now.\n"
    if not moved:
        return f"All {count(len(record.judged), 'problem')} stand where reviewbot {record.version} put them.\n"
    rows = [f"{count(len(moved), 'problem')} moved since reviewbot {record.version} judged the run."]
    for move in moved:
        title = next(one.title for one in (move.now, move.before) if one)
        rows += ["", visible_line(f"{_place(move.before)} -> {_place(move.now)}  {title}")]
        rows += [visible_line(f"    {clause}") for clause in move.why]
    return "\n".join(rows) + "\n"


def _place(judgement: Judgement | None) -> str:
    return f"{judgement.rank} (P {judgement.probability:.2f})" if judgement else "not there"
