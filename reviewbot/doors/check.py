"""`reviewbot check` and `reviewbot replay`: read the change, seat the council, print the report."""

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from reviewbot.change import Change
from reviewbot.change.context import PinnedTree
from reviewbot.doors.flags import Flags
from reviewbot.doors.output import check_folder, print_text, tell, write_file
from reviewbot.doors.progress import watch
from reviewbot.errors import BadInput, BadSettings, Exit
from reviewbot.findings import Severity
from reviewbot.findings.model import Prior
from reviewbot.pipeline import hear, judge
from reviewbot.pipeline.weighing import ranked_of
from reviewbot.record import dump_record, load_record
from reviewbot.record.feedback import priors_of, read_feedback
from reviewbot.record.moves import judgements_of, moves, moves_text
from reviewbot.record.spending import day_accounts
from reviewbot.report.safe import visible_line
from reviewbot.report.wording import count
from reviewbot.settings import Operator
from reviewbot.sources.patch import read_patch
from reviewbot.sources.selection import Selection
from reviewbot.sources.worktree import open_worktree
from reviewbot.wiring import seat_council


def check_change(flags: Flags, *, range_: str | None, staged: bool, base: str | None, diff: str | None) -> Exit:
    """One local review, told on stdout; progress and the reason of a failure on stderr."""
    if diff not in {None, "-"}:
        for path in filter(None, (flags.output, flags.record)):
            check_folder(path, Path(str(diff)))
    operator = flags.operator(os.environ)
    with _opened(diff, Selection.from_words(range_, base, staged=staged), flags.policy) as (change, tree):
        council, shared = seat_council(operator, change.policy), day_accounts(operator)
        priors = _priors(operator)
        with watch(change, council, quiet=flags.quiet) as progress:
            heard = asyncio.run(hear(change, operator, council, progress, tree=tree, accounts=shared, priors=priors))
    if flags.record:
        write_file(flags.record, dump_record(heard))
    return tell(judge(heard), flags.form, flags.output, flags.fail_on)


def _priors(operator: Operator) -> tuple[Prior, ...]:
    """What this machine learned from people about its members; no review fails for that."""
    try:
        return priors_of(read_feedback(operator.feedback)) if operator.feedback else ()
    except BadSettings as e:
        click.echo(visible_line(f"reviewbot: what people did with earlier comments was not used: {e}"), err=True)
        return ()


def replay_record(  # noqa: PLR0913  the options of the command
    record: Path, *, moved: bool, form: str, output: Path | None, fail_on: Severity | None, quiet: bool
) -> Exit:
    """A recorded run judged again; the same record prints the same report. With `moved`, what stands elsewhere."""
    if output:
        check_folder(output, record)
    run = load_record(record)
    elsewhere = moves(run.judged or (), judgements_of(ranked_of(run)))
    if moved:
        if form != "text" or fail_on:
            raise BadSettings("--moved", "is told as text, and is no report", "leave out --format and --fail-on")
        told = moves_text(run, elsewhere)
        write_file(output, told) if output else print_text(told)
        return Exit.REVIEWED
    if elsewhere and run.judged is not None and not quiet:
        told = f"{count(len(elsewhere), 'problem')} moved since the run was made; --moved says which, and why"
        click.echo(f"reviewbot: {told}", err=True)
    return tell(judge(run), form, output, fail_on)


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
