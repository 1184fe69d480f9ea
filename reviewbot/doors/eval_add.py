"""`reviewbot eval add`: a record of a run becomes a row of a suite, with its diff beside it."""

import errno
import json
import os
import re
from collections.abc import Sequence
from pathlib import Path

import click

from reviewbot.errors import BadSettings, Exit
from reviewbot.evals.add import Added, case_of
from reviewbot.evals.suites import read_suite
from reviewbot.record import load_record

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)


def add_record(record: Path, *, suite: Path, name: str | None, true: Sequence[str], clean: bool) -> Exit:
    """Put the run's change at the end of `suite`, a file of rows; the findings with the ids in `true` are its goldens.

    `clean` says that there is nothing to find. Raises BadRecord, BadSettings, and BadSuite for a file of another form.
    """
    if bool(true) == clean:
        remedy = "say which findings are true with --true ID, or that nothing is wrong with --clean"
        raise BadSettings("eval add", "a case needs a person's word for what is right", remedy)
    if suite.suffix != ".jsonl":
        raise BadSettings(f"--to {suite}", "is no file of rows", "name one that ends in .jsonl")
    called = name or record.name.split(".")[0]
    if not _NAME.fullmatch(called):
        raise BadSettings(
            f"--id {called}", "is no name of a case", "take letters, digits, - and _, such as double-refund"
        )
    added = case_of(load_record(record), called, true=true)
    if _has_rows(suite) and called in {case.id for case in read_suite(suite, form="own").cases}:
        raise BadSettings(f"--id {called}", f"is a case of {suite} already", "give it another with --id")
    _put(suite, added)
    what = f"{len(added.row['golden'])} to find" if true else "nothing to find"
    click.echo(
        f"reviewbot: {called} is a case of {suite} now, with {what}; read its diff before you share it", err=True
    )
    return Exit.REVIEWED


def _has_rows(suite: Path) -> bool:
    try:
        return bool(suite.read_bytes().strip())
    except FileNotFoundError:
        return False
    except OSError as e:
        raise BadSettings(f"--to {suite}", e.strerror or "cannot be read", "name a file you can read and write") from e


def _put(suite: Path, added: Added) -> None:
    """The diff and then its row, or neither. Another `eval add` may put its own at the same time."""
    path = suite.parent / str(added.row["diff"])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    except OSError as e:
        remedy = "give the case another name with --id, or name another --to"
        raise BadSettings(str(e.filename or path), e.strerror or "cannot be written", remedy) from e
    try:
        with file:
            file.write(added.diff)
        _append(suite, f"{json.dumps(added.row, ensure_ascii=False)}\n".encode())
    except OSError as e:
        path.unlink(missing_ok=True)
        raise BadSettings(f"--to {suite}", e.strerror or "cannot be written", "name a file you can write to") from e


def _append(suite: Path, line: bytes) -> None:
    """In one write, so that lines of several processes do not mix. Raises OSError, and then nothing was added."""
    file = os.open(suite, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(file).st_size
        whole = line if not size or os.pread(file, 1, size - 1) == b"\n" else b"\n" + line
        written = os.write(file, whole)
        if written < len(whole):
            os.ftruncate(file, os.lseek(file, 0, os.SEEK_CUR) - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    finally:
        os.close(file)
