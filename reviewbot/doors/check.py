"""`reviewbot check` and `reviewbot replay`: read the change, seat the council, print the report."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reviewbot.change import Change
from reviewbot.change.context import PinnedTree
from reviewbot.doors.flags import Flags
from reviewbot.doors.output import tell, write_file
from reviewbot.doors.progress import watch
from reviewbot.errors import BadInput, BadSettings, Exit
from reviewbot.findings import Severity
from reviewbot.pipeline import hear, judge
from reviewbot.record import dump_record, load_record
from reviewbot.record.spending import day_accounts
from reviewbot.sources.patch import read_patch
from reviewbot.sources.selection import Selection
from reviewbot.sources.worktree import open_worktree
from reviewbot.wiring import seat_council


def check_change(flags: Flags, *, range_: str | None, staged: bool, base: str | None, diff: str | None) -> Exit:
    """One local review, told on stdout; progress and the reason of a failure on stderr."""
    operator = flags.operator(os.environ)
    with _opened(diff, Selection.from_words(range_, base, staged=staged), flags.policy) as (change, tree):
        council, shared = seat_council(operator, change.policy), day_accounts(operator)
        with watch(change, council, quiet=flags.quiet) as progress:
            heard = asyncio.run(hear(change, operator, council, progress, tree=tree, accounts=shared))
    if flags.record:
        write_file(flags.record, dump_record(heard))
    return tell(judge(heard), flags.form, flags.output, flags.fail_on)


def replay_record(record: Path, *, form: str, output: Path | None, fail_on: Severity | None, quiet: bool) -> Exit:
    """A recorded run judged again; the same record prints the same report."""
    del quiet  # a replay has no progress to be quiet about
    return tell(judge(load_record(record)), form, output, fail_on)


@contextmanager
def _opened(diff: str | None, selection: Selection, policy: Path | None) -> Iterator[tuple[Change, PinnedTree | None]]:
    """The change, and where it stands in a repository the files of its head."""
    if diff is not None:
        yield _read_patch(diff, selection, policy), None
        return
    with open_worktree(Path.cwd(), selection, policy_file=policy) as opened:
        yield opened


def _read_patch(diff: str, selection: Selection, policy: Path | None) -> Change:
    if selection != Selection.from_words(None, None, staged=False):
        raise BadSettings("--diff", "says already what is reviewed", "leave out RANGE, --base and --staged")
    if diff == "-":
        return read_patch(sys.stdin.buffer.read(), "stdin", policy_file=policy)
    try:
        return read_patch(Path(diff).read_bytes(), diff, policy_file=policy)
    except OSError as e:
        raise BadInput(f"--diff {diff}", e.strerror or "cannot be read", "name a file made by `git diff`") from e
