"""How a review ended, in a line: never a verdict. "Nothing found" and "could not look" are different words here.

Also what comes before it: that no model sat, or that the answers were scripted. Knows words, not formats.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from reviewbot.council import ASKED, CHALLENGE, State
from reviewbot.findings import RULES, SEVERITIES, is_rule
from reviewbot.report.dissent import refuted
from reviewbot.report.model import Report, ReportFinding, ReportSeat
from reviewbot.report.wording import GIVEN_UP, count, listed

RULES_ALONE = (
    "No model sat: {} looked alone, at {}. To seat a model set ANTHROPIC_API_KEY, OPENAI_API_KEY or "
    'GEMINI_API_KEY, or use --model ollama/NAME with REVIEWBOT_SERVERS="ollama=http://localhost:11434/v1".'
)
DEMONSTRATION = "This is a demonstration: the answers are scripted, no model was asked."
NO_MODEL = "No model answered; only rules looked"
STANDS = "Nothing new to read, and the last review found nothing that still stands"
REMEDIES: Mapping[State, str] = {
    "refused": "seat another model",
    "blocked": "seat another model",
    "invalid": "seat a model that keeps to a JSON schema",
}
"""Where the answer itself is the failure, whoever read it knows only that."""
NAMED_GAPS = 3
"""Files not covered that are named in the line that counts them."""
PART_DEMONSTRATION = "This is partly a demonstration: the answers of {} are scripted, no model gave them."


def notice(report: Report) -> str | None:
    """What a reader has to know before the first word of the review; None for an ordinary council."""
    scripted = sorted({seat.member for seat in report.seats if seat.member.startswith("scripted/")})
    others = {seat.family for seat in report.seats if not seat.member.startswith("scripted/")}
    if scripted:
        return PART_DEMONSTRATION.format(listed(scripted)) if not all(map(is_rule, others)) else DEMONSTRATION
    if not others or not all(map(is_rule, others)):
        return None
    ours_first = sorted(others, key=lambda family: (family != RULES, family))
    who = listed(["the built-in rules" if family == RULES else f"the {family}" for family in ours_first])
    return RULES_ALONE.format(who, listed(list(dict.fromkeys(seat.lens for seat in report.seats))))


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
    if report.change.files == 0 and not report.findings:
        return "Nothing to review: the change is empty"
    if report.seats and not any(seat.state in ASKED for seat in report.seats):
        return f"Nothing could be looked at: 0 of {count(len(report.seats), 'seat')} answered"
    if _no_model_answered(report):
        return NO_MODEL
    if report.seats or report.findings:
        return ""
    if report.complete and len({gap.path for gap in report.not_covered}) < report.change.files:
        return STANDS
    reasons = {gap.why for gap in report.not_covered}
    why = reasons.pop() if len(reasons) == 1 else "no file could be shown to anybody"
    return f"Nothing could be looked at: {why}"


def _no_model_answered(report: Report) -> bool:
    models = [seat for seat in report.seats if not is_rule(seat.family)]
    return bool(models) and not any(seat.state in ASKED for seat in models)


def shortfalls(report: Report) -> tuple[str, ...]:
    """What keeps the review from being whole, a sentence each: seats that failed, files not covered."""
    return tuple(filter(None, (incomplete(report), uncovered(report))))


def incomplete(report: Report) -> str:
    """How many seats did not answer, or not in full; empty where all did. A failed challenge left no line unread."""
    seats = [seat for seat in report.seats if seat.lens != CHALLENGE]
    challenges = [seat for seat in report.seats if seat.lens == CHALLENGE]
    failed, partly = (sum(map(fell, seats)) for fell in (_is_silent, _is_partial))
    of = f"of {count(len(seats), 'seat')}"
    said = ""
    if failed:
        said = f"Incomplete: {failed} {of} did not answer{f', {partly} only in part' if partly else ''}"
    elif partly:
        said = f"Incomplete: {partly} {of} answered only in part"
    lost = sum(map(_is_silent, challenges))
    return ". ".join(filter(None, (said, f"{lost} of {count(len(challenges), 'challenge')} failed" if lost else "")))


def _is_silent(seat: ReportSeat) -> bool:
    return seat.state not in ASKED


def _is_partial(seat: ReportSeat) -> bool:
    return seat.state in ASKED and seat.state != "ok"


def uncovered(report: Report) -> str:
    """How many files were not read in full, and which where they are few; empty where all were."""
    paths = [*dict.fromkeys(gap.path for gap in report.not_covered)]
    if paths and _no_model_answered(report):
        return f"{count(max(report.change.files, len(paths)), 'file')} not read by any model"
    names = f": {listed(paths)}" if len(paths) <= NAMED_GAPS else ""
    return f"{count(len(paths), 'file')} not covered in full{names}" if paths else ""


def causes(report: Report) -> tuple[str, ...]:
    """Who did not answer and why: each cause once, with its remedy, and how many seats it cost."""
    said: defaultdict[tuple[bool, str], list[str]] = defaultdict(list)
    for seat in report.seats:
        if seat.state not in ASKED:
            said[seat.lens == CHALLENGE, _cause(seat)].append(seat.member)
    return tuple(_said(to_refute, why, members) for (to_refute, why), members in said.items())


def _said(to_refute: bool, why: str, members: Sequence[str]) -> str:
    who = listed([*dict.fromkeys(members)])
    cost = f" ({count(len(members), 'seat')})" if len(members) > 1 else ""
    return f"{f'findings not challenged by {who}' if to_refute else who}: {why}{cost}"


def _cause(seat: ReportSeat) -> str:
    why = " ".join(seat.detail.split()).rstrip(".") or seat.state.replace("_", " ")
    return "; ".join(filter(None, (why, REMEDIES.get(seat.state))))


def narrowed(report: Report) -> str:
    """What the budget gave up, in one sentence; empty where it gave up nothing."""
    less = [note.removeprefix(GIVEN_UP).rstrip(".") for note in report.notes if note.startswith(GIVEN_UP)]
    return f"{GIVEN_UP}{'; '.join(less)}" if less else ""


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
