"""`reviewbot eval`: its words. A command imports the rooms it needs, so that `--help` is quick."""

from math import isfinite
from pathlib import Path
from typing import Any

import click

from reviewbot.doors.options import FILE, FOLDER, flags_of, seating_options, with_options
from reviewbot.errors import Exit

_figure_format = click.option(
    "--format", "form", type=click.Choice(("text", "json")), default="text", help="How the figures are written."
)


class _RunFirst(click.Group):
    """A group whose first word may be left out: `eval SUITE` is `eval run SUITE`, its options before or after."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = args or ["--help"]
        return super().parse_args(
            ctx, words if words[0] in {*self.commands, *ctx.help_option_names} else ["run", *words]
        )


def _finite(_ctx: click.Context, _option: click.Parameter, value: float | None) -> float | None:
    if value is not None and not isfinite(value):
        raise click.BadParameter(f"{value} is no margin")
    return value


@click.group(name="eval", cls=_RunFirst)
def evaluate() -> None:
    """How good a council is, measured on changes whose defects are known."""


@evaluate.command()
@click.argument("file", metavar="FILE.jsonl", type=FILE)
@click.option("--members", required=True, metavar="A,B,C", help="Of the tools in the file, those that sit.")
@click.option("--output", type=FILE, help="Write the merged lists, one line of JSON a pull request.")
@_figure_format
def council(file: Path, **options: Any) -> Exit:
    """Merge and rank recorded findings, and score them beside each member alone. No network, no cost.

    A line of FILE is {"id", "tools": {NAME: {"comments": [{"body", "matched_golden"}]}}, "golden": [{"id",
    "severity"}]}. Without golden the lists are still merged. --format json can be compared.
    """
    from reviewbot.doors.evaluate import council_eval  # noqa: PLC0415  as above

    return council_eval(file, **options)


@evaluate.command()
@click.argument("before", metavar="A", type=FILE)
@click.argument("after", metavar="B", type=FILE)
@click.option("--common", is_flag=True, help="Compare the cases of both, though the two are not of the same ones.")
@click.option(
    "--margin",
    type=click.FloatRange(min=0),
    callback=_finite,
    metavar="N",
    help="Also fail where F1, P or R falls, or alarms rise, by more than this.",
)
@_figure_format
def compare(before: Path, after: Path, **options: Any) -> Exit:
    """Whether B is worse than A: two results of `eval run`, or of `eval council --format json`.

    Exit 1 where the 95 % interval of a difference in F1, P or R lies below nothing, or in alarms above it.
    """
    from reviewbot.doors.evaluate import compare_eval  # noqa: PLC0415  as above

    return compare_eval(before, after, **options)


@evaluate.command(name="run")
@click.argument("suite", metavar="SUITE", type=click.Path(path_type=Path))
@click.option("--judge", default="place", show_default=True, metavar="PROVIDER/NAME", help="Who says what is true.")
@click.option("--records", type=FOLDER, help="Keep the run of each case there, for --replay and `eval add`.")
@click.option("--replay", is_flag=True, help="Judge the runs in --records again: nobody reviews, no key is needed.")
@click.option("--memory", type=FILE, help="Where answers are kept, so that a rerun is free. Default: the user's cache.")
@click.option("--diffs", type=FOLDER, help="Diffs that the suite lacks, as OWNER-REPO-NUMBER.diff.")
@click.option("--suite-format", metavar="NAME", help="own, reviewbench, martian or aacr, where it cannot be told.")
@click.option("--case", "cases", metavar="ID", multiple=True, help="Only those named.")
@click.option("--at-once", type=click.IntRange(1, 64), default=4, show_default=True, help="Cases at the same time.")
@click.option("--batch", is_flag=True, help="Ask in batches: half the price, within a day. Interrupted, run it again.")
@click.option("--format", "form", type=click.Choice(("text", "json", "html")), default="text", help="Of the result.")
@click.option("--output", type=FILE, help="Write the result to a file, not to stdout.")
@click.option("--quiet", is_flag=True, help="No progress on stderr.")
@with_options(seating_options)
def run_(suite: Path, **options: Any) -> Exit:
    """Review a suite of changes whose defects are known, and score the council.

    SUITE is a file or folder of ours, ReviewBench, Martian or AACR-Bench. --max-usd is for all of it. {case} in a
    member's name stands for the id of the case: scripted/answers/{case}.json. `reviewbot eval SUITE` is the same.
    """
    from reviewbot.doors.eval_run import Wishes, run_eval  # noqa: PLC0415  as above

    flags, rest = flags_of(options)
    return run_eval(suite, flags, Wishes(**rest))


@evaluate.command()
@click.argument("record", type=FILE)
@click.option("--to", "suite", required=True, metavar="FILE.jsonl", type=FILE, help="The suite it becomes a row of.")
@click.option("--id", "name", metavar="NAME", help="What the case is called; default is the record's name.")
@click.option("--true", metavar="ID", multiple=True, help="A finding that is true: a golden of the case.")
@click.option("--clean", is_flag=True, help="Nothing is wrong with the change: silence is the right answer.")
def add(record: Path, **options: Any) -> Exit:
    """Make a recorded run a case of a suite: its change, and your word for what is true of its findings."""
    from reviewbot.doors.eval_add import add_record  # noqa: PLC0415  as above

    return add_record(record, **options)
