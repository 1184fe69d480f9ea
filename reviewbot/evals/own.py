"""Our own suite, in the form of `evals/suites`: rows beside their diffs, each with a twin that is right.

A row gives one case, and a second, `ID.twin`, where it has a twin: the same title and body over a change that looks
alike, whose right answer is silence.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from reviewbot.change import Diff, Side, parse_diff
from reviewbot.errors import BadDiff, BadInput
from reviewbot.evals.diffs import read_diff
from reviewbot.evals.model import Case, Golden
from reviewbot.evals.rows import bad_row, read_rows, short
from reviewbot.facts import Fact
from reviewbot.findings import Severity

_Line = Annotated[int, Field(ge=1)]
_Text = Annotated[str, Field(pattern=r"\S")]


class _Golden(Fact):
    path: _Text
    side: Side = "new"
    start_line: _Line | None = None
    line: _Line
    severity: Severity
    lens: str | None = None
    category: str = ""
    message: _Text
    between: tuple[str, str] | None = None
    question: str = ""


class _Row(Fact):
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][\w.-]{0,99}$")]
    lens: str | None = None
    kind: str = ""
    language: str = ""
    title: str = ""
    body: str = ""
    diff: _Text
    twin: _Text | None = None
    twin_is_right: str | None = None
    golden: tuple[_Golden, ...]


def read(file: Path, _folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    """Diffs stand beside the file. Raises BadSuite, too, for a golden whose lines are not in the diff."""
    for number, row in read_rows(file, _Row):
        case = Case(
            id=row.id,
            diff=_diff(file, number, row.diff, row.golden),
            golden=tuple(Golden(**_in_order(golden).model_dump()) for golden in row.golden),
            title=row.title,
            body=row.body,
            language=row.language,
            lens=row.lens,
            kind=row.kind,
        )
        yield number, case
        if row.twin:
            twin = {"id": f"{row.id}.twin", "diff": _diff(file, number, row.twin), "golden": (), "twin_of": row.id}
            yield number, case.model_copy(update=twin)


def _in_order(golden: _Golden) -> _Golden:
    return golden.model_copy(update={"start_line": golden.start_line or golden.line})


def _diff(file: Path, number: int, name: str, golden: Iterable[_Golden] = ()) -> str:
    """The text of a diff beside the file, proved to be one that has the goldens' lines."""
    told = short(name)
    try:
        folder, path = file.parent.resolve(), (file.parent / name).resolve()
    except (ValueError, RuntimeError) as e:
        raise bad_row(file, number, f"{told!r} is no name of a file", "name a diff beside the file") from e
    if not path.is_relative_to(folder):
        raise bad_row(file, number, f"{told} is not beside the file", "keep diffs in the suite's own folder")
    try:
        text = read_diff(path)
        diff = parse_diff(text.encode())
    except (BadInput, BadDiff) as e:
        raise bad_row(file, number, f"{told}: {e.what}", e.remedy) from e
    for place, one in enumerate(golden):
        if wrong := _misplaced(_in_order(one), diff):
            raise bad_row(file, number, f"golden.{place}.{wrong}", "name lines that the diff shows")
    return text


def _misplaced(golden: _Golden, diff: Diff) -> str:
    """The field that does not hold, and why; empty where the diff shows the lines."""
    names = {one.path if golden.side == "new" else one.old_path: one for one in diff.files}
    changed = names.get(golden.path)
    if changed is None:
        return f"path: {short(golden.path)} is not in the diff"
    lines = (line for hunk in changed.hunks for line in hunk.lines)
    shown = {line.new if golden.side == "new" else line.old for line in lines}
    first, last = golden.start_line or golden.line, golden.line
    if first > last:
        return f"start_line: {first} is behind line {last}"
    missing = next((number for number in (last, first) if number not in shown), None)
    field = "line" if missing == last else "start_line"
    return "" if missing is None else f"{field}: {short(golden.path)} shows no {golden.side} line {missing} in the diff"
