"""Suites of changes whose defects are known, in whatever form they were written: ours and those of public benchmarks.

A format is a module with `read`; which one reads a path is told by the layout of a folder or by the first row of a
file. Knows no council and no score.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from reviewbot.council.prompt import digest
from reviewbot.errors import BadInput, BadSettings, BadSuite
from reviewbot.evals import aacr, martian, own, reviewbench
from reviewbot.evals.model import Case, Suite
from reviewbot.evals.rows import bad_row, read_whole, row_name, short

Read = Callable[[Path, Sequence[Path]], Iterator[tuple[int, Case]]]
"""The cases of a file with the number of their row. The folders may hold diffs."""
FORMATS: Final[dict[str, Read]] = {
    "own": own.read,
    "reviewbench": reviewbench.read,
    "martian": martian.read,
    "aacr": aacr.read,
}
LAYOUTS: Final = (
    ("reviewbench", "golden/*.json"),
    ("martian", "golden_comments/*.json"),
    ("martian", "offline/golden_comments/*.json"),
    ("aacr", "dataset/positive_samples.json"),
    ("reviewbench", "corpus/test/findings.json"),
    ("reviewbench", "*/findings.json"),
    ("", "positive_samples.json"),
    ("", "*.jsonl"),
    ("", "*.json"),
)
"""What a folder may hold, by the first pattern that is there; without a format the first file tells it."""
_REMEDY = f"name a file or folder of a suite, or its form by --suite-format ({', '.join(FORMATS)})"


def read_suite(path: Path, *, diffs: Path | None = None, form: str | None = None) -> Suite:
    """The suite at a path, its cases in the order of their files and rows. `diffs` is a folder with diffs it lacks.

    A case whose diff is nowhere is in it without one (`diffs.diff_of`). Raises BadInput where the path holds no suite,
    BadSuite for a row that does not hold, BadSettings for a form that nobody knows.
    """
    if form is not None and form not in FORMATS:
        raise BadSettings(f"--suite-format {form}", "there is no such form", f"choose one of {', '.join(FORMATS)}")
    try:
        return _suite(path, diffs, form)
    except OSError as e:
        raise BadInput(str(path), e.strerror or "cannot be read", "name a file or folder you can read") from e


def _suite(path: Path, diffs: Path | None, form: str | None) -> Suite:
    if diffs is not None and not diffs.is_dir():
        raise BadInput(str(diffs), "is no folder", "name the folder that holds the diffs")
    form, files = _found(path, form)
    first, cases = dict[str, str](), list[Case]()
    for file in files:
        folders = tuple(filter(None, (diffs, path if path.is_dir() else None, file.parent)))
        for number, case in FORMATS[form](file, folders):
            row, remedy = row_name(file, number), "give each its own id"
            if case.id in first:
                raise bad_row(file, number, f"its id {short(case.id)!r} is that of {first[case.id]}", remedy)
            first[case.id] = row
            cases.append(case)
    name = path.stem if path.is_file() else path.resolve().name
    return Suite(name=name, cases=tuple(cases), digest=digest("\n".join(case.model_dump_json() for case in cases)))


def _found(path: Path, form: str | None) -> tuple[str, tuple[Path, ...]]:
    """The files of the suite and their form."""
    if not path.is_dir():
        return form or _told(path), (path,)
    for layout, pattern in LAYOUTS:
        files = tuple(sorted(file for file in path.glob(pattern) if file.is_file()))
        if files and (not form or layout in {form, ""}):
            return form or layout or _told(files[0]), files
    raise BadInput(str(path), "holds no suite", _REMEDY)


def _told(file: Path) -> str:
    """The form of a file by the keys of its first row. What can be read only once is not asked."""
    if file.exists() and not file.is_file():
        raise BadInput(str(file), "is a pipe, where the form of a suite cannot be told", _REMEDY)
    keys, listed = _first_keys(file), file.suffix != ".json"
    if "tools" in keys:
        raise BadSuite(
            str(file), "holds findings of tools, no changes to review", "give it to `reviewbot eval council`"
        )
    if keys & {"models", "githubPrUrl"}:
        return "aacr"
    if "comments" in keys:
        return "martian"
    if "findings" in keys:
        return "reviewbench"
    return "own" if listed else "reviewbench"


def _first_keys(file: Path) -> frozenset[str]:
    """Of the first row, whatever stands in the others. Nothing where it is none: its reader says what is wrong."""
    text = read_whole(file)
    first = next((line for line in text.splitlines() if line.strip()), b"") if file.suffix != ".json" else text
    try:
        value: Any = json.loads(first)
    except (ValueError, RecursionError):
        return frozenset()
    if isinstance(value, list):
        value = next(iter(value), None)
    return frozenset(value) if isinstance(value, dict) else frozenset()
