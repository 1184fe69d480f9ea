"""Which calls lie in which batch at a vendor, so that one sent by a run that was killed is fetched, not sent twice.

A table in the file of answers. Of a call only a digest is in it. What was paid for stands at the vendor whether it can
be written down here or not, so writing raises nothing.
"""

import sqlite3
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from reviewbot.council.members.batch_api import Sent
from reviewbot.record.answers import opened, unusable

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS batched (
    batch TEXT NOT NULL, place INTEGER NOT NULL, call TEXT NOT NULL, spent INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (batch, place)
);
CREATE INDEX IF NOT EXISTS batched_call ON batched (call);
"""


class SentBatches:
    """The table. `told` hears why something could not be written down."""

    def __init__(self, path: Path, told: Callable[[str], None]) -> None:
        """Raises BadSettings where the file cannot be used."""
        self._path, self._told = path, told
        try:
            with opened(self._path) as connection:
                connection.executescript(_TABLE)
        except sqlite3.Error as e:
            raise unusable(self._path, e) from e

    def batch_of(self, call: str) -> str | None:
        """Raises BadSettings for a file that is no more."""
        found = self._read("SELECT batch FROM batched WHERE call = ? AND NOT spent", call)
        return found[0] if found else None

    def calls_of(self, batch: str) -> tuple[str, ...]:
        """All of them, in the order they were sent. Raises BadSettings for a file that is no more."""
        return tuple(self._read("SELECT call FROM batched WHERE batch = ? ORDER BY place", batch))

    def keep(self, sent: Sent) -> None:
        rows = ((sent.id, place, call) for place, call in enumerate(sent.calls))
        self._write("INSERT OR REPLACE INTO batched (batch, place, call) VALUES (?, ?, ?)", rows)

    def forget(self, calls: Iterable[str]) -> None:
        """They keep their places: by these an answer may be known."""
        self._write("UPDATE batched SET spent = 1 WHERE call = ?", ((call,) for call in calls))

    def _read(self, words: str, value: str) -> list[str]:
        try:
            with opened(self._path) as connection:
                return [row[0] for row in connection.execute(words, (value,))]
        except sqlite3.Error as e:
            raise unusable(self._path, e) from e

    def _write(self, words: str, rows: Iterable[tuple[str | int, ...]]) -> None:
        try:
            with opened(self._path) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.executemany(words, rows)
                connection.execute("COMMIT")
        except sqlite3.Error as e:
            self._told(str(unusable(self._path, e)))
