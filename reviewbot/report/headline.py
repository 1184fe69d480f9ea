"""How a review ended, in a line: never a verdict. "Nothing found" and "could not look" are different words here.

Also what comes before it: that no model sat, or that the answers were scripted. Knows words, not formats.
"""

from reviewbot.council import ASKED
from reviewbot.findings import RULES
from reviewbot.report.dissent import refuted
from reviewbot.report.model import Report, ReportFinding
from reviewbot.report.wording import count, listed

RULES_ALONE = (
    "No model sat: the built-in rules looked alone, at {}. To seat a model set ANTHROPIC_API_KEY, OPENAI_API_KEY or "
    'GEMINI_API_KEY, or use --model ollama/NAME with REVIEWBOT_SERVERS="ollama=http://localhost:11434/v1".'
)
DEMONSTRATION = "This is a demonstration: the answers are scripted, no model was asked."
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
    if report.change.files == 0:
        return "Nothing to review: the change is empty"
    if report.findings:
        return _tally(report)
    answered = sum(seat.state in ASKED for seat in report.seats)
    if not answered:
        return f"Nothing could be looked at: {_hindrance(report)}"
    return f"Nothing found by {answered} of {count(len(report.seats), 'seat')}"


def shortfalls(report: Report) -> tuple[str, ...]:
    """What keeps the review from being whole, a sentence each: seats that failed, files not covered."""
    failed = sum(seat.state not in ASKED for seat in report.seats)
    partly = sum(seat.state in ASKED - {"ok"} for seat in report.seats)
    gaps = len({gap.path for gap in report.not_covered})
    of = f"of {count(len(report.seats), 'seat')}"
    facts = (
        (failed and partly, f"Incomplete: {failed} {of} did not answer, {partly} only in part"),
        (failed and not partly, f"Incomplete: {failed} {of} did not answer"),
        (partly and not failed, f"Incomplete: {partly} {of} answered only in part"),
        (gaps, f"{count(gaps, 'file')} not covered in full"),
    )
    return tuple(words for true, words in facts if true)


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


def _tally(report: Report) -> str:
    asking, contested, hidden = len(questions(report)), len(disputes(report)), len(withheld(report))
    rest = len(report.findings) - asking - contested - hidden
    facts = (
        (asking, f"{count(asking, 'question')} for a person"),
        (contested, f"{contested} disputed"),
        (rest, f"{rest} more ranked below"),
        (hidden, f"{hidden} withheld"),
    )
    total = count(len(report.findings), "finding")
    if rest == len(report.findings):
        return f"{total}, ranked below"
    if asking == len(report.findings):
        return f"{total}, {'each ' if asking > 1 else ''}with a question for a person"
    return f"{total}: {', '.join(words for number, words in facts if number)}"


def _hindrance(report: Report) -> str:
    if report.seats:
        return f"0 of {count(len(report.seats), 'seat')} answered"
    reasons = {gap.why for gap in report.not_covered}
    return reasons.pop() if len(reasons) == 1 else "no file could be shown to anybody"
