"""Two results beside each other, case by case: which figures moved by more than the choice of cases explains.

Knows the files that `eval run` and `eval council --format json` write. Whoever compares wants to know whether a prompt
or a member may be changed: a regression is a primary figure whose whole interval lies on the wrong side of nothing.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pydantic import BaseModel, Field, ValidationError

from reviewbot.errors import BadInput
from reviewbot.evals.contest import Contest
from reviewbot.evals.figures import FIGURES, Figure, Measured, difference, values
from reviewbot.evals.model import EvalResult
from reviewbot.evals.results import group_of, tally_case
from reviewbot.evals.rows import in_words, read_whole
from reviewbot.evals.score import Tally
from reviewbot.facts import Fact

Moved = Literal["better", "worse", "beyond the margin", "no difference told", ""]
"""Empty for a figure of which neither more nor less is better."""
REMEDY: Final = "name what `reviewbot eval run` or `reviewbot eval council --format json` wrote"


class Measurement(NamedTuple):
    """Of a result, what can be compared. `known` is what is known of each case: its goldens."""

    kind: str
    of: str
    judge: str
    tallies: Mapping[str, Tally]
    known: Mapping[str, object]
    groups: Mapping[str, str]
    members: tuple[str, ...]


class Line(Fact):
    """One figure of both."""

    name: str
    before: float
    after: float
    gain: Measured
    """With the interval of the difference, drawn over pairs of the same cases."""
    moved: Moved
    regression: bool


class Comparison(Fact):
    before: tuple[str, ...]
    """The members of the first."""
    after: tuple[str, ...]
    cases: int
    """Of both, with the same goldens."""
    left_out: int
    """Of one only, or with other goldens."""
    judged_alike: bool
    lines: tuple[Line, ...]

    @property
    def regressions(self) -> tuple[str, ...]:
        return tuple(line.name for line in self.lines if line.regression)


class _Named(BaseModel):
    name: str = Field(default="", alias="schema")


def read_result(path: Path) -> Measurement:
    """Raises BadInput where it is no result of an evaluation."""
    text = read_whole(path)
    forms: Mapping[str, type[EvalResult | Contest]] = {
        "reviewbot/eval@1": EvalResult, "reviewbot/eval-council@1": Contest,
    }  # fmt: skip
    try:
        form = forms.get(_Named.model_validate_json(text).name)
        if form is None:
            raise BadInput(str(path), "is no result of an evaluation, or one of another version", REMEDY)
        result = form.model_validate_json(text, strict=True)
    except ValidationError as e:
        raise BadInput(str(path), in_words(e), REMEDY) from e
    return _of_contest(path, result) if isinstance(result, Contest) else _of_suite(result)


def _of_contest(path: Path, contest: Contest) -> Measurement:
    if not contest.methods:
        raise BadInput(str(path), "was made of rows without goldens", "compare councils that were scored")
    tallies = {one.id: one for one in contest.methods[0].tallies}
    known = {name: one.goldens for name, one in tallies.items()}
    groups = {name: name for name in tallies}
    return Measurement("council", contest.digest, "", tallies, known, groups, contest.members)


def _of_suite(result: EvalResult) -> Measurement:
    reviewed = {case.id: case for case in result.cases if case.failed is None}
    return Measurement(
        kind="run",
        of=result.digest,
        judge=f"{result.judge.name} {result.judge.prompt}".strip(),
        tallies={name: tally_case(case) for name, case in reviewed.items()},
        known={name: case.golden for name, case in reviewed.items()},
        groups={name: group_of(case) for name, case in reviewed.items()},
        members=result.members,
    )


def compare(
    before: Measurement, after: Measurement, *, common: bool = False, margin: float | None = None
) -> Comparison:
    """Figure by figure. With `common` only the cases count that both have with the same goldens.

    With `margin` a primary figure that moved further than that the wrong way is a regression, however wide its
    interval. Raises BadInput where the two cannot be compared.
    """
    both = [name for name, known in before.known.items() if after.known.get(name) == known]
    everything = before.known.keys() | after.known.keys()
    _check(before, after, both, others=len(everything) - len(both), common=common)
    one, other = ([side.tallies[name] for name in both] for side in (before, after))
    groups = [before.groups[name] for name in both]
    gained = difference(one, other, groups)
    shown = values(one), values(other)
    lines = [_line(figure, *shown, gained, margin) for figure in FIGURES if figure.name in gained]
    return Comparison(
        before=before.members,
        after=after.members,
        cases=len(both),
        left_out=len(everything) - len(both),
        judged_alike=before.judge == after.judge,
        lines=tuple(lines),
    )


def _check(before: Measurement, after: Measurement, both: Sequence[str], *, others: int, common: bool) -> None:
    if before.kind != after.kind:
        raise BadInput("compare", "one is of `eval run`, the other of `eval council`", "compare two of one kind")
    if not both:
        raise BadInput("compare", "the two have no case with the same goldens", "compare results of one suite")
    if common:
        return
    if before.judge != after.judge:
        what = f"one was judged by {before.judge}, the other by {after.judge}"
        raise BadInput("compare", what, "judge both alike, or give --common to compare them all the same")
    if others or before.of != after.of:
        what = f"the cases are not the same: {len(both)} of both, {others} of one only or with other goldens"
        raise BadInput("compare", what, "give --common to compare those of both")


def _line(
    figure: Figure,
    before: Mapping[str, float],
    after: Mapping[str, float],
    gained: Mapping[str, Measured],
    margin: float | None,
) -> Line:
    gain = gained[figure.name]
    moved = _moved(figure, gain, margin)
    return Line(
        name=figure.name,
        before=before[figure.name],
        after=after[figure.name],
        gain=gain,
        moved=moved,
        regression=figure.primary and moved in {"worse", "beyond the margin"},
    )


def _moved(figure: Figure, gain: Measured, margin: float | None) -> Moved:
    """Told only where the whole interval lies on one side of nothing."""
    if not figure.better:
        return ""
    value, low, high = gain.value or 0.0, gain.low or 0.0, gain.high or 0.0
    if figure.better == "less":
        value, low, high = -value, -high, -low
    if high < 0:
        return "worse"
    if margin is not None and figure.primary and value < -margin:
        return "beyond the margin"
    return "better" if low > 0 else "no difference told"
