"""The one comment that sums a review up, and the line of a review that only points to it.

What needs a person stands in the open, what can wait is folded. On a page that is too small whole findings are left
out, from the lowest rank, and counted (THREATS G19, G31). Knows a report and its standing in the conversation, nothing
of how either came about or is posted.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from reviewbot.report import entries
from reviewbot.report.fitting import cut, fitted, size
from reviewbot.report.headline import (
    causes,
    disputes,
    incomplete,
    narrowed,
    notice,
    outcome,
    questions,
    tally,
    uncovered,
    unheard,
    withheld,
)
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.passages import fold, gap_lists, linked, listed, seat_table
from reviewbot.report.ranked import LINE, brief, told
from reviewbot.report.safe import code_span, inline
from reviewbot.report.standing import Standing
from reviewbot.report.wording import count
from reviewbot.report.wording import listed as named

_FRAME = 1_500
"""Bytes kept back for headings, folds and counts."""
_SHARE = 16
"""Notices, and each fold beside the findings, have at most this part of the page: most is for the findings."""


def render_summary(report: Report, standing: Standing, *, limit: int = 60_000) -> str:
    """The Markdown of the summary in at most `limit` bytes of UTF-8 (20,000 or more), so never more characters.

    Each finding of the report is told here, or in a comment linked from here, or is counted as settled or as not shown.
    The first in rank order is always shown.
    """
    settled = tuple(finding for finding in report.findings if finding.id in standing.quiet)
    live = report.model_copy(update={"findings": tuple(f for f in report.findings if f.id not in standing.quiet)})
    opening = "\n\n".join(filter(None, _opening(live, settled, standing, limit // _SHARE)))
    folds = "\n\n".join(filter(None, _folds(report, settled, standing, limit // _SHARE)))
    findings = _findings(live, standing, limit - _FRAME - size(opening) - size(folds))
    return "\n\n".join(filter(None, (opening, *findings, folds))) + "\n"


def review_body(report: Report, standing: Standing) -> str:
    """What the review itself says: how many comments it brings, and where the rest is."""
    said = {*standing.comments, *standing.quiet}
    new = sum(finding.placement == "inline" and finding.id not in said for finding in report.findings)
    rest = "What needs an answer, and all that has no line of its own, is in the summary comment."
    return f"{count(new, 'finding')} at {'its line' if new == 1 else 'their lines'}. {rest}" if new else rest


def render_skipped(why: str) -> str:
    """What stands where a summary would, for a pull request that nobody looked at."""
    return f"**Not reviewed:** {inline(cut(why, LINE))}\n"


def _opening(live: Report, settled: Sequence[ReportFinding], standing: Standing, room: int) -> Iterator[str]:
    """What everybody reads: what to know first, how it ended, what is missing from it, what was read."""
    sentences = (sentence for sentence in (notice(live), *standing.notices) if sentence)
    yield from fitted((f"*{inline(cut(sentence, 3 * LINE))}*" for sentence in sentences), room)
    yield f"### {_heading(live, settled, standing)}"
    for shortfall, why in ((incomplete(live), causes(live)), (uncovered(live), ()), (narrowed(live), ())):
        yield f"**{inline(cut(shortfall, 3 * LINE))}**" if shortfall else ""
        yield "\n".join(fitted((f"- {inline(cut(cause, 3 * LINE))}" for cause in why), room))
    yield " ".join(filter(None, _conversation(live, settled, standing)))


def _heading(live: Report, settled: Sequence[ReportFinding], standing: Standing) -> str:
    """How it ended. Nobody sat for a push that changed nothing since the last review: a rebase, a file taken out."""
    if standing.since and not live.seats:
        return ". ".join(filter(None, (f"Nothing new to read since {code_span(standing.since[:7])}", tally(live))))
    if settled and not live.findings and not unheard(live):
        return f"Nothing new: {count(len(settled), 'finding')} settled before"
    return inline(cut(outcome(live), LINE))


def _conversation(live: Report, settled: Sequence[ReportFinding], standing: Standing) -> Iterator[str]:
    yield _reviewed(live, standing)
    if settled:
        reasons = Counter(standing.quiet[finding.id] for finding in settled).most_common(3)
        only = len(reasons) == 1
        said = named([cut(why, LINE // 2) if only else f"{number:,} {cut(why, LINE // 2)}" for why, number in reasons])
        yield f"{count(len(settled), 'finding')} left quiet: {inline(f'{said}.')}"
    if standing.resolved:
        yield f"{count(standing.resolved, 'earlier thread')} closed: the code has changed."


def _reviewed(live: Report, standing: Standing) -> str:
    """Which commit the review is of, and how much of it was read now."""
    head = code_span((live.change.head_sha or "")[:7])
    kept = f"; {count(len(standing.unchanged), 'unchanged file')} as reviewed there" if standing.unchanged else ""
    changed = f"what changed since {code_span(standing.since[:7])}{kept}" if standing.since and live.seats else ""
    said = ": ".join(filter(None, (f"Reviewed {head}" if head else "Read" if changed else "", changed)))
    return f"{said}." if said else ""


def _findings(live: Report, standing: Standing, room: int) -> Iterator[str]:
    """What needs a person in the open, the rest folded; what has no room is counted."""
    order = sorted(live.findings, key=lambda finding: finding.rank)
    texts = dict(zip((finding.rank for finding in order), _that_fit(order, live, standing, room), strict=False))
    asking, contested, hidden = ({finding.rank for finding in kind(live)} for kind in (questions, disputes, withheld))
    for heading, ranks in (("Questions for a person", asking), ("Disputed", contested)):
        shown = [text for rank, text in texts.items() if rank in ranks]
        yield "\n\n".join((f"#### {heading}", *shown)) if shown else ""
    others = asking | contested | hidden
    rest = [text for rank, text in texts.items() if rank not in others]
    kind = "more finding" if asking or contested else "finding"
    is_open = not (asking or contested) or any(_stands_only_here(f, standing) for f in order if f.rank not in others)
    yield fold(f"{count(len(rest), kind)}, in rank order", rest, is_open=is_open)
    unseen = [text for rank, text in texts.items() if rank in hidden]
    yield fold(f"{count(len(unseen), 'finding')} withheld", unseen)
    left = len(order) - len(texts)
    yield f"**{count(left, 'finding')} not shown here:** the page is full. The JSON report holds all." if left else ""


def _stands_only_here(finding: ReportFinding, standing: Standing) -> bool:
    """Whether nobody would see a bad finding that is folded away: it has no comment of its own."""
    return finding.severity in {"critical", "high"} and finding.id not in standing.comments


def _that_fit(order: Iterable[ReportFinding], report: Report, standing: Standing, room: int) -> Iterator[str]:
    """The findings in rank order, as long as there is room: the last in short if it does not fit in full."""
    for finding in order:
        text = told(finding, report, standing)
        fits = size(text) <= room
        text = text if fits else brief(finding, standing)
        room -= size(text) + 2
        if room >= 0:
            yield text
        if not fits:
            return


def _folds(report: Report, settled: Sequence[ReportFinding], standing: Standing, room: int) -> Iterator[str]:
    """What can wait, each fold in as much room: what was said before, then how this review came about."""
    yield _some("earlier comment", "still open", tuple(_open_before(standing)), room)
    quiet = [f"- {brief(finding, standing)}: {inline(cut(standing.quiet[finding.id], LINE))}" for finding in settled]
    yield fold("What was left quiet, and why", (_as_many(quiet, room),))
    gaps = sorted(report.not_covered, key=lambda gap: gap.why)
    kept = len(fitted((f"{code_span(gap.path)}{inline(gap.why)}" for gap in gaps), room))
    yield fold(f"{count(len(gaps), 'part')} not covered", (*gap_lists(gaps[:kept]), _more(len(gaps) - kept)))
    unchanged = [f"- {code_span(path)}" for path in standing.unchanged]
    yield _some("file", "not read again: unchanged", unchanged, room)
    facts = fitted((listed([fact]) for fact in _run(report, standing)), room)
    yield fold("What was reviewed, by whom, at what cost", ("\n".join(facts), *fitted(seat_table(report.seats), room)))


def _some(noun: str, state: str, lines: Sequence[str], room: int) -> str:
    """A folded list, as far as there is room. Its title has the number of all."""
    return fold(f"{count(len(lines), noun)} {state}", (_as_many(lines, room),))


def _as_many(lines: Sequence[str], room: int) -> str:
    kept = fitted(lines, room)
    return "\n\n".join(filter(None, ("\n".join(kept), _more(len(lines) - len(kept)))))


def _more(number: int) -> str:
    return f"... and {number:,} more" if number else ""


def _open_before(standing: Standing) -> Iterator[str]:
    for url, title in standing.open_before.items():
        yield f"- {inline(cut(title, LINE))} ({linked('thread', url)})"


def _run(report: Report, standing: Standing) -> Iterator[entries.Entry]:
    yield from ((label, cut(fact, LINE)) for label, fact in entries.run(report))
    if standing.up or standing.down:
        yield "Reactions", f"{standing.up:,} for, {standing.down:,} against our comments so far"
