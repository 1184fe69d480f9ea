"""Samples of AACR-Bench: `dataset/positive_samples.json`, or rows with the comments of each model and a label.

Its comments have a place and a category and no severity, and only what people found valid is a golden. The severity of
a golden here is by its category, a choice of ours that only nDCG sees.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, Literal

from pydantic import Field

from reviewbot.errors import BadSuite
from reviewbot.evals.diffs import find_diff, name_of
from reviewbot.evals.foreign import Foreign, lines_of
from reviewbot.evals.model import Case, Golden
from reviewbot.evals.rows import read_array, read_rows
from reviewbot.findings import Severity

SEVERITY: Final[Mapping[str, Severity]] = {"Security Vulnerability": "high", "Maintainability and Readability": "low"}
"""By category; of any other it is medium."""


class _Comment(Foreign):
    path: str
    side: Literal["right", "left"] | None = None
    from_line: int | None = None
    category: str = ""


class _Sampled(_Comment):
    note: str
    to_line: int | None = None


class _Labelled(_Comment):
    body: str
    line: int | None = None
    valid: bool


class _Sample(Foreign):
    url: str = Field(alias="githubPrUrl")
    language: str = Field(default="", alias="project_main_language")
    comments: tuple[_Sampled, ...]


class _Row(Foreign):
    id: str
    url: str
    language: str = ""
    diff: str | None = None
    models: dict[str, tuple[_Labelled, ...]]


def read(file: Path, folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    """Raises BadSuite, too, for the samples that people found wrong: they are no goldens."""
    if file.name.startswith("negative"):
        raise BadSuite(str(file), "holds comments that people found wrong", "name positive_samples.json beside it")
    return _rows(file, folders) if file.suffix == ".jsonl" else _samples(file, folders)


def _samples(file: Path, folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    for number, sample in read_array(file, _Sample):
        name = name_of(sample.url)
        yield (
            number,
            Case(
                id=name,
                diff=find_diff(folders, name),
                golden=tuple(_golden(said, said.note, said.to_line) for said in sample.comments),
                language=sample.language,
                url=sample.url,
            ),
        )


def _rows(file: Path, folders: Sequence[Path]) -> Iterator[tuple[int, Case]]:
    for number, row in read_rows(file, _Row):
        comments = (said for comments in row.models.values() for said in comments if said.valid)
        yield (
            number,
            Case(
                id=row.id,
                diff=row.diff or find_diff(folders, row.id, name_of(row.url)),
                golden=tuple(_golden(said, said.body, said.line) for said in comments),
                language=row.language,
                url=row.url,
            ),
        )


def _golden(said: _Comment, message: str, last: int | None) -> Golden:
    start_line, line = lines_of(said.from_line, last)
    return Golden(
        message=message,
        severity=SEVERITY.get(said.category, "medium"),
        path=said.path,
        side="old" if said.side == "left" else "new",
        start_line=start_line,
        line=line,
        category=said.category,
    )
