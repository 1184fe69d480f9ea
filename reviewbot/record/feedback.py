"""What people did with our comments, kept in a small SQLite file so that runs at the same time lose nothing of it.

Of each comment it holds the state that was seen last: what it was about, who found it, what became of it. It never
holds who reacted: no login is stored. Knows neither GitHub nor how priors weigh.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, ValidationError

from reviewbot.errors import BadSettings
from reviewbot.facts import Fact
from reviewbot.findings.model import Prior

Kind = Literal["open", "praised", "changed", "disliked", "closed", "dismissed"]
"""`changed`: its code, after the comment. `closed`: a person resolved it and its file stayed as it was. `dismissed`: by
an order. `open`: nobody said anything, or as many liked as disliked it."""
WANTED: Final[frozenset[Kind]] = frozenset({"praised", "changed"})
UNWANTED: Final[frozenset[Kind]] = frozenset({"disliked", "closed", "dismissed"})

BUSY: Final = 5.0
"""Seconds to wait for another run that is writing."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS feedback (
    repository TEXT NOT NULL, number INTEGER NOT NULL, finding TEXT NOT NULL, seen TEXT NOT NULL,
    PRIMARY KEY (repository, number, finding)
)
"""


def _written(text: str) -> str:
    """The text as UTF-8 can hold it: half a character, which a model may have written, is a question mark."""
    return text.encode(errors="replace").decode()


class Feedback(Fact):
    """One comment of ours, and what became of it. There is one for each finding of a pull request."""

    repository: str
    """"owner/name"."""
    number: int
    finding: str
    """Its id, as the comment tells it."""
    comment: int
    """Its id; 0 where the finding stood in the summary alone."""
    title: Annotated[str, BeforeValidator(_written)]
    voices: tuple[tuple[str, str], ...]
    """Member and lens of everybody who raised it. Empty where the comment does not remember: then it is nobody's."""
    kind: Kind
    at: str
    """When it was first seen so: UTC, ISO 8601, to the second."""


def settled(before: Feedback | None, now: Feedback) -> Feedback:
    """What to keep of a comment that is seen again.

    A state that did not change is as old as it was. Code that came back under a thread that was closed because it had
    changed is no dismissal.
    """
    if before is None:
        return now
    if before.kind == "changed" and now.kind == "closed":
        return before
    return now.model_copy(update={"at": before.at}) if before.kind == now.kind else now


def priors_of(rows: Iterable[Feedback]) -> tuple[Prior, ...]:
    """What is known of each member and lens, by name. A finding counts once for each that raised it."""
    counts: Counter[tuple[str, str, bool]] = Counter()
    for row in rows:
        if row.kind in WANTED | UNWANTED:
            counts.update((member, lens, row.kind in WANTED) for member, lens in set(row.voices))
    known = sorted({(member, lens) for member, lens, _ in counts})
    return tuple(
        Prior(member=member, lens=lens, wanted=counts[member, lens, True], unwanted=counts[member, lens, False])
        for member, lens in known
    )


def learn(path: Path | None, rows: Sequence[Feedback]) -> tuple[Prior, ...]:
    """Keep what was seen of a pull request, all of it or nothing, and say what is known by now.

    Without a path there is nothing to keep and nothing known. Raises BadSettings where the file cannot be used.
    """
    if path is None:
        return ()
    if not rows:
        return priors_of(read_feedback(path))
    with _opened(path, make=True) as connection:
        connection.execute("BEGIN IMMEDIATE")
        known = {_key(row): row for row in _all(connection)}
        seen = {_key(row): settled(known.get(_key(row)), row) for row in rows}
        values = [(*key, row.model_dump_json()) for key, row in seen.items()]
        connection.executemany("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)", values)
    return priors_of({**known, **seen}.values())


def read_feedback(path: Path) -> tuple[Feedback, ...]:
    """All that was kept; nothing where there is no file yet. Raises BadSettings where it cannot be read."""
    if not _is_there(path):
        return ()
    with _opened(path) as connection:
        return tuple(_all(connection))


def _is_there(path: Path) -> bool:
    """Raises BadSettings where nobody can tell: then it is not known that nothing was kept."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError as e:
        raise _unusable(path, e) from e
    return True


@contextmanager
def _opened(path: Path, *, make: bool = False) -> Iterator[sqlite3.Connection]:
    """One transaction, which is committed at the end. What it makes is for its owner's eyes."""
    try:
        if make:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
        with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
            connection.execute(_TABLE)
            with connection:
                yield connection
    except (OSError, sqlite3.Error, ValidationError) as e:
        raise _unusable(path, e) from e


def _unusable(path: Path, error: Exception) -> BadSettings:
    said = "holds what this version cannot read" if isinstance(error, ValidationError) else f"cannot be used ({error})"
    return BadSettings(str(path), said, "name another file in REVIEWBOT_FEEDBACK, or mend this one")


def _all(connection: sqlite3.Connection) -> Iterator[Feedback]:
    for (seen,) in connection.execute("SELECT seen FROM feedback ORDER BY repository, number, finding"):
        yield Feedback.model_validate_json(seen)


def _key(row: Feedback) -> tuple[str, int, str]:
    return row.repository, row.number, row.finding
