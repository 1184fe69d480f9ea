"""Answers that were paid for, kept on this machine by what was asked: the same question again costs nothing.

One SQLite file, which several processes may use at once. Of a question only a digest is in it (THREATS S25, S40); a
reply is in it as it came, and may quote the change. Knows no run: whoever wants to be recalled asks the same bytes.
"""

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from reviewbot.council import Ask, Call, Invited, Reply, Usage
from reviewbot.council.model import Billed
from reviewbot.council.prices import cost, is_unbilled
from reviewbot.errors import BadSettings

BUSY: Final = 10.0
"""Seconds that one write waits for another's."""
RECALLED: Final = "answered from memory"
_FENCE: Final = "KEY"
_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS answers (digest TEXT PRIMARY KEY, reply TEXT NOT NULL, usd REAL, asked TEXT NOT NULL)"
)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file of answers, each statement a transaction of its own."""
    with closing(sqlite3.connect(path, timeout=BUSY, isolation_level=None)) as connection:
        yield connection


def unusable(path: Path, error: Exception) -> BadSettings:
    reason = " ".join(str(error).split())[:200]
    return BadSettings(str(path), f"cannot be used ({reason})", "name another file, or remove this one")


class Memory:
    """The file of answers, and what came of using it since it was opened."""

    def __init__(self, path: Path) -> None:
        """Makes the file where there is none, for its owner's eyes. Raises BadSettings where it cannot be used."""
        self._path = path
        self.recalled = 0
        """Answers that were not asked for again."""
        self.saved_usd: float | None = 0.0
        """What these cost when they were asked for; None where one has no known price."""
        self.lost = ""
        """Why an answer could not be kept; it was used all the same. Empty while all were."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            with opened(self._path) as connection:
                connection.execute(_TABLE)
        except (OSError, sqlite3.Error) as e:
            raise unusable(self._path, e) from e

    def recall(self, question: str) -> Billed | None:
        """The reply to a question by its digest, with what it cost. Raises BadSettings for a file that is no more."""
        try:
            with opened(self._path) as connection:
                row = connection.execute("SELECT reply, usd FROM answers WHERE digest = ?", (question,)).fetchone()
            found = Billed(Reply.model_validate_json(row[0]), row[1]) if row else None
        except (sqlite3.Error, ValidationError) as e:
            raise unusable(self._path, e) from e
        if found:
            self.recalled += 1
            known = found.usd is not None and self.saved_usd is not None
            self.saved_usd = (self.saved_usd or 0.0) + (found.usd or 0.0) if known else None
        return found

    def keep(self, question: str, billed: Billed) -> None:
        """Write an answer down; the first to a question stays. What was paid for is used whether this works or not."""
        row = (question, billed.reply.model_dump_json(), billed.usd, datetime.now(UTC).isoformat(timespec="seconds"))
        try:
            with opened(self._path) as connection:
                connection.execute("INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?)", row)
        except sqlite3.Error as e:
            self.lost = str(unusable(self._path, e))


def remembered(invited: Invited, memory: Memory, *, key: str = "", at_cost: bool = False) -> Invited:
    """The same member, asked only what is not in the memory; what it then answers is kept.

    Only whole answers are (`ok`, with a JSON object): a refusal or a fault may be gone tomorrow. `key` is the run's,
    which fences the prompts and decides no answer. A recalled answer cost nothing; with `at_cost` it says what it cost
    when it was asked for, so that a measurement comes to the same price twice. No ledger books it either way.
    """
    if not invited.reads_prompts:
        return invited

    def recall(call: Call) -> Billed | None:
        if earlier := invited.recall(call):
            return earlier
        billed = memory.recall(digest(invited, call, key))
        if billed is None:
            return None
        said = billed.reply.model_copy(update={"detail": RECALLED})
        return Billed(said, billed.usd) if at_cost else Billed(said.model_copy(update={"usage": Usage()}), 0.0)

    return replace(invited, recall=recall, connect=partial(_connect, invited, memory, key))


@asynccontextmanager
async def _connect(invited: Invited, memory: Memory, key: str) -> AsyncIterator[Ask]:
    async with invited.connect() as ask:

        async def asked(call: Call) -> Reply:
            reply = await ask(call)
            if reply.outcome == "ok" and _is_readable(reply.text):
                usd = None if is_unbilled(reply, begun=True) else cost(invited, reply.usage).usd
                await asyncio.to_thread(memory.keep, digest(invited, call, key), Billed(reply, usd))
            return reply

        yield asked


def _is_readable(text: str) -> bool:
    """Whether a JSON object stands in the text: what is malformed today may not be tomorrow."""
    at = text.find("{")
    try:
        return at >= 0 and isinstance(json.JSONDecoder(strict=False).raw_decode(text, at)[0], dict)
    except (ValueError, RecursionError):
        return False


def digest(invited: Invited, call: Call, key: str = "") -> str:
    """SHA-256 of all that decides the answer, and of nothing that only a run or the time changes.

    Of the operator's settings only those that travel in a call are in it: neither the address of a server nor fields he
    adds to its requests are, and who changes them names another file.
    """
    texts = (text.replace(key, _FENCE) if key else text for text in (call.rules, call.shown, call.question))
    said = (invited.member.name, *texts, call.lens, call.schema, call.max_output_tokens, call.effort)
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()
