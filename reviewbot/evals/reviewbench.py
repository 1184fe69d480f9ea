"""Golden findings of ReviewBench: one object by pull request, a file for each, rows of them, or a folder for each.

A diff is looked for where its agents are given it, `KEY/diff.patch` with `KEY/pr.json` for title and body, and by the
names that other suites use. Findings that its people judged false (`tp_fp`) are no goldens.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import RootModel

from reviewbot.evals.diffs import find_diff, find_words, name_of
from reviewbot.evals.foreign import Foreign, SeverityIn, lines_of
from reviewbot.evals.model import Case, Golden
from reviewbot.evals.rows import parse_row, read_rows, read_whole


class _Finding(Foreign):
    file: str
    start_line: int | None = None
    end_line: int | None = None
    severity: SeverityIn
    category: str = ""
    message: str
    tp_fp: Literal["tp", "fp"] = "tp"


class _Pull(Foreign):
    repo: str
    pr_number: int


class _Row(Foreign):
    pr_key: str = ""
    pr: _Pull | None = None
    findings: tuple[_Finding, ...]


class _Object(RootModel[dict[str, Any]]):
    """By the key of a pull request, or one row."""


def read(file: Path, folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    """A row of an object has the number of its place in it, from 1. Raises BadSuite."""
    if file.suffix == ".jsonl":
        rows: Iterator[tuple[int, _Row]] = iter(read_rows(file, _Row))
    else:
        rows = _of_object(file)
    for number, row in rows:
        yield number, _case(row, row.pr_key or file.parent.name, (*folders, file.parent.parent))


def _of_object(file: Path) -> Iterator[tuple[int, _Row]]:
    values = parse_row(file, 1, read_whole(file), _Object).root
    one = {"": values} if "findings" in values else {key: {"findings": said} for key, said in values.items()}
    for number, (key, said) in enumerate(one.items(), 1):
        row = said if "pr_key" in said or not key else said | {"pr_key": key}
        yield number, parse_row(file, number, json.dumps(row).encode(), _Row)


def _case(row: _Row, key: str, folders: Sequence[Path]) -> Case:
    url = f"{row.pr.repo.rstrip('/').removesuffix('.git')}/pull/{row.pr.pr_number}" if row.pr else None
    title, body = find_words(folders, key)
    return Case(
        id=key,
        diff=find_diff(folders, key, name_of(url) if url else ""),
        golden=tuple(_golden(said) for said in row.findings if said.tp_fp == "tp"),
        title=title,
        body=body,
        url=url,
    )


def _golden(said: _Finding) -> Golden:
    start_line, line = lines_of(said.start_line, said.end_line)
    return Golden(
        message=said.message,
        severity=said.severity,
        path=said.file,
        start_line=start_line,
        line=line,
        category=said.category,
    )
