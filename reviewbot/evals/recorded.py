"""Findings that review tools made on pull requests, as somebody recorded them: one JSON object a line.

Required are `id` and `tools{name: {comments[{body}]}}`. To be scored a row also needs `golden[{id, severity}]` and on
every comment `matched_golden` or `inferred_golden`: what somebody judged it to tell of. Other keys are passed over.
Labels end here: what merges is given names and bodies (`bodies`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from reviewbot.evals.rows import bad_row, check_ids, read_rows
from reviewbot.evals.score import Goldens
from reviewbot.findings import Severity


def _lower(given: object) -> object:
    return given.lower() if isinstance(given, str) else given


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class KnownDefect(_Read):
    id: int
    severity: Annotated[Severity, BeforeValidator(_lower)]


class Comment(_Read):
    body: str
    matched_golden: tuple[int, ...] | None = None
    inferred_golden: int | None = None
    """What it was close to telling of, where its own tool had a better comment on that."""

    @property
    def goldens(self) -> Goldens | None:
        """None where nobody judged it."""
        if self.matched_golden:
            return frozenset(self.matched_golden)
        if self.inferred_golden is not None:
            return frozenset({self.inferred_golden})
        return None if self.matched_golden is None else frozenset()


class Tool(_Read):
    comments: tuple[Comment, ...]


class RecordedPull(_Read):
    """One pull request. A tool that is absent was not run on it; one without comments found nothing."""

    id: str
    tools: dict[str, Tool]
    golden: tuple[KnownDefect, ...] | None = None

    def bodies(self, members: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """What each of these tools said. Raises KeyError for one that was not run."""
        return {name: tuple(comment.body for comment in self.tools[name].comments) for name in members}

    def severities(self) -> dict[int, Severity]:
        return {golden.id: golden.severity for golden in self.golden or ()}

    def labels(self, members: Sequence[str]) -> Mapping[tuple[str, int], Goldens] | None:
        """What each comment of these tools tells of, by tool and index; None where that is not known of all."""
        found: dict[tuple[str, int], Goldens] = {}
        for name in members:
            for index, comment in enumerate(self.tools[name].comments):
                if comment.goldens is None:
                    return None
                found[name, index] = comment.goldens
        return None if self.golden is None else found


def read_recorded(path: Path) -> tuple[RecordedPull, ...]:
    """Raises BadInput, or BadSuite at the first row that does not hold."""
    rows = read_rows(path, RecordedPull)
    check_ids(path, ((number, row.id) for number, row in rows))
    for number, row in rows:
        _check_labels(path, number, row)
    return tuple(row for _, row in rows)


def _check_labels(path: Path, number: int, row: RecordedPull) -> None:
    known = row.severities()
    if len(known) != len(row.golden or ()):
        raise bad_row(path, number, "golden: two have one id", "give each golden of a row its own id")
    for name, tool in row.tools.items() if row.golden is not None else ():
        for index, comment in enumerate(tool.comments):
            stray = sorted((comment.goldens or frozenset()) - known.keys())
            if stray:
                what = f"tools.{name}.comments.{index}: tells of golden {stray[0]}, which the row has not"
                raise bad_row(path, number, what, "name goldens by their id")


def digest_of(rows: Sequence[RecordedPull]) -> str:
    """First 12 hexadecimal digits of the SHA-256 of which pull requests these are and what is known of them."""
    known = sorted((row.id, sorted(row.severities().items())) for row in rows)
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()[:12]
