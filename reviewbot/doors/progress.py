"""Progress on stderr: a line a seat that lives while it is asked. Nothing where nobody watches: a pipe, CI, --quiet."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import click

from reviewbot.change import Change
from reviewbot.council import Invited, Progress, Review, Seat
from reviewbot.report.safe import visible_line


@contextmanager
def watch(change: Change, council: Sequence[Invited], *, quiet: bool) -> Iterator[Progress]:
    """Says what the policy changes about this run; yields the function the council tells its progress to."""
    if quiet:
        yield lambda _seat, _review: None
        return
    if change.policy_from.startswith("--policy"):
        click.echo(visible_line(f"reviewbot: policy from {change.policy_from}, not from the base commit"), err=True)
    seated = {invited.member.name for invited in council}
    if missing := [name for name in change.policy.models or () if name not in seated]:
        line = f"reviewbot: the policy also asks for {', '.join(missing)}, whom nobody here can seat"
        click.echo(visible_line(line), err=True)
    if not sys.stderr.isatty() or os.environ.get("CI"):
        yield lambda _seat, _review: None
        return
    click.echo(visible_line(f"reviewbot: reviewing {change.description}"), err=True)
    from rich.console import Console  # noqa: PLC0415  56 ms, for people who watch
    from rich.progress import Progress as Bars  # noqa: PLC0415
    from rich.progress import SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(finished_text=" "), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        rows: dict[Seat, TaskID] = {}

        def tell(seat: Seat, review: Review | None) -> None:
            name = f"{seat.member.name}  {seat.lens}"
            if review is None:
                rows[seat] = bars.add_task(name, total=1)
            else:
                bars.update(rows[seat], completed=1, description=f"{name}  {review.state}, {len(review.drafts)} found")

        yield tell
