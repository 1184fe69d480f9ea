"""The labelled facts of a report, in the order every format prints them. Raw text: each format makes it safe.

A fact that is empty has nothing to say and is left out.
"""

from reviewbot.council import ASKED, CHALLENGE
from reviewbot.report.dissent import Wording, challenged, models, other_wordings, refuted, silent, voiced
from reviewbot.report.model import Report, ReportChange, ReportFinding, ReportSeat
from reviewbot.report.wording import GIVEN_UP, commits, count, dollars, duration, listed

Entry = tuple[str, str]
"""A label and its fact."""

SEAT_FIGURES = ("found", "input", "cached", "output", "cost", "time")


def about(finding: ReportFinding) -> str:
    """Lens and category of a finding, and that not everybody holds it."""
    if refuted(finding):
        standing = ["disputed"]
    else:
        raised, asked = models(finding.raised_by), models(finding.asked)
        standing = [f"raised by {len(raised)} of {len(asked)}"] if silent(finding) else []
    return ", ".join([finding.lens, finding.category, *standing])


def assumption(finding: ReportFinding) -> tuple[Entry, ...]:
    """What a person needs to know to answer the question of an assumption finding."""
    relied = finding.assumption
    if relied is None:
        return ()
    return _told(
        ("Between", f"{relied.system_a} and {relied.system_b}"),
        ("Relies on", relied.relies_on),
        ("Guaranteed by", relied.guaranteed_by or "nobody"),
        ("Breaks when", relied.breaks_when),
        ("Disputed", challenged(finding) if refuted(finding) else ""),
    )


def evidence(finding: ReportFinding) -> tuple[Entry, ...]:
    """What speaks for and against a finding, and why it stands where it does."""
    return _told(
        ("Raised by", voiced(finding) if len(finding.asked) > 1 else ""),
        ("Challenge", "refuted, see above" if refuted(finding) else challenged(finding)),
        ("Checked", checked(finding)),
        *(("Also said", _wording(said)) for said in other_wordings(finding)),
        (
            "See also",
            listed([f"{other.path}:{other.line}" if other.line else other.path for other in finding.see_also]),
        ),
        ("Why here", finding.reason),
    )


def checked(finding: ReportFinding) -> str:
    """What looking it up came to, as far as a person should know: what failed, and an absence that holds."""
    return "; ".join(one.detail for one in finding.evidence if not one.holds or one.check == "absence")


def _wording(said: Wording) -> str:
    where = f" at {listed(said.places)}" if said.places else ""
    return f"{speaker(said.member)}, {listed(said.lenses)}, {said.severity}{where}: {said.title}"


def speaker(member: str) -> str:
    """A member's name where it is said often: of one that is a file, only the file's."""
    provider, _, path = member.partition("/")
    return path.rsplit("/", 1)[-1] if provider in {"scripted", "sarif"} else member


def sitter(seat: ReportSeat) -> str:
    """Who sits: the member, and the family it speaks for where its name does not say."""
    return seat.member if seat.member.startswith(f"{seat.family}/") else f"{seat.member} ({seat.family})"


def figures(*seats: ReportSeat) -> tuple[str, ...]:
    """What seats found and used together, under `SEAT_FIGURES`. Nothing used is a dash; a price nobody knows says so.

    Input is what was read at full price or above, the part written to a cache included. The time is that of the
    slowest: seats are asked at once.
    """
    used = [seat.usage for seat in seats]
    read = sum(usage.input + usage.cache_written for usage in used)
    tokens = (read, sum(usage.cached for usage in used), sum(usage.output for usage in used))
    prices = [seat.usd for seat in seats]
    usd = None if None in prices else sum(price or 0 for price in prices)
    return (
        f"{sum(seat.findings for seat in seats):,}" if any(map(_looked, seats)) else "-",
        *(f"{number:,}" if number else "-" for number in tokens),
        "-" if usd == 0 else dollars(usd),
        duration(max(seat.seconds for seat in seats)),
    )


def _looked(seat: ReportSeat) -> bool:
    """A challenge judges what others found: that it found nothing would be no news."""
    return seat.state in ASKED and seat.lens != CHALLENGE


def run(report: Report) -> tuple[Entry, ...]:
    """What exactly was reviewed, with what, and what it cost. What the budget gave up is for `headline.narrowed`."""
    prompts = ", ".join(f"{name} {digest[:8]}" for name, digest in sorted(report.prompts.items()))
    return _told(
        ("Reviewed", _change(report.change)),
        ("Spent", _spent(report)),
        *(("Note", note) for note in report.notes if not note.startswith(GIVEN_UP)),
        ("Policy", report.run.policy_hash[:12]),
        ("Prompts", prompts),
        ("Run", f"{report.run.id[:12]}, {report.run.started}, reviewbot {report.run.version}"),
    )


def _change(change: ReportChange) -> str:
    pull = f"{change.repository or ''}#{change.number}" if change.number is not None else change.repository
    size = f"{count(change.files, 'file')}, +{change.additions:,} -{change.deletions:,}"
    tier = f"{change.tier} tier ({change.tier_reason})" if change.tier_reason else f"{change.tier} tier"
    return "; ".join(part for part in (pull, commits(change), size, tier) if part)


def _spent(report: Report) -> str:
    total, budget = report.spent, report.budget
    took = duration(report.run.seconds)
    if total.usd == 0 and not total.input + total.output:
        return f"nothing, {took}"
    known = sum(seat.usd or 0 for seat in report.seats)
    cost = f"an unknown amount, at least {dollars(known)}" if total.usd is None else dollars(total.usd)
    ceiling = "" if budget.usd is None else f" of at most {dollars(budget.usd)}"
    most = "" if budget.tokens is None else f" (at most {budget.tokens:,} tokens)"
    tokens = f"{total.input:,} tokens in, {total.cached:,} of them cached, {total.output:,} out"
    return f"{cost}{ceiling}; {tokens}{most}; {took}"


def _told(*entries: Entry) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry[1].strip())
