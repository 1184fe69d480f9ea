"""A result as one page: the figures with their intervals, who found what, and every case with what came of it. Pure."""

from collections.abc import Iterable, Sequence

from reviewbot.evals.figures import FIGURES
from reviewbot.evals.model import CaseResult, EvalResult, Golden, JudgedFinding
from reviewbot.evals.results import Slice, Summary, unseen
from reviewbot.evals.tables import counted, money, spread, value
from reviewbot.report.elements import Html, document, facts, table, tag

_TONE = {"confirmed": "good", "plausible": "busy", "fabricated": "bad", "unjudged": "soft"}


def result_page(result: EvalResult, summary: Summary) -> str:
    """Self-contained HTML. What members, judges and suites wrote stays text."""
    return document(
        f"Evaluation of {result.suite}",
        (f"Evaluation of {result.suite}",),
        _opening(result, summary),
        tag("h2", "Figures"),
        _figures(summary),
        *_slices("Lenses", summary.lenses),
        *_slices("Members", summary.members),
        *_slices("Tiers", summary.tiers),
        *_slices("Languages", summary.languages),
        tag("h2", "Cases with something to find"),
        _cases(case for case in result.cases if case.golden),
        tag("h2", "Cases whose right answer is silence"),
        _cases(case for case in result.cases if not case.golden),
        *_unseen(result.cases),
        tag("h2", "How this was made"),
        _setup(result),
    )


def _opening(result: EvalResult, summary: Summary) -> Html:
    recall = f"{summary.found} of {summary.goldens}"
    alarms = sum(len(_posted(case)) for case in result.cases if not case.golden)
    boxes = (
        (recall, "known defects found"),
        (str(alarms), f"comments on {counted(summary.clean, 'clean case')}"),
        (f"{summary.told_apart} of {summary.twins}", "told apart from a twin that is right"),
        (value(summary.figures.get("F1")), "strict F1 of what was posted"),
        (money(summary.usd_per_true), "a defect found"),
    )
    return tag("div", *(tag("div", tag("b", number), tag("span", what)) for number, what in boxes), class_="figures")


def _figures(summary: Summary) -> Html:
    rows = [
        (figure.name, value(measured), spread(measured), figure.meaning)
        for figure in FIGURES
        if (measured := summary.figures.get(figure.name))
    ]
    return table(("figure", "value", "95 %", "what it is"), rows)


def _slices(title: str, slices: Sequence[Slice]) -> tuple[Html, ...]:
    heads = ("", "cases", "found", "posted", "elsewhere", "findings", "confirmed", "plausible", "fabricated", "alarms",
             "spent", "a defect found")  # fmt: skip
    rows = [
        (
            one.name, one.cases, f"{one.found} of {one.goldens}", one.posted, one.elsewhere, one.findings,
            *(one.labels.get(label, 0) for label in ("confirmed", "plausible", "fabricated")),
            f"{one.alarms} on {one.clean}", money(one.usd), money(one.usd_per_true),
        )
        for one in slices
    ]  # fmt: skip
    return (tag("h2", title), table(heads, rows)) if rows else ()


def _cases(cases: Iterable[CaseResult]) -> Html:
    rows = [
        (
            case.id,
            case.language,
            case.lens or "",
            _state(case),
            Html("".join((*map(_golden, _missed(case)), *map(_finding, case.findings)))),
        )
        for case in cases
    ]
    return table(("case", "language", "lens", "came to", "what was said, and what was missed"), rows)


def _posted(case: CaseResult) -> list[JudgedFinding]:
    return [finding for finding in case.findings if finding.placement == "inline"]


def _missed(case: CaseResult) -> list[Golden]:
    told = {number for finding in case.findings if finding.label == "confirmed" for number in finding.golden}
    return [golden for number, golden in enumerate(case.golden) if number not in told and not case.failed]


def _state(case: CaseResult) -> Html:
    if case.failed:
        return tag("span", f"failed: {case.failed}", class_="bad")
    if case.golden:
        missed = len(_missed(case))
        said, tone = (f"missed {missed}", "bad") if missed else ("found", "good")
    else:
        said, tone = ("spoke", "busy") if case.findings else ("silent", "good")
    if case.complete:
        return tag("span", said, class_=tone)
    return tag("span", "incomplete" if said == "silent" else f"incomplete: {said}", class_="busy")


def _unseen(cases: Sequence[CaseResult]) -> tuple[Html, ...]:
    """Each reason for which something was not looked at, with the cases it was met in; nothing where all was."""
    met: dict[str, list[str]] = {}
    for case in cases:
        for reason in unseen(case):
            met.setdefault(reason, []).append(case.id)
    rows = [(reason, ", ".join(names)) for reason, names in met.items()]
    return (tag("h2", "What was not looked at"), table(("why", "cases"), rows)) if rows else ()


def _golden(golden: Golden) -> Html:
    place = f"{golden.path}:{golden.line}" if golden.path else "somewhere"
    return tag("div", tag("b", "missed ", class_="bad"), f"{golden.message} ({golden.severity}, {place})")


def _finding(finding: JudgedFinding) -> Html:
    voices = ", ".join(f"{member} ({lens})" for member, lens in finding.voices)
    shown = "" if finding.placement == "inline" else f", {finding.placement}"
    where = f"{finding.path}:{finding.line}" if finding.line else finding.path
    return tag(
        "div",
        tag("b", f"{finding.label} ", class_=_TONE[finding.label]),
        f"{finding.title} ",
        tag("span", f"{where}, {finding.severity}, P {finding.probability:.2f}{shown}. {voices}. ", class_="soft"),
        tag("span", finding.because, class_="soft"),
    )


def _setup(result: EvalResult) -> Html:
    prompts = ", ".join(f"{name} {hash_}" for name, hash_ in result.prompts.items())
    return facts(
        ("suite", f"{result.suite}, {result.digest}"),
        ("members", ", ".join(result.members)),
        ("judge", f"{result.judge.name} {result.judge.prompt}".strip()),
        ("the judge cost", money(result.judge.usd)),
        ("prompts", prompts),
        ("reviewbot", result.version),
        ("started", result.started),
    )
