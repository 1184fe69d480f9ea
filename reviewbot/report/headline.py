"""How a review ended, in a line: never a verdict. "Nothing found" and "could not look" are different words here.

Also what comes before it: that no model sat, or that the answers were scripted. Knows words, not formats.
"""

from collections import Counter

from reviewbot.council import ASKED
from reviewbot.findings import RULES, SEVERITIES
from reviewbot.report.dissent import refuted
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.wording import count, listed

RULES_ALONE = (
    "No model sat: the built-in rules looked alone, at {}. To seat a model set ANTHROPIC_API_KEY, OPENAI_API_KEY or "
    'GEMINI_API_KEY, or use --model ollama/NAME with REVIEWBOT_SERVERS="ollama=http://localhost:11434/v1".'
)
DEMONSTRATION = "This is a demonstration: the answers are scripted, no model was asked."
NO_MODEL = "No model answered; only the built-in rules looked"
STANDS = "Nothing new to read, and the last review found nothing that still stands"
NAMED_GAPS = 3
"""Files not covered that are named in the line that counts them."""
PART_DEMONSTRATION = "This is partly a demonstration: the answers of {} are scripted, no model gave them."


def notice(report: Report) -> str | None:
    """What a reader has to know before the first word of the review; None for an ordinary council."""
    scripted = sorted({seat.member for seat in report.seats if seat.member.startswith("scripted/")})
    others = {seat.family for seat in report.seats if not seat.member.startswith("scripted/")}
    if scripted:
        return PART_DEMONSTRATION.format(listed(scripted)) if others - {RULES} else DEMONSTRATION
    lenses = listed([seat.lens for seat in report.seats])
    return RULES_ALONE.format(lenses) if others == {RULES} else None


def headline(report: Report) -> str:
    """How the review ended and what is missing from it, in one line."""
    return ". ".join((outcome(report), *shortfalls(report)))


def outcome(report: Report) -> str:
    """What came of the review: findings by what they ask of a person, or which kind of nothing."""
    if silence := unheard(report):
        return f"{silence}. {tally(report)}" if report.findings else silence
    answered = sum(seat.state in ASKED for seat in report.seats)
    return tally(report) or f"Nothing found by {answered} of {count(len(report.seats), 'seat')}"


def unheard(report: Report) -> str:
    """Why the council did not look, in words; empty where a model did, or rules that sat alone, or nobody had to."""
    models = [seat for seat in report.seats if seat.family != RULES]
    if report.change.files == 0 and not report.findings:
        return "Nothing to review: the change is empty"
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        return f"Nothing could be looked at: 0 of {count(len(report.seats), 'seat')} answered"
    if models and not any(seat.state in ASKED for seat in models):
        return NO_MODEL
    if report.seats or report.findings:
        return ""
    if report.complete and len({gap.path for gap in report.not_covered}) < report.change.files:
        return STANDS
    reasons = {gap.why for gap in report.not_covered}
    why = reasons.pop() if len(reasons) == 1 else "no file could be shown to anybody"
    return f"Nothing could be looked at: {why}"


def shortfalls(report: Report) -> tuple[str, ...]:
    """What keeps the review from being whole, a sentence each: seats that failed, files not covered."""
    return tuple(filter(None, (incomplete(report), uncovered(report))))


def incomplete(report: Report) -> str:
    """How many seats did not answer, or not in full; empty where all did."""
    failed = sum(seat.state not in ASKED for seat in report.seats)
    partly = sum(seat.state in ASKED - {"ok"} for seat in report.seats)
    of = f"of {count(len(report.seats), 'seat')}"
    if failed:
        return f"Incomplete: {failed} {of} did not answer{f', {partly} only in part' if partly else ''}"
    return f"Incomplete: {partly} {of} answered only in part" if partly else ""


def uncovered(report: Report) -> str:
    """How many files were not read in full, and which where they are few; empty where all were."""
    paths = [*dict.fromkeys(gap.path for gap in report.not_covered)]
    names = f": {listed(paths)}" if len(paths) <= NAMED_GAPS else ""
    return f"{count(len(paths), 'file')} not covered in full{names}" if paths else ""


def causes(report: Report) -> tuple[str, ...]:
    """Why seats did not answer: each cause once, with its remedy, and how many seats it cost."""
    failed = [seat for seat in report.seats if seat.state not in ASKED]
    said = Counter(" ".join(seat.detail.split()) or f"{seat.member}: {seat.state.replace('_', ' ')}" for seat in failed)
    return tuple(f"{why} ({count(number, 'seat')})" if number > 1 else why for why, number in said.items())


def questions(report: Report) -> tuple[ReportFinding, ...]:
    """Findings that put a question to a person, in rank order."""
    return tuple(finding for finding in shown(report) if finding.assumption is not None)


def disputes(report: Report) -> tuple[ReportFinding, ...]:
    """Other findings that another family refuted, in rank order: a person has to settle them."""
    return tuple(finding for finding in shown(report) if finding.assumption is None and refuted(finding))


def shown(report: Report) -> tuple[ReportFinding, ...]:
    """Findings that are printed in full, in rank order."""
    return tuple(sorted((f for f in report.findings if f.placement != "withheld"), key=lambda f: f.rank))


def withheld(report: Report) -> tuple[ReportFinding, ...]:
    """Findings that are only named, each with the reason, in rank order."""
    return tuple(sorted((f for f in report.findings if f.placement == "withheld"), key=lambda f: f.rank))


def tally(report: Report) -> str:
    """The findings by severity, and by what they ask of a person; empty where there are none."""
    if not report.findings:
        return ""
    asking, contested, hidden = len(questions(report)), len(disputes(report)), len(withheld(report))
    rest = len(report.findings) - asking - contested - hidden
    facts = (
        (asking, f"{count(asking, 'question')} for a person"),
        (contested, f"{contested} disputed"),
        (rest, f"{rest} more ranked below"),
        (hidden, f"{hidden} withheld"),
    )
    severities = Counter(finding.severity for finding in report.findings)
    worst_first = ", ".join(f"{severities[one]:,} {one}" for one in SEVERITIES if severities[one])
    total = f"{count(len(report.findings), 'finding')} ({worst_first})"
    if rest == len(report.findings):
        return f"{total}, ranked below"
    if asking == len(report.findings):
        return f"{total}, {'each ' if asking > 1 else ''}with a question for a person"
    return f"{total}: {', '.join(words for number, words in facts if number)}"
