"""What was measured as plain text in columns, with a line for each column that says what it is. Pure."""

from collections.abc import Iterable, Sequence

from reviewbot.evals.compare import Comparison
from reviewbot.evals.contest import Contest, Method
from reviewbot.evals.figures import FIGURES, Measured
from reviewbot.evals.model import EvalResult
from reviewbot.evals.results import Slice, Summary, unseen
from reviewbot.report.safe import visible_line

NOTHING = "-"
LISTED = ("F1", "P", "R", "board P", "P@5", "P@10", "R@5", "R@10", "nDCG@10", "posted")
NAMED = 5
"""Incomplete cases that are told by name."""
PAIRS = ("pair P", "pair R", "pair F1", "certain F1")


def columns(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lines of a table, the first column to the left and the others to the right; cells stay on their line."""
    cells = [[visible_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in cells
    )
    return "".join(f"{'  '.join(line).rstrip()}\n" for line in lines)


def value(measured: Measured | None) -> str:
    return NOTHING if measured is None or measured.value is None else f"{measured.value:.3f}"


def spread(measured: Measured | None, *, sign: str = "") -> str:
    """The interval in words; `sign` is "+" for a difference."""
    if measured is None or measured.low is None or measured.high is None:
        return NOTHING
    return f"{measured.low:{sign}.3f} to {measured.high:{sign}.3f}"


def gained(measured: Measured | None) -> str:
    """A difference with its sign."""
    return NOTHING if measured is None or measured.value is None else f"{measured.value:+.3f}"


def meanings(names: Iterable[str]) -> str:
    """One line for each of these figures."""
    said = {figure.name: figure.meaning for figure in FIGURES}
    named = [*names]
    width = max(map(len, named), default=0)
    return "".join(f"{name.ljust(width)}  {said[name]}\n" for name in named)


def contest_text(contest: Contest) -> str:
    """The council beside its members, for a person at a terminal."""
    title = f"{contest.file}: {', '.join(contest.members)} on {counted(contest.merged, 'pull request')}"
    if not contest.methods:
        return f"{visible_line(title)}\n\nNo figures: no goldens, or comments that nobody judged.\n"
    council = contest.methods[0]
    goldens = sum(one.goldens for one in council.tallies)
    unscored = f", {contest.unscored} of them not scored" if contest.unscored else ""
    head = ("", LISTED[0], "95 %", *LISTED[1:])
    table = columns(head, map(_row, contest.methods))
    about = meanings(LISTED)
    opening = f"{visible_line(title)}{unscored}, {counted(goldens, 'golden')}\n\n{table}\n"
    return f"{opening}{_gain(contest)}{_pairs(council)}\n{about}95 %     of F1, by 1,000 draws of the pull requests\n"


def counted(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _row(method: Method) -> tuple[str, ...]:
    first, *others = (method.figures.get(name) for name in LISTED)
    return (method.name, value(first), spread(first), *map(value, others))


def _gain(contest: Contest) -> str:
    f1 = contest.gain.get("F1")
    best = visible_line(contest.best_member or "")
    return f"F1 of the council over its best member, {best}: {gained(f1)} ({spread(f1, sign='+')})\n"


def _pairs(council: Method) -> str:
    """How well duplicates were told; nothing where there are none."""
    measured = [(name, council.figures.get(name)) for name in PAIRS]
    told = ", ".join(f"{name} {value(one)}" for name, one in measured if one)
    return f"Merging: {told}\n" if told else ""


def comparison_text(comparison: Comparison, before: str, after: str) -> str:
    """Two results beside each other; `before` and `after` are what they are called."""
    rows = [
        (
            line.name,
            f"{line.before:.3f}",
            f"{line.after:.3f}",
            gained(line.gain),
            spread(line.gain, sign="+"),
            line.moved,
        )
        for line in comparison.lines
    ]
    left_out = f", {comparison.left_out} left out" if comparison.left_out else ""
    alike = "" if comparison.judged_alike else ", judged by different judges"
    opening = _lines(
        f"A  {before}: {', '.join(comparison.before)}",
        f"B  {after}: {', '.join(comparison.after)}",
        f"{counted(comparison.cases, 'case')} of both{left_out}{alike}",
    )
    table = columns(("", "A", "B", "B - A", "95 %", ""), rows)
    return f"{opening}\n{table}\n{meanings(line.name for line in comparison.lines)}"


def summary_text(result: EvalResult, summary: Summary) -> str:
    """A reviewed and judged suite, for a person at a terminal."""
    names = [figure.name for figure in FIGURES if figure.name in summary.figures]
    figures = columns(
        ("", "value", "95 %"), [(name, value(summary.figures[name]), spread(summary.figures[name])) for name in names]
    )
    labels = ", ".join(f"{number} {label}" for label, number in summary.labels.items())
    told = _lines(
        f"{result.suite} ({result.digest}): {', '.join(result.members)}; judged by {result.judge.name}",
        f"{counted(summary.cases, 'case')}, {len(summary.failed)} more failed, {summary.incomplete} incomplete; "
        f"{counted(summary.goldens, 'golden')}, {summary.found} found; {summary.clean} clean; findings: {labels}",
        *_incomplete(result),
        *_apart(summary),
        f"spent {money(summary.usd)}, {each(summary.usd_per_true, summary.found)} a golden found; "
        f"judge {money(summary.judge_usd)}",
    )
    parts = {"lens": summary.lenses, "member": summary.members, "tier": summary.tiers, "language": summary.languages}
    slices = "\n".join(_slices(name, part) for name, part in parts.items() if part)
    return f"{told}\n{figures}\n{slices}\n{meanings(names)}"


def _incomplete(result: EvalResult) -> tuple[str, ...]:
    """A line for each of the first incomplete cases, with the first reason, and one for how many more there are."""
    told = [f"incomplete: {case.id}: {reasons[0]}" for case in result.cases if (reasons := unseen(case))]
    more = (f"incomplete: {counted(len(told) - NAMED, 'more case')}",) if len(told) > NAMED else ()
    return (*told[:NAMED], *more)


def _apart(summary: Summary) -> tuple[str, ...]:
    told = f"{summary.told_apart} of {counted(summary.twins, 'case')} told apart from the twin that is right"
    return (told,) if summary.twins else ()


def _lines(*lines: str) -> str:
    return "".join(f"{visible_line(line)}\n" for line in lines)


def money(usd: float | None) -> str:
    return "?" if usd is None else f"${usd:.4f}"


def each(usd: float | None, found: int) -> str:
    """A price by golden; a dash where there is none to pay for."""
    return money(usd) if found else NOTHING


def _slices(name: str, slices: Sequence[Slice]) -> str:
    head = (
        name, "cases", "goldens", "found", "posted", "elsewhere", "findings", "confirmed", "plausible", "fabricated",
        "unjudged", "clean", "alarms", "murmurs", "spent", "a golden",
    )  # fmt: skip
    rows = [
        (
            one.name, *map(str, (one.cases, one.goldens, one.found, one.posted, one.elsewhere, one.findings)),
            *(str(number) for number in one.labels.values()), *map(str, (one.clean, one.alarms, one.murmurs)),
            money(one.usd), each(one.usd_per_true, one.found + one.elsewhere),
        )
        for one in slices
    ]  # fmt: skip
    return columns(head, rows)
